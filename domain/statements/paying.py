"""Paying a statement: the bank is asked, and answers once, twice, late, or after the fact."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import SYSTEM, Viewer
from domain.incentives import settling
from domain.ledger import settling as ledger
from domain.statements import answers, guards, letters, steps
from domain.upstream import asking, repeating
from domain.upstream.effects import Answer
from kit import faults
from kit.transaction import lock, transactional
from models.certification import BusinessInformation, BusinessInformationStatus
from models.statements import Statement
from models.statements import StatementStatus as Status
from models.upstream import System

OPERATION = "statement.pay"


async def ask(statement: Statement, *, now: datetime) -> None:
    """Ask the bank to pay a held statement; its caller saves it."""
    paid_to = await BusinessInformation.get(id=statement.business_information_id)
    statement.payment_request_id = await asking.ask(
        system=System.BANK,
        operation=OPERATION,
        subject_type="statement",
        subject_id=statement.id,
        payload={
            "number": statement.number,
            "sheet": statement.sheet_number,
            "amount": str(statement.total_amount),
            "currency": statement.currency,
            "bank": paid_to.bank_name,
            "name": paid_to.legal_name,
            "account": paid_to.bank_account,
        },
        now=now,
    )


@transactional
async def retry(*, viewer: Viewer, statement_id: UUID, now: datetime) -> Statement:
    """Ask the bank again after it could not pay, or was not reached.

    Who has refused is asked for a new payment, to the account that is certified by now; what it
    says about the earlier one still counts if it has paid. Who has not answered may have paid: it
    is asked for the same payment, to the same account, under the same id. Raises WrongStatus.
    """
    permissions.require(viewer, "statementPayRetry")
    before = await repeating.hold_last(OPERATION, subject_id=statement_id)
    statement = await steps.held(statement_id, guards.retry_payment, viewer=viewer, now=now)
    statement.failure = None
    if not await repeating.repeat(before, OPERATION, subject_id=statement.id, now=now):
        certified = await BusinessInformation.get_or_none(
            partner_id=statement.partner_id, status=BusinessInformationStatus.CERTIFIED
        )
        if certified is not None:
            statement.business_information_id = certified.id
        await ask(statement, now=now)
    await steps.move(statement, Status.PAYING, "payment_retried", viewer=viewer, now=now)
    return statement


async def answered(answer: Answer) -> None:
    """Close the statement as paid, or say why the bank could not pay it.

    Money that was paid counts, whichever request it answers; paid once more (`paid_again`) is for
    people to settle. An error counts if it answers the last request and nothing was paid before.
    """
    statement = await lock(Statement, id=answer.subject_id)
    assert statement is not None
    if answer.ok and statement.status in (Status.PAYING, Status.PAY_FAILED):
        await _paid(statement, answer)
    elif answer.ok:
        await answers.noted("paid_again", statement, answer, reference="payment_reference")
    elif statement.status is Status.PAYING and statement.payment_request_id == answer.request_id:
        await answers.failed(statement, Status.PAY_FAILED, "pay_failed", answer)
    else:
        await answers.noted(
            "pay_error_after_the_fact", statement, answer, reference="payment_reference"
        )


async def _paid(statement: Statement, answer: Answer) -> None:
    statement.payment_reference = answer.reference
    statement.failure = None
    statement.paid_at = statement.closed_at = answer.now
    await steps.turn(statement, None, now=answer.now)
    await steps.move(
        statement,
        Status.PAID,
        "paid",
        viewer=SYSTEM,
        after={"payment_reference": answer.reference},
        now=answer.now,
    )
    faults.reach("statement.paid")
    await ledger.book(
        statement.total_amount,
        subject_type="statement",
        subject_id=statement.id,
        number=statement.number,
        now=answer.now,
    )
    await settling.follow([statement.id], now=answer.now)
    await letters.tell_ended(statement, now=answer.now)
