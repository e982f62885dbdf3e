"""Mails about statements: to the mailbox bound to the partner and its finance people (S-03).

The platform's reviewers learn by mail of what is late. Text messages, which the rules name beside
mail, are made of the events (see domain/notifications/rules.py).
"""

from datetime import datetime
from typing import Any

from domain.identity.holders import holders, staff
from domain.identity.items import Item
from domain.notifications import mail
from domain.partners.names import called
from domain.statements.guards import SIGNS
from models.partners import Partner, Site
from models.statements import Statement, StatementStepKind


async def tell_sent(statement: Statement, *, now: datetime) -> None:
    """It was reviewed: what will be paid, is carried to the next period, or comes to nothing."""
    await _tell("statement_sent", statement, {"status": statement.status.value}, now=now)


async def ask_for_invoice(statement: Statement, *, now: datetime) -> None:
    """The notice after which invoices may be issued (S-13): until when, and where they go."""
    assert statement.invoice_due_at is not None
    facts = {
        "due_at": statement.invoice_due_at.isoformat(),
        "sheet_number": statement.sheet_number,
        "address": statement.invoice_address,
    }
    await _tell("statement_invoice_notice", statement, facts, now=now)


async def remind_of_invoice(statement: Statement, *, attempt: int, now: datetime) -> None:
    """The invoice is due soon, or is late; it is waited for either way (A-16)."""
    assert statement.invoice_due_at is not None
    is_late = statement.invoice_due_at <= now
    facts = {"due_at": statement.invoice_due_at.isoformat(), "is_late": is_late}
    key = f"{attempt}:{'late' if is_late else 'soon'}"
    await _tell("statement_invoice_reminder", statement, facts, key=key, now=now)


async def tell_rejected(statement: Statement, *, reason: str, attempt: int, now: datetime) -> None:
    """The invoice was wrong, and why: another is to be issued (S-12)."""
    facts = {"reason": reason}
    await _tell("statement_invoice_rejected", statement, facts, key=str(attempt), now=now)


async def tell_ended(statement: Statement, *, now: datetime) -> None:
    """It was paid, or taken back."""
    facts = {"status": statement.status.value, "reason": statement.cancel_reason}
    await _tell("statement_ended", statement, facts, now=now)


async def tell_late(statement: Statement, *, step: str, attempt: int, now: datetime) -> None:
    """Tell the platform's reviewers that a step isn't done in its time; signers, of their own."""
    assert statement.step_due_at is not None
    partner = await Partner.get(id=statement.partner_id)
    signers = SIGNS.values() if step == StatementStepKind.COUNTERSIGN else ()
    for person in await staff(Item.SETTLEMENT_REVIEW, *signers):
        await mail.queue(
            "statement_overdue",
            recipient=person["email"],
            locale=person["locale"],
            facts={
                "partner": called(partner, person["locale"]),
                "number": statement.number,
                "step": step,
                "due_at": statement.step_due_at.isoformat(),
            },
            dedupe_key=f"statement_overdue:{statement.id}:{step}:{attempt}:{person['id']}",
            tenant_id=partner.id,
            now=now,
        )


async def _tell(
    template: str, statement: Statement, facts: dict[str, Any], *, key: str = "", now: datetime
) -> None:
    partner = await Partner.get(id=statement.partner_id)
    locales = {} if partner.contact_email is None else {partner.contact_email: _locale_of(partner)}
    for person in await holders(partner.id, Item.STATEMENT_INVOICE):
        locales[person["email"]] = person["locale"]
    for recipient, locale in locales.items():
        await mail.queue(
            template,
            recipient=recipient,
            locale=locale,
            facts=facts
            | {
                "partner": called(partner, locale),
                "number": statement.number,
                "period": statement.period,
                "amount": f"{statement.total_amount} {statement.currency}",
            },
            dedupe_key=f"{template}:{statement.id}:{key}:{recipient}",
            tenant_id=partner.id,
            now=now,
        )


def _locale_of(partner: Partner) -> str:
    """Mailboxes have no language; they read that of the partner's site."""
    return "zh" if partner.site is Site.CHINA else "en"
