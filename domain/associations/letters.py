"""The link of a customer invitation, and the mails around it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.notifications import mail
from domain.partners.names import called
from kit import database, links
from models.customer_invitations import CustomerInvitation
from models.customers import AssociationType, Customer
from models.identity import Person
from models.partners import Partner, Site

PURPOSE = "customer-invitation"
PATH = "invitations/customer"

# How the mails call the ways to be associated.
_TYPES = {
    AssociationType.REFERRAL: ("a referral", "顾问销售"),
    AssociationType.AGENCY: ("an agency", "代售"),
}


def token_of(*, id: UUID, generation: int) -> str:
    """The one token that opens the invitation as it was sent last."""
    return links.token(PURPOSE, id=id, generation=generation)


def link_of(*, id: UUID, generation: int) -> str:
    """The address that the customer opens."""
    return links.url(PATH, token_of(id=id, generation=generation))


async def send_invitation(
    invitation: CustomerInvitation, *, partner: Partner, inviter: str, name: str, now: datetime
) -> None:
    """Mail the link to the reported customer, in the reader's language as far as it is known."""
    assert invitation.email is not None
    assert invitation.ends_at is not None
    locale = await _locale_of(invitation.email, partner)
    await mail.queue(
        "customer_invitation",
        recipient=invitation.email,
        locale=locale,
        facts={
            "partner": called(partner, locale),
            "inviter": inviter,
            "name": name,
            "type": _TYPES[invitation.type][locale.startswith("zh")],
            "expires_at": invitation.ends_at.isoformat(),
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


async def recall_invitation(invitation: CustomerInvitation) -> None:
    """Don't send the link any more that is about to die, if the mail is still here."""
    await mail.recall(dedupe_key=_key_of(invitation))


async def announce_customer(
    invitation: CustomerInvitation, *, customer: Customer, partner: Partner, now: datetime
) -> None:
    """Tell who invited it that a customer has come; a system reads the events instead."""
    inviter = await Person.get_or_none(id=invitation.invited_by, disabled_at=None)
    if inviter is None:
        return
    await mail.queue(
        "customer_associated",
        recipient=inviter.email,
        locale=inviter.locale,
        facts={
            "partner": called(partner, inviter.locale),
            "name": customer.name,
            "type": _TYPES[invitation.type][inviter.locale.startswith("zh")],
            "associated_at": now.isoformat(),
        },
        dedupe_key=f"customer.associated:{customer.association_id}",
        tenant_id=partner.id,
        now=now,
    )


def _key_of(invitation: CustomerInvitation) -> str:
    return f"customer_invitation.sent:{invitation.id}:{invitation.generation}"


async def _locale_of(email: str, partner: Partner) -> str:
    reader: dict[str, Any] | None = await database.row(
        "select locale from person where email = $1", email
    )
    if reader is not None:
        return str(reader["locale"])
    return "zh" if partner.site is Site.CHINA else "en"
