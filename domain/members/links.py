"""Ending the link between a member's account and the partner (M-01, M-05)."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.members import guards, history, policy
from kit import texts
from kit.guards import refuse
from kit.transaction import lock, transactional
from models.members import Member, MemberInvitation
from models.members import MemberInvitationStatus as Status


@transactional
async def unlink(
    *, viewer: Viewer, member_id: UUID, reason: str | None = None, now: datetime
) -> Member:
    """End the link; the account may be invited again.

    Raises SpecialistMustBeCancelled for a project specialist, MemberUnlinked when it has ended,
    InvalidInput.
    """
    permissions.require(viewer, "memberUnlink")
    reason = texts.reason_if_any(reason)
    await policy.MEMBERS.require(Member, member_id, viewer=viewer, now=now, thing="member")
    found = await Member.get(id=member_id)
    # Parent before child; which invitation it is never changes.
    invitation = await lock(MemberInvitation, id=found.invitation_id)
    member = await lock(Member, id=member_id)
    assert invitation is not None
    assert member is not None
    refuse(guards.unlink(member, viewer, now))

    before = invitation.status
    invitation.status = before.to(Status.UNLINKED)
    invitation.version += 1
    await invitation.save(update_fields=["status", "version"])
    member.unlinked_at = now
    member.version += 1
    await member.save(update_fields=["unlinked_at", "version"])
    await history.of_invitation("unlinked", invitation, viewer=viewer, before=before, now=now)
    await history.of_member(
        "unlinked",
        member,
        viewer=viewer,
        before={"unlinked_at": None},
        after={"unlinked_at": now.isoformat()},
        reason=reason,
        now=now,
    )
    return member
