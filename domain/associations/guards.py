"""What stands in the way of each action on a customer invitation (domain.md 5.4).

Pure functions of (row, viewer, now). What other rows decide, as the association checks, is found
out when the customer accepts.
"""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.customers.guards import CustomerOfAnotherPartner
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.members.guards import InvitationExpired
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from kit.status import WrongStatus
from models.customer_invitations import CustomerInvitationStatus as Status
from models.customer_invitations import InvitationChannel
from models.reports import ReportStatus


class CustomerSeatNeeded(Problem):
    """Only a customer's user can answer for the customer, and the viewer acts as somebody else."""

    en = "Only a user of the invited customer can answer; act in your seat at the customer."
    zh = "仅受邀客户的用户可以答复,请切换到客户席位后操作。"


class InvitedAnotherCustomer(Problem):
    """An invitation by mail is for the one customer that the partner has reported (C-02)."""

    en = "This invitation was sent to another customer."
    zh = "该邀请发送给了其他客户。"


class InvitationVoid(Problem):
    """The report behind an invitation by mail ended before the invitation did."""

    en = (
        "The partner's report behind this invitation ended at {ended_at:%Y-%m-%d %H:%M} UTC;"
        " a new invitation is needed."
    )
    zh = "该邀请所依据的报备已于 {ended_at:%Y-%m-%d %H:%M}(UTC)失效,需重新邀请。"
    about = {"ended_at": "When the report ended."}
    ended_at: datetime


class ReportNeeded(Problem):
    """A customer is invited by mail only while it is reported (C-02)."""

    en = "Only customers whose report is live are invited by mail; report the customer first."
    zh = "仅可向“已报备”的客户发送邀请邮件,请先报备客户。"


class OnlyMailsAreResent(Problem):
    """A link works until it is taken back; after that there are new ones."""

    en = "Only invitations by mail are sent again; make a new link instead."
    zh = "仅邮件邀请可以重新发送,请重新生成邀请链接。"


class InvitationRow(Protocol):
    """The columns of an invitation that guards read."""

    @property
    def partner_id(self) -> UUID: ...
    @property
    def customer_id(self) -> UUID | None: ...
    @property
    def channel(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def report_ends_at(self) -> datetime | None: ...
    @property
    def decided_at(self) -> datetime | None: ...


class ReportRow(Protocol):
    """The columns of a report that decide whether its lead may be invited."""

    @property
    def partner_id(self) -> UUID: ...
    @property
    def status(self) -> str: ...
    @property
    def expires_at(self) -> datetime | None: ...


def invite(row: ReportRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner whose report is live: at the report's end it isn't any more."""
    if problem := _manages(row.partner_id, viewer):
        return problem
    is_over = row.expires_at is None or row.expires_at <= now
    return ReportNeeded() if row.status != ReportStatus.REPORTED or is_over else None


def resend(row: InvitationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner, whatever became of a mail unless it was accepted (C-07)."""
    if problem := _manages(row.partner_id, viewer):
        return problem
    if row.channel != InvitationChannel.EMAIL:
        return OnlyMailsAreResent()
    if row.status == Status.ACCEPTED:
        return WrongStatus(status=str(row.status), wanted=Status.SENT.value)
    return None


def cancel(row: InvitationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner, as long as it can be accepted."""
    return _manages(row.partner_id, viewer) or _open(row, Status.CANCELLED, now)


def accept(row: InvitationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """A user of the invited customer, before the end: at it, it is over (domain.md 10.8)."""
    if problem := seat(viewer):
        return problem
    if row.channel == InvitationChannel.EMAIL and row.customer_id not in (None, viewer.customer_id):
        return InvitedAnotherCustomer()
    return _open(row, Status.ACCEPTED, now)


def seat(viewer: Viewer) -> Problem | None:
    """Whoever acts for a customer."""
    is_customer = viewer.kind is ViewerKind.CUSTOMER and viewer.customer_id is not None
    return None if is_customer else CustomerSeatNeeded()


def _open(row: InvitationRow, wanted: Status, now: datetime) -> Problem | None:
    is_open = row.status in (Status.SENT, Status.FAILED)
    if row.expires_at is not None and row.report_ends_at is not None:
        # Which of the two came first is what it ended by, whether or not a worker has said so.
        is_void = row.report_ends_at < row.expires_at
        ended_at = min(row.expires_at, row.report_ends_at)
        was_void = row.status == Status.CANCELLED and row.decided_at == row.report_ends_at
        if is_void and (was_void or (is_open and ended_at <= now)):
            return InvitationVoid(ended_at=ended_at)
        if row.status == Status.EXPIRED or (is_open and ended_at <= now):
            return InvitationExpired(expired_at=row.expires_at)
    return None if is_open else WrongStatus(status=str(row.status), wanted=wanted.value)


def _manages(partner_id: UUID, viewer: Viewer) -> Problem | None:
    if not viewer.may(Item.CUSTOMER_INVITE):
        return Forbidden(needs=Item.CUSTOMER_INVITE)
    if viewer.kind is not ViewerKind.SYSTEM and viewer.partner_id != partner_id:
        return CustomerOfAnotherPartner()
    return None


COLUMNS = (
    "partner_id",
    "customer_id",
    "channel",
    "status",
    "expires_at",
    "report_ends_at",
    "decided_at",
)

# By the name of the mutation that does it.
ACTIONS: dict[str, Guard] = {
    "customerInvitationAccept": accept,
    "customerInvitationResend": resend,
    "customerInvitationCancel": cancel,
}
