"""What stands in the way of each action on a quota (domain.md 5.10). Pure functions."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from kit.status import WrongStatus
from models.quotas import QuotaKind
from models.quotas import QuotaStatus as Status


class QuotaHeldUp(Problem):
    """In this status nothing is issued from it."""

    code = "CBC.99000015"
    en = "Nothing can be issued from this quota: it is {status}."
    zh = "额度当前状态({status})不可发放。"
    about = {"status": "Its status."}
    status: str


class QuotaNotInForce(Problem):
    """Its time hasn't begun, or is over."""

    code = "CBC.99000017"
    en = (
        "This quota is in force from {effective_at:%Y-%m-%d %H:%M} to {expires_at:%Y-%m-%d %H:%M}"
        " UTC."
    )
    zh = "额度有效期为 {effective_at:%Y-%m-%d %H:%M} 至 {expires_at:%Y-%m-%d %H:%M}(UTC)。"
    about = {"effective_at": "From when.", "expires_at": "Until before when."}
    effective_at: datetime
    expires_at: datetime


class QuotaNotReclaimable(Problem):
    """It is over, or empty: there is nothing to take back."""

    code = "CBC.99000012"
    en = "There is nothing to reclaim of this quota ({status})."
    zh = "额度不存在或状态不正确({status}),无法回收。"
    about = {"status": "Its status."}
    status: str


class QuotaOfAnotherPartner(Problem):
    """Quota is used by whom it was given to, and reclaimed by who gave it."""

    en = "This quota isn't yours to do that with."
    zh = "您不能对该额度执行此操作。"


class QuotaIsDesignated(Problem):
    """It is for certain customers, and for nobody else."""

    code = "CBC.50000020"
    en = "This quota is designated to certain customers."
    zh = "该额度已指定客户使用。"


class QuotaRow(Protocol):
    """The columns of a quota that guards read."""

    @property
    def partner_id(self) -> UUID: ...
    @property
    def parent_id(self) -> UUID | None: ...
    @property
    def kind(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def balance(self) -> Decimal: ...
    @property
    def effective_at(self) -> datetime: ...
    @property
    def expires_at(self) -> datetime: ...
    @property
    def customers(self) -> Sequence[str]: ...


def issue_coupons(row: QuotaRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Its partner, or the distributor in its reseller's stead; with the item of its kind."""
    item = Item.VOUCHER_ISSUE if row.kind == QuotaKind.VOUCHER else Item.CASH_COUPON_ISSUE
    if not viewer.may(item):
        return Forbidden(needs=item)
    if viewer.kind is not ViewerKind.SYSTEM and row.partner_id not in viewer.partner_ids:
        return QuotaOfAnotherPartner()
    return _can_issue(row, now)


def pass_on(row: QuotaRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The distributor whose it is; what was passed on once isn't passed on again (V-01)."""
    if not viewer.may(Item.VOUCHER_QUOTA_ISSUE):
        return Forbidden(needs=Item.VOUCHER_QUOTA_ISSUE)
    if viewer.partner_id != row.partner_id or row.parent_id is not None:
        return QuotaOfAnotherPartner()
    return _can_issue(row, now) or (QuotaIsDesignated() if row.customers else None)


def reclaim(row: QuotaRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The distributor that has issued it to a reseller, while something is left of it."""
    if not viewer.may(Item.VOUCHER_QUOTA_ISSUE):
        return Forbidden(needs=Item.VOUCHER_QUOTA_ISSUE)
    is_mine = row.partner_id in viewer.partner_ids and row.partner_id != viewer.partner_id
    if row.parent_id is None or not is_mine:
        return QuotaOfAnotherPartner()
    if row.status != Status.NORMAL or row.expires_at <= now or row.balance == 0:
        return QuotaNotReclaimable(status=status_now(row, now).value)
    return None


def freeze(row: QuotaRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform (wire: 5)."""
    return _holds(row, viewer, now, Status.NORMAL, Status.FROZEN)


def unfreeze(row: QuotaRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform."""
    return _holds(row, viewer, now, Status.FROZEN, Status.NORMAL)


def begin_adjustment(row: QuotaRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform (wire: 4)."""
    return _holds(row, viewer, now, Status.NORMAL, Status.ADJUSTING)


def end_adjustment(row: QuotaRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform."""
    return _holds(row, viewer, now, Status.ADJUSTING, Status.NORMAL)


def invalidate(row: QuotaRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, while it isn't over (wire: 3)."""
    return _holds(row, viewer, now, status_now(row, now), Status.INVALID)


def status_now(row: QuotaRow, now: datetime) -> Status:
    """By the time, whether or not a worker has come by."""
    if row.status in (Status.NORMAL, Status.ADJUSTING, Status.FROZEN) and row.expires_at <= now:
        return Status.INVALID
    return Status(row.status)


def _can_issue(row: QuotaRow, now: datetime) -> Problem | None:
    is_over = row.expires_at <= now and row.status != Status.RECLAIMED
    if is_over or (row.status == Status.NORMAL and row.effective_at > now):
        return QuotaNotInForce(effective_at=row.effective_at, expires_at=row.expires_at)
    return None if row.status == Status.NORMAL else QuotaHeldUp(status=str(row.status))


def _holds(
    row: QuotaRow, viewer: Viewer, now: datetime, held: Status, wanted: Status
) -> Problem | None:
    if not viewer.may(Item.VOUCHER_GRANT):
        return Forbidden(needs=Item.VOUCHER_GRANT)
    status = status_now(row, now)
    if status is not held or wanted not in Status.arrows().get(status, frozenset()):
        return WrongStatus(status=status.value, wanted=wanted.value)
    return None


COLUMNS = (
    "partner_id",
    "parent_id",
    "kind",
    "status",
    "balance",
    "effective_at",
    "expires_at",
    "customers",
)

# By the name of the mutation that does it.
ACTIONS: dict[str, Guard] = {
    "couponsIssue": issue_coupons,
    "voucherQuotaIssue": pass_on,
    "voucherQuotasReclaim": reclaim,
    "voucherQuotaFreeze": freeze,
    "voucherQuotaUnfreeze": unfreeze,
    "voucherQuotaAdjustmentBegin": begin_adjustment,
    "voucherQuotaAdjustmentEnd": end_adjustment,
    "voucherQuotaInvalidate": invalidate,
}
