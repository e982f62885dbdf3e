"""What partners earn: base times the ratio of the step that the whole base reaches (I-16, 6.7)."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.incentives import estimating, manual, periods, policies
from domain.incentives.manual import EnteredAlready
from domain.incentives.policies import OtherPeriods, PolicyOfThePast, Step
from domain.performance import adjusting
from kit import database
from kit.problems import Forbidden, InvalidInput
from models.audit import Event
from models.catalogue import IncentiveStrategy
from models.incentives import Incentive, IncentivePeriod, IncentivePolicy, IncentiveState, PaysBy
from models.order_states import PolicyScene
from models.orders import Order
from models.programmes import ProgrammeApplication
from tests.conftest import Clock
from tests.consumption.factories import buy
from tests.incentives.factories import (
    LADDER,
    a_policy,
    confirmed,
    drafts,
    earned,
    estimate,
    finish,
    parts_of,
    the_platform,
)
from tests.orders.factories import Shop, a_shop
from tests.performance.factories import close, lines, write
from tests.refunds.factories import asked_back, bought
from tests.upstream.working import work

pytestmark = pytest.mark.usefixtures("database")


def amounts(incentive: Incentive) -> tuple[str, str, str, str | None, str]:
    """Performance, carried in, base, ratio, amount."""
    ratio = str(incentive.ratio.normalize()) if incentive.ratio is not None else None
    return (
        str(incentive.performance_amount),
        str(incentive.carry_in),
        str(incentive.base_amount),
        ratio,
        str(incentive.amount),
    )


async def test_the_whole_base_has_the_ratio_of_the_step_that_it_reaches(
    shop: Shop, time: Clock
) -> None:
    policy = await a_policy(now=time.now)
    await buy(shop, quantity=9, now=time.now)
    await write(time.now)
    await estimate(time.now)
    assert amounts(await earned()) == ("9000.00", "0.00", "9000.00", "0.01", "90.00")
    await buy(shop, now=time.now)
    await write(time.now)
    await estimate(time.now)

    found = await earned()
    assert amounts(found) == ("10000.00", "0.00", "10000.00", "0.02", "200.00")
    assert (found.state, found.step_from) == (IncentiveState.ESTIMATED, Decimal(10000))
    assert (found.policy_id, found.policy_version) == (policy.id, 1)
    version = found.version
    await estimate(time.now)
    assert (await earned()).version == version


async def test_the_example_of_a_quarter(time: Clock) -> None:
    """6.7: 300,000 + 450,000 + 250,000 = 1,000,000 x 2 % = 20,000.00."""
    time.now = datetime(2030, 1, 5, tzinfo=UTC)
    shop = await a_shop(price="50000.00")
    await a_policy(
        now=time.now,
        period=IncentivePeriod.QUARTER,
        ladder=[Step(Decimal(0), Decimal("0.01")), Step(Decimal(1_000_000), Decimal("0.02"))],
        valid_from="2030-01",
    )
    for month, pieces in ((1, 6), (2, 9), (3, 5)):
        time.now = datetime(2030, month, 10, tzinfo=UTC)
        await buy(shop, quantity=pieces, now=time.now)
        await finish(2030, month, now=datetime(2030, month + 1, 2, tzinfo=UTC))

    found = await earned(period="2030-Q1")
    assert amounts(found) == ("1000000.00", "0.00", "1000000.00", "0.02", "20000.00")
    assert (found.starts_at, found.ends_at) == (
        datetime(2029, 12, 31, 16, tzinfo=UTC),
        datetime(2030, 3, 31, 16, tzinfo=UTC),
    )
    assert found.state is IncentiveState.TO_CONFIRM


async def test_only_sales_of_the_scene_and_strategies_count(time: Clock) -> None:
    standard = await a_shop()
    threshold = await a_shop(strategy=IncentiveStrategy.PERF_NO_REBATE)
    await a_policy(now=time.now)
    await buy(standard, now=time.now)
    by_csp = await buy(standard, quantity=2, now=time.now)
    await Order.filter(id=by_csp.id).update(
        seller_id=standard.partner.id, policy_scene=PolicyScene.CSP
    )
    await buy(threshold, quantity=4, now=time.now)
    await write(time.now)
    await estimate(time.now)

    assert amounts(await earned())[2:] == ("1000.00", "0.01", "10.00")


async def written(shop: Shop, time: Clock) -> None:
    """Whatever was sold is performance of this shop's partner."""
    await Order.all().update(seller_id=shop.partner.id, policy_scene=PolicyScene.DISTRIBUTOR)
    await write(time.now)


async def test_what_earns_nothing_counts_to_the_threshold_nevertheless(time: Clock) -> None:
    """G-04: 1,000.00 is paid for, at the step that it reaches with 9,000.00 more."""
    paid = await a_shop()
    counting = await a_shop(strategy=IncentiveStrategy.PERF_NO_REBATE)
    nothing = await a_shop(strategy=IncentiveStrategy.NONE)
    policy = await a_policy(now=time.now)
    assert policy.strategies == ["SPECIFIC", "STANDARD"]
    assert sorted(policy.threshold_strategies) == ["PERF_NO_REBATE", "SPECIFIC", "STANDARD"]
    await buy(paid, now=time.now)
    await buy(counting, quantity=8, now=time.now)
    await buy(nothing, quantity=9, now=time.now)
    await written(paid, time)
    await estimate(time.now)
    found = await earned()
    assert (found.threshold_amount, amounts(found)[2:]) == (
        Decimal("9000.00"),
        ("1000.00", "0.01", "10.00"),
    )

    await buy(counting, now=time.now)
    await written(paid, time)
    await estimate(time.now)

    found = await earned()
    assert (found.threshold_amount, found.step_from) == (Decimal(10000), Decimal(10000))
    assert amounts(found)[2:] == ("1000.00", "0.02", "20.00")
    version = found.version
    await estimate(time.now)
    assert (await earned()).version == version


async def test_a_policy_may_let_no_more_count_than_it_pays_for(time: Clock) -> None:
    paid = await a_shop()
    counting = await a_shop(strategy=IncentiveStrategy.PERF_NO_REBATE)
    await a_policy(
        now=time.now,
        strategies=[IncentiveStrategy.STANDARD],
        threshold_strategies=[IncentiveStrategy.STANDARD],
    )
    await buy(paid, now=time.now)
    await buy(counting, quantity=9, now=time.now)
    await written(paid, time)
    await estimate(time.now)

    found = await earned()
    assert (found.threshold_amount, found.ratio) == (Decimal("1000.00"), Decimal("0.01"))


async def test_by_quarter_specific_goods_count_and_are_not_paid_for(time: Clock) -> None:
    """G-02, G-03: the quarterly incentive is for STANDARD; SPECIFIC has the monthly one alone."""
    time.now = datetime(2030, 1, 5, tzinfo=UTC)
    paid = await a_shop()
    counting = await a_shop(strategy=IncentiveStrategy.SPECIFIC)
    await a_policy(now=time.now, period=IncentivePeriod.QUARTER, valid_from="2030-01")
    await buy(paid, now=time.now)
    await buy(counting, quantity=9, now=time.now)
    await written(paid, time)
    await estimate(time.now)

    assert amounts(await earned(period="2030-Q1"))[2:] == ("1000.00", "0.02", "20.00")


async def test_a_base_below_zero_pays_nothing_and_begins_the_next_period(
    shop: Shop, time: Clock
) -> None:
    """Two minuses in a row add up; the next plus takes them up."""
    await a_policy(now=time.now)
    platform = await the_platform()
    await buy(shop, now=time.now)
    await finish(2030, 2, now=datetime(2030, 3, 1, tzinfo=UTC))
    [line] = await lines()
    for month, amount in ((3, "-300"), (4, "-200.50"), (5, "2500.50")):
        time.now = datetime(2030, month, 5, tzinfo=UTC)
        await adjusting.enter(
            viewer=platform, line_id=line.id, amount=Decimal(amount), reason="So.", now=time.now
        )
        await finish(2030, month, now=datetime(2030, month + 1, 1, tzinfo=UTC))

    assert amounts(await earned(period="2030-03")) == ("-300.00", "0.00", "-300.00", None, "0.00")
    april = await earned(period="2030-04")
    assert amounts(april) == ("-200.50", "-300.00", "-500.50", None, "0.00")
    may = await earned(period="2030-05")
    assert amounts(may) == ("2500.50", "-500.50", "2000.00", "0.01", "20.00")


async def test_a_refund_lowers_the_period_in_which_it_happens(shop: Shop, time: Clock) -> None:
    """A-14."""
    time.now = datetime(2030, 2, 27, tzinfo=UTC)
    await a_policy(now=time.now)
    _, subscription = await bought(shop, quantity=3, now=time.now)
    await finish(2030, 2, now=datetime(2030, 2, 28, 17, tzinfo=UTC))
    time.now = datetime(2030, 2, 28, 18, tzinfo=UTC)
    await asked_back(shop, subscription, pieces=1, now=time.now)
    await buy(shop, quantity=2, now=time.now)
    await write(time.now)
    await estimate(time.now)

    assert amounts(await earned())[2:] == ("3000.00", "0.01", "30.00")
    assert amounts(await earned(period="2030-03"))[2:] == ("1000.00", "0.01", "10.00")


async def test_it_is_final_only_with_all_sheets_of_its_period(shop: Shop, time: Clock) -> None:
    await a_policy(now=time.now, valid_from="2030-01", period=IncentivePeriod.QUARTER)
    await buy(shop, now=time.now)
    await finish(2030, 2, now=datetime(2030, 3, 1, tzinfo=UTC))
    assert (await earned(period="2030-Q1")).state is IncentiveState.ESTIMATED
    await buy(shop, now=datetime(2030, 3, 20, tzinfo=UTC))
    await close(2030, 3)
    assert await drafts() == 1
    now = datetime(2030, 4, 2, tzinfo=UTC)
    await estimate(now)
    assert (await earned(period="2030-Q1")).state is IncentiveState.ESTIMATED

    await finish(2030, 3, now=now)

    found = await earned(period="2030-Q1")
    assert (found.state, found.confirm_by) == (IncentiveState.TO_CONFIRM, now + timedelta(days=7))
    assert amounts(found)[2:] == ("2000.00", "0.01", "20.00")
    names = [event.name for event in await Event.filter(subject_id=found.id).order_by("id")]
    assert names == ["incentive.final"]


async def test_a_later_version_holds_from_its_first_month_on(shop: Shop, time: Clock) -> None:
    await a_policy(now=time.now, ladder=LADDER[:1])
    later = await a_policy(
        now=time.now, valid_from="2030-03", ladder=[Step(Decimal(0), Decimal("0.05"))]
    )
    await buy(shop, now=time.now)
    await buy(shop, now=datetime(2030, 3, 5, tzinfo=UTC))
    await write(datetime(2030, 3, 5, tzinfo=UTC))
    await estimate(datetime(2030, 3, 5, tzinfo=UTC))

    assert amounts(await earned())[3:] == ("0.01", "10.00")
    march = await earned(period="2030-03")
    assert amounts(march)[3:] == ("0.05", "50.00")
    assert march.policy_id == later.id
    again = await a_policy(now=time.now, valid_from="2030-03", ladder=LADDER[:1])
    assert (again.id, again.version) == (later.id, 2)
    await estimate(datetime(2030, 3, 5, tzinfo=UTC))
    assert (await earned(period="2030-03")).policy_version == 2


async def test_a_policy_ends_with_its_last_month(shop: Shop, time: Clock) -> None:
    await a_policy(now=time.now, valid_to="2030-02")
    await buy(shop, now=time.now)
    await buy(shop, now=datetime(2030, 3, 5, tzinfo=UTC))
    await write(datetime(2030, 3, 5, tzinfo=UTC))
    await estimate(datetime(2030, 3, 5, tzinfo=UTC))

    assert [each.period for each in await Incentive.all()] == ["2030-02"]


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"strategies": []}, "strategies"),
        ({"strategies": [IncentiveStrategy.NONE]}, "strategies"),
        ({"strategies": [IncentiveStrategy.PERF_NO_REBATE]}, "strategies"),
        ({"threshold_strategies": [IncentiveStrategy.STANDARD]}, "thresholdStrategies"),
        ({"threshold_strategies": list(IncentiveStrategy)}, "thresholdStrategies"),
        (
            {
                "period": IncentivePeriod.QUARTER,
                "strategies": [IncentiveStrategy.SPECIFIC],
                "valid_from": "2030-01",
            },
            "strategies",
        ),
        ({"scene": PolicyScene.NONE}, "scene"),
        ({"ladder": []}, "ladder"),
        ({"pays_by": PaysBy.MANUAL}, "ladder"),
        ({"ladder": [LADDER[1], LADDER[0]]}, "ladder"),
        ({"ladder": [Step(Decimal(0), Decimal("1.01"))]}, "ladder"),
        ({"valid_from": "2030-02", "period": IncentivePeriod.QUARTER}, "validFrom"),
        ({"valid_from": "2030-03", "valid_to": "2030-02"}, "validTo"),
    ],
)
async def test_a_policy_that_makes_no_sense_is_refused(
    time: Clock, terms: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await a_policy(now=datetime(2030, 1, 5, tzinfo=UTC), **terms)

    assert refused.value.path[:2] == ("input", field)
    assert await IncentivePolicy.all().count() == 0


async def test_what_is_over_isnt_changed_by_a_policy(shop: Shop, time: Clock) -> None:
    with pytest.raises(PolicyOfThePast):
        await a_policy(now=time.now, valid_from="2030-01")
    await a_policy(now=time.now)
    with pytest.raises(OtherPeriods):
        await a_policy(now=time.now, valid_from="2030-04", period=IncentivePeriod.QUARTER)
    terms: Any = None  # nobody looks at what a partner wants to set
    with pytest.raises(Forbidden):
        await policies.set_policy(viewer=shop.by, code="MINE", terms=terms, now=time.now)

    assert await IncentivePolicy.all().count() == 1


async def test_the_platform_enters_what_an_operations_base_earns(shop: Shop, time: Clock) -> None:
    """A-06: nothing is worked out; the performance stands beside it."""
    await a_policy(
        "BASE",
        now=time.now,
        scene=PolicyScene.OPERATIONS_BASE,
        ladder=[],
        pays_by=PaysBy.MANUAL,
        valid_from="2030-02",
    )
    sold = await buy(shop, quantity=5, now=time.now)
    await Order.filter(id=sold.id).update(
        seller_id=shop.partner.id, policy_scene=PolicyScene.OPERATIONS_BASE
    )
    await finish(2030, 2, now=datetime(2030, 3, 1, tzinfo=UTC))
    assert await Incentive.all().count() == 0
    platform = await the_platform()
    facts: dict[str, Any] = {"partner_id": shop.partner.id, "code": "BASE", "reason": "As agreed."}

    with pytest.raises(InvalidInput):
        await manual.enter(
            viewer=platform, period="2030-02", amount=Decimal(100), now=time.now, **facts
        )
    time.now = datetime(2030, 3, 2, tzinfo=UTC)
    made = await manual.enter(
        viewer=platform, period="2030-02", amount=Decimal("123.45"), now=time.now, **facts
    )
    with pytest.raises(EnteredAlready):
        await manual.enter(
            viewer=platform, period="2030-02", amount=Decimal(1), now=time.now, **facts
        )

    assert (made.state, made.amount) == (IncentiveState.TO_CONFIRM, Decimal("123.45"))
    assert (made.base_amount, made.ratio) == (Decimal("5000.00"), None)
    await confirmed(shop.by, made, now=time.now)
    assert await parts_of(made) == [("READY", "123.45", False)]


async def test_what_nobody_took_lapses_a_year_after_its_partner_left(
    shop: Shop, time: Clock
) -> None:
    """I-15."""
    await a_policy(now=time.now)
    await buy(shop, now=time.now)
    await finish(2030, 2, now=datetime(2030, 3, 1, tzinfo=UTC))
    await work(datetime(2030, 3, 8, tzinfo=UTC))
    await ProgrammeApplication.filter(partner_id=shop.partner.id).update(
        status="EXITED", ended_at=datetime(2030, 3, 15, tzinfo=UTC)
    )

    await estimate(datetime(2031, 3, 14, 23, 59, tzinfo=UTC))
    assert (await earned()).state is IncentiveState.CONFIRMED
    await estimate(datetime(2031, 3, 15, tzinfo=UTC))
    assert (await earned()).state is IncentiveState.LAPSED
    await estimate(datetime(2031, 3, 15, tzinfo=UTC))
    assert await Event.filter(name="incentive.lapsed").count() == 1


async def test_ties_are_rounded_up(shop: Shop, time: Clock) -> None:
    """1000.50 x 0.01 = 10.005 -> 10.01, where HALF_EVEN had 10.00."""
    await a_policy(now=time.now)
    await buy(shop, now=time.now)
    await write(time.now)
    [line] = await lines()
    await adjusting.enter(
        viewer=await the_platform(),
        line_id=line.id,
        amount=Decimal("0.50"),
        reason="So.",
        now=time.now,
    )
    await estimate(time.now)

    assert (await earned()).amount == Decimal("10.01")


def test_periods_have_their_months_and_instants() -> None:
    quarter = periods.span("2030-Q4")
    assert quarter.months == ("2030-10", "2030-11", "2030-12")
    assert quarter.ends_at == datetime(2030, 12, 31, 16, tzinfo=UTC)
    assert periods.before(periods.span("2030-Q1")).name == "2029-Q4"
    assert periods.before(periods.span("2030-01")).name == "2029-12"
    assert (
        periods.running(IncentivePeriod.QUARTER, now=datetime(2030, 3, 31, 16, tzinfo=UTC)).name
        == "2030-Q2"
    )
    for bad in ("2030", "2030-13", "2030-Q5", "30-01", "2030-1"):
        with pytest.raises(InvalidInput):
            periods.span(bad)


async def test_estimating_while_it_is_estimated_does_it_once(shop: Shop, time: Clock) -> None:
    await a_policy(now=time.now)
    await buy(shop, now=time.now)
    await write(time.now)
    await asyncio.gather(*(estimating.estimate(scheduled_for=time.now, now=time.now) for _ in "ab"))

    assert await Incentive.all().count() == 1
    assert await database.rows("select from incentive where version > 1") == []
