"""Invitations to programmes that can't be joined otherwise (P-15): thirty days, used once."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.programmes import conditions, deadlines, guards, history, letters, policy
from kit import texts, timers
from kit.guards import refuse
from kit.ids import new_id
from kit.problems import NotFound, Problem
from kit.transaction import lock, transactional
from kit.violations import answering
from models.partners import Partner
from models.programmes import Admission, Programme, ProgrammeInvitation
from models.programmes import ProgrammeInvitationStatus as Status


class InvitationNeeded(Problem):
    """The programme is joined by invitation, and the partner has none that is open."""

    en = "The programme {programme} can only be joined by invitation."
    zh = "伙伴计划 {programme} 仅限受邀伙伴加入。"
    about = {"programme": "Its code."}
    programme: str


class AlreadyInvitedToProgramme(Problem):
    """An earlier invitation of the partner is still open."""

    en = "The partner has an invitation that is open until {expires_at:%Y-%m-%d %H:%M} UTC."
    zh = "该伙伴已有未使用的邀请,有效期至 {expires_at:%Y-%m-%d %H:%M}(UTC)。"
    about = {"expires_at": "Until when the earlier invitation can be used."}
    expires_at: datetime


@transactional
async def invite(
    *, viewer: Viewer, partner_id: UUID, programme_id: UUID, now: datetime
) -> ProgrammeInvitation:
    """Open a programme to one partner for thirty times 24 hours, and tell it by mail.

    Raises AlreadyInvitedToProgramme, ConditionsNotMet for the programmes that come first,
    NotFound.
    """
    permissions.require(viewer, "programmeInvite")
    programme = await Programme.get_or_none(id=programme_id)
    if programme is None:
        raise NotFound(thing="programme", path=("input", "programmeId"))
    partner = await lock(Partner, id=partner_id)
    if partner is None:
        raise NotFound(thing="partner", path=("input", "partnerId"))
    earlier = await _pending(partner, programme)
    if earlier is not None and earlier.expires_at > now:
        raise AlreadyInvitedToProgramme(expires_at=earlier.expires_at)
    if earlier is not None:
        await _lapse(earlier, now)
    joined = await conditions.joined_programmes(partner_id=partner.id, now=now)
    if missing := conditions.memberships(programme, joined):
        raise conditions.ConditionsNotMet(conditions=missing)

    assert viewer.actor_id is not None
    invitation = ProgrammeInvitation(
        id=new_id(),
        created_at=now,
        partner_id=partner.id,
        programme_id=programme.id,
        status=Status.PENDING,
        invited_by=viewer.actor_id,
        expires_at=now + deadlines.LIFETIME,
    )
    expires_at = invitation.expires_at
    with answering(
        programme_invitation_one_pending=lambda: AlreadyInvitedToProgramme(expires_at=expires_at)
    ):
        await invitation.insert()
    await deadlines.schedule(
        deadlines.EXPIRE_INVITATION, invitation, due_at=invitation.expires_at, now=now
    )
    await history.record(
        "programme_invitation.sent",
        invitation,
        viewer=viewer,
        after={"status": invitation.status.value, "programme": programme.code},
        now=now,
    )
    await letters.invite(invitation, partner=partner, programme=programme, now=now)
    return invitation


@transactional
async def revoke(
    *, viewer: Viewer, invitation_id: UUID, reason: str | None = None, now: datetime
) -> ProgrammeInvitation:
    """Take back an invitation that nobody has used."""
    permissions.require(viewer, "programmeInvitationRevoke")
    invitation = await policy.INVITATIONS.lock(
        ProgrammeInvitation, invitation_id, viewer=viewer, now=now, thing="invitation"
    )
    refuse(guards.revoke_invitation(invitation, viewer, now))
    await _decide(invitation, Status.REVOKED, "revoked", viewer=viewer, reason=reason, now=now)
    return invitation


async def use(
    *,
    viewer: Viewer,
    partner: Partner,
    programme: Programme,
    application_id: UUID,
    now: datetime,
) -> ProgrammeInvitation | None:
    """Spend the partner's invitation on an application; None where none is needed nor held.

    The caller has the partner locked. Raises InvitationNeeded, ProgrammeInvitationExpired,
    ProgrammeClosed.
    """
    invitation = await _pending(partner, programme)
    if invitation is not None and invitation.expires_at > now:
        await _decide(
            invitation,
            Status.USED,
            "used",
            viewer=viewer,
            application_id=application_id,
            now=now,
        )
        return invitation
    if programme.admission is Admission.INVITATION:
        last = (
            await ProgrammeInvitation.filter(partner_id=partner.id, programme_id=programme.id)
            .order_by("-created_at", "-id")
            .first()
        )
        if last is not None:
            refuse(_expired(last, now))
        raise InvitationNeeded(programme=programme.code)
    refuse(guards.apply(programme, viewer, now))
    return None


def _expired(invitation: ProgrammeInvitation, now: datetime) -> Problem | None:
    problem = guards.unused(invitation, Status.USED, now)
    return problem if isinstance(problem, guards.ProgrammeInvitationExpired) else None


async def _pending(partner: Partner, programme: Programme) -> ProgrammeInvitation | None:
    return await lock(
        ProgrammeInvitation,
        partner_id=partner.id,
        programme_id=programme.id,
        status=Status.PENDING,
    )


async def _lapse(invitation: ProgrammeInvitation, now: datetime) -> None:
    await deadlines.expire_invitations(subject_ids=[invitation.id], now=now)
    await timers.cancel(deadlines.EXPIRE_INVITATION, subject_id=invitation.id)


async def _decide(
    invitation: ProgrammeInvitation,
    status: Status,
    happened: str,
    *,
    viewer: Viewer,
    reason: str | None = None,
    application_id: UUID | None = None,
    now: datetime,
) -> None:
    before = invitation.status
    invitation.status = before.to(status)
    invitation.decided_at = now
    invitation.version += 1
    await invitation.save(update_fields=["status", "decided_at", "version"])
    await timers.cancel(deadlines.EXPIRE_INVITATION, subject_id=invitation.id)
    after = {"status": status.value}
    if application_id is not None:
        after["application_id"] = str(application_id)
    await history.record(
        f"programme_invitation.{happened}",
        invitation,
        viewer=viewer,
        before={"status": before.value},
        after=after,
        reason=texts.reason_if_any(reason),
        now=now,
    )
