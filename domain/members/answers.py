"""What the invited person answers: yes with consent, or no; and what the link shows before."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.members import checks, deadlines, guards, history, letters
from kit import links, texts
from kit.guards import refuse
from kit.masking import mask_email
from kit.problems import InvalidInput, NotFound, Problem
from kit.transaction import lock, transactional
from kit.violations import answering
from models.identity import Person
from models.members import Member, MemberInvitation
from models.members import MemberInvitationStatus as Status
from models.partners import Partner


class ConsentRequired(Problem):
    """Nobody is linked who has not agreed to what the partner then sees (domain.md 5.2)."""

    en = (
        "Accepting shares your name, account, phone, e-mail and learning, exam and certificate "
        "records with the partner; agree to that first."
    )
    zh = "接受邀请将向伙伴共享您的姓名、帐号、手机、邮箱以及学习、考试和证书信息,请先同意。"


@dataclass(frozen=True, slots=True)
class Landing:
    """What the holder of a link may know before signing in."""

    partner_name: str
    partner_name_en: str | None
    masked_email: str
    status: Status
    expires_at: datetime


@transactional
async def accept(
    *,
    viewer: Viewer,
    invitation_id: UUID | None = None,
    token: str | None = None,
    consent: bool,
    now: datetime,
) -> Member:
    """Link the viewer's account with the inviting partner.

    By the token of the link, or by id for the person it was sent to. Raises InvitationExpired from
    `expires_at` on, though no worker may have run; WrongStatus when it was answered or revoked;
    ConsentRequired; MemberCheckFailed with every one of V1-V5 that fails by now.
    """
    permissions.require(viewer, "memberInvitationAccept")
    # Two partners' invitations accepted at once queue up here, and the second fails V2.
    person = await lock(Person, id=viewer.person_id) if viewer.person_id else None
    invitation = await _lock_own(viewer, invitation_id, token)
    assert person is not None
    refuse(guards.accept(invitation, viewer, now))
    if not consent:
        raise ConsentRequired(path=("input", "consent"))
    partner = await Partner.get(id=invitation.partner_id)
    await checks.require(email=person.email, person=person, partner=partner, now=now)

    before = await _decide(invitation, Status.LINKED, now)
    member = Member(
        created_at=now,
        partner_id=invitation.partner_id,
        person_id=person.id,
        invitation_id=invitation.id,
        linked_at=now,
    )
    with answering(member_one_link=_linked_meanwhile):
        await member.insert()
    await history.of_invitation("accepted", invitation, viewer=viewer, before=before, now=now)
    await history.of_member(
        "linked", member, viewer=viewer, after={"invitation_id": str(invitation.id)}, now=now
    )
    await letters.announce_member(member, person=person, partner=partner, now=now)
    return member


@transactional
async def reject(
    *,
    viewer: Viewer,
    invitation_id: UUID | None = None,
    token: str | None = None,
    reason: str | None = None,
    now: datetime,
) -> MemberInvitation:
    """Say no. Raises InvitationExpired and WrongStatus as `accept` does, and InvalidInput."""
    permissions.require(viewer, "memberInvitationReject")
    reason = texts.reason_if_any(reason)
    invitation = await _lock_own(viewer, invitation_id, token)
    refuse(guards.reject(invitation, viewer, now))

    before = await _decide(invitation, Status.REJECTED, now)
    await history.of_invitation(
        "rejected", invitation, viewer=viewer, before=before, reason=reason, now=now
    )
    return invitation


async def landing(*, token: str, now: datetime) -> Landing | None:
    """What a link leads to, for anybody who holds it; None for unknown and for old tokens."""
    invitation = await _by_token(token)
    if invitation is None:
        return None
    partner = await Partner.get(id=invitation.partner_id)
    return Landing(
        partner_name=partner.name,
        partner_name_en=partner.name_en,
        masked_email=mask_email(invitation.email),
        status=Status.EXPIRED if invitation.is_overdue(now) else invitation.status,
        expires_at=invitation.expires_at,
    )


async def _lock_own(
    viewer: Viewer, invitation_id: UUID | None, token: str | None
) -> MemberInvitation:
    if (invitation_id is None) == (token is None):
        raise InvalidInput(
            reason="Name the invitation either by its id or by the token of its link.",
            reason_zh="请提供邀请 ID 或链接中的令牌,二者择一。",
            path=("input",),
        )
    id = links.subject_of(token) if token is not None else invitation_id
    if id is None or viewer.person_id is None:
        raise NotFound(thing="invitation")
    invitation = await lock(MemberInvitation, id=id, person_id=viewer.person_id)
    if invitation is None or (token is not None and not _opens(token, invitation)):
        raise NotFound(thing="invitation")
    return invitation


async def _by_token(token: str) -> MemberInvitation | None:
    id = links.subject_of(token)
    invitation = await MemberInvitation.get_or_none(id=id) if id else None
    return invitation if invitation and _opens(token, invitation) else None


def _opens(token: str, invitation: MemberInvitation) -> bool:
    return links.is_token(token, invitation.token_hash)


async def _decide(invitation: MemberInvitation, status: Status, now: datetime) -> Status:
    before = invitation.status
    invitation.status = before.to(status)
    invitation.decided_at = now
    invitation.version += 1
    await invitation.save(update_fields=["status", "decided_at", "version"])
    await deadlines.cancel(invitation)
    return before


def _linked_meanwhile() -> checks.MemberCheckFailed:
    return checks.MemberCheckFailed(
        checks=[checks.FailedMemberCheck(checks.MemberCheck.V2_LINKED_WITH_PARTNER)]
    )
