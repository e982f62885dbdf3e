"""Inviting personal accounts to become members: sent, sent again, taken back (M-01, M-02)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.members import checks, deadlines, guards, history, letters, policy
from domain.partners.own import own_partner
from kit import links, texts
from kit.addresses import mail_address
from kit.guards import refuse
from kit.ids import new_id
from kit.problems import Problem
from kit.transaction import lock, transactional
from kit.violations import answering
from models.identity import Person
from models.members import MemberInvitation
from models.members import MemberInvitationStatus as Status
from models.partners import Partner

LONGEST_MESSAGE = 500


class AlreadyInvited(Problem):
    """An earlier invitation of this partner still waits for the account's answer."""

    en = "{email} has an invitation that is open until {expires_at:%Y-%m-%d %H:%M} UTC."
    zh = "{email} 已有待关联的邀请,有效期至 {expires_at:%Y-%m-%d %H:%M}(UTC)。"
    about = {
        "email": "The address that was to be invited.",
        "expires_at": "Until when the earlier invitation can be accepted.",
    }
    email: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """An invitation on its way, and the link that is shown only now."""

    invitation: MemberInvitation
    link: str


@transactional
async def invite(*, viewer: Viewer, email: str, message: str | None = None, now: datetime) -> Sent:
    """Offer a personal account a link with the viewer's partner, for seven times 24 hours.

    Raises AlreadyMember, AlreadyInvited, AccountNotInvitable, or MemberCheckFailed with every one
    of V1-V5 that fails. An earlier invitation that is overdue is lapsed first.
    """
    permissions.require(viewer, "memberInvite")
    email = mail_address(email, path=("input", "email"))
    message = texts.optional(message, longest=LONGEST_MESSAGE, path=("input", "message"))
    partner = await own_partner(viewer, needs=Item.MEMBER_MANAGE)
    # Everything about one person queues up here, whichever partner it comes from.
    person = await lock(Person, email=email)
    if person is not None:
        await _refuse_a_second(await _lock_all(partner.id, person.id), now)
    person = await checks.require(email=email, person=person, partner=partner, now=now)

    id = new_id()
    invitation = MemberInvitation(
        id=id,
        created_at=now,
        partner_id=partner.id,
        person_id=person.id,
        email=email,
        status=Status.PENDING,
        token_hash=links.digest(links.token(letters.PURPOSE, id=id, generation=1)),
        generation=1,
        message=message,
        invited_by=viewer.person_id,
        sent_at=now,
        expires_at=now + deadlines.LIFETIME,
    )
    with answering(member_invitation_one_pending=lambda: _already_invited(invitation)):
        await invitation.insert()
    await history.of_invitation("sent", invitation, viewer=viewer, before=None, now=now)
    return await _send(invitation, viewer=viewer, person=person, partner=partner, now=now)


@transactional
async def resend(*, viewer: Viewer, invitation_id: UUID, now: datetime) -> Sent:
    """Send an unanswered, lapsed, rejected or revoked invitation again: a new link, a new week.

    The old link is dead. All checks are made anew, with the same problems as `invite`.
    """
    permissions.require(viewer, "memberInvitationResend")
    await policy.INVITATIONS.require(
        MemberInvitation, invitation_id, viewer=viewer, now=now, thing="invitation"
    )
    # Whose it is never changes, so it may be read before anything is locked.
    found = await MemberInvitation.get(id=invitation_id)
    person = await lock(Person, id=found.person_id)
    assert person is not None
    invitations = {each.id: each for each in await _lock_all(found.partner_id, person.id)}
    invitation = invitations.pop(invitation_id)
    refuse(guards.resend(invitation, viewer, now))
    if invitation.is_overdue(now):
        await _lapse(invitation, now)
    partner = await Partner.get(id=invitation.partner_id)
    await _refuse_a_second(list(invitations.values()), now)
    await checks.require(email=invitation.email, person=person, partner=partner, now=now)

    await letters.recall_invitation(invitation)
    before = invitation.status
    if invitation.decided_at is not None:
        invitation.status = before.to(Status.PENDING)
    invitation.generation += 1
    invitation.token_hash = links.digest(letters.token_of(invitation))
    invitation.invited_by = viewer.person_id
    invitation.sent_at = now
    invitation.expires_at = now + deadlines.LIFETIME
    invitation.decided_at = None
    invitation.reminded_at = None
    invitation.version += 1
    with answering(member_invitation_one_pending=lambda: _already_invited(invitation)):
        await invitation.save(
            update_fields=[
                "status",
                "generation",
                "token_hash",
                "invited_by",
                "sent_at",
                "expires_at",
                "decided_at",
                "reminded_at",
                "version",
            ]
        )
    await history.of_invitation("resent", invitation, viewer=viewer, before=before, now=now)
    return await _send(invitation, viewer=viewer, person=person, partner=partner, now=now)


@transactional
async def revoke(
    *, viewer: Viewer, invitation_id: UUID, reason: str | None = None, now: datetime
) -> MemberInvitation:
    """Take back an invitation that waits for its answer; the link is dead.

    Raises InvitationExpired at or after its deadline, WrongStatus when it was answered,
    InvalidInput.
    """
    permissions.require(viewer, "memberInvitationRevoke")
    reason = texts.reason_if_any(reason)
    invitation = await policy.INVITATIONS.lock(
        MemberInvitation, invitation_id, viewer=viewer, now=now, thing="invitation"
    )
    refuse(guards.revoke(invitation, viewer, now))

    before = invitation.status
    invitation.status = before.to(Status.REVOKED)
    invitation.decided_at = now
    invitation.version += 1
    await invitation.save(update_fields=["status", "decided_at", "version"])
    await deadlines.cancel(invitation)
    await letters.recall_invitation(invitation)
    await history.of_invitation(
        "revoked", invitation, viewer=viewer, before=before, reason=reason, now=now
    )
    return invitation


async def _lock_all(partner_id: UUID, person_id: UUID) -> list[MemberInvitation]:
    # In the order of ids, as the dispatcher locks them.
    return (
        await MemberInvitation.filter(partner_id=partner_id, person_id=person_id)
        .order_by("id")
        .select_for_update(no_key=True)
    )


async def _refuse_a_second(others: list[MemberInvitation], now: datetime) -> None:
    for earlier in others:
        if earlier.is_overdue(now):
            await _lapse(earlier, now)
        elif earlier.status is Status.PENDING:
            raise _already_invited(earlier)


async def _lapse(invitation: MemberInvitation, now: datetime) -> None:
    await deadlines.expire(subject_ids=[invitation.id], now=now)
    await deadlines.cancel(invitation)
    invitation.status = invitation.status.to(Status.EXPIRED)
    invitation.decided_at = invitation.expires_at
    invitation.version += 1


def _already_invited(earlier: MemberInvitation) -> AlreadyInvited:
    return AlreadyInvited(email=earlier.email, expires_at=earlier.expires_at)


async def _send(
    invitation: MemberInvitation,
    *,
    viewer: Viewer,
    person: Person,
    partner: Partner,
    now: datetime,
) -> Sent:
    await deadlines.schedule(invitation, now=now)
    await letters.send_invitation(
        invitation, person=person, partner=partner, inviter=viewer.display_name, now=now
    )
    return Sent(invitation=invitation, link=letters.link_of(invitation))
