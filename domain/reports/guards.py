"""What stands in the way of each action on a report (domain.md 5.3). Pure functions."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.customers.guards import CustomerOfAnotherPartner
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from kit.status import WrongStatus
from models.reports import ReportStatus as Status


class ReportExpired(Problem):
    """Fifteen times 24 hours went by (C-16); the lead is free for everybody."""

    en = "This report lapsed at {expired_at:%Y-%m-%d %H:%M} UTC; report the customer again."
    zh = "报备已于 {expired_at:%Y-%m-%d %H:%M}(UTC)失效,请重新报备。"
    about = {"expired_at": "When the fifteen days were over."}
    expired_at: datetime


class ReportRow(Protocol):
    """The columns of a report that guards read."""

    @property
    def partner_id(self) -> UUID: ...
    @property
    def status(self) -> str: ...
    @property
    def expires_at(self) -> datetime | None: ...


def delete(row: ReportRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner that reported, unless it came to an association."""
    if not viewer.may(Item.REPORT_SUBMIT):
        return Forbidden(needs=Item.REPORT_SUBMIT)
    if viewer.kind is not ViewerKind.SYSTEM and viewer.partner_id != row.partner_id:
        return CustomerOfAnotherPartner()
    if row.status in (Status.ASSOCIATED, Status.DELETED):
        return WrongStatus(status=str(row.status), wanted=Status.DELETED.value)
    return None


def approve(row: ReportRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, while it waits for that."""
    return _reviews(row, viewer, Status.REPORTED)


def reject(row: ReportRow, viewer: Viewer, now: datetime) -> Problem | None:
    """As to approve."""
    return _reviews(row, viewer, Status.FAILED)


def consume(row: ReportRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Whoever associates the lead, before the deadline: at it, it is over."""
    is_over = row.expires_at is not None and row.expires_at <= now
    if row.status == Status.EXPIRED or (row.status == Status.REPORTED and is_over):
        assert row.expires_at is not None
        return ReportExpired(expired_at=row.expires_at)
    if row.status != Status.REPORTED:
        return WrongStatus(status=str(row.status), wanted=Status.ASSOCIATED.value)
    return None


def _reviews(row: ReportRow, viewer: Viewer, wanted: Status) -> Problem | None:
    if not viewer.may(Item.REPORT_REVIEW):
        return Forbidden(needs=Item.REPORT_REVIEW)
    if row.status != Status.PENDING_REVIEW:
        return WrongStatus(status=str(row.status), wanted=wanted.value)
    return None


COLUMNS = ("partner_id", "status", "expires_at")

# By the name of the mutation that does it.
ACTIONS: dict[str, Guard] = {
    "customerReportDelete": delete,
    "customerReportApprove": approve,
    "customerReportReject": reject,
}
