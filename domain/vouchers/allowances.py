"""How much partners may issue at once and to one customer: what an installation decides."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.vouchers import instance
from kit import database
from kit.problems import Problem
from models.vouchers import CouponKind

_PATH = ("input", "faceValue")


class FaceValueTooSmall(Problem):
    """A coupon of a partner is worth something."""

    code = "CBC.99000018"
    en = "A coupon's face value is at least {minimum}."
    zh = "优惠券面值不能低于 {minimum}。"
    about = {"minimum": "The least face value."}
    minimum: Decimal


class FaceValueTooLarge(Problem):
    """A coupon of a partner isn't worth more than the platform allows."""

    code = "CBC.99000019"
    en = "A coupon's face value is at most {maximum}."
    zh = "优惠券面值不能高于 {maximum}。"
    about = {"maximum": "The greatest face value."}
    maximum: Decimal


class CouponsAtMost(Problem):
    """A customer has so many live coupons of a partner at most."""

    code = "CBC.99000020"
    en = "This customer has {most} coupons of yours that can be used; that is the most."
    zh = "该客户持有的可用优惠券已达上限({most} 张)。"
    about = {"most": "How many it may have."}
    most: int


class CouponValueAtMost(Problem):
    """A customer's live coupons of a partner have so much face value at most."""

    code = "CBC.99000021"
    en = "This customer's usable coupons of yours would be worth more than {most} together."
    zh = "该客户持有的可用优惠券面值总额将超过上限({most})。"
    about = {"most": "How much they may be worth together."}
    most: Decimal


def refuse_value(value: Decimal) -> None:
    """Raise FaceValueTooSmall or FaceValueTooLarge for what no coupon of a partner is worth."""
    allowed = instance.allowances()
    if allowed.least_value is not None and value < allowed.least_value:
        raise FaceValueTooSmall(minimum=allowed.least_value, path=_PATH)
    if allowed.most_value is not None and value > allowed.most_value:
        raise FaceValueTooLarge(maximum=allowed.most_value, path=_PATH)


async def refused(
    customer_ids: Sequence[UUID],
    *,
    partner_id: UUID,
    kind: CouponKind,
    value: Decimal,
    now: datetime,
) -> dict[UUID, Problem]:
    """Which of the customers, all of them held, have as much of the partner as they may have."""
    allowed = instance.allowances()
    if allowed.most_coupons is None and allowed.most_worth is None:
        return {}
    had = {
        row["customer_id"]: row
        for row in await database.rows(_LIVE, list(customer_ids), partner_id, kind, now)
    }
    found: dict[UUID, Problem] = {}
    for id in customer_ids:
        coupons, worth = (had[id]["coupons"], had[id]["worth"]) if id in had else (0, Decimal(0))
        if allowed.most_coupons is not None and coupons >= allowed.most_coupons:
            found[id] = CouponsAtMost(most=allowed.most_coupons)
        elif allowed.most_worth is not None and worth + value > allowed.most_worth:
            found[id] = CouponValueAtMost(most=allowed.most_worth)
    return found


_LIVE = """
select customer_id, count(*) as coupons, sum(face_value) as worth from coupon
where customer_id = any($1) and partner_id = $2 and kind = $3 and status = 'USABLE'
  and expires_at > $4
group by customer_id
"""
