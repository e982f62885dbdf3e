"""Runs: what is settled and when, once; what waits, and with what it comes."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.identity.items import Item
from domain.identity.viewer import SYSTEM
from domain.offers import bindings
from domain.orders import repaying
from domain.settlement import runs
from models.catalogue import GoodsCategory
from models.customers import AssociationType, Customer
from models.order_states import PolicyScene
from models.orders import Order
from models.partners import Partner
from models.settlement import SettledKind, SettlementLine, StatementKind
from models.settlement_runs import RunState, SettlementRun
from tests.conftest import Clock
from tests.factories import a_staff_viewer
from tests.orders.factories import Shop, lend, place
from tests.settlement.factories import (
    BILLING,
    FEBRUARY,
    FEBRUARY_ENDS,
    MARCH,
    MARCH_ENDS,
    NEXT_BILLING,
    a_csp_shop,
    amounts,
    begun,
    certified,
    given_back,
    run,
    sold,
    statements_of,
    waiting,
    worked,
)
from tests.upstream.working import work

pytestmark = pytest.mark.usefixtures("database")

ORIGINAL, REVERSAL = SettledKind.ORIGINAL, SettledKind.REVERSAL
HUNDRED = Decimal("100.00")
DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)


async def test_a_sale_of_a_month_is_settled_on_the_billing_day(shop: Shop, time: Clock) -> None:
    order, line = await sold(shop, now=time.now)
    assert order.policy_scene == "CSP"
    assert await waiting(shop.partner) == [ORIGINAL]

    made = await run()

    assert made.state is RunState.DONE
    [statement] = await statements_of(shop.partner)
    assert (statement.lines, statement.total_amount) == (1, HUNDRED)
    assert (statement.goods_tax_rate, statement.fee_tax_rate) == (Decimal("0.06"), Decimal("0.06"))
    [found] = await SettlementLine.all()
    assert (found.kind, found.cash, found.amount) == (ORIGINAL, Decimal(1000), HUNDRED)
    assert (found.order_line_id, found.eligible_at) == (line.id, time.now)
    assert await waiting(shop.partner) == []


@pytest.mark.parametrize(
    ("opened_at", "is_in"),
    [(FEBRUARY_ENDS - MICROSECOND, True), (FEBRUARY_ENDS, False)],
)
async def test_a_period_ends_at_sixteen_hours_utc(
    shop: Shop, time: Clock, opened_at: object, is_in: bool
) -> None:
    time.now = opened_at  # type: ignore[assignment]
    await sold(shop, now=time.now)
    await run()
    assert len(await statements_of(shop.partner)) == is_in
    await run(MARCH, now=NEXT_BILLING)
    [statement] = await statements_of(shop.partner)
    assert statement.period == (FEBRUARY if is_in else MARCH)


async def test_a_run_again_finds_nothing_and_a_second_one_is_refused(
    shop: Shop, time: Clock
) -> None:
    await sold(shop, now=time.now)
    await run()
    with pytest.raises(runs.RunExists):
        await begun(now=BILLING)
    assert await runs.start_due(scheduled_for=BILLING, now=BILLING) == []
    await worked(BILLING)
    assert await SettlementRun.all().count() == 1
    assert await SettlementLine.all().count() == 1


async def test_statements_of_a_period_that_runs_are_refused(shop: Shop, time: Clock) -> None:
    staff = await a_staff_viewer(Item.SETTLEMENT_RUN)
    with pytest.raises(runs.PeriodNotOver) as refused:
        await runs.start_all(
            viewer=staff, kind=StatementKind.BASIC, period=FEBRUARY, now=FEBRUARY_ENDS - MICROSECOND
        )
    assert refused.value.ends_at == FEBRUARY_ENDS
    assert await SettlementRun.all().count() == 0
    await runs.start_all(viewer=staff, kind=StatementKind.BASIC, period=FEBRUARY, now=FEBRUARY_ENDS)


async def test_what_is_not_opened_waits_for_the_next_run(shop: Shop, time: Clock) -> None:
    await sold(shop, now=time.now, opened=False)
    await run()
    assert await statements_of(shop.partner) == []
    assert await waiting(shop.partner) == [ORIGINAL]
    await work(BILLING)
    await run(MARCH, now=NEXT_BILLING)
    [statement] = await statements_of(shop.partner)
    assert (statement.period, statement.total_amount) == (MARCH, HUNDRED)


async def test_what_was_lent_waits_until_it_is_repaid(shop: Shop, time: Clock) -> None:
    await lend(shop.customer, "1000.00", now=time.now)
    order, _ = await sold(shop, now=time.now, credit_amount=Decimal(400))
    assert order.payment_state == "PAID_ON_CREDIT"
    await run()
    assert await statements_of(shop.partner) == []
    repaid_at = BILLING + DAY
    await repaying.record(viewer=SYSTEM, order_id=order.id, reason="Wired.", now=repaid_at)
    await run(MARCH, now=NEXT_BILLING)
    [line] = await SettlementLine.all()
    assert (line.eligible_at, line.cash, line.amount) == (repaid_at, Decimal(1000), HUNDRED)


async def test_without_certified_business_information_nothing_is_made(time: Clock) -> None:
    shop = await a_csp_shop(rate=None)
    await sold(shop, now=time.now)
    made = await run()
    assert made.state is RunState.DONE
    assert await statements_of(shop.partner) == []
    await certified(shop.partner, rate="0.03", at=BILLING + DAY)
    await run(MARCH, now=NEXT_BILLING)
    [statement] = await statements_of(shop.partner)
    assert statement.fee_tax_rate == Decimal("0.03")
    assert statement.total_amount == Decimal("97.17")  # 100 / 1.06 * 1.03


async def test_statements_are_apart_by_the_tax_of_the_goods(time: Clock) -> None:
    shop = await a_csp_shop(tax_rate=Decimal("0.13"))
    await sold(shop, now=time.now)
    other = await a_csp_shop()
    await bindings.bind(customer_id=other.customer.id, partner_id=shop.partner.id, now=time.now)
    await sold(replace(other, partner=shop.partner), now=time.now)
    await run()
    found = await statements_of(shop.partner)
    assert [(each.goods_tax_rate, each.total_amount) for each in found] == [
        (Decimal("0.06"), HUNDRED),
        (Decimal("0.13"), Decimal("93.81")),
    ]


async def test_a_refund_in_the_same_month_stands_behind_its_sale(shop: Shop, time: Clock) -> None:
    """E8, D-07."""
    other, _ = await sold(shop, now=time.now + DAY)
    order, _ = await sold(shop, now=time.now)
    await given_back(shop, order, now=time.now + 2 * DAY)
    await run()
    [statement] = await statements_of(shop.partner)
    assert await amounts(statement) == [
        (ORIGINAL, HUNDRED),
        (REVERSAL, -HUNDRED),
        (ORIGINAL, HUNDRED),
    ]
    back = await SettlementLine.get(kind=REVERSAL)
    first = await SettlementLine.get(id=back.original_id)
    assert (back.takes_remainder, back.cash, back.deal_amount) == (
        True,
        Decimal(-1000),
        Decimal(-1000),
    )
    assert first.order_line_id == back.order_line_id
    assert other.id != order.id


async def test_a_refund_after_the_statement_stands_in_the_next_below_zero(
    shop: Shop, time: Clock
) -> None:
    """E8, E12, A-29: what is below zero is carried, and taken off what comes."""
    time.now = FEBRUARY_ENDS - DAY
    order, _ = await sold(shop, now=time.now)
    await run(now=FEBRUARY_ENDS)
    await given_back(shop, order, now=FEBRUARY_ENDS + DAY)
    await run(MARCH, now=NEXT_BILLING)
    february, march = await statements_of(shop.partner)
    assert (february.total_amount, march.total_amount) == (HUNDRED, -HUNDRED)
    await sold(shop, now=NEXT_BILLING, quantity=3)
    await run("2030-04", now=NEXT_BILLING + 31 * DAY)
    *_, april = await statements_of(shop.partner)
    assert (april.lines_amount, april.carry_in) == (Decimal("300.00"), -HUNDRED)
    assert (april.total_amount, april.carried_from_id) == (Decimal("200.00"), march.id)


async def test_two_months_below_zero_add_up(shop: Shop, time: Clock) -> None:
    time.now = FEBRUARY_ENDS - DAY
    first, _ = await sold(shop, now=time.now)
    second, _ = await sold(shop, now=time.now)
    await run(now=FEBRUARY_ENDS)
    await given_back(shop, first, now=FEBRUARY_ENDS + DAY)
    await run(MARCH, now=MARCH_ENDS)
    await given_back(shop, second, now=MARCH_ENDS + DAY)  # of 365 days 33 were used
    await run("2030-04", now=MARCH_ENDS + 31 * DAY)
    _, march, april = await statements_of(shop.partner)
    assert april.carry_in == march.total_amount == -HUNDRED
    assert (april.lines_amount, april.total_amount) == (Decimal("-90.96"), Decimal("-190.96"))


async def test_a_guarantee_refund_after_the_month_but_before_the_run_comes_with_its_sale(
    shop: Shop, time: Clock
) -> None:
    """A-28: bought on the last day, given back on the second, made on the third."""
    order, _ = await sold(shop, now=FEBRUARY_ENDS - DAY)
    await given_back(shop, order, now=FEBRUARY_ENDS + DAY)
    await run()
    [statement] = await statements_of(shop.partner)
    assert await amounts(statement) == [(ORIGINAL, HUNDRED), (REVERSAL, -HUNDRED)]
    assert statement.total_amount == 0


async def test_what_comes_back_before_it_could_be_settled_stands_there_with_its_refund(
    time: Clock,
) -> None:
    """A-27: supervision isn't done, and nobody asks any more."""
    shop = await a_csp_shop(category=GoodsCategory.LICENSE, requires_supervision=True)
    order, line = await sold(shop, now=time.now)
    assert line.supervision_state == "IN_PROGRESS"
    await given_back(shop, order, now=time.now + DAY)
    await run()
    [statement] = await statements_of(shop.partner)
    found = await SettlementLine.filter(statement_id=statement.id).order_by("id")
    assert [line.amount for line in found] == [HUNDRED, -HUNDRED]
    assert {line.eligible_at for line in found} == {time.now + DAY}


@pytest.mark.parametrize(
    ("parts", "cents"),
    [((1, 1, 1), ["37.52", "37.52", "37.53"]), ((2, 1), ["75.04", "37.53"])],
)
async def test_refunds_in_parts_take_back_exactly_what_was_paid(
    time: Clock, parts: tuple[int, ...], cents: list[str]
) -> None:
    """6.3 rule 4; in one statement or in several."""
    shop = await a_csp_shop(
        price="333.33", tax_rate=Decimal("0.13"), share_ratio=Decimal("0.24"), five_day_refund=True
    )
    await sold(shop, now=time.now, quantity=3)
    order = await Order.get()
    for count, pieces in enumerate(parts):
        await given_back(shop, order, pieces=pieces, now=time.now + timedelta(minutes=count + 1))
    await run()
    found = await SettlementLine.filter(kind=REVERSAL).order_by("eligible_at")
    whole = await SettlementLine.get(kind=ORIGINAL)
    assert sum((each.amount for each in found), whole.amount) == 0
    assert [str(-each.amount) for each in found] == cents
    assert [each.takes_remainder for each in found] == [False] * (len(parts) - 1) + [True]


async def test_a_sale_to_its_own_customer_is_not_for_statements(time: Clock, shop: Shop) -> None:
    """G-06 (1), S-08."""
    customer = await Customer.get(id=shop.customer.id)
    assert customer.partner_id is not None
    order = await place(shop, now=time.now)
    assert order.policy_scene is PolicyScene.NONE
    own = await Partner.get(id=customer.partner_id)
    order = await place(shop, seller_account_name=own.account_name, now=time.now)
    assert order.policy_scene is PolicyScene.DISTRIBUTOR
    assert customer.association_type is AssociationType.REFERRAL
