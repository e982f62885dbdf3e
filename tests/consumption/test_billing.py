"""Partner bills: of last month, once; what comes late is in the next."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.consumption import billing
from models.audit import Event
from models.consumption import ConsumptionRecord, PartnerBill
from tests.conftest import Clock
from tests.consumption.factories import buy
from tests.orders.factories import Shop
from tests.refunds.factories import asked_back, bought
from workers import ticks

pytestmark = pytest.mark.usefixtures("database")

FIFTH_OF_MARCH = datetime(2030, 3, 4, 22, tzinfo=UTC)  # 06:00 in Beijing
FIFTH_OF_APRIL = datetime(2030, 4, 4, 22, tzinfo=UTC)


async def make(at: datetime) -> int:
    return await billing.make_bills(scheduled_for=at, now=at)


async def bills() -> list[tuple[object, ...]]:
    return [
        (
            bill.period,
            bill.consumption_amount,
            bill.refund_amount,
            bill.adjustment_amount,
            bill.total_amount,
            bill.records,
        )
        for bill in await PartnerBill.all().order_by("period")
    ]


async def test_a_bill_tells_what_was_spent_and_what_came_back(shop: Shop, time: Clock) -> None:
    _, subscription = await bought(shop, quantity=3, now=time.now)
    time.forward(days=1)
    await asked_back(shop, subscription, pieces=1, now=time.now)

    assert await make(FIFTH_OF_MARCH) == 1

    assert await bills() == [("2030-02", 3000, -1000, 0, 2000, 2)]
    [bill] = await PartnerBill.all()
    assert bill.partner_id == shop.partner.id
    assert {record.partner_bill_id for record in await ConsumptionRecord.all()} == {bill.id}
    [event] = await Event.filter(name="partner_bill.made")
    assert (event.subject_id, event.tenant_id) == (bill.id, shop.partner.id)


async def test_run_twice_it_adds_nothing(shop: Shop, time: Clock) -> None:
    await buy(shop, now=time.now)

    assert [await make(FIFTH_OF_MARCH), await make(FIFTH_OF_MARCH)] == [1, 0]

    assert await bills() == [("2030-02", 1000, 0, 0, 1000, 1)]


async def test_what_is_recorded_late_is_an_adjustment_of_the_next(shop: Shop, time: Clock) -> None:
    await buy(shop, now=time.now)
    await make(FIFTH_OF_MARCH)
    await buy(shop, quantity=2, now=time.now)  # of February, after its bill

    assert await make(FIFTH_OF_MARCH) == 0
    await buy(shop, now=FIFTH_OF_MARCH)
    assert await make(FIFTH_OF_APRIL) == 1

    assert await bills() == [
        ("2030-02", 1000, 0, 0, 1000, 1),
        ("2030-03", 1000, 0, 2000, 3000, 2),
    ]


async def test_the_month_that_runs_is_not_billed(shop: Shop, time: Clock) -> None:
    await buy(shop, now=FIFTH_OF_MARCH)

    assert await make(FIFTH_OF_MARCH) == 0
    assert await bills() == []


async def test_customers_of_nobody_are_on_no_bill(shop: Shop, time: Clock) -> None:
    await buy(shop, now=time.now)
    await ConsumptionRecord.all().update(
        partner_id=None, association_id=None, association_type=None
    )

    assert await make(FIFTH_OF_MARCH) == 0


def test_bills_are_due_before_noon_of_the_fifth_in_beijing() -> None:
    [entry] = [entry for entry in ticks.TIMETABLE if entry.name == "partner bills"]

    noon = FIFTH_OF_APRIL + timedelta(hours=6)
    assert entry.moments(datetime(2030, 2, 20, tzinfo=UTC), noon) == [
        FIFTH_OF_MARCH,
        FIFTH_OF_APRIL,
    ]
    assert entry.catch_up is ticks.CatchUp.ALL
