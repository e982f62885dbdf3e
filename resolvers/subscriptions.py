"""Queries and mutations of subscriptions, and of lines that could not be opened."""

from datetime import datetime

import strawberry

from domain.fulfilment import changing, ending, renewing, retrying
from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import subscription_changes as changes
from schema.subscriptions import CustomerSubscription, SubscriptionFilter, SubscriptionOrder

BEHALF = ("input", "onBehalfOf")


@strawberry.type
class SubscriptionQuery:
    subscription: CustomerSubscription | None = root_one(
        "A subscription by its id; null when you may not see it.", prefix="sub"
    )
    subscriptions: Connection[CustomerSubscription] = root_connection(
        "What customers have in use: a customer's own; those of a partner's customers, an account"
        " manager's being his own customers'; a merchant's of its goods."
        f" {describe('subscriptions')}",
        filter=SubscriptionFilter,
        order=SubscriptionOrder,
        guard=may_list("subscriptions"),
    )


@strawberry.type
class SubscriptionMutation:
    @mutation(
        "Order more time for subscriptions, at today's prices; it begins where the paid time ends.",
        changes.SubscriptionRenewPayload,
        requires=describe("subscriptionRenew"),
    )
    async def subscription_renew(
        self, viewer: Viewer, input: changes.SubscriptionRenewInput, now: datetime
    ) -> Outcome:
        order = await renewing.renew(
            viewer=viewer,
            subscription_ids=[
                ids.decode("sub", id, path=("input", "ids", str(place)))
                for place, id in enumerate(input.ids)
            ],
            months=input.months,
            on_behalf_of=ids.optional("cus", input.on_behalf_of, path=BEHALF),
            expected_total=input.expected_total,
            now=now,
        )
        return Outcome(order=order.id)

    @mutation(
        "Order another SKU of the same goods, or another quantity, for the rest of the running"
        " time (变更). Due is what the new costs for its whole days that are left, less what was"
        " paid for these days of the old, and never less than nothing: less is given back by"
        " `refundRequest` only. Its end stays.",
        changes.SubscriptionChangePayload,
        requires=describe("subscriptionChange"),
    )
    async def subscription_change(
        self, viewer: Viewer, input: changes.SubscriptionChangeInput, now: datetime
    ) -> Outcome:
        order = await changing.change(
            viewer=viewer,
            subscription_id=ids.decode("sub", input.id, path=("input", "id")),
            sku_id=ids.optional("sku", input.sku_id, path=("input", "skuId")),
            quantity=input.quantity,
            on_behalf_of=ids.optional("cus", input.on_behalf_of, path=BEHALF),
            expected_total=input.expected_total,
            now=now,
        )
        return Outcome(order=order.id)

    @mutation(
        "End a subscription that is paid by use (按需, 按次), at once; nothing comes back. What was"
        " used until then is charged whenever it is told, and what is used later is refused."
        " `refundRequest` gives back what was paid before it was used.",
        changes.SubscriptionEndPayload,
        requires=describe("subscriptionEnd"),
    )
    async def subscription_end(
        self, viewer: Viewer, input: changes.SubscriptionEndInput, now: datetime
    ) -> Outcome:
        subscription = await ending.end(
            viewer=viewer,
            subscription_id=ids.decode("sub", input.id, path=("input", "id")),
            on_behalf_of=ids.optional("cus", input.on_behalf_of, path=BEHALF),
            now=now,
        )
        return Outcome(subscription=subscription.id)

    @mutation(
        "Let a subscription renew itself, or no longer, and say what becomes of it at its end.",
        changes.SubscriptionAutoRenewSetPayload,
        requires=describe("subscriptionAutoRenewSet"),
    )
    async def subscription_auto_renew_set(
        self, viewer: Viewer, input: changes.SubscriptionAutoRenewSetInput, now: datetime
    ) -> Outcome:
        subscription = await renewing.set_auto_renew(
            viewer=viewer,
            subscription_id=ids.decode("sub", input.id, path=("input", "id")),
            auto_renew=input.auto_renew,
            expire_policy=input.expire_policy,
            now=now,
        )
        return Outcome(subscription=subscription.id)

    @mutation(
        "Ask the cloud once more for a line that could not be opened: its merchant, or the"
        " platform. Otherwise it comes back in full by `refundRequest`.",
        changes.FulfilmentRetryPayload,
        requires=describe("fulfilmentRetry"),
    )
    async def fulfilment_retry(
        self, viewer: Viewer, input: changes.FulfilmentRetryInput, now: datetime
    ) -> Outcome:
        line = await retrying.retry(
            viewer=viewer, line_id=ids.decode("orl", input.id, path=("input", "id")), now=now
        )
        return Outcome(order_line=line.id)
