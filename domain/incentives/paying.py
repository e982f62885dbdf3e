"""Paying applications: the bank is asked, and answers once, twice, late, or after the fact."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import SYSTEM, Viewer
from domain.incentives import application_guards as guards
from domain.incentives import history
from domain.incentives.applying import held, hold_incentives, move, put
from domain.ledger import settling as ledger
from domain.upstream import asking, repeating
from domain.upstream.effects import Answer
from kit import faults
from kit.transaction import lock, transactional
from models.certification import BusinessInformation
from models.incentives import PartState
from models.payment_applications import PaymentApplication
from models.payment_applications import PaymentApplicationState as State
from models.upstream import System

OPERATION = "incentive.pay"


@transactional
async def pay(*, viewer: Viewer, application_id: UUID, now: datetime) -> PaymentApplication:
    """Have it paid out, its invoices being right; or once more, when the bank could not.

    A bank that has not answered is asked for the same payment, under the same id. Raises
    WrongStatus.
    """
    permissions.require(viewer, "paymentApplicationPay")
    before = await repeating.hold_last(OPERATION, subject_id=application_id)
    application = await held(viewer, application_id, guards.pay, now)
    application.failure = None
    await move(application, State.PAYING, "paying", viewer=viewer, now=now)
    if not await repeating.repeat(before, OPERATION, subject_id=application.id, now=now):
        await _ask(application, now=now)
    return application


async def _ask(application: PaymentApplication, *, now: datetime) -> None:
    facts = await BusinessInformation.get(id=application.business_information_id)
    await asking.ask(
        system=System.BANK,
        operation=OPERATION,
        subject_type="payment_application",
        subject_id=application.id,
        payload={
            "number": application.number,
            "amount": str(application.total_amount),
            "currency": application.currency,
            "bank": facts.bank_name,
            "name": facts.legal_name,
            "account": facts.bank_account,
        },
        now=now,
    )


async def answered(answer: Answer) -> None:
    """Note that it was paid, or why it could not be; once for each distinct answer.

    An error after it was paid changes nothing, nor does one of an earlier request; and being paid
    after an error is being paid.
    """
    await hold_incentives(answer.subject_id)
    application = await lock(PaymentApplication, id=answer.subject_id)
    assert application is not None
    if answer.ok and application.state in (State.PAYING, State.PAY_FAILED):
        application.payment_reference = answer.reference
        application.failure = None
        application.paid_at = application.ended_at = answer.now
        await move(
            application,
            State.DONE,
            "paid",
            viewer=SYSTEM,
            now=answer.now,
            payment_reference=answer.reference or "",
        )
        await put(application, PartState.PAID, now=answer.now)
        faults.reach("payment_application.paid")
        await ledger.book(
            application.total_amount,
            subject_type="payment_application",
            subject_id=application.id,
            number=application.number,
            now=answer.now,
        )
    elif (
        not answer.ok
        and application.state is State.PAYING
        and await repeating.is_last(answer.request_id, OPERATION, subject_id=application.id)
    ):
        application.failure = answer.code
        await move(
            application,
            State.PAY_FAILED,
            "pay_failed",
            viewer=SYSTEM,
            now=answer.now,
            failure=answer.code or "",
        )
    else:
        await _note("paid_again" if answer.ok else "error_after_the_fact", application, answer)


async def _note(happened: str, application: PaymentApplication, answer: Answer) -> None:
    told = {"payment_reference": answer.reference, "failure": answer.code}
    await history.of(
        happened,
        application,
        viewer=SYSTEM,
        after={name: value for name, value in told.items() if value},
        now=answer.now,
    )
