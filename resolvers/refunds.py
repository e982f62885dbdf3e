"""Queries and mutations of refunds."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.refunds import deciding, requesting
from kit import batches, ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import refund_changes as changes
from schema.context import Context
from schema.refund_changes import RefundQuote
from schema.refunds import Refund, RefundFilter, RefundOrder


@strawberry.type
class RefundQuery:
    refund: Refund | None = root_one(
        "A refund by its id; null when you may not see it.", prefix="rfd"
    )
    refunds: Connection[Refund] = root_connection(
        "Refunds: a customer's own; those to a partner's customers, an account manager's being his"
        f" own customers'; a merchant's of its goods. {describe('refunds')}",
        filter=RefundFilter,
        order=RefundOrder,
        guard=may_list("refunds"),
    )

    @strawberry.field(
        description="What would come back of a subscription, or of a line that failed, line by line"
        f" and why. Nothing is written. {describe('refundQuote')}"
    )
    async def refund_quote(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[changes.RefundQuoteInput, strawberry.argument(description="Of what.")],
    ) -> list[RefundQuote]:
        found = await requesting.quote(
            viewer=info.context.viewer,
            subscription_id=_id("sub", input.subscription_id, "subscriptionId"),
            line_id=_id("orl", input.line_id, "lineId"),
            renewals_only=input.renewals_only,
            pieces=input.pieces,
            now=info.context.now,
        )
        return [RefundQuote.of(each) for each in found]


@strawberry.type
class RefundMutation:
    @mutation(
        "Give a subscription back, or have a line that could not be opened back (退订). What comes"
        " back by rule does so at once; otherwise the merchant has fifteen days to decide.",
        changes.RefundRequestPayload,
        requires=describe("refundRequest"),
    )
    async def refund_request(
        self, viewer: Viewer, input: changes.RefundRequestInput, now: datetime
    ) -> Outcome:
        refund = await requesting.request_either(
            viewer=viewer,
            subscription_id=_id("sub", input.subscription_id, "subscriptionId"),
            line_id=_id("orl", input.line_id, "lineId"),
            reason=input.reason,
            renewals_only=input.renewals_only,
            pieces=input.pieces,
            note=input.note,
            expected_amount=input.expected_amount,
            now=now,
        )
        return Outcome(refund=refund.id)

    @mutation(
        "Give up to ten subscriptions back, each with an outcome of its own.",
        changes.RefundsRequestPayload,
        requires=describe("refundRequest"),
    )
    async def refunds_request(
        self, viewer: Viewer, input: changes.RefundsRequestInput, now: datetime
    ) -> Outcome:
        outcomes = await requesting.request_many(
            viewer=viewer,
            subscription_ids=[
                ids.decode("sub", id, path=("input", "subscriptionIds", str(place)))
                for place, id in enumerate(input.subscription_ids)
            ],
            reason=input.reason,
            renewals_only=input.renewals_only,
            note=input.note,
            now=now,
        )
        return Outcome(results=outcomes, refunds=batches.made(outcomes))

    @mutation(
        "Agree to a refund: the money goes back at once.",
        changes.RefundAcceptPayload,
        requires=describe("refundAccept"),
    )
    async def refund_accept(
        self, viewer: Viewer, input: changes.RefundAcceptInput, now: datetime
    ) -> Outcome:
        refund = await deciding.accept(viewer=viewer, refund_id=_refund(input.id), now=now)
        return Outcome(refund=refund.id)

    @mutation(
        "Refuse a refund, and say why.",
        changes.RefundRejectPayload,
        requires=describe("refundReject"),
    )
    async def refund_reject(
        self, viewer: Viewer, input: changes.RefundReasonInput, now: datetime
    ) -> Outcome:
        refund = await deciding.reject(
            viewer=viewer, refund_id=_refund(input.id), reason=input.reason, now=now
        )
        return Outcome(refund=refund.id)

    @mutation(
        "Take the wish for a refund back, before it is decided. The customer's own.",
        changes.RefundCancelPayload,
        requires=describe("refundCancel"),
    )
    async def refund_cancel(
        self, viewer: Viewer, input: changes.RefundInput, now: datetime
    ) -> Outcome:
        refund = await deciding.cancel(viewer=viewer, refund_id=_refund(input.id), now=now)
        return Outcome(refund=refund.id)

    @mutation(
        "Give back over the merchant's head, before it has decided or when it has said no.",
        changes.RefundOverridePayload,
        requires=describe("refundOverride"),
    )
    async def refund_override(
        self, viewer: Viewer, input: changes.RefundOverrideInput, now: datetime
    ) -> Outcome:
        refund = await deciding.override(
            viewer=viewer, refund_id=_refund(input.id), reason=input.reason, now=now
        )
        return Outcome(refund=refund.id)


def _refund(text: str) -> UUID:
    return ids.decode("rfd", text, path=("input", "id"))


def _id(prefix: str, text: str | None, field: str) -> UUID | None:
    return ids.optional(prefix, text, path=("input", field))
