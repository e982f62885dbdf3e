"""What stands in the way of each action on an invitation or a member (domain.md 5.2).

Pure functions of (row, viewer, now). They can't know what other rows decide: whether an account
passes the checks V1-V5 is found out when it accepts.
"""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from kit.status import WrongStatus
from models.members import MemberInvitationStatus as Status
from models.members import SpecialistStatus as Specialist


class OnlyTheInvited(Problem):
    """Someone else looks at the invitation than the account it was sent to."""

    en = "Only the invited account may answer."
    zh = "仅被邀请的帐号可以答复。"


class ManagedByItsPartner(Problem):
    """A distributor sees its resellers' members, and leaves them to the resellers."""

    en = "It belongs to another partner: you see it, but only that partner manages it."
    zh = "该成员属于其他伙伴,您可以查看,但仅该伙伴可以管理。"


class InvitationExpired(Problem):
    """Seven times 24 hours went by without an answer (M-02)."""

    en = "This invitation lapsed at {expired_at:%Y-%m-%d %H:%M} UTC; ask for a new one."
    zh = "邀请链接已于 {expired_at:%Y-%m-%d %H:%M}(UTC)失效,请联系管理员重新邀请。"
    about = {"expired_at": "When the seven days were over."}
    expired_at: datetime


class MemberUnlinked(Problem):
    """The link between the account and the partner has ended."""

    en = "The member was unlinked at {unlinked_at:%Y-%m-%d %H:%M} UTC."
    zh = "该成员已于 {unlinked_at:%Y-%m-%d %H:%M}(UTC)解除关联。"
    about = {"unlinked_at": "When the link ended."}
    unlinked_at: datetime


class SpecialistMustBeCancelled(Problem):
    """M-05: a project specialist can't be unlinked; the specialist is cancelled first."""

    en = "The member's specialist status is {specialist}; it must be cancelled before unlinking."
    zh = "成员的项目专员状态为 {specialist},须先取消项目专员才能解除关联。"
    about = {"specialist": "How far the member's being a specialist has come."}
    specialist: str


class InvitationRow(Protocol):
    """The columns of an invitation that guards read."""

    @property
    def partner_id(self) -> UUID: ...
    @property
    def person_id(self) -> UUID: ...
    @property
    def status(self) -> str: ...
    @property
    def expires_at(self) -> datetime: ...


class MemberRow(Protocol):
    """The columns of a member that guards read."""

    @property
    def partner_id(self) -> UUID: ...
    @property
    def person_id(self) -> UUID: ...
    @property
    def unlinked_at(self) -> datetime | None: ...
    @property
    def specialist(self) -> str: ...


def accept(row: InvitationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The invited account, before the deadline: at it, it is over (domain.md 10.8)."""
    return _invited(row, viewer) or _pending(row, Status.LINKED, now)


def reject(row: InvitationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """As to accept."""
    return _invited(row, viewer) or _pending(row, Status.REJECTED, now)


def revoke(row: InvitationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner's administrator, while there is no answer."""
    return manages(row.partner_id, viewer) or _pending(row, Status.REVOKED, now)


def resend(row: InvitationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner's administrator, whatever became of it unless it was accepted (M-02)."""
    if problem := manages(row.partner_id, viewer):
        return problem
    if row.status in (Status.LINKED, Status.UNLINKED):
        return WrongStatus(status=str(row.status), wanted=Status.PENDING.value)
    return None


def unlink(row: MemberRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner's administrator (M-01), and never a project specialist (M-05)."""
    if problem := manages(row.partner_id, viewer) or _linked(row):
        return problem
    if row.specialist != Specialist.NONE:
        return SpecialistMustBeCancelled(specialist=row.specialist)
    return None


def apply_specialist(row: MemberRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner's administrator, for a linked member who is none."""
    return _by_partner(row, viewer, Specialist.NONE, Specialist.APPLYING)


def approve_specialist(row: MemberRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, when applied for."""
    return _by_platform(row, viewer, Specialist.APPLYING, Specialist.SPECIALIST)


def reject_specialist(row: MemberRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, when applied for."""
    return _by_platform(row, viewer, Specialist.APPLYING, Specialist.NONE)


def cancel_specialist(row: MemberRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner's administrator, with a reason and a file; the platform reviews it."""
    return _by_partner(row, viewer, Specialist.SPECIALIST, Specialist.CANCELLING)


def withdraw_cancelling(row: MemberRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner's administrator, before the platform has approved."""
    return _by_partner(row, viewer, Specialist.CANCELLING, Specialist.SPECIALIST)


def approve_cancelling(row: MemberRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform."""
    return _by_platform(row, viewer, Specialist.CANCELLING, Specialist.NONE)


def reject_cancelling(row: MemberRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform."""
    return _by_platform(row, viewer, Specialist.CANCELLING, Specialist.SPECIALIST)


def record_project(row: MemberRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The member himself, or his partner's administrator (M-04)."""
    if viewer.person_id is not None and viewer.person_id == row.person_id:
        return _linked(row)
    return manages(row.partner_id, viewer) or _linked(row)


def manages(partner_id: UUID, viewer: Viewer) -> Problem | None:
    """M-01: only the administrator of this very partner."""
    if not viewer.may(Item.MEMBER_MANAGE):
        return Forbidden(needs=Item.MEMBER_MANAGE)
    if viewer.kind is not ViewerKind.SYSTEM and viewer.partner_id != partner_id:
        return ManagedByItsPartner()
    return None


def _invited(row: InvitationRow, viewer: Viewer) -> Problem | None:
    return None if viewer.person_id == row.person_id else OnlyTheInvited()


def _pending(row: InvitationRow, wanted: Status, now: datetime) -> Problem | None:
    if row.status == Status.EXPIRED or (row.status == Status.PENDING and row.expires_at <= now):
        return InvitationExpired(expired_at=row.expires_at)
    return _is(Status.PENDING, row.status, wanted)


def _linked(row: MemberRow) -> Problem | None:
    return MemberUnlinked(unlinked_at=row.unlinked_at) if row.unlinked_at is not None else None


def _by_partner(
    row: MemberRow, viewer: Viewer, needed: Specialist, wanted: Specialist
) -> Problem | None:
    return manages(row.partner_id, viewer) or _linked(row) or _is(needed, row.specialist, wanted)


def _by_platform(
    row: MemberRow, viewer: Viewer, needed: Specialist, wanted: Specialist
) -> Problem | None:
    if not viewer.may(Item.SPECIALIST_REVIEW):
        return Forbidden(needs=Item.SPECIALIST_REVIEW)
    return _linked(row) or _is(needed, row.specialist, wanted)


def _is(needed: str, status: str, wanted: str) -> Problem | None:
    return None if status == needed else WrongStatus(status=str(status), wanted=str(wanted))


# By the name of the mutation that does it.
INVITATION_ACTIONS: dict[str, Guard] = {
    "memberInvitationAccept": accept,
    "memberInvitationReject": reject,
    "memberInvitationRevoke": revoke,
    "memberInvitationResend": resend,
}

MEMBER_ACTIONS: dict[str, Guard] = {
    "memberUnlink": unlink,
    "memberSpecialistApply": apply_specialist,
    "memberSpecialistApprove": approve_specialist,
    "memberSpecialistReject": reject_specialist,
    "memberSpecialistCancel": cancel_specialist,
    "memberSpecialistCancelWithdraw": withdraw_cancelling,
    "memberSpecialistCancelApprove": approve_cancelling,
    "memberSpecialistCancelReject": reject_cancelling,
    "memberProjectRecord": record_project,
}
