"""Confirming incentives, or being silent; and what is frozen until it is repaid (I-14, I-15)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.identity.items import Item
from domain.incentives import confirming, feedback
from domain.incentives.guards import IncentiveIsConfirmed, IncentiveOfAnotherPartner
from domain.orders import repaying
from domain.performance.guards import AskedAlready
from kit import timers
from kit.problems import Forbidden, NotFound
from kit.status import WrongStatus
from models.audit import Event
from models.incentives import ConfirmedBy, Incentive, IncentiveState
from models.timers import Timer
from tests.conftest import Clock
from tests.consumption.factories import buy
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.incentives.factories import (
    a_policy,
    confirmed,
    earned,
    estimate,
    finish,
    parts_of,
    the_platform,
)
from tests.orders.factories import Shop, lend
from tests.performance.factories import write
from tests.races import at_once
from tests.refunds.factories import asked_back, bought
from tests.upstream.working import work

pytestmark = pytest.mark.usefixtures("database")

MARCH = datetime(2030, 3, 1, tzinfo=UTC)
DEADLINE = MARCH + timedelta(days=7)


@pytest.fixture
async def incentive(shop: Shop, time: Clock) -> Incentive:
    """A partner's 10.00 of February, to be confirmed by the eighth of March."""
    await a_policy(now=time.now)
    await buy(shop, now=time.now)
    await finish(2030, 2, now=MARCH)
    time.now = MARCH
    return await earned()


async def test_a_partner_confirms_and_it_can_be_paid(
    shop: Shop, time: Clock, incentive: Incentive
) -> None:
    await confirmed(shop.by, incentive, now=time.now)

    found = await earned()
    assert (found.state, found.confirmed_by) == (IncentiveState.CONFIRMED, ConfirmedBy.PARTNER)
    assert await parts_of(found) == [("READY", "10.00", False)]
    assert [timer.state for timer in await Timer.filter(subject_id=found.id)] == ["CANCELLED"]
    with pytest.raises(WrongStatus):
        await confirmed(shop.by, incentive, now=time.now)
    await work(DEADLINE)
    assert await parts_of(found) == [("READY", "10.00", False)]


async def test_a_microsecond_before_the_deadline_is_in_time(
    shop: Shop, incentive: Incentive
) -> None:
    await confirmed(shop.by, incentive, now=DEADLINE - timedelta(microseconds=1))

    assert (await earned()).confirmed_by is ConfirmedBy.PARTNER


async def test_silence_is_a_confirmation(shop: Shop, incentive: Incentive) -> None:
    # At the deadline it is too late, even if no worker has come by.
    with pytest.raises(IncentiveIsConfirmed):
        await confirmed(shop.by, incentive, now=DEADLINE)
    assert (await earned()).state is IncentiveState.TO_CONFIRM

    await work(DEADLINE)

    found = await earned()
    assert (found.state, found.confirmed_by) == (IncentiveState.CONFIRMED, ConfirmedBy.TIMEOUT)
    assert found.confirmed_at == DEADLINE
    assert await parts_of(found) == [("READY", "10.00", False)]
    names = [event.name for event in await Event.filter(subject_id=found.id).order_by("id")]
    assert names == ["incentive.final", "incentive.confirmed_by_silence"]


@pytest.mark.parametrize("partner_first", [True, False])
async def test_confirming_against_silence_ends_in_one_confirmation(
    shop: Shop, incentive: Incentive, *, partner_first: bool
) -> None:
    calls = [
        confirmed(shop.by, incentive, now=DEADLINE - timedelta(seconds=1)),
        work(DEADLINE),
    ]
    outcomes = await at_once(*(calls if partner_first else reversed(calls)), while_locked=incentive)

    found = await earned()
    assert found.state is IncentiveState.CONFIRMED
    assert await parts_of(found) == [("READY", "10.00", False)]
    told = await Event.filter(subject_id=found.id, name__startswith="incentive.confirmed").count()
    assert told == 1
    refused = [each for each in outcomes if isinstance(each, Exception)]
    by_partner = found.confirmed_by is ConfirmedBy.PARTNER
    assert [type(each) for each in refused] == ([] if by_partner else [WrongStatus])


async def test_a_lost_timer_is_made_up_for(incentive: Incentive) -> None:
    await Timer.filter(subject_id=incentive.id).delete()

    mended = await timers.mend(confirming.CONFIRM_WAITS, now=MARCH)

    assert (mended.created, mended.cancelled) == (1, 0)
    [timer] = await Timer.filter(subject_id=incentive.id)
    assert timer.due_at == DEADLINE


async def test_others_dont_confirm(shop: Shop, time: Clock, incentive: Incentive) -> None:
    with pytest.raises(NotFound):
        await confirmed(await an_administrator(await a_partner()), incentive, now=time.now)
    with pytest.raises(Forbidden):
        await confirmed(await the_platform(), incentive, now=time.now)
    staff = await a_staff_viewer(Item.INCENTIVE_MANAGE)
    with pytest.raises(IncentiveOfAnotherPartner):
        await confirmed(staff, incentive, now=time.now)

    assert (await earned()).state is IncentiveState.TO_CONFIRM


async def test_a_question_can_be_asked_while_it_is_to_be_confirmed(
    shop: Shop, time: Clock, incentive: Incentive
) -> None:
    facts: dict[str, Any] = {
        "viewer": shop.by,
        "incentive_id": incentive.id,
        "text": "Why so little?",
    }
    asked = await feedback.ask(now=time.now, **facts)
    with pytest.raises(AskedAlready):
        await feedback.ask(now=time.now, **facts)
    await feedback.answer(
        viewer=await the_platform(), feedback_id=asked.id, text="That is all.", now=time.now
    )
    await feedback.close(viewer=shop.by, feedback_id=asked.id, now=time.now)
    with pytest.raises(IncentiveIsConfirmed):
        await feedback.ask(now=DEADLINE, **facts)
    await confirmed(shop.by, incentive, now=time.now)
    with pytest.raises(WrongStatus):
        await feedback.ask(now=time.now, **facts)


async def test_what_was_sold_on_credit_is_frozen_until_it_is_repaid(
    shop: Shop, time: Clock
) -> None:
    await a_policy(now=time.now)
    await lend(shop.customer, "600.00", now=time.now)
    order = await buy(shop, credit_amount=Decimal("600.00"), now=time.now)
    await finish(2030, 2, now=MARCH)
    incentive = await earned()
    assert (incentive.amount, incentive.frozen_amount) == (Decimal("10.00"), Decimal("6.00"))
    await confirmed(shop.by, incentive, now=MARCH)
    assert await parts_of(incentive) == [("READY", "4.00", False)]
    await estimate(MARCH)
    assert len(await parts_of(incentive)) == 1

    await repaying.record(
        viewer=await a_staff_viewer(Item.ORDER_REVIEW),
        order_id=order.id,
        reason="By bank.",
        now=MARCH,
    )
    await estimate(MARCH)
    await estimate(MARCH)

    assert (await earned()).frozen_amount == 0
    assert await parts_of(incentive) == [("READY", "4.00", False), ("READY", "6.00", True)]


async def test_what_was_refunded_is_owed_no_more_and_thaws(shop: Shop, time: Clock) -> None:
    """The refund lowers its own month; the month of the sale doesn't lose it a second time."""
    time.now = datetime(2030, 2, 27, tzinfo=UTC)
    await a_policy(now=time.now)
    await lend(shop.customer, "1000.00", now=time.now)
    _, subscription = await bought(shop, credit_amount=Decimal("1000.00"), now=time.now)
    time.now = datetime(2030, 3, 1, 1, tzinfo=UTC)
    await finish(2030, 2, now=time.now)
    await confirmed(shop.by, await earned(), now=time.now)
    assert await parts_of(await earned()) == []
    await asked_back(shop, subscription, now=time.now)
    await write(time.now)
    await estimate(time.now)

    found = await earned()
    assert (found.state, found.frozen_amount) == (IncentiveState.CONFIRMED, Decimal(0))
    assert await parts_of(found) == [("READY", "10.00", True)]
    assert (await earned(period="2030-03")).base_amount == Decimal("-1000.00")
