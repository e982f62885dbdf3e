"""Who gets a mid or long-tail customer from another partner earns nothing for six months (I-13)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.associations import associating, ending
from domain.customers import standing
from domain.identity.items import Item
from domain.identity.viewer import SYSTEM, Viewer
from domain.performance import adjusting
from kit import ids
from kit.transaction import transactional
from models.audit import Event
from models.customers import Association, AssociationType, Customer, CustomerSegment
from models.incentives import Incentive, IncentivePeriod, PaysBy
from models.partners import Partner
from models.performance import PerformanceLine
from tests.conftest import Clock
from tests.consumption.factories import buy
from tests.customers.conftest import Ask, Refused
from tests.customers.factories import a_customer, a_user_of
from tests.factories import a_distributor, a_partner, a_staff_viewer, an_administrator
from tests.incentives.factories import a_policy, earned, estimate, finish, the_platform
from tests.orders.factories import Shop, lend
from tests.performance.factories import write
from tests.refunds.factories import asked_back, bought

pytestmark = pytest.mark.usefixtures("database")

MID = CustomerSegment.MID_LONG_TAIL
NAMED = CustomerSegment.NAMED
SECOND = timedelta(seconds=1)
BOUND = datetime(2030, 8, 31, 2, 0, tzinfo=UTC)  # ten o'clock in Shanghai
# The last day of a February in Shanghai: six calendar months on, at the same time of day.
EARNS = datetime(2031, 2, 28, 2, 0, tzinfo=UTC)


@transactional
async def leaves(customer: Customer, *, now: datetime) -> None:
    held = await Customer.get(id=customer.id)
    await ending.end(held, reason="DISASSOCIATED_BY_CUSTOMER", viewer=SYSTEM, now=now)


@transactional
async def comes(customer: Customer, to: Partner, *, now: datetime) -> Association:
    return await associating.associate(
        viewer=SYSTEM,
        customer=await Customer.get(id=customer.id),
        partner_id=to.id,
        type=AssociationType.REFERRAL,
        now=now,
    )


@transactional
async def switches(customer: Customer, *, now: datetime) -> None:
    held = await Customer.get(id=customer.id)
    await ending.switch(held, to_type=AssociationType.AGENCY, viewer=SYSTEM, now=now)


async def segmented(customer: Customer, segment: CustomerSegment, *, now: datetime) -> None:
    await standing.set_segment(
        viewer=await a_staff_viewer(Item.CUSTOMER_LEVEL),
        customer_id=customer.id,
        segment=segment,
        reason="Reviewed.",
        now=now,
    )


async def rebound(
    shop: Shop,
    *,
    to: Partner | None = None,
    segment: CustomerSegment = MID,
    now: datetime = BOUND,
) -> Association:
    """The shop's customer goes from its partner to another one."""
    await segmented(shop.customer, segment, now=now)
    await leaves(shop.customer, now=now)
    return await comes(shop.customer, to or await a_partner("Delta"), now=now)


async def since(association: Association) -> datetime | None:
    return (await Association.get(id=association.id)).incentives_from


async def the_lines() -> list[tuple[str, Decimal, str | None, datetime | None]]:
    """Of each line: kind, amount, why it earns nothing, and until when."""
    return [
        (line.kind.value, line.amount, line.exclusion and line.exclusion.value, line.excluded_until)
        for line in await PerformanceLine.all().order_by("performed_at", "id")
    ]


def sums(incentive: Incentive) -> dict[str, str]:
    names = ("performance_amount", "excluded_amount", "threshold_amount", "amount")
    return {name: str(getattr(incentive, name)) for name in names}


async def test_a_rebound_customer_earns_nothing_until_the_second_at_which_six_months_are_over(
    shop: Shop, time: Clock
) -> None:
    association = await rebound(shop)
    assert await since(association) == EARNS
    for at in (BOUND, EARNS - SECOND, EARNS, EARNS + SECOND):
        await buy(shop, now=at)
    await write(EARNS + SECOND)

    thousand = Decimal("1000.00")
    assert await the_lines() == [
        ("SALE", thousand, "REBOUND_CUSTOMER", EARNS),
        ("SALE", thousand, "REBOUND_CUSTOMER", EARNS),
        ("SALE", thousand, None, None),
        ("SALE", thousand, None, None),
    ]
    assert {line.partner_id for line in await PerformanceLine.all()} == {association.partner_id}


async def test_performance_stays_and_counts_to_the_threshold_but_nothing_is_paid_for_it(
    shop: Shop, time: Clock
) -> None:
    delta = await a_partner("Delta")
    await rebound(shop, to=delta, now=time.now)
    await a_policy(now=time.now)
    await buy(shop, quantity=9, now=time.now)
    other = await a_customer("Pearl", of=delta)
    await write(time.now)
    await estimate(time.now)
    nothing = await earned()
    assert sums(nothing) == {
        "performance_amount": "0.00",
        "excluded_amount": "9000.00",
        "threshold_amount": "9000.00",
        "amount": "0.00",
    }
    assert nothing.ratio is None

    await of_another(shop, other, quantity=2, now=time.now)
    await write(time.now)
    await estimate(time.now)

    # 11,000 reach the step of 2 %, which is paid for 2,000.
    assert sums(await earned()) == {
        "performance_amount": "2000.00",
        "excluded_amount": "9000.00",
        "threshold_amount": "11000.00",
        "amount": "40.00",
    }
    sheet_total = sum(line.amount for line in await PerformanceLine.filter(partner_id=delta.id))
    assert sheet_total == Decimal("11000.00")


async def of_another(shop: Shop, customer: Customer, *, quantity: int, now: datetime) -> None:
    """Another customer of the same partner buys the same."""
    await buy(
        replace(shop, customer=customer, buyer=await a_user_of(customer)),
        quantity=quantity,
        now=now,
    )


@pytest.mark.parametrize("segment", [NAMED, CustomerSegment.UNCLASSIFIED])
async def test_other_segments_earn_at_once(
    shop: Shop, time: Clock, segment: CustomerSegment
) -> None:
    association = await rebound(shop, segment=segment)
    await buy(shop, now=BOUND)
    await write(BOUND)

    assert await since(association) is None
    assert [line[2] for line in await the_lines()] == [None]


async def test_a_customer_who_is_bound_for_the_first_time_earns_at_once(
    shop: Shop, time: Clock
) -> None:
    fresh = await a_customer("Pearl", segment=MID)
    association = await comes(fresh, shop.partner, now=BOUND)
    await of_another(shop, fresh, quantity=1, now=BOUND)
    await write(BOUND)

    assert await since(association) is None
    assert [line[2] for line in await the_lines()] == [None]


async def test_who_comes_back_to_its_last_partner_is_not_rebound(shop: Shop, time: Clock) -> None:
    again = await rebound(shop, to=shop.partner)

    assert await since(again) is None


async def test_going_away_and_back_or_switching_the_type_makes_nothing_shorter(
    shop: Shop, time: Clock
) -> None:
    delta = await a_partner("Delta")
    await rebound(shop, to=delta)
    month = timedelta(days=30)
    await leaves(shop.customer, now=BOUND + month)
    back = await comes(shop.customer, delta, now=BOUND + 2 * month)
    assert await since(back) == EARNS
    await switches(shop.customer, now=BOUND + 3 * month)
    switched = await Association.get(customer_id=shop.customer.id, state="ACTIVE")

    assert (switched.type, switched.incentives_from) == (AssociationType.AGENCY, EARNS)
    await leaves(shop.customer, now=EARNS)
    late = await comes(shop.customer, delta, now=EARNS)
    assert await since(late) is None


async def test_the_second_at_which_the_policy_begins(time: Clock) -> None:
    begins = datetime(2025, 12, 31, 16, tzinfo=UTC)
    found = []
    for at in (begins - SECOND, begins):
        customer = await a_customer(of=await a_partner("Acme"), segment=MID)
        await leaves(customer, now=at)
        found.append(await since(await comes(customer, await a_partner("Delta"), now=at)))

    assert found == [None, datetime(2026, 6, 30, 16, tzinfo=UTC)]


async def test_from_one_reseller_to_another_it_stays_with_the_distributor(time: Clock) -> None:
    distributor, other = await a_distributor("River"), await a_distributor("Lake")
    first, second, foreign = [
        await a_partner(name, distributor=whose)
        for name, whose in (("One", distributor), ("Two", distributor), ("Three", other))
    ]
    customer = await a_customer(of=first, segment=MID)
    await leaves(customer, now=BOUND)
    assert await since(await comes(customer, second, now=BOUND)) is None
    await leaves(customer, now=BOUND)

    assert await since(await comes(customer, foreign, now=BOUND)) == EARNS


async def test_what_is_set_after_the_binding_changes_nothing_of_it(shop: Shop, time: Clock) -> None:
    association = await rebound(shop)
    await segmented(shop.customer, NAMED, now=BOUND + SECOND)
    await buy(shop, now=BOUND + SECOND)
    await write(BOUND + SECOND)

    assert await since(association) == EARNS
    assert [line[2] for line in await the_lines()] == ["REBOUND_CUSTOMER"]


async def test_what_comes_back_of_an_excluded_sale_takes_nothing_from_others(
    shop: Shop, time: Clock
) -> None:
    """Also when it comes back after the six months; and a correction is excluded likewise."""
    await rebound(shop)
    await a_policy(now=time.now)
    _, subscription = await bought(shop, now=EARNS - timedelta(hours=1))
    await asked_back(shop, subscription, now=EARNS + timedelta(hours=1))
    await buy(shop, quantity=3, now=EARNS + timedelta(hours=2))
    await write(EARNS + timedelta(hours=2))
    lines = await the_lines()
    assert [line[:3] for line in lines] == [
        ("SALE", Decimal("1000.00"), "REBOUND_CUSTOMER"),
        ("REFUND", Decimal("-1000.00"), "REBOUND_CUSTOMER"),
        ("SALE", Decimal("3000.00"), None),
    ]
    sale = await PerformanceLine.get(kind="SALE", exclusion="REBOUND_CUSTOMER")
    await adjusting.enter(
        viewer=await the_platform(),
        line_id=sale.id,
        amount=Decimal("500.00"),
        reason="Counted too low.",
        now=EARNS + timedelta(hours=3),
    )
    await estimate(EARNS + timedelta(hours=3))

    assert sums(await earned(period="2031-02")) == {
        "performance_amount": "3000.00",
        "excluded_amount": "500.00",
        "threshold_amount": "3500.00",
        "amount": "30.00",
    }


async def test_credit_that_earns_nothing_is_neither_frozen_nor_thaws(
    shop: Shop, time: Clock
) -> None:
    delta = await a_partner("Delta")
    await rebound(shop, to=delta, now=time.now)
    await a_policy(now=time.now)
    await lend(shop.customer, "1000.00", now=time.now)
    await buy(shop, credit_amount=Decimal("1000.00"), now=time.now)
    other = await a_customer("Pearl", of=delta)
    await of_another(shop, other, quantity=1, now=time.now)
    await write(time.now)
    await finish(2030, 2, now=datetime(2030, 3, 2, tzinfo=UTC))

    found = await earned()
    assert (found.amount, found.frozen_amount) == (Decimal("10.00"), Decimal("0.00"))


SET = """mutation ($id: ID!, $segment: CustomerSegment!, $reason: String!) {
  customerSegmentSet(input: {id: $id, segment: $segment, reason: $reason}) {
    customer { segment } errors { code path } } }"""


async def test_the_platform_sets_segments_and_everybody_reads_them(time: Clock, ask: Ask) -> None:
    partner = await a_partner()
    customer = await a_customer(of=partner)
    await a_customer("Pearl", of=partner, segment=NAMED)
    by, staff = await an_administrator(partner), await a_staff_viewer(Item.CUSTOMER_LEVEL)
    given: dict[str, Any] = {"id": ids.encode("cus", customer.id), "segment": "MID_LONG_TAIL"}
    with pytest.raises(Refused) as refused:
        await ask(SET, by=by, **given, reason="Small.")
    assert refused.value.codes == ["FORBIDDEN"]
    assert (await ask(SET, by=staff, **given, reason=" "))["errors"] == [
        {"code": "INVALID_INPUT", "path": ["input", "reason"]}
    ]
    assert (await Customer.get(id=customer.id)).segment is CustomerSegment.UNCLASSIFIED

    for _ in range(2):
        told = await ask(SET, by=staff, **given, reason="Small.")
        assert told == {"customer": {"segment": "MID_LONG_TAIL"}, "errors": []}

    [event] = await Event.filter(subject_id=customer.id)
    assert (event.name, event.before, event.after, event.reason) == (
        "customer.segment_set",
        {"segment": "UNCLASSIFIED"},
        {"segment": "MID_LONG_TAIL"},
        "Small.",
    )
    found = await ask(
        "{ customers(filter: {segment: [MID_LONG_TAIL]}) { nodes { id segment } } }", by=by
    )
    assert found["nodes"] == [given]


async def test_the_reason_is_told_on_line_incentive_association_and_in_the_explanation(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    delta = await a_partner("Delta")
    by = await an_administrator(delta)
    await a_policy(
        now=time.now, period=IncentivePeriod.MONTH, pays_by=PaysBy.APPLICATION, valid_from="2030-02"
    )
    association = await rebound(shop, to=delta, now=time.now)
    until = await since(association)
    assert until is not None
    await buy(shop, quantity=2, now=time.now)
    await write(time.now)
    await estimate(time.now)
    time.forward(days=4)

    line = await one(
        ask,
        by,
        "performanceLines(filter: {exclusion: [REBOUND_CUSTOMER]})"
        " { nodes { exclusion excludedUntil amount { amount } } }",
    )
    incentive = await one(
        ask,
        by,
        "incentives { nodes { amount { amount } excludedAmount { amount } explanation { agrees"
        " exclusions { reason message instrument amount { amount } source { id } } } } }",
    )
    bound = await one(
        ask, by, "associations(filter: {status: [ACTIVE]}) { nodes { incentivesFrom } }"
    )

    told = f"{until:%Y-%m-%dT%H:%M:%S.%f}Z"
    assert line == {
        "exclusion": "REBOUND_CUSTOMER",
        "excludedUntil": told,
        "amount": {"amount": "2000.00"},
    }
    assert incentive == {
        "amount": {"amount": "0.00"},
        "excludedAmount": {"amount": "2000.00"},
        "explanation": {
            "agrees": True,
            "exclusions": [
                {
                    "reason": "REBOUND_CUSTOMER",
                    "message": "What is sold to a customer who has come from another partner earns"
                    " no incentive for some months; it counts to the threshold.",
                    "instrument": None,
                    "amount": {"amount": "2000.00"},
                    "source": None,
                }
            ],
        },
    }
    assert bound == {"incentivesFrom": told}


async def one(ask: Ask, by: Viewer, field: str) -> Any:
    [node] = (await ask("{ " + field + " }", by=by))["nodes"]
    return node
