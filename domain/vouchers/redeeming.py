"""Paying with coupons, and getting back what was paid: two steps of an order's own transaction.

Whoever holds coupons and quotas takes the coupons first: a timer's effect finds its coupon held.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.identity.viewer import SYSTEM, Viewer
from domain.vouchers import guards
from domain.vouchers.fitting import PayableLine, good_lines, in_shares
from domain.vouchers.moving import Move, move
from domain.vouchers.returning import return_to_quotas
from kit import database, rows
from kit.guards import refuse
from kit.money import Money
from kit.problems import NotFound, Problem
from kit.transaction import assert_open, lock
from models.customers import Customer
from models.vouchers import Coupon, CouponKind, CouponOperation
from models.vouchers import CouponStatus as Status

MOST_PER_ORDER = 3  # 5.9: coupons ≤ 3


class TooManyCoupons(Problem):
    """An order is paid with a few coupons, and with one voucher at most (V-11)."""

    en = "An order takes at most {maximum} coupons and cards, of which one voucher."
    zh = "每个订单最多可使用 {maximum} 张优惠券或储值卡,其中代金券最多一张。"
    about = {"maximum": "How many of all kinds together."}
    maximum: int


class CouponNotForTheseGoods(Problem):
    """Its limits leave nothing of this order to pay with it."""

    en = "{number} isn't good for what this order still has to pay."
    zh = "优惠券 {number} 不适用于该订单的待支付商品。"
    about = {"number": "Which coupon or card."}
    number: str


class CouponNotSufficient(Problem):
    """More was wanted of it than is left, or than it may pay of this order."""

    en = "{number} can pay at most {maximum} of this order."
    zh = "优惠券 {number} 在该订单中最多可抵扣 {maximum}。"
    about = {"number": "Which coupon or card.", "maximum": "The most that it can pay."}
    number: str
    maximum: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemed:
    """What a coupon has paid, in all and of each line."""

    coupon_id: UUID
    kind: CouponKind
    amount: Money
    counts_performance: bool
    needs_repayment: bool
    by_line: Mapping[UUID, Money]


class GiveBack(StrEnum):
    """Why something comes back: a refund, or an order that was paid and never delivered."""

    REFUND = "REFUND"
    NOT_DELIVERED = "NOT_DELIVERED"


class ReturnedTo(StrEnum):
    """Who has what came back: the customer, the quota of the partner, or nobody (V-10, 5.11)."""

    CUSTOMER = "CUSTOMER"
    QUOTA = "QUOTA"
    LOST = "LOST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """Where what was given back has gone."""

    to: ReturnedTo
    amount: Money


async def redeem(
    *,
    coupon_amounts: Mapping[UUID, Money | None],
    order_id: UUID,
    order_number: str,
    customer_id: UUID,
    lines: Sequence[PayableLine],
    viewer: Viewer = SYSTEM,
    now: datetime,
) -> list[Redeemed]:
    """Pay of the order what is told of each coupon (None: as much as it can), in the order given.

    Holds the coupons in id order until the commit. What pays for fewest lines takes its part first,
    each in proportion to what is left to pay of its lines. Raises TooManyCoupons; NotFound for what
    isn't the customer's; CouponIsOver, CouponUsedUp, CouponNotYetEffective, CouponFrozen,
    CouponLocked; CouponNotForTheseGoods, CouponNotSufficient. Nothing has happened then.
    """
    assert_open()
    if not coupon_amounts:
        return []
    coupons, redeemed = await planned(coupon_amounts, order_id, customer_id, lines, now)
    await move(
        [
            Move(
                coupon=coupons[id],
                operation=CouponOperation.USE,
                amount=paid.amount.amount,
                status=Status.USABLE if paid.amount.amount < coupons[id].balance else Status.USED,
                order_id=order_id,
                order_number=order_number,
            )
            for id, paid in redeemed.items()
        ],
        viewer=viewer,
        now=now,
    )
    return [redeemed[id] for id in coupon_amounts]


async def planned(
    coupon_amounts: Mapping[UUID, Money | None],
    order_id: UUID,
    customer_id: UUID,
    lines: Sequence[PayableLine],
    now: datetime,
) -> tuple[dict[UUID, Coupon], dict[UUID, Redeemed]]:
    """The coupons, held in id order, and what each would pay of the order; nothing is written.

    Raises as `redeem`.
    """
    if len(coupon_amounts) > MOST_PER_ORDER:
        raise TooManyCoupons(maximum=MOST_PER_ORDER)
    coupons = await hold(coupon_amounts, customer_id=customer_id)
    if sum(coupon.kind is CouponKind.VOUCHER for coupon in coupons.values()) > 1:
        raise TooManyCoupons(maximum=MOST_PER_ORDER)
    for coupon in coupons.values():
        refuse(guards.use(coupon, now, order_id=order_id))
    good = {id: good_lines(coupon, lines) for id, coupon in coupons.items()}
    rests = {line.line_id: line.amount for line in lines}
    redeemed = {}
    for id in sorted(coupon_amounts, key=lambda id: len(good[id])):
        open_lines = {
            line.line_id: rests[line.line_id] for line in good[id] if rests[line.line_id].amount > 0
        }
        redeemed[id] = _redeemed(coupons[id], coupon_amounts[id], open_lines)
        for line_id, share in redeemed[id].by_line.items():
            rests[line_id] -= share
    return coupons, redeemed


async def give_back(
    *,
    coupon_id: UUID,
    order_id: UUID,
    amount: Money,
    why: GiveBack,
    viewer: Viewer = SYSTEM,
    now: datetime,
) -> Returned:
    """Give back a part of what an order was paid with; where it went (V-10).

    To the customer as long as it belongs to the partner that issued the coupon, else to that
    partner's quota while that lives; what has expired is lost (5.11). The caller holds the
    customer, and never gives back more than the order took.
    """
    assert_open()
    assert amount.amount > 0
    found = await Coupon.get(id=coupon_id)
    customer = await lock(Customer, id=found.customer_id)
    coupon = await lock(Coupon, id=coupon_id)
    assert customer is not None
    assert coupon is not None
    number = await _check_was_used(coupon_id, order_id, amount)
    is_bound = coupon.partner_id is None or coupon.partner_id == customer.partner_id
    is_live = coupon.status in (Status.USABLE, Status.USED) and coupon.expires_at > now
    has_lapsed = coupon.status is Status.EXPIRED or coupon.expires_at <= now
    to = ReturnedTo.LOST
    if is_bound and is_live:
        to = ReturnedTo.CUSTOMER
    elif (
        coupon.quota_id is not None
        and not has_lapsed
        and await return_to_quotas({coupon.quota_id: amount.amount}, now=now)
    ):
        to = ReturnedTo.QUOTA
    operation = {
        ReturnedTo.CUSTOMER: CouponOperation.REFUND,
        ReturnedTo.QUOTA: CouponOperation.UNSUBSCRIPTION_RECLAIM,
        ReturnedTo.LOST: CouponOperation.LAPSE,
    }[to]
    await move(
        [
            Move(
                coupon=coupon,
                operation=operation,
                amount=amount.amount,
                status=Status.USABLE if to is ReturnedTo.CUSTOMER else coupon.status,
                order_id=order_id,
                order_number=number,
                note=why.value,
                lost=to is ReturnedTo.LOST,
            )
        ],
        viewer=viewer,
        now=now,
    )
    return Returned(to=to, amount=amount)


async def hold(
    ids: Mapping[UUID, Money | None] | Sequence[UUID], *, customer_id: UUID
) -> dict[UUID, Coupon]:
    """The customer's coupons, held in id order. Raises NotFound for what isn't its own."""
    sql = _HOLD.format(columns=rows.columns(Coupon, "t"))
    found = rows.as_models(Coupon, await database.rows(sql, sorted(ids), customer_id))
    held = {coupon.id: coupon for coupon in found}
    for place, id in enumerate(ids):
        if id not in held:
            raise NotFound(thing="coupon", path=("input", "coupons", str(place), "id"))
    return held


def _redeemed(coupon: Coupon, wanted: Money | None, open_lines: Mapping[UUID, Money]) -> Redeemed:
    if not open_lines:
        raise CouponNotForTheseGoods(number=coupon.number)
    payable = sum((rest.amount for rest in open_lines.values()), Decimal(0))
    most = Money(min(coupon.balance, payable), coupon.currency)
    amount = most if wanted is None else wanted
    if not 0 < amount.amount <= most.amount:
        raise CouponNotSufficient(number=coupon.number, maximum=most.amount)
    return Redeemed(
        coupon_id=coupon.id,
        kind=coupon.kind,
        amount=amount,
        counts_performance=coupon.counts_performance,
        needs_repayment=coupon.needs_repayment,
        by_line=in_shares(amount, open_lines),
    )


async def _check_was_used(coupon_id: UUID, order_id: UUID, amount: Money) -> str | None:
    """The order's number; fails for more than it took, which is a mistake of ours."""
    row = await database.row(_LEFT, order_id, coupon_id)
    assert row is not None
    assert row["left_over"] is not None
    assert amount.amount <= row["left_over"], f"{amount} of {coupon_id} for {order_id}"
    number: str | None = row["order_number"]
    return number


_HOLD = """
select {columns} from coupon t
where t.id = any($1) and t.customer_id = $2 order by t.id for no key update
"""

_LEFT = """
select sum(case operation when 'USE' then amount else -amount end) as left_over,
  max(order_number) as order_number
from coupon_record where order_id = $1 and coupon_id = $2
"""
