"""Usage that isn't what it was: corrected, or paid when it had been debt. To the cent, once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.settlement import exporting, recomputing
from domain.settlement.rules import CURRENT, RULES, ShareFacts
from domain.statements import cancelling
from kit import database, ids
from models.catalogue import ChargeMode, GoodsKind, ShareModel, Sku
from models.settlement import SettlementLine, Unsettled
from models.statements import Statement
from models.usage import UsageRecord
from tests.catalogue.factories import a_sku, some_goods
from tests.conftest import Clock
from tests.consumption.factories import handed_in, recharge, used
from tests.customers.conftest import Ask
from tests.factories import a_staff_viewer
from tests.orders.factories import Shop, fund
from tests.settlement.factories import (
    BILLING,
    DIFF,
    EXPLAINED,
    FEBRUARY,
    FEBRUARY_ENDS,
    MARCH,
    NEXT_BILLING,
    a_csp_shop,
    run,
    sold,
    statements_of,
    usage_of,
    waiting,
    worked,
)

pytestmark = pytest.mark.usefixtures("database")

HOUR = timedelta(hours=1)
START = datetime(2030, 1, 31, 23, 30, tzinfo=UTC)
RULE = RULES[CURRENT]


@pytest.fixture
async def metered(shop: Shop, time: Clock) -> Sku:
    """Ten yuan each, of which its seller earns one; there is no money for it."""
    return await by_use(shop, time, price="10.00")


@pytest.fixture
async def staff() -> Viewer:
    """Somebody who may look at statements, and make them again."""
    return await a_staff_viewer(Item.SETTLEMENT_RUN, Item.SETTLEMENT_REVIEW)


async def by_use(shop: Shop, time: Clock, *, price: str) -> Sku:
    """A SKU of the shop's goods that was ordered through its partner."""
    sku = await a_sku(shop.goods, price=price, charge_mode=ChargeMode.ON_DEMAND)
    await sold(replace(shop, sku=sku), now=time.now)
    return sku


async def uses(
    shop: Shop, sku: Sku, id: str, quantity: str, time: Clock, corrects: str | None = None
) -> None:
    """So much by now, or so much instead of that one."""
    line = used(shop, sku, id, quantity, time.now)
    if corrects is not None:
        before = await UsageRecord.get(record_id=corrects)
        line |= {"corrects": corrects, "usedAt": before.used_at.isoformat()}
    await handed_in(shop.seller, line, now=time.now)


async def proves(statement: Statement) -> None:
    """Its export says nothing that it doesn't prove."""
    assert [
        str(each)
        for each in recomputing.check([line async for line in exporting.export(statement.number)])
    ] == []


async def test_debt_earns_its_share_in_the_month_in_which_it_is_paid(
    shop: Shop, metered: Sku, staff: Viewer, time: Clock, ask: Ask
) -> None:
    await fund(shop.customer, "30.00", now=time.now)
    await uses(shop, metered, "r1", "10", time)
    await recharge(shop, "20.00", time.now + HOUR)
    await recharge(shop, "10.00", FEBRUARY_ENDS, "W2")

    time.now = BILLING
    await run()
    await run(MARCH, now=NEXT_BILLING)

    february, march = await statements_of(shop.partner)
    assert await usage_of(february) == [("30.00", "0.00", "3.00"), ("20.00", "30.00", "2.00")]
    assert await usage_of(march) == [("10.00", "0.00", "1.00")]
    assert (february.total_amount, march.total_amount) == (Decimal("5.00"), Decimal("1.00"))
    assert await waiting(shop.partner) == []
    first, second, third = await SettlementLine.all().order_by("id")
    assert first.deal_amount == Decimal("100.00")
    assert (second.deal_amount, second.eligible_at) == (None, START + HOUR)
    assert third.eligible_at == FEBRUARY_ENDS
    await proves(february)
    await proves(march)
    told = (await ask(EXPLAINED, by=staff, id=ids.encode("stl", second.id)))["explanation"]
    assert told["agrees"]
    assert [(each["symbol"], each["value"]) for each in told["inputs"]][:3] == [
        ("Ccash", "20.00"),
        ("CASH", "20.00"),
        ("B", "30.00"),
    ]
    told = (await ask(EXPLAINED, by=staff, id=ids.encode("stl", first.id)))["explanation"]
    assert told["exclusions"] == [{"reason": "NOT_PAID", "amount": {"amount": "70.00"}}]


async def test_debt_that_is_paid_is_settled_again_when_its_statement_is_cancelled(
    shop: Shop, metered: Sku, staff: Viewer, time: Clock, ask: Ask
) -> None:
    await fund(shop.customer, "30.00", now=time.now)
    await uses(shop, metered, "r1", "10", time)
    await recharge(shop, "20.00", time.now + HOUR)
    await run()
    [before] = await statements_of(shop.partner)
    time.now = BILLING + HOUR
    await cancelling.cancel(viewer=staff, statement_id=before.id, reason="Wrong.", now=time.now)
    assert [
        (row.cash, row.created_at) for row in await Unsettled.filter(transfer_id__not_isnull=True)
    ] == [(Decimal("20.00"), START + HOUR)]

    await cancelling.regenerate(viewer=staff, statement_id=before.id, now=time.now)
    await worked(time.now)

    _, after = await statements_of(shop.partner)
    assert await usage_of(after) == await usage_of(before)
    told = await ask(
        DIFF, by=staff, before=ids.encode("stm", before.id), after=ids.encode("stm", after.id)
    )
    assert told["lines"]["nodes"] == []
    await proves(after)


async def test_what_comes_back_of_a_charge_is_settled_by_its_terms(
    shop: Shop, metered: Sku, staff: Viewer, time: Clock, ask: Ask
) -> None:
    await fund(shop.customer, "100.00", now=time.now)
    await uses(shop, metered, "r1", "10", time)
    await uses(shop, metered, "c1", "4", time, "r1")
    await run()

    [statement] = await statements_of(shop.partner)
    assert await usage_of(statement) == [
        ("100.00", "0.00", "10.00"),
        ("-60.00", "100.00", "-6.00"),
    ]
    await proves(statement)
    time.now = BILLING
    first, back = await SettlementLine.all().order_by("id")
    assert (back.order_line_id, back.deal_amount) == (first.order_line_id, Decimal("-60.00"))
    told = (await ask(EXPLAINED, by=staff, id=ids.encode("stl", back.id)))["explanation"]
    assert (told["agrees"], told["amount"]["amount"]) == (True, "-6.00")


async def test_what_comes_back_after_the_statement_is_taken_from_the_next_one(
    shop: Shop, metered: Sku, time: Clock
) -> None:
    """6.9: below zero it is carried on; half a cent goes away from zero."""
    cents = await by_use(shop, time, price="0.05")
    await fund(shop.customer, "1.00", now=time.now)
    await uses(shop, cents, "r1", "1", time)
    await run()
    time.now = BILLING
    await uses(shop, cents, "c1", "0", time, "r1")

    await run(MARCH, now=NEXT_BILLING)

    february, march = await statements_of(shop.partner)
    assert await usage_of(february) == [("0.05", "0.00", "0.01")]
    assert await usage_of(march) == [("-0.05", "0.00", "-0.01")]
    assert march.total_amount == Decimal("-0.01")
    await proves(march)


async def test_debt_that_was_charged_too_much_never_earns(
    shop: Shop, metered: Sku, time: Clock
) -> None:
    await uses(shop, metered, "r1", "10", time)
    await uses(shop, metered, "c1", "4", time, "r1")
    await recharge(shop, "100.00", time.now)
    await run()

    [statement] = await statements_of(shop.partner)
    assert statement.total_amount == Decimal("4.00")
    assert await usage_of(statement) == [
        ("0.00", "0.00", "0.00"),
        ("0.00", "0.00", "0.00"),
        ("40.00", "0.00", "4.00"),
    ]
    await proves(statement)


async def test_what_earns_nothing_earns_nothing_when_it_is_corrected_or_paid(
    shop: Shop, metered: Sku, time: Clock
) -> None:
    await uses(shop, metered, "r1", "10", time)
    await Unsettled.all().delete()  # as if the order had been no offer of the partner's

    await uses(shop, metered, "c1", "4", time, "r1")
    await recharge(shop, "100.00", time.now)

    assert await waiting(shop.partner) == []


MOVES = st.lists(
    st.tuples(
        st.sampled_from(("use", "correct", "recharge")),
        st.decimals(Decimal("0.01"), Decimal("99.99"), places=2),
    ),
    min_size=2,
    max_size=8,
)


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    moves=MOVES,
    price=st.sampled_from(("0.05", "0.33", "7.77")),
    ratio=st.decimals(Decimal("0.01"), 1, places=4),
    cut=st.integers(0, 8),
)
async def test_whatever_is_told_corrected_and_paid_comes_to_the_share_of_the_cash_that_stayed(
    moves: list[tuple[str, Decimal]], price: str, ratio: Decimal, cut: int, time: Clock
) -> None:
    """In SQL what `rules` says, for what stands in each statement; nothing is lost between them."""
    time.now = START
    shop = await a_csp_shop()
    goods = await some_goods(merchant=shop.merchant, share_ratio=ratio)
    shop = replace(shop, goods=goods)
    sku = await by_use(shop, time, price=price)
    shop = replace(shop, sku=sku)
    said: list[str] = []
    for number, (move, amount) in enumerate(moves):
        if number == cut:
            time.now = FEBRUARY_ENDS
            await run(FEBRUARY, partner_id=shop.partner.id, now=time.now)
        time.forward(seconds=1)
        id = f"{shop.customer.account_name}-{number}"
        if move == "recharge":
            await recharge(shop, str(amount), time.now, id)
        elif move == "use" or not said:
            await uses(shop, sku, id, str(amount), time)
            said.append(id)
        else:
            await uses(shop, sku, id, str(amount), time, said[-1])
            said[-1] = id
    for period in (FEBRUARY, MARCH):
        await run(period, partner_id=shop.partner.id, now=NEXT_BILLING)

    assert await waiting(shop.partner) == []
    paid = Decimal(0)
    for statement in await statements_of(shop.partner):
        lines = await SettlementLine.filter(statement_id=statement.id)
        cash = sum((line.cash for line in lines), Decimal(0))
        assert statement.goods_tax_rate is not None
        assert (
            statement.lines_amount
            == RULE.share(
                ShareFacts(
                    share_model=ShareModel.DEAL_PRICE,
                    goods_kind=GoodsKind(lines[0].goods_kind),
                    cash=cash,
                    deal_amount=None,
                    floor_amount=None,
                    ratio=ratio,
                    goods_tax_rate=statement.goods_tax_rate,
                    fee_tax_rate=statement.fee_tax_rate,
                )
            ).amount
        )
        await proves(statement)
        paid += cash
    assert paid == await gone_for_usage(shop)


async def gone_for_usage(shop: Shop) -> Decimal:
    """What of the customer's cash went into usage and stayed there, as the ledger has it."""
    [row] = await database.rows(
        "select coalesce(-sum(entry.amount), 0) as amount from ledger_entry entry"
        " join ledger_account account on account.id = entry.account_id"
        " join ledger_transfer moved on moved.id = entry.transfer_id"
        " where account.customer_id = $1 and moved.subject_type = 'consumption_record'",
        shop.customer.id,
    )
    return Decimal(row["amount"])
