"""Reviewing a statement and sending it: what will be paid, is carried on, or is nothing (S-03)."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.statements import guards, letters, steps
from kit.transaction import transactional
from models.statements import Statement
from models.statements import StatementStatus as Status
from models.statements import StatementStepKind as StepKind


@transactional
async def send(*, viewer: Viewer, statement_id: UUID, now: datetime) -> Statement:
    """Say that its lines were reviewed, and let the partner see it.

    Above zero it is to be paid: SENT. Below, the next statement of the same rates carries it:
    CARRIED_OVER. Nothing is ZERO_CLOSED (6.9). Raises WrongStatus.
    """
    permissions.require(viewer, "statementSend")
    statement = await steps.held(statement_id, guards.send, viewer=viewer, now=now)
    statement.reviewed_by = viewer.actor_id
    statement.sent_at = now
    if statement.total_amount > 0:
        wanted, happened = Status.SENT, "sent"
        await steps.turn(statement, StepKind.COUNTERSIGN, now=now)
    else:
        is_zero = statement.total_amount == 0
        wanted = Status.ZERO_CLOSED if is_zero else Status.CARRIED_OVER
        happened = "closed_at_zero" if is_zero else "carried_over"
        await steps.turn(statement, None, now=now)
        statement.closed_at = now
    await steps.move(statement, wanted, happened, viewer=viewer, now=now)
    await letters.tell_sent(statement, now=now)
    return statement
