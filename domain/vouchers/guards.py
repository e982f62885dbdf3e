"""What stands in the way of using a coupon or taking it back (domain.md 5.11). Pure functions."""

from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from models.vouchers import CouponKind
from models.vouchers import CouponStatus as Status


class CouponUsedUp(Problem):
    """Nothing is left on it."""

    code = "CBC.3112"
    en = "Nothing is left on {number}; it was used up."
    zh = "优惠券或储值卡 {number} 已使用。"
    about = {"number": "Which coupon or card."}
    number: str


class CouponIsOver(Problem):
    """Its time is over, or it was taken back."""

    code = "CBC.99000048"
    en = "{number} has expired or was reclaimed."
    zh = "优惠券 {number} 已过期或已回收。"
    about = {"number": "Which coupon or card."}
    number: str


class CouponNotYetEffective(Problem):
    """Its time is still to come (未激活)."""

    en = "{number} can be used from {effective_at:%Y-%m-%d %H:%M} UTC on."
    zh = "优惠券 {number} 自 {effective_at:%Y-%m-%d %H:%M}(UTC)起方可使用。"
    about = {"number": "Which coupon or card.", "effective_at": "From when it can be used."}
    number: str
    effective_at: datetime


class CouponFrozen(Problem):
    """The platform has frozen it."""

    en = "{number} is frozen."
    zh = "优惠券 {number} 已冻结。"
    about = {"number": "Which coupon or card."}
    number: str


class CouponNotFrozen(Problem):
    """There is nothing to unfreeze."""

    en = "{number} isn't frozen."
    zh = "优惠券 {number} 未被冻结。"
    about = {"number": "Which coupon or card."}
    number: str


class CouponLocked(Problem):
    """An order whose payment is under way keeps it."""

    en = "{number} is kept for an order that is being paid."
    zh = "优惠券 {number} 已被支付中的订单锁定。"
    about = {"number": "Which coupon or card."}
    number: str


class CouponRow(Protocol):
    """The columns of a coupon that guards read."""

    @property
    def number(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def balance(self) -> Decimal: ...
    @property
    def is_frozen(self) -> bool: ...
    @property
    def lock_order_id(self) -> UUID | None: ...
    @property
    def effective_at(self) -> datetime: ...
    @property
    def expires_at(self) -> datetime: ...


def use(row: CouponRow, now: datetime, *, order_id: UUID | None = None) -> Problem | None:
    """By the time, from `effective_at` until before `expires_at`, and not while others hold it."""
    if problem := _is_live(row, now):
        return problem
    if row.effective_at > now:
        return CouponNotYetEffective(number=row.number, effective_at=row.effective_at)
    if row.is_frozen:
        return CouponFrozen(number=row.number)
    if row.lock_order_id is not None and row.lock_order_id != order_id:
        return CouponLocked(number=row.number)
    return None


def reclaim(row: CouponRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Whoever may issue such a thing, while something is left and no order holds it (V-07)."""
    item = Item.VOUCHER_ISSUE if row.kind == CouponKind.VOUCHER else Item.CASH_COUPON_ISSUE
    if not viewer.may(item, Item.VOUCHER_GRANT):
        return Forbidden(needs=item)
    if problem := _is_live(row, now):
        return problem
    return CouponLocked(number=row.number) if row.lock_order_id is not None else None


def freeze(row: CouponRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, what is live and isn't frozen."""
    if problem := _holds(row, viewer, now):
        return problem
    return CouponFrozen(number=row.number) if row.is_frozen else None


def unfreeze(row: CouponRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, what is frozen."""
    if problem := _holds(row, viewer, now):
        return problem
    return None if row.is_frozen else CouponNotFrozen(number=row.number)


def _holds(row: CouponRow, viewer: Viewer, now: datetime) -> Problem | None:
    if not viewer.may(Item.VOUCHER_GRANT):
        return Forbidden(needs=Item.VOUCHER_GRANT)
    return _is_live(row, now)


def _is_live(row: CouponRow, now: datetime) -> Problem | None:
    if row.status in (Status.EXPIRED, Status.RECLAIMED) or (
        row.status == Status.USABLE and row.expires_at <= now
    ):
        return CouponIsOver(number=row.number)
    return CouponUsedUp(number=row.number) if row.status == Status.USED else None


COLUMNS = (
    "number",
    "kind",
    "status",
    "balance",
    "is_frozen",
    "lock_order_id",
    "effective_at",
    "expires_at",
)

# By the name of the mutation that does it.
ACTIONS: dict[str, Guard] = {
    "couponsReclaim": reclaim,
    "couponFreeze": freeze,
    "couponUnfreeze": unfreeze,
}
