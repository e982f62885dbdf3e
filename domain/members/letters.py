"""The link of an invitation, and the mails around it."""

from datetime import datetime

from domain.identity.holders import holders
from domain.identity.items import Item
from domain.notifications import mail
from domain.partners.names import called
from kit import links
from models.identity import Person
from models.members import Member, MemberInvitation
from models.partners import Partner

PURPOSE = "member-invitation"
PATH = "invitations/member"


def token_of(invitation: MemberInvitation) -> str:
    """The one token that opens the invitation as it was sent last."""
    return links.token(PURPOSE, id=invitation.id, generation=invitation.generation)


def link_of(invitation: MemberInvitation) -> str:
    """The address that the invited person opens."""
    return links.url(PATH, token_of(invitation))


async def send_invitation(
    invitation: MemberInvitation, *, person: Person, partner: Partner, inviter: str, now: datetime
) -> None:
    """Mail the link to the invited account."""
    await mail.queue(
        "member_invitation",
        # Where the person is reached today, which the partner needn't learn.
        recipient=person.email,
        locale=person.locale,
        facts={
            "partner": called(partner, person.locale),
            "inviter": inviter,
            "name": person.name,
            "message": invitation.message,
            "expires_at": invitation.expires_at.isoformat(),
            "link": {
                "path": PATH,
                "purpose": PURPOSE,
                "id": str(invitation.id),
                "generation": invitation.generation,
            },
        },
        dedupe_key=_key_of(invitation),
        tenant_id=partner.id,
        now=now,
    )


async def recall_invitation(invitation: MemberInvitation) -> None:
    """Don't send the link any more that is about to die, if the mail is still here."""
    await mail.recall(dedupe_key=_key_of(invitation))


async def announce_member(
    member: Member, *, person: Person, partner: Partner, now: datetime
) -> None:
    """Tell the partner's administrators who has joined."""
    for administrator in await holders(partner.id, Item.MEMBER_MANAGE):
        await mail.queue(
            "member_joined",
            recipient=administrator["email"],
            locale=administrator["locale"],
            facts={
                "partner": called(partner, administrator["locale"]),
                "name": person.name,
                "email": person.email,
                "joined_at": now.isoformat(),
            },
            dedupe_key=f"member.joined:{member.id}:{administrator['id']}",
            tenant_id=partner.id,
            now=now,
        )


def _key_of(invitation: MemberInvitation) -> str:
    return f"member_invitation.sent:{invitation.id}:{invitation.generation}"
