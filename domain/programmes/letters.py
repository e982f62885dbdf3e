"""Mails about programmes, to those of the partner who may apply for it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.identity.holders import holders
from domain.identity.items import Item
from domain.notifications import mail
from models.partners import Partner
from models.programmes import (
    Programme,
    ProgrammeApplication,
    ProgrammeApplicationStatus,
    ProgrammeInvitation,
)


async def invite(
    invitation: ProgrammeInvitation, *, partner: Partner, programme: Programme, now: datetime
) -> None:
    """Tell the partner that a programme is open to it (P-15)."""
    await _tell(
        "programme_invitation",
        invitation.id,
        partner=partner,
        programme=programme,
        facts={"expires_at": invitation.expires_at.isoformat()},
        now=now,
    )


async def tell_decision(
    application: ProgrammeApplication, *, partner: Partner, programme: Programme, now: datetime
) -> None:
    """Tell the partner what became of its application, and why not."""
    await _tell(
        "programme_decision",
        application.id,
        partner=partner,
        programme=programme,
        facts={
            "approved": application.status is ProgrammeApplicationStatus.APPROVED,
            "reason": application.decision_reason,
            "decided_at": now.isoformat(),
        },
        now=now,
    )


async def _tell(
    template: str,
    subject_id: UUID,
    *,
    partner: Partner,
    programme: Programme,
    facts: dict[str, Any],
    now: datetime,
) -> None:
    for person in await holders(partner.id, Item.PROGRAMME_MANAGE):
        chinese = person["locale"].startswith("zh")
        await mail.queue(
            template,
            recipient=person["email"],
            locale=person["locale"],
            facts=facts
            | {
                "partner": partner.name if chinese else partner.name_en or partner.name,
                "programme": programme.name if chinese else programme.name_en,
            },
            dedupe_key=f"{template}:{subject_id}:{person['id']}",
            tenant_id=partner.id,
            now=now,
        )
