"""Events about invitations and members, as histories read them."""

from datetime import datetime
from typing import Any

from domain.audit import events
from domain.identity.viewer import Viewer
from models.members import Member, MemberInvitation, MemberProject


async def of_invitation(
    happened: str,
    invitation: MemberInvitation,
    *,
    viewer: Viewer,
    before: str | None,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Record `member_invitation.<happened>` with the change of status; `before` None: it is new."""
    await events.record(
        f"member_invitation.{happened}",
        actor=viewer,
        subject_type="member_invitation",
        subject_id=invitation.id,
        tenant_id=invitation.partner_id,
        person_id=invitation.person_id,
        at=now,
        reason=reason,
        before={"status": before} if before else None,
        after={"status": invitation.status.value, "generation": invitation.generation},
    )


async def of_member(
    happened: str,
    member: Member,
    *,
    viewer: Viewer,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Record `member.<happened>`."""
    await events.record(
        f"member.{happened}",
        actor=viewer,
        subject_type="member",
        subject_id=member.id,
        tenant_id=member.partner_id,
        person_id=member.person_id,
        at=now,
        reason=reason,
        before=before,
        after=after,
    )


async def of_project(
    happened: str,
    project: MemberProject,
    *,
    member: Member,
    viewer: Viewer,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """Record `member_project.<happened>`."""
    await events.record(
        f"member_project.{happened}",
        actor=viewer,
        subject_type="member_project",
        subject_id=project.id,
        tenant_id=project.partner_id,
        person_id=member.person_id,
        at=now,
        before=before,
        after=after,
    )
