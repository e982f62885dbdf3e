"""Coupons that are kept for an order while its payment is under way."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from domain.vouchers.fitting import PayableLine
from domain.vouchers.redeeming import planned
from kit import database
from kit.money import Money
from kit.transaction import assert_open


async def keep(
    *,
    coupon_amounts: Mapping[UUID, Money],
    order_id: UUID,
    customer_id: UUID,
    lines: Sequence[PayableLine],
    now: datetime,
) -> None:
    """Keep coupons for an order whose payment is under way: nobody else uses or reclaims them.

    Raises as `redeeming.redeem` would now, so that nobody sends money for what coupons then don't
    pay. To redeem them for that order, or `let_go`, ends it.
    """
    assert_open()
    await planned(coupon_amounts, order_id, customer_id, lines, now)
    await database.execute(
        "update coupon set lock_order_id = $2, version = version + 1 where id = any($1)",
        sorted(coupon_amounts),
        order_id,
    )


async def let_go(*, customer_id: UUID, order_id: UUID) -> int:
    """Let go what is kept for an order that won't be paid; how many coupons that were."""
    assert_open()
    held = await database.rows(
        "select id from coupon where customer_id = $1 and lock_order_id = $2"
        " order by id for no key update",
        customer_id,
        order_id,
    )
    return await database.execute(
        "update coupon set lock_order_id = null, version = version + 1 where id = any($1)",
        [row["id"] for row in held],
    )
