"""What a customer could pay with, for the lines of an order or a cart: how much, or why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.catalogue.policy import GOODS
from domain.customers.policy import ABOUT_CUSTOMERS, CUSTOMERS
from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.vouchers import guards
from domain.vouchers.fitting import PayableLine, good_lines, payable
from domain.vouchers.policy import COUPONS
from domain.vouchers.redeeming import CouponNotForTheseGoods
from kit import database, rows
from kit.money import Money
from kit.problems import NotFound, Problem
from kit.scope import one_off, sight_of
from models.catalogue import GoodsCategory, GoodsKind
from models.customers import Customer
from models.orders import Order, OrderLine
from models.vouchers import Coupon

MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Usable:
    """A coupon that isn't over, and what it alone could pay: nothing, where a problem says why."""

    coupon: Coupon
    amount: Money
    problem: Problem | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A line that somebody thinks of buying."""

    goods_id: UUID
    amount: Money
    is_discounted: bool


async def for_order(*, viewer: Viewer, order_id: UUID, now: datetime) -> list[Usable]:
    """As `for_lines`, for an order that the viewer sees. Raises NotFound."""
    permissions.require(viewer, "couponsUsable")
    await ABOUT_CUSTOMERS.require(Order, order_id, viewer=viewer, now=now, thing="order")
    order = await Order.get(id=order_id)
    lines = [
        payable(line, Money(line.due_amount, order.currency))
        for line in await OrderLine.filter(order_id=order.id).order_by("position")
    ]
    return await _usable(viewer, order.customer_id, lines, order_id, now)


async def for_lines(
    *, viewer: Viewer, customer_id: UUID, wanted: Sequence[Wanted], now: datetime
) -> list[Usable]:
    """The customer's coupons that aren't over and that the viewer sees, the first to end first.

    At most a hundred. Each is judged alone. Raises NotFound for a customer that the viewer doesn't
    see, or such goods.
    """
    permissions.require(viewer, "couponsUsable")
    await CUSTOMERS.require(Customer, customer_id, viewer=viewer, now=now, thing="customer")
    sql, values = one_off(
        "select t.id, t.category, t.kind from goods t where t.id = any({ids})"
        f" and ({GOODS.predicate(sight_of(viewer))})",
        viewer=viewer,
        now=now,
        ids=sorted({line.goods_id for line in wanted}),
    )
    goods = {row["id"]: row for row in await database.rows(sql, *values)}
    lines = []
    for place, line in enumerate(wanted):
        if line.goods_id not in goods:
            raise NotFound(thing="goods")
        lines.append(
            PayableLine(
                line_id=UUID(int=place),
                goods_id=line.goods_id,
                category=GoodsCategory(goods[line.goods_id]["category"]),
                amount=line.amount,
                kind=GoodsKind(goods[line.goods_id]["kind"]),
                is_discounted=line.is_discounted,
            )
        )
    return await _usable(viewer, customer_id, lines, None, now)


async def _usable(
    viewer: Viewer,
    customer_id: UUID,
    lines: Sequence[PayableLine],
    order_id: UUID | None,
    now: datetime,
) -> list[Usable]:
    sql, values = one_off(
        f"select {rows.columns(Coupon, 't')} from coupon t where t.customer_id = {{customer_id}}"
        " and t.status = 'USABLE' and t.expires_at > {now}"
        f" and ({COUPONS.predicate(sight_of(viewer))}) order by t.expires_at, t.id limit {MOST}",
        viewer=viewer,
        now=now,
        customer_id=customer_id,
    )
    coupons = rows.as_models(Coupon, await database.rows(sql, *values))
    return [_judged(coupon, lines, order_id, now) for coupon in coupons]


def _judged(
    coupon: Coupon, lines: Sequence[PayableLine], order_id: UUID | None, now: datetime
) -> Usable:
    payable = sum((line.amount.amount for line in good_lines(coupon, lines)), Decimal(0))
    amount = min(coupon.balance, payable)
    problem = guards.use(coupon, now, order_id=order_id)
    if problem is None and amount <= 0:
        problem = CouponNotForTheseGoods(number=coupon.number)
    told = Decimal(0) if problem else amount
    return Usable(coupon=coupon, amount=Money(told, coupon.currency), problem=problem)
