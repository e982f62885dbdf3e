"""Ending what is paid by use (按需, 按次): nothing comes back, and nothing is used from then on."""

from datetime import datetime
from uuid import UUID

from domain.fulfilment import expiry, history, leftovers, supervising
from domain.fulfilment.closing import ask_to_close
from domain.fulfilment.completing import locked_order
from domain.fulfilment.effects import held_up_by
from domain.fulfilment.policy import SUBSCRIPTIONS
from domain.fulfilment.renewing import SubscriptionOfAnotherCustomer, SubscriptionRow
from domain.fulfilment.supervising import RefundIsPending
from domain.identity import permissions
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.orders.holding import buyer
from kit import timers
from kit.guards import Guard, refuse
from kit.problems import Forbidden, NotFound, Problem
from kit.status import WrongStatus
from kit.transaction import assert_open, transactional
from models.catalogue import ChargeMode
from models.subscriptions import Subscription
from models.subscriptions import SubscriptionStatus as Status

_BY_USE = (ChargeMode.ON_DEMAND, ChargeMode.PER_USE)


class NothingToEnd(Problem):
    """What was paid for a time, or in one piece, is given back instead, as far as it can be."""

    en = "Only what is paid by use is ended; what was paid before is given back by a refund."
    zh = "仅按需或按次计费的资源可以直接终止,预付费资源请申请退订。"


def can_end(row: SubscriptionRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The customer, or its partner on behalf, until it is over."""
    if row.charge_mode not in _BY_USE:
        return NothingToEnd()
    if row.status not in (Status.IN_USE, Status.FROZEN):
        return WrongStatus(status=str(row.status), wanted=Status.CLOSED.value)
    if viewer.kind is ViewerKind.OPERATOR:
        # Whether it has leave is seen by the mutation, which is told for whom it acts.
        return None if viewer.may(Item.ORDER_PLACE) else Forbidden(needs=Item.ORDER_PLACE)
    is_own = viewer.kind is ViewerKind.CUSTOMER and viewer.customer_id == row.customer_id
    return None if is_own else SubscriptionOfAnotherCustomer()


ACTIONS: dict[str, Guard] = {"subscriptionEnd": can_end}


@transactional
async def end(
    *,
    viewer: Viewer,
    subscription_id: UUID,
    on_behalf_of: UUID | None = None,
    now: datetime,
) -> Subscription:
    """End a subscription that is paid by use, at once; the cloud is asked to take it back.

    What was used until then is charged whenever it is told; later use is refused, line by line. A
    delivery that is still supervised is over with it. Raises NotFound, NothingToEnd, WrongStatus,
    RefundIsPending, and what acting on behalf raises.
    """
    permissions.require(viewer, "subscriptionEnd")
    viewer, customer = await buyer(viewer, on_behalf_of, now=now)
    path = ("input", "id")
    seen = await Subscription.get_or_none(id=subscription_id, customer_id=customer.id)
    if seen is None:
        raise NotFound(thing="subscription", path=path)
    order = await locked_order(seen.order_id)
    subscription = await SUBSCRIPTIONS.lock(
        Subscription, subscription_id, viewer=viewer, now=now, thing="subscription"
    )
    refuse(can_end(subscription, viewer, now))
    if numbers := await held_up_by(subscription.line_id, now=now):
        raise RefundIsPending(numbers=", ".join(numbers))
    await close(subscription, viewer=viewer, now=now)
    await supervising.cancel(order, subscription.line_id, viewer=viewer, now=now)
    return subscription


async def close(subscription: Subscription, *, viewer: Viewer, now: datetime) -> None:
    """Let a subscription be over from `now` on, and what would have gone on with it, too.

    The caller holds the customer and the row.
    """
    assert_open()
    before: Status = subscription.status
    subscription.status = before.to(Status.CLOSED)
    subscription.ended_at = now
    subscription.auto_renew = False
    subscription.version += 1
    await subscription.save(update_fields=["status", "ended_at", "auto_renew", "version"])
    await timers.cancel(expiry.EXPIRE, subject_id=subscription.id)
    await leftovers.cancel(subscription.id, viewer=viewer, now=now)
    await ask_to_close("subscription", subscription.id, resource=subscription.resource, now=now)
    await history.of(
        "subscription",
        "closed",
        subscription,
        viewer=viewer,
        before={"status": before.value},
        after={"status": subscription.status.value},
        now=now,
    )
