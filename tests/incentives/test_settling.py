"""Incentives that statements pay: the quarter's assessment, and what follows it (S-06, A-05)."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from domain.identity.items import Item
from domain.incentives import settling
from domain.orders import repaying
from domain.settlement import voiding
from kit.transaction import transactional
from models.incentives import Incentive, IncentivePart, IncentivePolicy, IncentiveState, PaysBy
from models.order_states import PolicyScene
from models.programmes import ProgrammeApplication
from models.settlement import SettlementLine, StatementKind
from models.statements import Statement, StatementStatus
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.factories import a_staff_viewer
from tests.incentives.factories import (
    a_policy,
    confirmed,
    earned,
    estimate,
    finish,
    parts_of,
)
from tests.orders.factories import Shop, lend
from tests.settlement.factories import a_csp_shop, begun, sold, worked
from tests.statements.factories import pay, the_house_of

pytestmark = pytest.mark.usefixtures("database")

MARCH = datetime(2030, 3, 1, tzinfo=UTC)
APRIL = datetime(2030, 4, 3, tzinfo=UTC)
PARTS = "{ incentives(first: 1) { nodes { parts { status statementOn } } } }"
JULY = datetime(2030, 7, 3, tzinfo=UTC)


@pytest.fixture
async def seller(time: Clock) -> Shop:
    """A customer service provider, whom a policy pays 1 % a month with its statements."""
    shop = await a_csp_shop()
    await a_policy("CSP", now=time.now, scene=PolicyScene.CSP, pays_by=PaysBy.STATEMENT)
    return shop


async def assess(period: str, *, now: datetime) -> list[Statement]:
    """The quarter's run; its statements."""
    run = await begun(period, kind=StatementKind.ASSESSMENT, now=now)
    await worked(now)
    return await Statement.filter(run_id=run.id)


@transactional
async def cancel(statement: Statement, *, now: datetime) -> None:
    """The statement is cancelled, without the story behind it."""
    await Statement.filter(id=statement.id).update(
        status=StatementStatus.CANCELLED, closed_at=now, cancel_reason="Wrong."
    )
    await voiding.void(await Statement.get(id=statement.id), now=now)


async def test_a_quarters_statement_pays_what_was_confirmed(seller: Shop, time: Clock) -> None:
    await sold(seller, quantity=5, now=time.now)
    await finish(2030, 2, now=MARCH)
    await confirmed(seller.by, await earned("CSP"), now=MARCH)
    await sold(seller, quantity=3, now=datetime(2030, 3, 10, tzinfo=UTC))
    await finish(2030, 3, now=APRIL)
    march = await earned("CSP", "2030-03")  # to be confirmed yet

    [statement] = await assess("2030-Q1", now=APRIL)

    assert (statement.kind, statement.total_amount) == (
        StatementKind.ASSESSMENT,
        Decimal("50.00"),
    )
    [line] = await SettlementLine.filter(statement_id=statement.id)
    [part] = await IncentivePart.all()
    assert (line.incentive_id, line.amount) == (part.id, Decimal("50.00"))
    assert (await earned("CSP")).state is IncentiveState.PAYING

    await confirmed(seller.by, march, now=APRIL)
    await pay(await the_house_of(seller.partner, by=seller.by), statement, now=APRIL)
    assert (await earned("CSP")).state is IncentiveState.PAID
    assert await parts_of(await earned("CSP")) == [("PAID", "50.00", False)]
    [next_one] = await assess("2030-Q2", now=JULY)
    assert next_one.total_amount == Decimal("30.00")


async def test_a_cancelled_statement_lets_its_incentives_go(seller: Shop, time: Clock) -> None:
    await sold(seller, quantity=5, now=time.now)
    await finish(2030, 2, now=MARCH)
    await confirmed(seller.by, await earned("CSP"), now=MARCH)
    [statement] = await assess("2030-Q1", now=APRIL)

    await cancel(statement, now=APRIL)

    assert (await earned("CSP")).state is IncentiveState.CONFIRMED
    assert await parts_of(await earned("CSP")) == [("READY", "50.00", False)]
    [again] = await assess("2030-Q2", now=JULY)
    assert again.total_amount == Decimal("50.00")
    assert (await earned("CSP")).state is IncentiveState.PAYING


async def test_what_thaws_follows_on_a_later_statement(seller: Shop, time: Clock) -> None:
    """I-15: the part on credit isn't in the first statement, and is all of the second."""
    await lend(seller.customer, "3000.00", now=time.now)
    order, _ = await sold(seller, quantity=5, now=time.now, credit_amount=Decimal("3000.00"))
    await finish(2030, 2, now=MARCH)
    await confirmed(seller.by, await earned("CSP"), now=MARCH)
    [first] = await assess("2030-Q1", now=APRIL)
    assert first.total_amount == Decimal("20.00")
    house = await the_house_of(seller.partner, by=seller.by)
    await pay(house, first, now=APRIL)
    found = await earned("CSP")
    assert (found.state, found.frozen_amount) == (IncentiveState.CONFIRMED, Decimal("30.00"))
    staff = await a_staff_viewer(Item.ORDER_REVIEW)
    await repaying.record(viewer=staff, order_id=order.id, reason="By bank.", now=APRIL)
    await estimate(APRIL)

    [second] = await assess("2030-Q2", now=JULY)

    assert second.total_amount == Decimal("30.00")
    assert await parts_of(found) == [("PAID", "20.00", False), ("TAKEN", "30.00", True)]
    await pay(house, second, now=JULY)
    assert (await earned("CSP")).state is IncentiveState.PAID


async def test_the_day_is_told_whose_statement_takes_what_is_earned(
    seller: Shop, time: Clock, ask: Ask
) -> None:
    await lend(seller.customer, "3000.00", now=time.now)
    order, _ = await sold(seller, quantity=5, now=time.now, credit_amount=Decimal("3000.00"))
    time.forward(seconds=(MARCH - time.now).total_seconds())
    await finish(2030, 2, now=MARCH)
    await confirmed(seller.by, await earned("CSP"), now=MARCH)

    async def told() -> list[tuple[str, str | None]]:
        found = await ask(PARTS, by=seller.by)
        return [(part["status"], part["statementOn"]) for part in found["nodes"][0]["parts"]]

    assert await told() == [("READY", "2030-04-03")]

    time.forward(seconds=(APRIL - time.now).total_seconds())
    await assess("2030-Q1", now=APRIL)
    staff = await a_staff_viewer(Item.ORDER_REVIEW)
    await repaying.record(viewer=staff, order_id=order.id, reason="By bank.", now=APRIL)
    await estimate(APRIL)
    assert await told() == [("TAKEN", None), ("READY", "2030-07-03")]

    await IncentivePolicy.all().update(pays_by=PaysBy.APPLICATION)
    assert await told() == [("TAKEN", None), ("READY", None)]
    await IncentivePolicy.all().update(pays_by=PaysBy.STATEMENT)
    await Incentive.all().update(state=IncentiveState.LAPSED)
    assert await told() == [("TAKEN", None), ("READY", None)]


async def test_what_has_lapsed_is_paid_by_no_statement(seller: Shop, time: Clock) -> None:
    """I-15: its partner left a year ago, and was certified all the time."""
    await sold(seller, quantity=5, now=time.now)
    await finish(2030, 2, now=MARCH)
    await confirmed(seller.by, await earned("CSP"), now=MARCH)
    await ProgrammeApplication.filter(partner_id=seller.partner.id).update(
        status="EXITED", ended_at=MARCH
    )
    later = datetime(2031, 4, 3, tzinfo=UTC)
    await estimate(later)
    assert (await earned("CSP")).state is IncentiveState.LAPSED

    assert await assess("2031-Q1", now=later) == []

    assert await parts_of(await earned("CSP")) == [("READY", "50.00", False)]


@transactional
async def test_others_have_nothing_to_be_paid(seller: Shop, time: Clock) -> None:
    assert await settling.partners(ends_at=APRIL, as_of=APRIL) == []
    assert await settling.payable(partner_id=seller.partner.id, ends_at=APRIL, as_of=APRIL) == []
