"""What a statement is below zero, paid back by other means than the next statement (补付, D-06).

Who leaves, or whose tax rates have changed, has no next statement that could carry it.
"""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.ledger import settling as ledger
from domain.statements import guards, letters, steps
from domain.statements.cancelling import refuse_carried
from domain.statements.policy import LONGEST_REFERENCE
from kit import texts
from kit.transaction import transactional
from models.statements import Statement
from models.statements import StatementStatus as Status


@transactional
async def record(*, viewer: Viewer, statement_id: UUID, reference: str, now: datetime) -> Statement:
    """Say that the partner has paid all that a statement is below zero: no other carries it.

    `reference` is what the payment is called where it has come. Raises WrongStatus unless it was
    CARRIED_OVER, and CarryTaken when a statement carries it already.
    """
    permissions.require(viewer, "statementRepaymentRecord")
    reference = texts.needed(reference, longest=LONGEST_REFERENCE, path=("input", "reference"))
    statement = await steps.held(statement_id, guards.record_repayment, viewer=viewer, now=now)
    await refuse_carried(statement)
    statement.payment_reference = reference
    statement.paid_at = now
    await steps.move(
        statement,
        Status.REPAID,
        "repaid",
        viewer=viewer,
        after={"payment_reference": reference},
        now=now,
    )
    await ledger.take_back(
        -statement.total_amount,
        subject_type="statement",
        subject_id=statement.id,
        number=statement.number,
        viewer=viewer,
        now=now,
    )
    await letters.tell_ended(statement, now=now)
    return statement
