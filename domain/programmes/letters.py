"""Mails about programmes, to those of the partner who may apply for it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.identity.permissions import Item
from domain.notifications import mail
from kit import database
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
    for person in await _applicants_of(partner.id):
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


async def _applicants_of(partner_id: UUID) -> list[dict[str, Any]]:
    return await database.rows(
        """
        select id, email, locale from person
        where disabled_at is null and id in (
          select operator.person_id from operator
          join operator_role on operator_role.operator_id = operator.id
          join role on role.id = operator_role.role_id
          where operator.partner_id = $1 and operator.removed_at is null and role.items ? $2::text
        )
        order by id
        """,
        partner_id,
        Item.PROGRAMME_MANAGE.value,
    )
