"""The way of a statement from the review to the payment, and who may take it a step (5.12)."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.identity.items import Item
from domain.statements import (
    cancelling,
    countersigning,
    invoicing,
    notifying,
    paying,
    sending,
    sheets,
    verifying,
)
from domain.statements.countersigning import AlreadySigned, SignedByYou
from domain.statements.guards import (
    AlreadyCountersigned,
    InvoiceNoticeSent,
    ReviewedByYou,
)
from kit.problems import Forbidden, InvalidInput, NotFound
from kit.status import WrongStatus
from kit.workdays import months_after
from models.statement_steps import SignerRole, StatementSignature
from models.statements import Statement
from models.statements import StatementStatus as Status
from models.timers import Timer
from models.upstream import System, UpstreamRequest
from tests.conftest import Clock
from tests.factories import a_staff_viewer
from tests.statements import factories as make
from tests.statements.factories import ADDRESS, House, fresh, history, mails, status, steps_of

pytestmark = pytest.mark.usefixtures("database")


async def test_a_statement_goes_all_the_way_to_the_payment(house: House, time: Clock) -> None:
    statement = await make.paying(house, now=time.now)
    await make.say(statement, reference="BANK-1", now=time.now)

    paid = await fresh(statement)
    assert (paid.status, paid.step_due_at) == (Status.PAID, None)
    assert paid.step is None
    assert (paid.sheet_number, paid.payment_reference) == ("PS-1", "BANK-1")
    assert paid.paid_at == paid.closed_at == time.now
    assert await history(statement.id) == [
        "generated",
        "sent",
        "countersigning_started",
        "signed",
        "countersigning",
        "signed",
        "countersigned",
        "sheet_created",
        "invoice_asked_for",
        "invoice_submitted",
        "invoice_received",
        "invoice_verified",
        "paid",
    ]
    steps = await steps_of(statement)
    assert list(steps) == [
        "GENERATE",
        "REVIEW",
        "COUNTERSIGN",
        "NOTIFY",
        "INVOICE",
        "VERIFY",
        "PAY",
    ]
    assert all(step.done_at == time.now and step.breached_at is None for step in steps.values())
    assert await Timer.filter(subject_id=statement.id, state="SCHEDULED").count() == 0


async def test_what_was_generated_waits_for_its_review(house: House, time: Clock) -> None:
    statement = await make.a_statement(house, now=time.now)

    steps = await steps_of(statement)
    assert (statement.step, statement.step_due_at) == (make.STEP.REVIEW, steps["REVIEW"].due_at)
    assert steps["GENERATE"].done_at == time.now
    assert steps["REVIEW"].done_at is None
    assert await history(statement.id) == ["generated"]
    [timer] = await Timer.filter(subject_id=statement.id, state="SCHEDULED")
    assert (timer.kind, timer.due_at) == ("statement.step_overdue", statement.step_due_at)


@pytest.mark.parametrize(
    ("total", "wanted", "happened"),
    [
        ("0.01", Status.SENT, "sent"),
        ("0.00", Status.ZERO_CLOSED, "closed_at_zero"),
        ("-440.00", Status.CARRIED_OVER, "carried_over"),
    ],
)
async def test_where_it_goes_depends_on_what_it_comes_to(
    house: House, time: Clock, total: str, wanted: Status, happened: str
) -> None:
    statement = await make.sent(house, total, now=time.now)

    assert statement.status is wanted
    assert (statement.sent_at, statement.reviewed_by) == (time.now, house.reviewer.actor_id)
    assert (statement.closed_at is None) == (wanted is Status.SENT)
    assert (statement.step is None) == (wanted is not Status.SENT)
    assert await history(statement.id) == ["generated", happened]
    assert len(await mails("statement_sent")) == 1


async def test_the_letter_goes_to_the_bound_mailbox_and_those_who_invoice(
    house: House, time: Clock
) -> None:
    house.partner.contact_email = "office@acme.example"
    await house.partner.save(update_fields=["contact_email"])

    await make.sent(house, now=time.now)

    assert await mails("statement_sent") == sorted(["office@acme.example", str(house.by.email)])


async def test_a_sheet_is_asked_for_after_the_last_signature(house: House, time: Clock) -> None:
    statement = await make.sent(house, "1897.37", now=time.now)
    await countersigning.start(viewer=house.reviewer, statement_id=statement.id, now=time.now)
    assert await status(statement) is Status.TO_COUNTERSIGN
    await sign(house, statement, house.business, SignerRole.BUSINESS, time)
    assert await status(statement) is Status.COUNTERSIGNING
    assert await make.asked_for(statement) == []

    await sign(house, statement, house.finance, SignerRole.FINANCE, time)

    assert (await fresh(statement)).countersigned_at == time.now
    [request] = await make.asked_for(statement)
    assert (request.system, request.operation) == (System.FINANCE, "payment_sheet.create")
    assert request.payload == {
        "number": statement.number,
        "kind": "BASIC",
        "period": "2029-12",
        "name": "Acme",
        "signing_entity": "Cloud Computing Co.",
        "total": "1897.37",
        "net": "1789.97",
        "tax": "107.40",
        "tax_rate": "0.0600",
        "currency": "CNY",
    }


async def test_three_pairs_of_eyes_are_three_people(house: House, time: Clock) -> None:
    statement = await make.sent(house, now=time.now)
    await countersigning.start(viewer=house.reviewer, statement_id=statement.id, now=time.now)

    with pytest.raises(ReviewedByYou):
        await sign(house, statement, house.reviewer, SignerRole.BUSINESS, time)
    both = await a_staff_viewer(Item.STATEMENT_SIGN_BUSINESS, Item.STATEMENT_SIGN_FINANCE)
    await sign(house, statement, both, SignerRole.BUSINESS, time)
    with pytest.raises(SignedByYou):
        await sign(house, statement, both, SignerRole.FINANCE, time)
    with pytest.raises(AlreadySigned):
        await sign(house, statement, house.business, SignerRole.BUSINESS, time)

    assert await StatementSignature.filter(signed_at__isnull=False).count() == 1
    await sign(house, statement, house.finance, SignerRole.FINANCE, time)
    with pytest.raises(AlreadyCountersigned):
        await sign(house, statement, house.finance, SignerRole.FINANCE, time)
    assert await UpstreamRequest.all().count() == 1


@pytest.mark.parametrize(
    ("items", "role"),
    [
        ((Item.STATEMENT_SIGN_BUSINESS,), SignerRole.FINANCE),
        ((Item.STATEMENT_SIGN_FINANCE,), SignerRole.BUSINESS),
        ((Item.SETTLEMENT_REVIEW, Item.SETTLEMENT_RUN), SignerRole.BUSINESS),
        ((Item.SETTLEMENT_REVIEW, Item.SETTLEMENT_RUN), SignerRole.FINANCE),
    ],
)
async def test_each_name_is_signed_in_by_a_right_of_its_own(
    house: House, time: Clock, items: tuple[Item, ...], role: SignerRole
) -> None:
    statement = await make.sent(house, now=time.now)
    await countersigning.start(viewer=house.reviewer, statement_id=statement.id, now=time.now)

    with pytest.raises(Forbidden):
        await sign(house, statement, await a_staff_viewer(*items), role, time)

    assert await StatementSignature.filter(signed_at__isnull=False).count() == 0
    assert await status(statement) is Status.TO_COUNTERSIGN


async def test_without_a_sheet_it_is_asked_for_again(house: House, time: Clock) -> None:
    statement = await make.signed(house, await make.sent(house, now=time.now), now=time.now)
    await make.say(statement, ok=False, code="LEDGER_CLOSED", now=time.now)
    failed = await fresh(statement)
    assert (failed.status, failed.failure) == (Status.SHEET_FAILED, "LEDGER_CLOSED")
    assert failed.step is make.STEP.COUNTERSIGN

    await sheets.retry(viewer=house.reviewer, statement_id=statement.id, now=time.now)
    again = await fresh(statement)
    assert (again.status, again.failure) == (Status.COUNTERSIGNING, None)
    await make.say(statement, reference="PS-2", now=time.now)

    done = await fresh(statement)
    assert (done.status, done.sheet_number) == (Status.TO_INVOICE, "PS-2")
    assert done.step is make.STEP.NOTIFY


async def test_a_sheet_that_comes_after_an_error_counts(house: House, time: Clock) -> None:
    statement = await make.signed(house, await make.sent(house, now=time.now), now=time.now)
    await make.say(statement, ok=False, code="OOPS", now=time.now)

    await make.say(statement, reference="PS-1", now=time.now)
    await make.say(statement, ok=False, code="OOPS AGAIN", now=time.now)
    await make.say(statement, reference="PS-9", now=time.now)

    assert (await fresh(statement)).sheet_number == "PS-1"
    assert await status(statement) is Status.TO_INVOICE
    assert (await history(statement.id))[-3:] == [
        "sheet_created",
        "sheet_error_after_the_fact",
        "sheet_created_again",
    ]


async def test_an_error_to_an_earlier_request_does_not_fail_the_next(
    house: House, time: Clock
) -> None:
    statement = await make.signed(house, await make.sent(house, now=time.now), now=time.now)
    await make.say(statement, ok=False, code="OOPS", now=time.now)
    await sheets.retry(viewer=house.reviewer, statement_id=statement.id, now=time.now)

    await make.say(statement, to=0, ok=False, code="OOPS AGAIN", now=time.now)

    assert await status(statement) is Status.COUNTERSIGNING
    await make.say(statement, to=1, reference="PS-2", now=time.now)
    assert await status(statement) is Status.TO_INVOICE


async def test_the_notice_gives_a_month(house: House, time: Clock) -> None:
    statement = await make.notified(house, now=time.now)

    assert statement.invoice_due_at == months_after(time.now, 1)
    assert (statement.status, statement.step) == (Status.TO_INVOICE, make.STEP.INVOICE)
    assert statement.step_due_at == statement.invoice_due_at
    assert statement.invoice_address == ADDRESS
    assert await mails("statement_invoice_notice") == [house.by.email]
    with pytest.raises(InvoiceNoticeSent):
        await notify(house, statement, time)
    with pytest.raises(InvalidInput):
        await notifying.notify(
            viewer=house.reviewer, statement_id=statement.id, address=" ", now=time.now
        )
    assert (await fresh(statement)).version == statement.version


Step = Callable[[House, Statement, Clock], Awaitable[Any]]


async def send(house: House, statement: Statement, time: Clock) -> Any:
    return await sending.send(viewer=house.reviewer, statement_id=statement.id, now=time.now)


async def start(house: House, statement: Statement, time: Clock) -> Any:
    return await countersigning.start(
        viewer=house.reviewer, statement_id=statement.id, now=time.now
    )


async def sign(
    house: House, statement: Statement, viewer: Any, role: SignerRole, time: Clock
) -> Any:
    return await countersigning.sign(
        viewer=viewer, statement_id=statement.id, role=role, now=time.now
    )


async def sign_once(house: House, statement: Statement, time: Clock) -> Any:
    return await sign(house, statement, house.business, SignerRole.BUSINESS, time)


async def retry_sheet(house: House, statement: Statement, time: Clock) -> Any:
    return await sheets.retry(viewer=house.reviewer, statement_id=statement.id, now=time.now)


async def notify(house: House, statement: Statement, time: Clock) -> Any:
    return await notifying.notify(
        viewer=house.reviewer, statement_id=statement.id, address=ADDRESS, now=time.now
    )


async def receive(house: House, statement: Statement, time: Clock) -> Any:
    return await invoicing.receive(viewer=house.reviewer, statement_id=statement.id, now=time.now)


async def verify(house: House, statement: Statement, time: Clock) -> Any:
    return await verifying.verify(viewer=house.reviewer, statement_id=statement.id, now=time.now)


async def reject(house: House, statement: Statement, time: Clock) -> Any:
    return await verifying.reject(
        viewer=house.reviewer, statement_id=statement.id, reason="No.", now=time.now
    )


async def retry_payment(house: House, statement: Statement, time: Clock) -> Any:
    return await paying.retry(viewer=house.reviewer, statement_id=statement.id, now=time.now)


async def cancel(house: House, statement: Statement, time: Clock) -> Any:
    return await cancelling.cancel(
        viewer=house.reviewer, statement_id=statement.id, reason="No.", now=time.now
    )


ALL: list[Step] = [
    send,
    start,
    sign_once,
    retry_sheet,
    notify,
    receive,
    verify,
    reject,
    retry_payment,
    cancel,
]


@pytest.mark.parametrize(
    ("reached", "fitting"),
    [
        (make.a_statement, {send, cancel}),
        (make.sent, {start, cancel}),
        (make.with_sheet, {notify, receive}),
        (make.invoiced, {verify, reject}),
        (make.paying, set()),
    ],
)
async def test_whatever_does_not_fit_is_refused(
    house: House, time: Clock, reached: Any, fitting: set[Step]
) -> None:
    statement = await reached(house, now=time.now)
    known = await fresh(statement)

    for step in ALL:
        if step not in fitting:
            with pytest.raises((WrongStatus, AlreadyCountersigned, InvoiceNoticeSent)):
                await step(house, statement, time)

    after = await fresh(statement)
    assert (after.status, after.version) == (known.status, known.version)


async def test_only_the_platforms_reviewers_take_it_a_step(house: House, time: Clock) -> None:
    statement = await make.sent(house, now=time.now)
    for step in ALL:
        with pytest.raises(Forbidden):
            await step(
                House(house.partner, house.by, house.by, house.by, house.by), statement, time
            )
    assert await status(statement) is Status.SENT


async def test_a_statement_is_unknown_until_it_is_sent(house: House, time: Clock) -> None:
    statement = await make.a_statement(house, now=time.now)
    with pytest.raises(NotFound):
        await make.submit(house, statement, [], now=time.now)


async def test_a_late_step_is_known_as_late_whoever_notices(house: House, time: Clock) -> None:
    statement = await make.a_statement(house, now=time.now)
    due_at = statement.step_due_at
    assert due_at is not None
    time.now = due_at

    await send(house, statement, time)

    review = (await steps_of(statement))["REVIEW"]
    assert (review.done_at, review.breached_at) == (due_at, due_at)


async def test_done_a_moment_before_its_deadline_it_is_in_time(house: House, time: Clock) -> None:
    statement = await make.a_statement(house, now=time.now)
    assert statement.step_due_at is not None
    time.now = statement.step_due_at - timedelta(microseconds=1)

    await send(house, statement, time)

    assert (await steps_of(statement))["REVIEW"].breached_at is None


async def test_the_numbers_stay_as_they_were_generated(house: House, time: Clock) -> None:
    statement = await make.paying(house, "1897.37", now=time.now)
    [request] = [each for each in await make.asked_for(statement) if each.system is System.BANK]
    assert request.operation == "statement.pay"
    assert (request.payload["amount"], request.payload["account"]) == (
        "1897.37",
        "6222021234567890",
    )
    assert (await fresh(statement)).total_amount == Decimal("1897.37")
