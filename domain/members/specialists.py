"""Project specialists (项目专员): applied for, approved, and cancelled with a reason and a file."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.members import evidence, guards, history, policy
from kit import texts
from kit.guards import Guard, refuse
from kit.transaction import transactional
from models.members import Member
from models.members import SpecialistStatus as Specialist


@transactional
async def apply(*, viewer: Viewer, member_id: UUID, now: datetime) -> Member:
    """Ask the platform to make a member a specialist."""
    permissions.require(viewer, "memberSpecialistApply")
    member = await _lock_visible(viewer, member_id, guards.apply_specialist, now)
    await _move(member, Specialist.APPLYING, "specialist_applied", viewer=viewer, now=now)
    return member


@transactional
async def approve(*, viewer: Viewer, member_id: UUID, now: datetime) -> Member:
    """The platform says yes."""
    permissions.require(viewer, "memberSpecialistApprove")
    member = await _lock_visible(viewer, member_id, guards.approve_specialist, now)
    await _move(member, Specialist.SPECIALIST, "specialist_approved", viewer=viewer, now=now)
    return member


@transactional
async def reject(*, viewer: Viewer, member_id: UUID, reason: str, now: datetime) -> Member:
    """The platform says no, and why; the partner may apply again."""
    permissions.require(viewer, "memberSpecialistReject")
    reason = texts.reason(reason)
    member = await _lock_visible(viewer, member_id, guards.reject_specialist, now)
    await _move(
        member, Specialist.NONE, "specialist_rejected", viewer=viewer, reason=reason, now=now
    )
    return member


@transactional
async def cancel(
    *,
    viewer: Viewer,
    member_id: UUID,
    reason: str,
    file_name: str,
    file_base64: str,
    now: datetime,
) -> Member:
    """Ask the platform to end it (M-05). The file is a PDF, PNG or JPEG of at most 128 kB."""
    permissions.require(viewer, "memberSpecialistCancel")
    reason = texts.reason(reason)
    member = await _lock_visible(viewer, member_id, guards.cancel_specialist, now)
    file = await evidence.keep(
        partner_id=member.partner_id, name=file_name, base64=file_base64, now=now
    )
    member.specialist_reason = reason
    member.specialist_evidence_id = file.id
    await _move(
        member,
        Specialist.CANCELLING,
        "specialist_cancelling",
        viewer=viewer,
        reason=reason,
        evidence_id=file.id,
        now=now,
    )
    return member


@transactional
async def withdraw_cancelling(*, viewer: Viewer, member_id: UUID, now: datetime) -> Member:
    """Think better of it while the platform has not decided."""
    permissions.require(viewer, "memberSpecialistCancelWithdraw")
    member = await _lock_visible(viewer, member_id, guards.withdraw_cancelling, now)
    _forget_request(member)
    await _move(
        member, Specialist.SPECIALIST, "specialist_cancelling_withdrawn", viewer=viewer, now=now
    )
    return member


@transactional
async def approve_cancelling(*, viewer: Viewer, member_id: UUID, now: datetime) -> Member:
    """The platform agrees: the member is no specialist any more, and may be unlinked."""
    permissions.require(viewer, "memberSpecialistCancelApprove")
    member = await _lock_visible(viewer, member_id, guards.approve_cancelling, now)
    _forget_request(member)
    await _move(member, Specialist.NONE, "specialist_cancelled", viewer=viewer, now=now)
    return member


@transactional
async def reject_cancelling(
    *, viewer: Viewer, member_id: UUID, reason: str, now: datetime
) -> Member:
    """The platform says why not: the member stays a specialist."""
    permissions.require(viewer, "memberSpecialistCancelReject")
    reason = texts.reason(reason)
    member = await _lock_visible(viewer, member_id, guards.reject_cancelling, now)
    _forget_request(member)
    await _move(
        member,
        Specialist.SPECIALIST,
        "specialist_cancelling_rejected",
        viewer=viewer,
        reason=reason,
        now=now,
    )
    return member


async def _lock_visible(viewer: Viewer, member_id: UUID, guard: Guard, now: datetime) -> Member:
    member = await policy.MEMBERS.lock(Member, member_id, viewer=viewer, now=now, thing="member")
    refuse(guard(member, viewer, now))
    return member


async def _move(
    member: Member,
    wanted: Specialist,
    happened: str,
    *,
    viewer: Viewer,
    reason: str | None = None,
    evidence_id: UUID | None = None,
    now: datetime,
) -> None:
    before = member.specialist
    member.specialist = before.to(wanted)
    member.version += 1
    await member.save(
        update_fields=["specialist", "specialist_reason", "specialist_evidence_id", "version"]
    )
    after = {"specialist": wanted.value}
    if evidence_id is not None:
        after["evidence_id"] = str(evidence_id)
    await history.of_member(
        happened,
        member,
        viewer=viewer,
        before={"specialist": before.value},
        after=after,
        reason=reason,
        now=now,
    )


def _forget_request(member: Member) -> None:
    # The history keeps the reason and the file; the row tells only of a request that is open.
    member.specialist_reason = None
    member.specialist_evidence_id = None
