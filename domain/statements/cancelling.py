"""Taking a statement back before it is countersigned, and making it anew with today's rates."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.settlement import runs, voiding
from domain.statements import guards, history, letters, steps
from kit import texts
from kit.problems import Problem
from kit.transaction import transactional
from models.settlement_runs import SettlementRun
from models.statements import Statement
from models.statements import StatementStatus as Status


class CarryTaken(Problem):
    """What it was below zero is part of another statement, which would have to go first."""

    en = "Statement {number} carries what this one is below zero; that one has to go first."
    zh = "该账单的负数金额已结转至账单 {number},须先取消后者。"
    about = {"number": "The statement that carries it."}
    number: str


class AlreadyRegenerated(Problem):
    """What it stood for is in another statement by now."""

    en = "Statement {number} has taken its place."
    zh = "该账单已由账单 {number} 替代。"
    about = {"number": "The statement that replaces it."}
    number: str


@transactional
async def cancel(*, viewer: Viewer, statement_id: UUID, reason: str, now: datetime) -> Statement:
    """Take it back: its lines are void, and what they stood for waits to be settled again.

    Raises AlreadyCountersigned, WrongStatus, CarryTaken, and RefundsSettledElsewhere.
    """
    permissions.require(viewer, "statementCancel")
    reason = texts.reason(reason)
    statement = await steps.held(statement_id, guards.cancel, viewer=viewer, now=now)
    await refuse_carried(statement)
    await steps.drop(statement, now=now)
    statement.closed_at = now
    statement.cancel_reason = reason
    await steps.move(
        statement, Status.CANCELLED, "cancelled", viewer=viewer, reason=reason, now=now
    )
    await voiding.void(statement, now=now)
    if statement.sent_at is not None:
        await letters.tell_ended(statement, now=now)
    return statement


async def refuse_carried(statement: Statement) -> None:
    """Raise CarryTaken when another statement carries what this one, which is held, is below 0."""
    taken = await Statement.filter(
        carried_from_id=statement.id, status__not=Status.CANCELLED
    ).first()
    if taken is not None:
        raise CarryTaken(number=taken.number)


@transactional
async def regenerate(*, viewer: Viewer, statement_id: UUID, now: datetime) -> SettlementRun:
    """Let a run make the partner's statements of the period again, at the rates of today (A-19).

    What comes of it replaces the cancelled statement; while a run does that already, it is that
    one. Raises WrongStatus unless it is cancelled, and AlreadyRegenerated.
    """
    permissions.require(viewer, "statementRegenerate")
    statement = await steps.held(statement_id, guards.regenerate, viewer=viewer, now=now)
    replacing = await Statement.filter(
        replaces_id=statement.id, status__not=Status.CANCELLED
    ).first()
    if replacing is not None:
        raise AlreadyRegenerated(number=replacing.number)
    run = await runs.start(
        kind=statement.kind,
        period=statement.period,
        partner_id=statement.partner_id,
        viewer=viewer,
        now=now,
    )
    await history.of("regenerated", statement, viewer=viewer, is_internal=True, now=now)
    return run
