"""Applications for payment (申付单): made, reviewed, invoiced, paid by the bank (I-09 … I-11)."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from domain.incentives import applying, invoicing, paying, reviewing
from domain.incentives.applying import AppliedForAlready, NotByApplication, NotCertified
from domain.invoices.checking import (
    Given,
    InvoiceMustBeSpecial,
    InvoiceTaxDiffers,
    InvoiceTotalsDiffer,
    InvoiceUsedAlready,
)
from domain.performance import adjusting
from domain.upstream import answering
from kit.problems import Forbidden, InvalidInput, NotFound
from kit.status import WrongStatus
from kit.transaction import transaction
from models.audit import Event
from models.certification import BusinessInformation
from models.incentives import Incentive, IncentivePart, IncentiveState, PartState, PaysBy
from models.ledger import LedgerTransfer
from models.payment_applications import (
    ApplicationKind,
    IncentiveInvoice,
    PaymentApplication,
    PaymentApplicationItem,
)
from models.payment_applications import PaymentApplicationState as State
from models.programmes import ProgrammeApplication
from models.statement_steps import Invoice, InvoiceKind
from models.upstream import UpstreamRequest
from tests.conftest import Clock
from tests.consumption.factories import buy
from tests.factories import a_partner, an_administrator
from tests.incentives.factories import (
    a_policy,
    certified,
    confirmed,
    earned,
    estimate,
    finish,
    parts_of,
    the_platform,
)
from tests.orders.factories import Shop
from tests.performance.factories import lines
from tests.races import at_once, until_waiting
from tests.statements.factories import notified, submit, the_house_of
from tests.upstream.bank import Bank, bank
from tests.upstream.working import work

__all__ = ["bank"]

pytestmark = pytest.mark.usefixtures("database")

MARCH = datetime(2030, 3, 1, tzinfo=UTC)
BATCH, SINGLE = ApplicationKind.BATCH, ApplicationKind.SINGLE


@pytest.fixture
async def incentive(shop: Shop, time: Clock) -> Incentive:
    """A partner's 100.00 of February, confirmed; its bank account is certified, its rate 6 %."""
    await a_policy(now=time.now)
    await certified(shop.partner)
    await buy(shop, quantity=5, now=time.now)
    await buy(shop, quantity=5, now=time.now)
    await finish(2030, 2, now=MARCH)
    time.now = MARCH
    return await confirmed(shop.by, await earned(), now=MARCH)


async def apply(shop: Shop, *incentives: Incentive, kind: ApplicationKind = BATCH) -> Any:
    """A draft."""
    return await applying.create(
        viewer=shop.by, kind=kind, incentive_ids=[each.id for each in incentives], now=MARCH
    )


async def accepted(shop: Shop, *incentives: Incentive) -> PaymentApplication:
    """Handed in and accepted."""
    draft = await apply(shop, *incentives)
    await applying.submit(viewer=shop.by, application_id=draft.id, now=MARCH)
    return await reviewing.accept(viewer=await the_platform(), application_id=draft.id, now=MARCH)


def invoice(number: str, net: str, tax: str, **more: Any) -> Given:
    """As it should be."""
    facts: dict[str, Any] = {
        "number": number,
        "code": None,
        "kind": InvoiceKind.VAT_SPECIAL,
        "issued_on": date(2030, 3, 1),
        "tax_rate": Decimal("0.06"),
        "net": Decimal(net),
        "tax": Decimal(tax),
        "total": Decimal(net) + Decimal(tax),
    }
    return Given(**(facts | more))


FIRST, SECOND, THIRD = ("2030030100000000000" + digit for digit in "123")


async def hand_in(shop: Shop, application: PaymentApplication, *invoices: Given) -> Any:
    """The partner's invoices."""
    return await invoicing.hand_in(
        viewer=shop.by, application_id=application.id, invoices=invoices, now=MARCH
    )


async def state_of(application: PaymentApplication) -> State:
    """As it stands in the table."""
    return (await PaymentApplication.get(id=application.id)).state


async def test_a_draft_is_not_handed_in_with_what_has_lapsed_since(
    shop: Shop, incentive: Incentive
) -> None:
    """I-15: the draft is as old as the partner's leave, and its incentive worth nothing by now."""
    draft = await apply(shop, incentive)
    await ProgrammeApplication.filter(partner_id=shop.partner.id).update(
        status="EXITED", ended_at=MARCH
    )
    await estimate(datetime(2031, 3, 2, tzinfo=UTC))
    assert (await earned()).state is IncentiveState.LAPSED

    with pytest.raises(WrongStatus) as refused:
        await applying.submit(viewer=shop.by, application_id=draft.id, now=MARCH)

    assert (refused.value.status, refused.value.wanted) == ("LAPSED", "PAYING")
    assert await state_of(draft) is State.DRAFT
    assert await parts_of(await earned()) == [("READY", "200.00", False)]
    await applying.cancel(viewer=shop.by, application_id=draft.id, now=MARCH)
    assert await state_of(draft) is State.CANCELLED


async def test_from_the_draft_to_the_money(shop: Shop, incentive: Incentive) -> None:
    platform = await the_platform()
    draft = await apply(shop, incentive)
    assert (draft.state, draft.total_amount) == (State.DRAFT, Decimal("200.00"))
    assert (await earned()).state is IncentiveState.CONFIRMED
    await applying.submit(viewer=shop.by, application_id=draft.id, now=MARCH)
    assert (await earned()).state is IncentiveState.PAYING
    await reviewing.accept(viewer=platform, application_id=draft.id, now=MARCH)
    # 200.00 / 1.06 = 188.679… -> 188.68
    await hand_in(shop, draft, invoice(FIRST, "188.68", "11.32"))
    assert await state_of(draft) is State.INVOICED
    await paying.pay(viewer=platform, application_id=draft.id, now=MARCH)
    assert await state_of(draft) is State.PAYING
    [asked] = await UpstreamRequest.filter(operation="incentive.pay")
    assert asked.payload["amount"] == "200.00"
    assert asked.payload["account"] == "6222000011112222"

    await work(MARCH)

    done = await PaymentApplication.get(id=draft.id)
    assert (done.state, done.paid_at) == (State.DONE, MARCH)
    assert done.payment_reference is not None
    [booked] = await LedgerTransfer.filter(kind="SETTLEMENT")
    assert (booked.subject_id, booked.amount) == (draft.id, Decimal("200.00"))
    assert (await earned()).state is IncentiveState.PAID
    assert await parts_of(incentive) == [("PAID", "200.00", False)]
    names = [event.name for event in await Event.filter(subject_id=draft.id).order_by("id")]
    assert [name.partition(".")[2] for name in names] == [
        "created",
        "submitted",
        "accepted",
        "invoiced",
        "paying",
        "paid",
    ]


async def test_several_periods_make_one_batch_and_one_alone_a_single(
    shop: Shop, time: Clock, incentive: Incentive
) -> None:
    time.now = datetime(2030, 3, 10, tzinfo=UTC)
    await buy(shop, now=time.now)
    await finish(2030, 3, now=datetime(2030, 4, 1, tzinfo=UTC))
    march = await confirmed(
        shop.by, await earned(period="2030-03"), now=datetime(2030, 4, 1, tzinfo=UTC)
    )

    with pytest.raises(InvalidInput):
        await apply(shop, incentive, march, kind=SINGLE)
    assert await PaymentApplication.all().count() == 0
    both = await apply(shop, incentive, march)

    assert both.total_amount == Decimal("210.00")
    assert await PaymentApplicationItem.filter(application_id=both.id).count() == 2


async def test_an_incentive_is_on_one_application_at_a_time(
    shop: Shop, incentive: Incentive
) -> None:
    draft = await apply(shop, incentive)
    with pytest.raises(AppliedForAlready):
        await apply(shop, incentive, kind=SINGLE)
    await applying.cancel(viewer=shop.by, application_id=draft.id, now=MARCH)

    again = await apply(shop, incentive, kind=SINGLE)

    assert await state_of(draft) is State.CANCELLED
    assert again.total_amount == Decimal("200.00")


async def test_two_applications_at_once_for_one_incentive_make_one(
    shop: Shop, incentive: Incentive
) -> None:
    outcomes = await at_once(
        apply(shop, incentive), apply(shop, incentive, kind=SINGLE), while_locked=incentive
    )

    assert sorted(type(each).__name__ for each in outcomes) == [
        "AppliedForAlready",
        "PaymentApplication",
    ]
    assert await PaymentApplication.all().count() == 1


async def test_what_is_rejected_can_be_applied_for_again(shop: Shop, incentive: Incentive) -> None:
    draft = await apply(shop, incentive)
    await applying.submit(viewer=shop.by, application_id=draft.id, now=MARCH)

    await reviewing.reject(
        viewer=await the_platform(), application_id=draft.id, reason="Not now.", now=MARCH
    )

    assert await state_of(draft) is State.REJECTED
    assert (await earned()).state is IncentiveState.CONFIRMED
    assert (await apply(shop, incentive)).total_amount == Decimal("200.00")


async def test_what_comes_to_nothing_needs_no_invoice(shop: Shop, time: Clock) -> None:
    """I-10."""
    await a_policy(now=time.now)
    await certified(shop.partner)
    await buy(shop, now=time.now)
    await finish(2030, 2, now=MARCH)
    [line] = await lines()
    platform = await the_platform()
    await adjusting.enter(
        viewer=platform, line_id=line.id, amount=Decimal(-5), reason="So.", now=MARCH
    )
    april = datetime(2030, 4, 1, tzinfo=UTC)
    await finish(2030, 3, now=april)
    nothing = await confirmed(shop.by, await earned(period="2030-03"), now=april)

    draft = await apply(shop, nothing)
    await applying.submit(viewer=shop.by, application_id=draft.id, now=april)
    done = await reviewing.accept(viewer=platform, application_id=draft.id, now=april)

    assert (done.state, done.total_amount) == (State.DONE, Decimal(0))
    assert (await earned(period="2030-03")).state is IncentiveState.PAID
    states = [event.after["state"] for event in await Event.filter(subject_id=draft.id)]
    assert states == ["DRAFT", "SUBMITTED", "NO_INVOICE", "DONE"]
    assert await UpstreamRequest.filter(operation="incentive.pay").count() == 0


async def test_what_isnt_confirmed_or_paid_by_statement_cant_be_applied_for(
    shop: Shop, time: Clock
) -> None:
    await a_policy(now=time.now)
    await a_policy("WITH_STATEMENT", now=time.now, pays_by=PaysBy.STATEMENT)
    await certified(shop.partner)
    await buy(shop, now=time.now)
    await finish(2030, 2, now=MARCH)
    waiting, by_statement = await earned(), await earned("WITH_STATEMENT")

    with pytest.raises(WrongStatus):
        await apply(shop, waiting)
    with pytest.raises(NotByApplication):
        await apply(shop, by_statement)
    assert await PaymentApplication.all().count() == 0

    # Silence has confirmed it, though no worker has come by.
    late = MARCH + timedelta(days=7)
    made = await applying.create(viewer=shop.by, kind=SINGLE, incentive_ids=[waiting.id], now=late)
    assert made.total_amount == Decimal("10.00")


async def test_nobody_is_paid_without_certified_facts(
    shop: Shop, time: Clock, incentive: Incentive
) -> None:
    draft = await apply(shop, incentive)
    await BusinessInformation.filter(partner_id=shop.partner.id).update(status="FAILED")

    with pytest.raises(NotCertified):
        await applying.submit(viewer=shop.by, application_id=draft.id, now=MARCH)
    assert await state_of(draft) is State.DRAFT


async def test_invoices_are_special_fit_to_the_cent_and_are_used_once(
    shop: Shop, incentive: Incentive
) -> None:
    """I-11, S-20, 6.9."""
    application = await accepted(shop, incentive)
    good = invoice(FIRST, "188.68", "11.32")

    for wrong, refusal in (
        ([invoice(FIRST, "188.68", "11.32", kind=InvoiceKind.VAT_ORDINARY)], InvoiceMustBeSpecial),
        ([invoice(FIRST, "188.67", "11.33")], InvoiceTaxDiffers),
        ([invoice(FIRST, "188.69", "11.32")], InvoiceTotalsDiffer),
        ([invoice("12", "188.68", "11.32")], InvalidInput),
        ([invoice(FIRST, "188.68", "11.32", issued_on=date(2030, 3, 2))], InvalidInput),
        ([good, good], InvoiceUsedAlready),
        ([], InvalidInput),
    ):
        with pytest.raises(refusal):
            await hand_in(shop, application, *wrong)
    assert await IncentiveInvoice.all().count() == 0

    await hand_in(
        shop, application, invoice(FIRST, "94.34", "5.66"), invoice(SECOND, "94.34", "5.66")
    )
    platform = await the_platform()
    await reviewing.return_invoices(
        viewer=platform, application_id=application.id, reason="Wrong title.", now=MARCH
    )
    assert await state_of(application) is State.INVOICE_PENDING
    await hand_in(shop, application, invoice(THIRD, "188.68", "11.32"))
    assert await IncentiveInvoice.filter(returned_at=None).count() == 1


async def test_an_invoice_isnt_for_two_applications(
    shop: Shop, time: Clock, incentive: Incentive
) -> None:
    await hand_in(shop, await accepted(shop, incentive), invoice(FIRST, "188.68", "11.32"))
    time.now = datetime(2030, 3, 10, tzinfo=UTC)
    await buy(shop, quantity=10, now=time.now)
    await finish(2030, 3, now=datetime(2030, 4, 1, tzinfo=UTC))
    second = await accepted(
        shop,
        await confirmed(
            shop.by, await earned(period="2030-03"), now=datetime(2030, 4, 1, tzinfo=UTC)
        ),
    )

    with pytest.raises(InvoiceUsedAlready):
        await hand_in(shop, second, invoice(FIRST, "188.68", "11.32"))
    assert await state_of(second) is State.INVOICE_PENDING


@pytest.mark.parametrize("statement_first", [True, False])
async def test_an_invoice_is_for_a_statement_or_an_application(
    shop: Shop, incentive: Incentive, statement_first: bool
) -> None:
    """S-20: they are two tables; whoever is second waits for the first, and is refused."""
    application = await accepted(shop, incentive)
    house = await the_house_of(shop.partner, by=shop.by)
    statement = await notified(house, "200.00", now=MARCH)
    given = invoice(FIRST, "188.68", "11.32")
    calls: list[Callable[[], Coroutine[Any, Any, Any]]] = [
        partial(submit, house, statement, [given], now=MARCH),
        partial(hand_in, shop, application, given),
    ]
    first, second = calls if statement_first else reversed(calls)
    elsewhere = copy_context()

    async with transaction():
        await first()
        later = asyncio.create_task(second(), context=elsewhere)
        await until_waiting(1)

    with pytest.raises(InvoiceUsedAlready) as refused:
        await later
    assert refused.value.path == ("input", "invoices", "0", "number")
    assert await Invoice.all().count() == (1 if statement_first else 0)
    assert await IncentiveInvoice.all().count() == (0 if statement_first else 1)
    assert await state_of(application) is (
        State.INVOICE_PENDING if statement_first else State.INVOICED
    )


async def test_what_was_sent_back_stays_with_what_it_was_for(
    shop: Shop, incentive: Incentive
) -> None:
    """S-20: reissued invoices have numbers of their own; one withdrawn in time is free again."""
    application = await accepted(shop, incentive)
    house = await the_house_of(shop.partner, by=shop.by)
    statement = await notified(house, "200.00", now=MARCH)
    returned = invoice(FIRST, "188.68", "11.32")
    await hand_in(shop, application, returned)
    await reviewing.return_invoices(
        viewer=await the_platform(), application_id=application.id, reason="Torn.", now=MARCH
    )

    with pytest.raises(InvoiceUsedAlready):
        await submit(house, statement, [returned], now=MARCH)
    withdrawn = invoice(SECOND, "188.68", "11.32")
    await submit(house, statement, [withdrawn], now=MARCH)
    with pytest.raises(InvoiceUsedAlready):
        await hand_in(shop, application, withdrawn)
    await submit(house, statement, [invoice(THIRD, "188.68", "11.32")], now=MARCH)
    await hand_in(shop, application, withdrawn)

    assert await IncentiveInvoice.filter(number=SECOND, returned_at=None).exists()


async def test_the_bank_may_fail_and_change_its_mind(shop: Shop, incentive: Incentive) -> None:
    application = await accepted(shop, incentive)
    await hand_in(shop, application, invoice(FIRST, "188.68", "11.32"))
    platform = await the_platform()
    await paying.pay(viewer=platform, application_id=application.id, now=MARCH)
    [asked] = await UpstreamRequest.filter(operation="incentive.pay")

    await answering.answered(asked.id, ok=False, reference=None, code="CLOSED_ACCOUNT", now=MARCH)
    failed = await PaymentApplication.get(id=application.id)
    assert (failed.state, failed.failure) == (State.PAY_FAILED, "CLOSED_ACCOUNT")
    assert (await earned()).state is IncentiveState.PAYING
    await answering.answered(asked.id, ok=True, reference="B-1", code=None, now=MARCH)
    paid = await PaymentApplication.get(id=application.id)
    assert (paid.state, paid.payment_reference, paid.failure) == (State.DONE, "B-1", None)
    # An error after the fact changes nothing.
    await answering.answered(asked.id, ok=False, reference=None, code="LATE_ERROR", now=MARCH)
    assert await state_of(application) is State.DONE
    assert (await earned()).state is IncentiveState.PAID
    with pytest.raises(WrongStatus):
        await paying.pay(viewer=platform, application_id=application.id, now=MARCH)


async def test_a_bank_that_was_not_reached_is_asked_for_one_payment(
    shop: Shop, incentive: Incentive, bank: Bank
) -> None:
    platform = await the_platform()
    application = await accepted(shop, incentive)
    await hand_in(shop, application, invoice(FIRST, "188.68", "11.32"))
    await paying.pay(viewer=platform, application_id=application.id, now=MARCH)
    request = await bank.is_given_up(application.id)
    assert await state_of(application) is State.PAY_FAILED

    await paying.pay(viewer=platform, application_id=application.id, now=bank.time.now)
    await bank.is_back()
    assert set(bank.asked) == {request.id}

    # Refused, it is another payment; what is said of the first no longer fails it.
    await answering.answered(request.id, ok=False, code="CLOSED", now=bank.time.now)
    await paying.pay(viewer=platform, application_id=application.id, now=bank.time.now)
    assert await UpstreamRequest.filter(operation="incentive.pay").count() == 2
    await answering.answered(request.id, ok=False, code="CLOSED AGAIN", now=bank.time.now)
    assert await state_of(application) is State.PAYING


async def test_everybody_does_their_own_part(shop: Shop, incentive: Incentive) -> None:
    other = await an_administrator(await a_partner("Other"))
    platform = await the_platform()
    with pytest.raises(NotFound):
        await applying.create(viewer=other, kind=BATCH, incentive_ids=[incentive.id], now=MARCH)
    draft = await apply(shop, incentive)
    with pytest.raises(NotFound):
        await applying.submit(viewer=other, application_id=draft.id, now=MARCH)
    with pytest.raises(WrongStatus):
        await reviewing.accept(viewer=platform, application_id=draft.id, now=MARCH)
    with pytest.raises(Forbidden):
        await reviewing.accept(viewer=shop.by, application_id=draft.id, now=MARCH)
    with pytest.raises(Forbidden):
        await applying.submit(viewer=platform, application_id=draft.id, now=MARCH)

    assert await state_of(draft) is State.DRAFT
    [part] = await IncentivePart.all()
    assert part.state is PartState.READY
