"""Usage: a month's charges of the same goods come to the rounded whole, wherever it is shown."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.offers import bindings
from domain.settlement import exporting, recomputing
from domain.statements import cancelling
from kit import ids
from models.catalogue import ChargeMode, Sku
from models.settlement import SettlementLine
from tests.catalogue.factories import a_sku
from tests.conftest import Clock
from tests.consumption.factories import handed_in, used
from tests.customers.conftest import Ask
from tests.factories import a_staff_viewer
from tests.orders.factories import Shop, fund
from tests.settlement.factories import (
    BILLING,
    DIFF,
    EXPLAINED,
    a_csp_shop,
    run,
    sold,
    statements_of,
    usage_of,
    worked,
)

pytestmark = pytest.mark.usefixtures("database")

HOUR = timedelta(hours=1)
PREVIEW = """query($partner: ID!) { settlementRunPreview(kind: BASIC, period: "2030-02",
  partnerId: $partner) { statements { lineCount totalAmount { amount } } } }"""


@pytest.fixture
async def metered(shop: Shop, time: Clock) -> Sku:
    """Five cents each, of which its seller earns half a cent. There is a yuan to pay for it."""
    sku = await a_sku(shop.goods, price="0.05", charge_mode=ChargeMode.ON_DEMAND)
    await sold(replace(shop, sku=sku), now=time.now)
    await fund(shop.customer, "1.00", now=time.now)
    return sku


@pytest.fixture
async def staff() -> Viewer:
    """Somebody who may look at statements, and make them again."""
    return await a_staff_viewer(Item.SETTLEMENT_RUN, Item.SETTLEMENT_REVIEW)


async def uses(shop: Shop, sku: Sku, *hours: int, now: Any) -> None:
    """One at each of these hours, in an import of its own."""
    for hour in hours:
        line = used(shop, sku, f"{shop.customer.account_name}{hour}", "1", now + hour * HOUR)
        await handed_in(shop.seller, line, now=now + 100 * HOUR)


async def test_charges_of_a_month_come_to_the_rounded_whole(
    shop: Shop, metered: Sku, staff: Viewer, time: Clock, ask: Ask
) -> None:
    """6.10: each alone would be a cent; the three of them are a cent and a half, so two."""
    await uses(shop, metered, 1, 2, 3, now=time.now)
    time.now = BILLING
    partner = ids.encode("ptn", shop.partner.id)
    assert (await ask(PREVIEW, by=staff, partner=partner))["statements"] == [
        {"lineCount": 3, "totalAmount": {"amount": "0.02"}}
    ]
    await run()
    [statement] = await statements_of(shop.partner)
    assert statement.total_amount == Decimal("0.02")
    assert await usage_of(statement) == [
        ("0.05", "0.00", "0.01"),
        ("0.05", "0.05", "0.00"),
        ("0.05", "0.10", "0.01"),
    ]


async def test_other_customers_usage_is_rounded_by_itself(
    shop: Shop, metered: Sku, time: Clock
) -> None:
    other = await a_csp_shop()
    await bindings.bind(customer_id=other.customer.id, partner_id=shop.partner.id, now=time.now)
    other = replace(other, partner=shop.partner, goods=shop.goods, sku=metered, seller=shop.seller)
    await sold(other, now=time.now)
    await fund(other.customer, "1.00", now=time.now)
    await uses(shop, metered, 1, now=time.now)
    await uses(other, metered, 2, now=time.now)
    await run()
    [statement] = await statements_of(shop.partner)
    assert await usage_of(statement) == [("0.05", "0.00", "0.01")] * 2


async def test_a_charge_explains_itself_by_what_stands_before_it(
    shop: Shop, metered: Sku, staff: Viewer, time: Clock, ask: Ask
) -> None:
    await uses(shop, metered, 1, 2, now=time.now)
    await run()
    time.now = BILLING
    first, second = await SettlementLine.all().order_by("id")

    told = [
        (await ask(EXPLAINED, by=staff, id=ids.encode("stl", line.id)))["explanation"]
        for line in (first, second)
    ]

    assert [(each["agrees"], each["amount"]["amount"]) for each in told] == [
        (True, "0.01"),
        (True, "0.00"),
    ]
    assert told[0]["symbols"] == "S = Ccash * 0.5 * r / (1 + tg) * (1 + tf)"
    assert told[1]["symbols"] == (
        "S = round((B + Ccash) * 0.5 * r / (1 + tg) * (1 + tf))"
        " - round(B * 0.5 * r / (1 + tg) * (1 + tf))"
    )
    assert ("B", "0.05") in [(each["symbol"], each["value"]) for each in told[1]["inputs"]]
    assert [(each["expression"], each["value"]) for each in told[1]["steps"][-3:]] == [
        ("0.01", "0.01"),
        ("0.005", "0.01"),
        ("0.01 - 0.01", "0.00"),
    ]
    assert told[1]["rounding"].startswith("The share of all that a customer has used")


async def test_what_was_not_paid_for_is_left_out(
    shop: Shop, metered: Sku, staff: Viewer, time: Clock, ask: Ask
) -> None:
    line = used(shop, metered, "much", "30", time.now)
    await handed_in(shop.seller, line, now=time.now + HOUR)
    await run()
    time.now = BILLING
    [found] = await SettlementLine.all()
    told = (await ask(EXPLAINED, by=staff, id=ids.encode("stl", found.id)))["explanation"]
    assert (str(found.amount), told["agrees"]) == ("0.10", True)
    assert told["exclusions"] == [{"reason": "NOT_PAID", "amount": {"amount": "0.50"}}]


async def test_usage_that_was_told_late_changes_those_behind_it_and_the_diff_says_so(
    shop: Shop, metered: Sku, staff: Viewer, time: Clock, ask: Ask
) -> None:
    await uses(shop, metered, 1, 3, now=time.now)
    await uses(shop, metered, 2, now=time.now)
    await run()
    [before] = await statements_of(shop.partner)
    late = used(shop, metered, "late", "3", time.now + HOUR / 2)
    await handed_in(shop.seller, late, now=BILLING + HOUR)
    time.now = BILLING + 2 * HOUR
    await cancelling.cancel(viewer=staff, statement_id=before.id, reason="Late.", now=time.now)
    await cancelling.regenerate(viewer=staff, statement_id=before.id, now=time.now)
    await worked(time.now)
    _, after = await statements_of(shop.partner)
    assert (before.total_amount, after.total_amount) == (Decimal("0.02"), Decimal("0.03"))

    told = await ask(
        DIFF, by=staff, before=ids.encode("stm", before.id), after=ids.encode("stm", after.id)
    )

    assert told["sums"] == [
        {
            "kind": "USAGE",
            "beforeLineCount": 3,
            "beforeAmount": {"amount": "0.02"},
            "afterLineCount": 4,
            "afterAmount": {"amount": "0.03"},
        }
    ]
    assert sorted(
        (each["change"], [reason["why"] for reason in each["reasons"]])
        for each in told["lines"]["nodes"]
    ) == [
        ("ADDED", ["USED"]),
        *[("CHANGED", ["OTHER_USAGE"])] * 3,
    ]


async def test_the_export_of_usage_proves_its_sum(shop: Shop, metered: Sku, time: Clock) -> None:
    await uses(shop, metered, 1, 2, 3, now=time.now)
    await run()
    [statement] = await statements_of(shop.partner)

    lines = [line async for line in exporting.export(statement.number)]
    assert [str(each) for each in recomputing.check(lines)] == []

    # As if each charge had been rounded by itself: every line agrees with itself, not the month.
    alone = [json.loads(line) for line in lines]
    for record in alone[1:-1]:
        record |= {"cash_before": "0.00", "amount": "0.01"}
    wrong = [
        str(each) for each in recomputing.check(json.dumps(each).encode() + b"\n" for each in alone)
    ]
    second, third = (record["id"] for record in alone[2:4])
    assert f"line 3: {second}: used before: 0.00 stored, 0.05 found" in wrong
    assert f"line 4: {third}: used before: 0.00 stored, 0.10 found" in wrong
