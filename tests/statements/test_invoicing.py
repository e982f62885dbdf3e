"""Invoices: only after the notice, exactly what is paid, each for one statement (S-12, S-20)."""

import asyncio
from contextvars import copy_context
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.identity.items import Item
from domain.identity.presets import Preset
from domain.invoices.checking import (
    InvoiceMustBeSpecial,
    InvoiceTaxDiffers,
    InvoiceTotalsDiffer,
    InvoiceUsedAlready,
)
from domain.statements import invoicing, verifying
from domain.statements.guards import InvoiceNotAskedFor, StatementOfAnotherPartner
from domain.statements.invoicing import NoInvoice
from kit.problems import Forbidden, InvalidInput, NotFound
from kit.status import WrongStatus
from kit.transaction import transaction
from models.statement_steps import Invoice, InvoiceKind, InvoiceStatus
from models.statements import StatementStatus as Status
from tests.conftest import Clock
from tests.factories import a_partner, a_staff_viewer, an_administrator, an_operator, as_operator
from tests.races import at_once, until_waiting
from tests.statements import factories as make
from tests.statements.factories import House, an_invoice, fresh, history, status, submit

pytestmark = pytest.mark.usefixtures("database")


async def invoices(**wanted: Any) -> list[InvoiceStatus]:
    """Where they stand, in the order in which they were told."""
    return [invoice.status for invoice in await Invoice.filter(**wanted).order_by("id")]


async def test_no_invoice_before_the_notice(house: House, time: Clock) -> None:
    for reached in (make.sent, make.with_sheet):
        statement = await reached(house, period=f"2029-{reached.__name__[:2]}", now=time.now)
        with pytest.raises(InvoiceNotAskedFor):
            await submit(house, statement, [an_invoice(statement, now=time.now)], now=time.now)
    assert await Invoice.all().count() == 0


async def test_several_invoices_may_cover_a_statement(house: House, time: Clock) -> None:
    statement = await make.notified(house, "1897.37", now=time.now)

    await submit(
        house,
        statement,
        [an_invoice(statement, part, now=time.now) for part in ("1000.00", "800.00", "97.37")],
        now=time.now,
    )

    found = await Invoice.all().order_by("id")
    assert [(each.net_amount, each.tax_amount) for each in found] == [
        (Decimal("943.40"), Decimal("56.60")),
        (Decimal("754.72"), Decimal("45.28")),
        (Decimal("91.86"), Decimal("5.51")),
    ]
    assert await status(statement) is Status.TO_INVOICE
    await invoicing.receive(viewer=house.reviewer, statement_id=statement.id, now=time.now)
    assert await invoices() == [InvoiceStatus.RECEIVED] * 3
    assert (await fresh(statement)).received_at == time.now


async def test_the_example_of_two_rates_splits_to_the_cent(house: House, time: Clock) -> None:
    """6.9: 1,060.00 is 1,000.00 + 60.00; 1,897.37 is 1,789.97 + 107.40."""
    for total, net, tax in (("1060.00", "1000.00", "60.00"), ("1897.37", "1789.97", "107.40")):
        statement = await make.notified(house, total, period=f"2029-{total[:2]}", now=time.now)
        given = an_invoice(statement, now=time.now)
        assert (given.net, given.tax) == (Decimal(net), Decimal(tax))
        await submit(house, statement, [given], now=time.now)
        assert await Invoice.filter(statement_id=statement.id).count() == 1


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"kind": InvoiceKind.VAT_ORDINARY}, InvoiceMustBeSpecial),
        ({"tax_rate": Decimal("0.01")}, InvoiceTaxDiffers),
        ({"net": Decimal("999.99"), "tax": Decimal("60.01")}, InvoiceTaxDiffers),
        ({"tax": Decimal("60.01")}, InvoiceTaxDiffers),
        ({"number": "no number"}, InvalidInput),
        ({"code": "?"}, InvalidInput),
        ({"net": Decimal("999.999")}, InvalidInput),
    ],
)
async def test_an_invoice_is_right_or_refused(
    house: House, time: Clock, facts: dict[str, Any], problem: type[Exception]
) -> None:
    statement = await make.notified(house, now=time.now)

    with pytest.raises(problem):
        await submit(house, statement, [an_invoice(statement, now=time.now, **facts)], now=time.now)

    assert await Invoice.all().count() == 0
    assert (await fresh(statement)).version == statement.version


@pytest.mark.parametrize("parts", [["1059.99"], ["1060.01"], ["1060.00", "0.01"], ["0.00"], []])
async def test_they_come_to_the_total_exactly(house: House, time: Clock, parts: list[str]) -> None:
    statement = await make.notified(house, now=time.now)

    with pytest.raises((InvoiceTotalsDiffer, InvalidInput)):
        await submit(
            house,
            statement,
            [an_invoice(statement, part, now=time.now) for part in parts],
            now=time.now,
        )

    assert await Invoice.all().count() == 0


@pytest.mark.parametrize("days", [-1, 1])
async def test_its_day_is_between_the_notice_and_today(
    house: House, time: Clock, days: int
) -> None:
    statement = await make.notified(house, now=time.now)
    given = an_invoice(statement, now=time.now + timedelta(days=days))

    with pytest.raises(InvalidInput) as refused:
        await submit(house, statement, [given], now=time.now)

    assert refused.value.path == ("input", "invoices", "0", "issuedOn")


async def test_an_invoice_covers_one_statement_alone(house: House, time: Clock) -> None:
    first = await make.notified(house, period="2029-10", now=time.now)
    second = await make.notified(house, period="2029-11", now=time.now)
    given = an_invoice(first, now=time.now)
    await submit(house, first, [given], now=time.now)

    with pytest.raises(InvoiceUsedAlready) as refused:
        await submit(house, second, [given], now=time.now)
    assert refused.value.number == given.number

    await invoicing.receive(viewer=house.reviewer, statement_id=first.id, now=time.now)
    await verifying.reject(
        viewer=house.reviewer, statement_id=first.id, reason="Torn.", now=time.now
    )
    with pytest.raises(InvoiceUsedAlready):
        await submit(house, second, [given], now=time.now)
    assert await Invoice.filter(statement_id=second.id).count() == 0


async def test_the_same_invoice_twice_in_one_go_is_refused(house: House, time: Clock) -> None:
    statement = await make.notified(house, now=time.now)
    half = an_invoice(statement, "530.00", now=time.now, number="25312000000012345678", code=None)

    with pytest.raises(InvoiceUsedAlready):
        await submit(house, statement, [half, half], now=time.now)

    assert await Invoice.all().count() == 0


@pytest.mark.parametrize("first_place", [0, 1])
async def test_of_two_statements_at_once_one_gets_the_invoice(
    house: House, time: Clock, first_place: int
) -> None:
    both = [
        await make.notified(house, period=period, now=time.now) for period in ("2029-10", "2029-11")
    ]
    first, second = both[first_place], both[1 - first_place]
    given = an_invoice(first, now=time.now)
    elsewhere = copy_context()

    async with transaction():
        await submit(house, first, [given], now=time.now)
        later = asyncio.create_task(submit(house, second, [given], now=time.now), context=elsewhere)
        await until_waiting(1)

    with pytest.raises(InvoiceUsedAlready):
        await later
    assert [each.statement_id for each in await Invoice.all()] == [first.id]


async def test_what_was_told_before_is_replaced_until_it_comes(house: House, time: Clock) -> None:
    statement = await make.notified(house, now=time.now)
    given = an_invoice(statement, now=time.now)
    await submit(house, statement, [given], now=time.now)

    await submit(house, statement, [given], now=time.now)

    assert await invoices() == [InvoiceStatus.WITHDRAWN, InvoiceStatus.SUBMITTED]
    await invoicing.receive(viewer=house.reviewer, statement_id=statement.id, now=time.now)
    with pytest.raises(WrongStatus):
        await submit(house, statement, [given], now=time.now)
    assert await invoices() == [InvoiceStatus.WITHDRAWN, InvoiceStatus.RECEIVED]


async def test_a_wrong_invoice_is_issued_anew(house: House, time: Clock) -> None:
    statement = await make.invoiced(house, now=time.now)
    due_at = statement.invoice_due_at
    time.forward(days=3)

    await verifying.reject(
        viewer=house.reviewer,
        statement_id=statement.id,
        reason="The seal is missing.",
        now=time.now,
    )

    rejected = await fresh(statement)
    assert (rejected.status, rejected.step) == (Status.INVOICE_REJECTED, make.STEP.INVOICE)
    assert rejected.step_due_at == due_at
    [invoice] = await Invoice.all()
    assert (invoice.status, invoice.refusal) == (InvoiceStatus.REJECTED, "The seal is missing.")
    assert await make.mails("statement_invoice_rejected") == [house.by.email]
    with pytest.raises(NoInvoice):
        await invoicing.receive(viewer=house.reviewer, statement_id=statement.id, now=time.now)
    await make.received(house, statement, now=time.now)
    again = await fresh(statement)
    assert (again.status, again.step) == (Status.INVOICE_RECEIVED, make.STEP.VERIFY)
    steps = await make.steps_of(statement)
    assert (steps["INVOICE"].attempt, steps["VERIFY"].attempt) == (2, 2)
    await verifying.verify(viewer=house.reviewer, statement_id=statement.id, now=time.now)
    assert await invoices() == [InvoiceStatus.REJECTED, InvoiceStatus.VERIFIED]


async def test_rejected_after_its_deadline_it_is_late_at_once(house: House, time: Clock) -> None:
    statement = await make.invoiced(house, now=time.now)
    time.forward(days=40)

    await verifying.reject(
        viewer=house.reviewer, statement_id=statement.id, reason="No.", now=time.now
    )

    step = (await make.steps_of(statement))["INVOICE"]
    assert step.breached_at == statement.invoice_due_at
    await make.received(house, statement, now=time.now)
    assert await status(statement) is Status.INVOICE_RECEIVED


async def test_nobody_elses_invoices(house: House, time: Clock) -> None:
    statement = await make.notified(house, now=time.now)
    given = an_invoice(statement, now=time.now)
    stranger = await an_administrator(await a_partner("Zenith"))
    manager = await as_operator(await an_operator(of=house.partner, role=Preset.ACCOUNT_MANAGER))
    finance = await as_operator(await an_operator(of=house.partner, role=Preset.FINANCE))

    for viewer, problem in (
        (stranger, NotFound),
        (manager, Forbidden),
        (house.reviewer, Forbidden),
        (await a_staff_viewer(Item.STATEMENT_INVOICE), StatementOfAnotherPartner),
    ):
        with pytest.raises(problem):
            await invoicing.submit(
                viewer=viewer, statement_id=statement.id, invoices=[given], now=time.now
            )
    assert await Invoice.all().count() == 0
    await invoicing.submit(
        viewer=finance, statement_id=statement.id, invoices=[given], now=time.now
    )


@pytest.mark.parametrize("verify_first", [True, False])
async def test_verified_as_it_is_rejected(house: House, time: Clock, verify_first: bool) -> None:
    statement = await make.invoiced(house, now=time.now)
    calls: list[Any] = [
        verifying.verify(viewer=house.reviewer, statement_id=statement.id, now=time.now),
        verifying.reject(
            viewer=house.business, statement_id=statement.id, reason="No.", now=time.now
        ),
    ]

    done = await at_once(*(calls if verify_first else reversed(calls)), while_locked=statement)

    assert isinstance(done[1], WrongStatus)
    wanted = Status.PAYING if verify_first else Status.INVOICE_REJECTED
    assert await status(statement) is wanted
    banks = [each for each in await make.asked_for(statement) if each.operation == "statement.pay"]
    assert len(banks) == (1 if verify_first else 0)


@pytest.mark.parametrize("submit_first", [True, False])
async def test_told_anew_as_it_is_received(house: House, time: Clock, submit_first: bool) -> None:
    statement = await make.notified(house, now=time.now)
    await submit(house, statement, [an_invoice(statement, now=time.now)], now=time.now)
    calls: list[Any] = [
        submit(house, statement, [an_invoice(statement, now=time.now)], now=time.now),
        invoicing.receive(viewer=house.reviewer, statement_id=statement.id, now=time.now),
    ]

    done = await at_once(*(calls if submit_first else reversed(calls)), while_locked=statement)

    if submit_first:
        assert await invoices() == [InvoiceStatus.WITHDRAWN, InvoiceStatus.RECEIVED]
    else:
        assert isinstance(done[1], WrongStatus)
        assert await invoices() == [InvoiceStatus.RECEIVED]
    assert await status(statement) is Status.INVOICE_RECEIVED
    assert (await history(statement.id))[-1] == "invoice_received"


@pytest.mark.parametrize("reject_first", [True, False])
async def test_told_anew_as_it_is_rejected(house: House, time: Clock, reject_first: bool) -> None:
    statement = await make.invoiced(house, now=time.now)
    calls: list[Any] = [
        verifying.reject(
            viewer=house.reviewer, statement_id=statement.id, reason="No.", now=time.now
        ),
        submit(house, statement, [an_invoice(statement, now=time.now)], now=time.now),
    ]

    done = await at_once(*(calls if reject_first else reversed(calls)), while_locked=statement)

    assert await status(statement) is Status.INVOICE_REJECTED
    if reject_first:
        assert await invoices() == [InvoiceStatus.REJECTED, InvoiceStatus.SUBMITTED]
    else:
        assert isinstance(done[0], WrongStatus)
        assert await invoices() == [InvoiceStatus.REJECTED]
