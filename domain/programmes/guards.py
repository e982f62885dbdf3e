"""What stands in the way of each action on programmes and applications (domain.md 5.1).

Pure functions of (row, viewer, now). Whether the entry conditions are met is found out when an
application is submitted: other rows decide that.
"""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from kit.status import WrongStatus
from models.programmes import Admission, ProgrammeApplicationStatus, ProgrammeInvitationStatus


class OwnPartnerOnly(Problem):
    """A distributor sees what its resellers have joined, and leaves it to them."""

    en = "It belongs to another partner: you see it, but only that partner manages it."
    zh = "该记录属于其他伙伴,您可以查看,但仅该伙伴可以管理。"


class ProgrammeClosed(Problem):
    """The programme takes in nobody without an invitation."""

    en = "The programme {programme} is closed to new applications."
    zh = "伙伴计划 {programme} 已停止申请。"
    about = {"programme": "Its code."}
    programme: str


class ApplicationExpired(Problem):
    """The membership ended with its validity."""

    en = "The membership ended at {expired_at:%Y-%m-%d %H:%M} UTC; apply again."
    zh = "计划成员资格已于 {expired_at:%Y-%m-%d %H:%M}(UTC)到期,请重新申请。"
    about = {"expired_at": "When it ended."}
    expired_at: datetime


class ProgrammeInvitationExpired(Problem):
    """Thirty times 24 hours went by without an application (P-15)."""

    en = "The invitation lapsed at {expired_at:%Y-%m-%d %H:%M} UTC; ask for a new one."
    zh = "计划邀请已于 {expired_at:%Y-%m-%d %H:%M}(UTC)失效,请联系平台重新邀请。"
    about = {"expired_at": "When its thirty days were over."}
    expired_at: datetime


class ProgrammeRow(Protocol):
    """The columns of a programme that guards read."""

    @property
    def code(self) -> str: ...
    @property
    def is_open(self) -> bool: ...
    @property
    def admission(self) -> str: ...


class ApplicationRow(Protocol):
    """The columns of an application that guards read."""

    @property
    def partner_id(self) -> UUID: ...
    @property
    def status(self) -> str: ...
    @property
    def expires_at(self) -> datetime | None: ...


class InvitationRow(Protocol):
    """The columns of an invitation that guards read."""

    @property
    def status(self) -> str: ...
    @property
    def expires_at(self) -> datetime: ...


def apply(row: ProgrammeRow, viewer: Viewer, now: datetime) -> Problem | None:
    """An operator with the right, while the programme is open; an invitation may still be needed.

    For a closed programme an invitation is looked for when somebody applies.
    """
    if not viewer.may(Item.PROGRAMME_MANAGE):
        return Forbidden(needs=Item.PROGRAMME_MANAGE)
    if not row.is_open and row.admission != Admission.INVITATION:
        return ProgrammeClosed(programme=row.code)
    return None


def edit(row: ApplicationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner, while it is a draft."""
    return manages(row.partner_id, viewer) or _drafted(row, ProgrammeApplicationStatus.DRAFT, now)


def submit(row: ApplicationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner, while it is a draft."""
    return manages(row.partner_id, viewer) or _drafted(
        row, ProgrammeApplicationStatus.SUBMITTED, now
    )


def cancel(row: ApplicationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner, while it is a draft (P-06)."""
    return manages(row.partner_id, viewer) or _drafted(
        row, ProgrammeApplicationStatus.CANCELLED, now
    )


def withdraw(row: ApplicationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner, before the platform has decided."""
    return manages(row.partner_id, viewer) or _application_is(
        row, ProgrammeApplicationStatus.SUBMITTED, ProgrammeApplicationStatus.DRAFT, now
    )


def copy(row: ApplicationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner, when it came to an end: a new draft begins where the old one ended."""
    if problem := manages(row.partner_id, viewer):
        return problem
    status = application_status(row, now)
    if not status.is_final:
        return WrongStatus(status=status.value, wanted=ProgrammeApplicationStatus.DRAFT.value)
    return None


def approve(row: ApplicationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, when submitted."""
    return reviews(viewer) or _application_is(
        row, ProgrammeApplicationStatus.SUBMITTED, ProgrammeApplicationStatus.APPROVED, now
    )


def reject(row: ApplicationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, when submitted."""
    return reviews(viewer) or _application_is(
        row, ProgrammeApplicationStatus.SUBMITTED, ProgrammeApplicationStatus.REJECTED, now
    )


def exit(row: ApplicationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, for a partner that has joined (P-20)."""
    return reviews(viewer) or _application_is(
        row, ProgrammeApplicationStatus.APPROVED, ProgrammeApplicationStatus.EXITED, now
    )


def issue_certificate(row: ApplicationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner or the platform, for a membership in effect (P-08); papers may be missing."""
    return of_another(row.partner_id, viewer) or _application_is(
        row, ProgrammeApplicationStatus.APPROVED, ProgrammeApplicationStatus.APPROVED, now
    )


def revoke_invitation(row: InvitationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, while nobody has applied by it."""
    wanted = ProgrammeInvitationStatus.REVOKED
    return reviews(viewer) or unused(row, wanted, now)


def unused(row: InvitationRow, wanted: ProgrammeInvitationStatus, now: datetime) -> Problem | None:
    """The invitation can still be used: at the deadline it is over."""
    pending, expired = ProgrammeInvitationStatus.PENDING, ProgrammeInvitationStatus.EXPIRED
    if row.status == expired or (row.status == pending and row.expires_at <= now):
        return ProgrammeInvitationExpired(expired_at=row.expires_at)
    return is_in(pending, row.status, wanted)


def application_status(row: ApplicationRow, now: datetime) -> ProgrammeApplicationStatus:
    """Where it stands at `now`: a membership past its end is over, worker or not."""
    status = ProgrammeApplicationStatus(row.status)
    if status is ProgrammeApplicationStatus.APPROVED and row.expires_at and row.expires_at <= now:
        return ProgrammeApplicationStatus.EXPIRED
    return status


def manages(partner_id: UUID, viewer: Viewer) -> Problem | None:
    """Only operators of this very partner who hold the right."""
    if not viewer.may(Item.PROGRAMME_MANAGE):
        return Forbidden(needs=Item.PROGRAMME_MANAGE)
    if viewer.kind is not ViewerKind.SYSTEM and viewer.partner_id != partner_id:
        return OwnPartnerOnly()
    return None


def of_another(partner_id: UUID, viewer: Viewer) -> Problem | None:
    """A distributor looks at what its resellers have, and has nothing issued to it (O-07)."""
    is_looking = viewer.kind is ViewerKind.OPERATOR and viewer.partner_id != partner_id
    return OwnPartnerOnly() if is_looking else None


def reviews(viewer: Viewer) -> Problem | None:
    """Only the platform."""
    return None if viewer.may(Item.PROGRAMME_REVIEW) else Forbidden(needs=Item.PROGRAMME_REVIEW)


def is_in(needed: str, status: str, wanted: str) -> Problem | None:
    """The status must be the one that the arrow starts from."""
    return None if status == needed else WrongStatus(status=str(status), wanted=str(wanted))


def _drafted(
    row: ApplicationRow, wanted: ProgrammeApplicationStatus, now: datetime
) -> Problem | None:
    return _application_is(row, ProgrammeApplicationStatus.DRAFT, wanted, now)


def _application_is(
    row: ApplicationRow,
    needed: ProgrammeApplicationStatus,
    wanted: ProgrammeApplicationStatus,
    now: datetime,
) -> Problem | None:
    status = application_status(row, now)
    if status is ProgrammeApplicationStatus.EXPIRED and row.expires_at is not None:
        return ApplicationExpired(expired_at=row.expires_at)
    return is_in(needed, status.value, wanted.value)


# By the name of the mutation that does it.
PROGRAMME_ACTIONS: dict[str, Guard] = {"programmeApplicationCreate": apply}

APPLICATION_ACTIONS: dict[str, Guard] = {
    "programmeApplicationEdit": edit,
    "programmeApplicationSubmit": submit,
    "programmeApplicationWithdraw": withdraw,
    "programmeApplicationCancel": cancel,
    "programmeApplicationCopy": copy,
    "programmeApplicationApprove": approve,
    "programmeApplicationReject": reject,
    "programmeApplicationExit": exit,
    "programmeCertificateIssue": issue_certificate,
}

INVITATION_ACTIONS: dict[str, Guard] = {"programmeInvitationRevoke": revoke_invitation}
