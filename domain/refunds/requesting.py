"""Asking for money back: at once by rule, or for the merchant to decide in fifteen days."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.fulfilment import leftovers
from domain.fulfilment.policy import SUBSCRIPTIONS
from domain.identity import permissions
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.orders.policy import LINES
from domain.refunds import quoting
from domain.refunds.guards import RefundOfAnotherCustomer
from domain.refunds.quoting import Quote
from domain.refunds.writing import make
from kit.batches import ItemOutcome
from kit.problems import InvalidInput, NotFound, Problem
from kit.transaction import lock, savepoint, transactional
from models.customers import Customer
from models.orders import Order, OrderLine
from models.refunds import Refund, RefundReason
from models.subscriptions import Subscription, SubscriptionPeriod

MOST = 10  # wire: main resources of one request


@transactional
async def request(
    *,
    viewer: Viewer,
    subscription_id: UUID,
    reason: RefundReason,
    renewals_only: bool = False,
    pieces: int | None = None,
    note: str | None = None,
    expected_amount: Decimal | None = None,
    now: datetime,
) -> list[Refund]:
    """Give a subscription back, or only what hasn't begun of it; a refund for each order line.

    The first is the running period's. Raises NotFound, RefundOfAnotherCustomer, RefundChanged, and
    what `quoting.of_subscription` raises.
    """
    permissions.require(viewer, "refundRequest")
    await SUBSCRIPTIONS.require(
        Subscription, subscription_id, viewer=viewer, now=now, thing="subscription"
    )
    found = await Subscription.get(id=subscription_id)
    _check_asks(viewer, found.customer_id)
    await lock(Customer, id=found.customer_id)
    await _lock_orders(await _orders_of(found.id))
    subscription = await lock(Subscription, id=subscription_id)
    assert subscription is not None
    quotes = await quoting.of_subscription(
        subscription, renewals_only=renewals_only, pieces=pieces, now=now
    )
    return await make(
        quotes,
        viewer=viewer,
        reason=reason,
        note=note,
        expected_amount=expected_amount,
        now=now,
    )


@transactional
async def request_failed(
    *,
    viewer: Viewer,
    line_id: UUID,
    reason: RefundReason = RefundReason.OTHER,
    note: str | None = None,
    now: datetime,
) -> Refund:
    """Give back what could not be delivered: the customer, the platform, or the line's merchant.

    Raises NotFound, RefundOfAnotherCustomer, NothingToRefund unless it has failed.
    """
    permissions.require(viewer, "refundRequest")
    await LINES.require(OrderLine, line_id, viewer=viewer, now=now, thing="order line")
    line = await OrderLine.get(id=line_id)
    order = await Order.get(id=line.order_id)
    is_merchants = viewer.partner_id is not None and viewer.partner_id == line.merchant_id
    if not (is_merchants and viewer.may(Item.REFUND_DECIDE)):
        _check_asks(viewer, order.customer_id)
    await lock(Customer, id=order.customer_id)
    await _lock_orders([order.id])
    quote = await quoting.of_failed_line(await OrderLine.get(id=line_id), now=now)
    [refund] = await make(
        [quote], viewer=viewer, reason=reason, note=note, expected_amount=None, now=now
    )
    return refund


@transactional
async def request_either(
    *,
    viewer: Viewer,
    subscription_id: UUID | None,
    line_id: UUID | None,
    reason: RefundReason,
    renewals_only: bool = False,
    pieces: int | None = None,
    note: str | None = None,
    expected_amount: Decimal | None = None,
    now: datetime,
) -> Refund:
    """As `request` or `request_failed`, whichever is named; the first refund of what it makes.

    Raises InvalidInput unless it is one of the two.
    """
    _check_one_of(subscription_id, line_id)
    if line_id is not None:
        return await request_failed(
            viewer=viewer, line_id=line_id, reason=reason, note=note, now=now
        )
    assert subscription_id is not None
    refunds = await request(
        viewer=viewer,
        subscription_id=subscription_id,
        reason=reason,
        renewals_only=renewals_only,
        pieces=pieces,
        note=note,
        expected_amount=expected_amount,
        now=now,
    )
    return refunds[0]


@transactional
async def request_many(
    *,
    viewer: Viewer,
    subscription_ids: Sequence[UUID],
    reason: RefundReason,
    renewals_only: bool = False,
    note: str | None = None,
    now: datetime,
) -> list[ItemOutcome]:
    """As `request`, for at most ten, each with an outcome of its own; one named twice counts once.

    Raises InvalidInput for none or too many.
    """
    permissions.require(viewer, "refundsRequest")
    ids = list(dict.fromkeys(subscription_ids))
    if not 1 <= len(ids) <= MOST:
        raise InvalidInput(
            reason=f"Name 1 to {MOST} of them; these are {len(ids)}.",
            reason_zh=f"一次须指定 1 至 {MOST} 个对象。",
            path=("input", "subscriptionIds"),
        )
    await _hold_all(ids, viewer)
    outcomes = []
    for id in ids:
        try:
            async with savepoint():
                refunds = await request(
                    viewer=viewer,
                    subscription_id=id,
                    reason=reason,
                    renewals_only=renewals_only,
                    note=note,
                    now=now,
                )
        except Problem as problem:
            outcomes.append(ItemOutcome(id, problem))
        else:
            outcomes.append(ItemOutcome(id, made=tuple(refund.id for refund in refunds)))
    return outcomes


async def quote(
    *,
    viewer: Viewer,
    subscription_id: UUID | None = None,
    line_id: UUID | None = None,
    renewals_only: bool = False,
    pieces: int | None = None,
    now: datetime,
) -> list[Quote]:
    """What would come back now, and why; nothing is held or written. Raises as the requests do.

    A merchant isn't told by what its customer has paid.
    """
    permissions.require(viewer, "refundQuote")
    _check_one_of(subscription_id, line_id)
    if line_id is not None:
        await LINES.require(OrderLine, line_id, viewer=viewer, now=now, thing="order line")
        quotes = [await quoting.of_failed_line(await OrderLine.get(id=line_id), now=now)]
    else:
        assert subscription_id is not None
        await SUBSCRIPTIONS.require(
            Subscription, subscription_id, viewer=viewer, now=now, thing="subscription"
        )
        quotes = await quoting.of_subscription(
            await Subscription.get(id=subscription_id),
            renewals_only=renewals_only,
            pieces=pieces,
            now=now,
        )
    return [quote.without_parts() for quote in quotes] if viewer.is_merchant else quotes


def _check_one_of(subscription_id: UUID | None, line_id: UUID | None) -> None:
    if (subscription_id is None) == (line_id is None):
        raise InvalidInput(
            reason="Name a subscription, or an order line that failed.",
            reason_zh="须指定一个订购资源或一个开通失败的订单行。",
            path=("input",),
        )


def _check_asks(viewer: Viewer, customer_id: UUID) -> None:
    if viewer.kind is ViewerKind.CUSTOMER:
        if viewer.customer_id != customer_id:
            raise NotFound(thing="subscription")
    elif not viewer.may(Item.ORDER_REVIEW):
        raise RefundOfAnotherCustomer()


async def _hold_all(ids: Sequence[UUID], viewer: Viewer) -> None:
    """Customers, then their orders, before the first of several requests goes on to anything else.

    Only what the viewer may ask back; the others are refused one by one.
    """
    found = await Subscription.filter(id__in=ids)
    if not viewer.may(Item.ORDER_REVIEW):
        found = [each for each in found if each.customer_id == viewer.customer_id]
    for customer_id in sorted({each.customer_id for each in found}):
        await lock(Customer, id=customer_id)
    await _lock_orders([order for each in found for order in await _orders_of(each.id)])


async def _orders_of(subscription_id: UUID) -> list[UUID]:
    """The orders that have paid it, and those that would go on with it."""
    periods = await SubscriptionPeriod.filter(subscription_id=subscription_id).prefetch_related(
        "line"
    )
    return [*(period.line.order_id for period in periods), *await leftovers.unpaid(subscription_id)]


async def _lock_orders(ids: Sequence[UUID]) -> None:
    for id in sorted(set(ids)):
        await lock(Order, id=id)
