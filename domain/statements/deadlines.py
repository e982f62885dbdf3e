"""Deadlines of steps: told when they are missed, and the partner reminded before its own (A-16).

A timer is the statement's, for the step that it is in; nothing is decided when it fires.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.identity.viewer import SYSTEM
from domain.statements import history, letters
from domain.statements.policy import REMINDED_BEFORE
from kit import timers
from kit.timers import Waits
from models.statement_steps import Invoice, InvoiceStatus, StatementStep
from models.statements import Statement
from models.statements import StatementStepKind as StepKind

OVERDUE = "statement.step_overdue"
REMINDER = "statement.invoice_reminder"


async def watch(statement: Statement, *, now: datetime) -> None:
    """Set the timers of the step that the statement is in; it is held."""
    due_at = remind_at = statement.step_due_at
    if remind_at is not None:
        is_partners = statement.step is StepKind.INVOICE
        remind_at = remind_at - REMINDED_BEFORE if is_partners else None
    await _set(OVERDUE, statement, due_at, now)
    await _set(REMINDER, statement, remind_at, now)


async def tell_overdue(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Write down that a step is late, once, and tell the platform; the partner of its invoice.

    The effect of the timer `statement.step_overdue`. The caller holds the statements.
    """
    late = await Statement.filter(id__in=subject_ids, step_due_at__lte=now).order_by("id")
    for statement in late:
        step = await open_step(statement)
        if step is None or step.breached_at is not None:
            continue
        step.breached_at = step.due_at
        await step.save(update_fields=["breached_at"])
        is_partners = step.kind is StepKind.INVOICE
        await history.of(
            "step_overdue",
            statement,
            viewer=SYSTEM,
            after={"step": step.kind.value, "breached_at": _text(step.due_at)},
            is_internal=not is_partners,
            now=now,
        )
        kind, attempt = step.kind.value, step.attempt
        await letters.tell_late(statement, step=kind, attempt=attempt, now=now)
        if is_partners and not await _is_told_of(statement):
            await letters.remind_of_invoice(statement, attempt=attempt, now=now)


async def remind(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Remind partners whose invoice is due in a week and hasn't been told of.

    The effect of the timer `statement.invoice_reminder`. The caller holds the statements.
    """
    for statement in await Statement.filter(
        id__in=subject_ids,
        step=StepKind.INVOICE,
        step_due_at__gt=now,
        step_due_at__lte=now + REMINDED_BEFORE,
    ).order_by("id"):
        step = await open_step(statement)
        if step is None or await _is_told_of(statement):
            continue
        await history.of("invoice_reminded", statement, viewer=SYSTEM, now=now)
        await letters.remind_of_invoice(statement, attempt=step.attempt, now=now)


# Every statement with a step to be done in time has a timer for it, and no other has one.
OVERDUE_WAITS = Waits(
    kind=OVERDUE,
    table="statement",
    live="step_due_at is not null and step_due_at > moment.now",
    due_at="step_due_at",
    tenant_id="partner_id",
    on_timeout="REMIND",
)


_AHEAD = f"step_due_at - interval '{REMINDED_BEFORE.total_seconds():.0f} seconds'"
# Every statement that waits for its invoice has a timer a week ahead, and no other has one.
REMINDER_WAITS = Waits(
    kind=REMINDER,
    table="statement",
    live=f"step = 'INVOICE' and step_due_at is not null and {_AHEAD} > moment.now",
    due_at=_AHEAD,
    tenant_id="partner_id",
    on_timeout="REMIND",
)


async def open_step(statement: Statement) -> StatementStep | None:
    """The step that it is in."""
    return await StatementStep.get_or_none(
        statement_id=statement.id, done_at__isnull=True, dropped_at__isnull=True
    )


async def _is_told_of(statement: Statement) -> bool:
    """Whether an invoice is on its way."""
    return await Invoice.exists(statement_id=statement.id, status=InvoiceStatus.SUBMITTED)


async def _set(kind: str, statement: Statement, due_at: datetime | None, now: datetime) -> None:
    if due_at is None or due_at <= now:
        await timers.cancel(kind, subject_id=statement.id)
        return
    await timers.schedule(
        kind,
        tenant_id=statement.partner_id,
        subject_id=statement.id,
        due_at=due_at,
        on_timeout="REMIND",
        now=now,
    )


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
