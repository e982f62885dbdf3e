"""The seven steps of a statement and their times (S-01): begun, done, late, or dropped."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from domain.identity.viewer import Viewer
from domain.statements import deadlines, history
from domain.statements.policy import STATEMENTS, WORKDAYS
from kit.guards import Guard, refuse
from kit.ids import new_id
from kit.workdays import SHANGHAI, WorkCalendar
from models.statement_steps import StatementStep
from models.statements import Statement
from models.statements import StatementStatus as Status
from models.statements import StatementStepKind as StepKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Until when a step is to be done: the day in Shanghai, and the instant at which it is late."""

    on: date
    at: datetime
    provisional: bool = False


def due(kind: StepKind, *, since: date) -> Due:
    """The end of the step's last working day; `since` itself doesn't count."""
    found = WorkCalendar().add_workdays(since, WORKDAYS[kind])
    midnight = datetime.combine(found.date + timedelta(days=1), datetime.min.time(), SHANGHAI)
    return Due(on=found.date, at=midnight, provisional=found.provisional)


async def held(statement_id: UUID, guard: Guard, *, viewer: Viewer, now: datetime) -> Statement:
    """The statement, locked, when the guard lets the viewer pass. Raises NotFound."""
    statement = await STATEMENTS.lock(
        Statement, statement_id, viewer=viewer, now=now, thing="statement"
    )
    refuse(guard(statement, viewer, now))
    return statement


async def move(
    statement: Statement,
    wanted: Status,
    happened: str,
    *,
    viewer: Viewer,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Take a held statement to another status, with whatever else was changed of it."""
    before: Status = statement.status
    statement.status = before.to(wanted)
    await save(statement)
    await history.of(
        happened,
        statement,
        viewer=viewer,
        before={"status": before.value},
        after={"status": wanted.value} | (after or {}),
        reason=reason,
        now=now,
    )


async def save(statement: Statement) -> None:
    """Write down what the way of a statement changes."""
    statement.version += 1
    await statement.save(update_fields=_CHANGING)


async def turn(
    statement: Statement, to: StepKind | None, *, until: datetime | None = None, now: datetime
) -> None:
    """Finish the step that a held statement is in, and begin the next; its caller saves it.

    `until` is a deadline that isn't counted in working days.
    """
    await _end(statement, now=now, is_done=True)
    if to is None:
        _leave(statement)
    else:
        await _begin(statement, to, until, now)
    await deadlines.watch(statement, now=now)


async def drop(statement: Statement, *, now: datetime) -> None:
    """Leave the step that a held statement is in undone; its caller saves it."""
    await _end(statement, now=now, is_done=False)
    _leave(statement)
    await deadlines.watch(statement, now=now)


async def attempts(statement: Statement, kind: StepKind) -> int:
    """How often it was in this step."""
    return await StatementStep.filter(statement_id=statement.id, kind=kind).count()


def _leave(statement: Statement) -> None:
    statement.step = None  # type: ignore[assignment]
    statement.step_due_at = None


async def _begin(
    statement: Statement, kind: StepKind, until: datetime | None, now: datetime
) -> None:
    if until is None:
        found = due(kind, since=now.astimezone(SHANGHAI).date())
    else:
        found = Due(on=until.astimezone(SHANGHAI).date(), at=until)
    await StatementStep(
        id=new_id(),
        created_at=now,
        statement_id=statement.id,
        kind=kind,
        attempt=await attempts(statement, kind) + 1,
        started_at=now,
        due_on=found.on,
        due_at=found.at,
        provisional=found.provisional,
        # Sent back after the deadline, which isn't moved by that.
        breached_at=found.at if found.at <= now else None,
    ).insert()
    statement.step, statement.step_due_at = kind, found.at


async def _end(statement: Statement, *, now: datetime, is_done: bool) -> None:
    step = await deadlines.open_step(statement)
    assert step is not None, "a statement that goes on is in a step"
    if step.due_at is not None and step.due_at <= now:
        step.breached_at = step.due_at
    if is_done:
        step.done_at = now
    else:
        step.dropped_at = now
    await step.save(update_fields=["done_at", "dropped_at", "breached_at"])


_CHANGING = [
    "status",
    "business_information_id",
    "sheet_number",
    "sheet_request_id",
    "payment_request_id",
    "step",
    "step_due_at",
    "reviewed_by",
    "sent_at",
    "countersigned_at",
    "notified_at",
    "invoice_due_at",
    "invoice_address",
    "received_at",
    "verified_at",
    "paid_at",
    "closed_at",
    "payment_reference",
    "failure",
    "cancel_reason",
    "version",
]
