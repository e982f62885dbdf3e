"""The payment sheet of a countersigned statement (申付单), made by the vendor's finance system."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import SYSTEM, Viewer
from domain.invoices.taxes import taxes
from domain.statements import answers, guards, steps
from domain.upstream import asking, repeating
from domain.upstream.effects import Answer
from kit.transaction import lock, transactional
from models.certification import BusinessInformation
from models.statements import Statement
from models.statements import StatementStatus as Status
from models.statements import StatementStepKind as StepKind
from models.upstream import System

OPERATION = "payment_sheet.create"

# A sheet is made for it, or could not be, which an answer still changes.
_WITHOUT_SHEET = (Status.COUNTERSIGNING, Status.SHEET_FAILED)


async def ask(statement: Statement, *, now: datetime) -> None:
    """Ask for the sheet of a held statement; its caller saves it."""
    paid_to = await BusinessInformation.get(id=statement.business_information_id)
    split = taxes(statement.total_amount, statement.fee_tax_rate)
    statement.sheet_request_id = await asking.ask(
        system=System.FINANCE,
        operation=OPERATION,
        subject_type="statement",
        subject_id=statement.id,
        payload={
            "number": statement.number,
            "kind": statement.kind.value,
            "period": statement.period,
            "name": paid_to.legal_name,
            "signing_entity": paid_to.signing_entity,
            "total": str(statement.total_amount),
            "net": str(split.net),
            "tax": str(split.tax),
            "tax_rate": str(statement.fee_tax_rate),
            "currency": statement.currency,
        },
        now=now,
    )


@transactional
async def retry(*, viewer: Viewer, statement_id: UUID, now: datetime) -> Statement:
    """Ask again, after it could not be made; for the same sheet where nobody has answered.

    Raises WrongStatus.
    """
    permissions.require(viewer, "statementSheetRetry")
    before = await repeating.hold_last(OPERATION, subject_id=statement_id)
    statement = await steps.held(statement_id, guards.retry_sheet, viewer=viewer, now=now)
    statement.failure = None
    if not await repeating.repeat(before, OPERATION, subject_id=statement.id, now=now):
        await ask(statement, now=now)
    await steps.move(statement, Status.COUNTERSIGNING, "sheet_retried", viewer=viewer, now=now)
    return statement


async def answered(answer: Answer) -> None:
    """Let the partner be asked for its invoice, or say why there is no sheet.

    A sheet counts whichever request has made it, also after it was said that it can't be made; one
    more of them is for people to void, and an error only counts if it answers the last request and
    nothing was made before.
    """
    statement = await lock(Statement, id=answer.subject_id)
    assert statement is not None
    if answer.ok and statement.status in _WITHOUT_SHEET:
        await _created(statement, answer)
    elif answer.ok:
        await answers.noted("sheet_created_again", statement, answer, reference="sheet_number")
    elif (
        statement.status is Status.COUNTERSIGNING
        and statement.sheet_request_id == answer.request_id
    ):
        await answers.failed(statement, Status.SHEET_FAILED, "sheet_failed", answer)
    else:
        await answers.noted(
            "sheet_error_after_the_fact", statement, answer, reference="sheet_number"
        )


async def _created(statement: Statement, answer: Answer) -> None:
    statement.sheet_number = answer.reference or f"PS-{statement.number}"
    statement.failure = None
    await steps.turn(statement, StepKind.NOTIFY, now=answer.now)
    await steps.move(
        statement,
        Status.TO_INVOICE,
        "sheet_created",
        viewer=SYSTEM,
        after={"sheet_number": statement.sheet_number},
        now=answer.now,
    )
