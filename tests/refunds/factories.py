"""Refunds of what was bought by the real workflows; name only what the test is about."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.orders import paying
from domain.refunds import requesting
from kit import ids
from models.orders import Order, OrderLine
from models.payments import PaymentPart, PaymentShare
from models.refunds import Refund, RefundPart, RefundReason
from models.subscriptions import Subscription
from tests.orders.factories import Shop, assert_books_add_up, fund, place
from tests.upstream.working import work

REASON = RefundReason.NOT_NEEDED


async def bought(
    shop: Shop,
    *,
    now: datetime,
    quantity: int = 1,
    coupons: Mapping[UUID, Decimal | None] | None = None,
    **payment: Any,
) -> tuple[Order, Subscription]:
    """So many of the shop's SKU, paid with the coupons and else in cash, and in use."""
    order = await place(shop, shop.line(quantity), now=now)
    await fund(shop.customer, str(order.due_amount), now=now)
    await paying.pay(
        viewer=shop.buyer, order_id=order.id, coupons=coupons or {}, now=now, **payment
    )
    await work(now)
    found = await Subscription.get(order_id=order.id)
    return await Order.get(id=order.id), found


async def asked_back(
    shop: Shop, subscription: Subscription, *, now: datetime, **more: Any
) -> Refund:
    """The refund of its first line."""
    refunds = await requesting.request(
        viewer=shop.buyer, subscription_id=subscription.id, reason=REASON, now=now, **more
    )
    return await Refund.get(id=refunds[0].id)


async def fresh(refund: Refund) -> Refund:
    """The row as it stands in the table."""
    return await Refund.get(id=refund.id)


async def parts_of(refund: Refund) -> dict[str, tuple[Decimal, str | None]]:
    """By instrument: how much comes back, and where it has gone."""
    return {
        part.instrument.value: (part.amount, part.returned.value if part.returned else None)
        for part in await RefundPart.filter(refund_id=refund.id)
    }


async def assert_sums_agree(order: Order) -> None:
    """What shares, parts, lines, the order and its refunds say has come back is the same."""
    order = await Order.get(id=order.id)
    lines = await OrderLine.filter(order_id=order.id)
    done = await Refund.filter(order_id=order.id, refund_order_id__isnull=False)
    whole = sum((refund.amount for refund in done), Decimal(0))
    assert order.refunded_amount == whole
    assert sum((line.refunded_amount for line in lines), Decimal(0)) == whole
    by_part = Decimal(0)
    for part in await PaymentPart.filter(order_id=order.id):
        shares = await PaymentShare.filter(part_id=part.id)
        assert sum((share.refunded_amount for share in shares), Decimal(0)) == part.refunded_amount
        by_part += part.refunded_amount
    assert by_part == whole
    taken_back = await Order.filter(base_order_id=order.id, type="UNSUBSCRIBE")
    assert sum((each.due_amount for each in taken_back), Decimal(0)) == -whole
    await assert_books_add_up()


def rfd(refund: Refund) -> str:
    """The id of a refund as the API writes it."""
    return ids.encode("rfd", refund.id)
