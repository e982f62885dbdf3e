"""Usage that was told wrongly: what was too much comes back, what was too little is charged."""

from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.consumption import importing
from domain.consumption.usage_lines import UsageLineCode
from domain.ledger.audit import audit
from kit import database, ids
from models.catalogue import Sku
from models.consumption import ConsumptionRecord
from models.customers import Customer
from models.usage import UsageImport, UsageRecord
from tests.catalogue.factories import a_merchant
from tests.conftest import Clock
from tests.consumption.factories import handed_in, recharge, since_january, spent, uploaded, used
from tests.customers.conftest import Ask
from tests.factories import an_administrator
from tests.orders.factories import Shop, assert_books_add_up, balance, fund
from tests.races import at_once

pytestmark = pytest.mark.usefixtures("database")

CONSUMPTION = """{ consumption(first: 9, orderBy: {field: OCCURRED_AT, direction: ASC}) { nodes {
  corrects { consumeAmount { amount } } } } }"""
IMPORT = """query($id: ID!) { node(id: $id) { ... on UsageImport { addedCount correctionCount
  chargedAmount { amount } returnedAmount { amount } } } }"""
SHANGHAI = timedelta(hours=8)


@pytest.fixture
async def sku(shop: Shop, time: Clock) -> Sku:
    """0.33 a unit, ordered in January; it is the tenth of February."""
    return await since_january(shop, time)


def corrected(
    shop: Shop, sku: Sku, record_id: str, quantity: object, at: datetime, corrects: str = "r1"
) -> dict[str, object]:
    """A line that corrects another of the same moment."""
    return used(shop, sku, record_id, quantity, at) | {"corrects": corrects}


def codes(made: UsageImport) -> list[tuple[int, str]]:
    return [(error["line"], error["code"]) for error in made.errors]


async def owes(shop: Shop) -> bool:
    return (await Customer.get(id=shop.customer.id)).has_debt


async def test_what_was_told_too_high_comes_back_as_cash(
    shop: Shop, sku: Sku, time: Clock, ask: Ask
) -> None:
    await fund(shop.customer, "10.00", now=time.now)
    await handed_in(shop.seller, used(shop, sku, "r1", "10", time.now), now=time.now)

    made = await handed_in(shop.seller, corrected(shop, sku, "c1", "4", time.now), now=time.now)

    assert (made.added, made.corrections) == (1, 1)
    assert (made.charged_amount, made.returned_amount) == (Decimal(0), Decimal("1.98"))
    assert await spent() == [
        {"type": "USAGE", "official": "3.30", "cash": "3.30"},
        {"type": "USAGE", "official": "-1.98", "cash": "-1.98"},
    ]
    assert await balance(shop.customer) == Decimal("8.68")
    nodes = (await ask(CONSUMPTION, by=shop.buyer))["nodes"]
    assert [each["corrects"] for each in nodes] == [None, {"consumeAmount": {"amount": "3.30"}}]
    charge, back = await ConsumptionRecord.all().order_by("id")
    assert back.corrects_id == charge.id
    for name in ("period", "occurred_at", "partner_id", "association_id", "manager_id", "goods_id"):
        assert getattr(back, name) == getattr(charge, name)
    told = await ask(IMPORT, by=shop.seller, id=ids.encode("uim", made.id))
    assert (told["correctionCount"], told["returnedAmount"]) == (1, {"amount": "1.98"})
    await assert_books_add_up()
    assert (await audit(scheduled_for=time.now, now=time.now)).is_sound


async def test_what_was_told_too_low_is_charged(shop: Shop, sku: Sku, time: Clock) -> None:
    await fund(shop.customer, "4.00", now=time.now)
    await handed_in(shop.seller, used(shop, sku, "r1", "10", time.now), now=time.now)

    made = await handed_in(shop.seller, corrected(shop, sku, "c1", "15", time.now), now=time.now)

    assert (made.charged_amount, made.debt_amount, made.returned_amount) == (
        Decimal("1.65"),
        Decimal("0.95"),
        Decimal(0),
    )
    assert (await spent())[1:] == [
        {"type": "USAGE", "official": "1.65", "cash": "0.70", "debt": "0.95"}
    ]
    assert await owes(shop)


async def test_what_is_owed_is_let_go_before_cash_comes_back(
    shop: Shop, sku: Sku, time: Clock, ask: Ask
) -> None:
    """Of 3.30 a yuan was paid; of 0.66 nothing is owed any more, and 0.34 come back."""
    await fund(shop.customer, "1.00", now=time.now)
    await handed_in(shop.seller, used(shop, sku, "r1", "10", time.now), now=time.now)
    assert await owes(shop)

    made = await handed_in(shop.seller, corrected(shop, sku, "c1", "2", time.now), now=time.now)

    assert made.returned_amount == Decimal("2.64")
    assert (await spent())[1:] == [
        {"type": "USAGE", "official": "-2.64", "cash": "-0.34", "debt": "-2.30"}
    ]
    assert await balance(shop.customer) == Decimal("0.34")
    assert not await owes(shop)
    await recharge(shop, "5.00", time.now)
    assert await balance(shop.customer) == Decimal("5.34")
    await assert_books_add_up()


async def test_a_part_of_what_is_owed_stays_owed(shop: Shop, sku: Sku, time: Clock) -> None:
    await handed_in(shop.seller, used(shop, sku, "r1", "10", time.now), now=time.now)
    await handed_in(shop.seller, corrected(shop, sku, "c1", "9", time.now), now=time.now)
    assert await owes(shop)

    await recharge(shop, "5.00", time.now)

    assert await balance(shop.customer) == Decimal("2.03")
    assert not await owes(shop)

    # All of it was paid by now, a part of it later.
    await handed_in(shop.seller, corrected(shop, sku, "c2", "0", time.now, "c1"), now=time.now)
    assert await balance(shop.customer) == Decimal("5.00")
    assert (await spent())[1:] == [
        {"type": "USAGE", "official": "-0.33", "debt": "-0.33"},
        {"type": "USAGE", "official": "-2.97", "cash": "-2.97"},
    ]
    await assert_books_add_up()


async def test_cash_that_comes_back_pays_what_is_owed_otherwise(
    shop: Shop, sku: Sku, time: Clock
) -> None:
    january = time.now - timedelta(days=15)
    await fund(shop.customer, "3.30", now=time.now)
    await handed_in(shop.seller, used(shop, sku, "r1", "10", time.now), now=time.now)
    await handed_in(shop.seller, used(shop, sku, "jan", "20", january), now=time.now)

    await handed_in(shop.seller, corrected(shop, sku, "c1", "0", time.now), now=time.now)

    assert await balance(shop.customer) == 0
    assert await owes(shop)
    await recharge(shop, "3.30", time.now)
    assert not await owes(shop)
    assert await balance(shop.customer) == 0


async def test_only_the_month_is_rounded_also_when_it_is_corrected(
    shop: Shop, sku: Sku, time: Clock
) -> None:
    """0.0165 are two cents; without the second they are 0.0132, one cent."""
    await fund(shop.customer, "1.00", now=time.now)
    lines = [used(shop, sku, f"r{n}", "0.01", time.now) for n in range(5)]
    await handed_in(shop.seller, *lines, now=time.now)
    assert await balance(shop.customer) == Decimal("0.98")

    returned = [
        (
            await handed_in(
                shop.seller, corrected(shop, sku, f"c{n}", "0", time.now, f"r{n}"), now=time.now
            )
        ).returned_amount
        for n in range(5)
    ]

    # 0.0132, 0.0099, 0.0066, 0.0033, 0
    assert returned == [Decimal("0.01"), 0, 0, Decimal("0.01"), 0]
    assert await balance(shop.customer) == Decimal("1.00")
    [left] = await database.rows("select sum(consume_amount) as amount from consumption_record")
    assert left["amount"] == 0


async def test_a_file_corrects_what_it_tells_itself_and_one_tells_more_and_less(
    shop: Shop, sku: Sku, time: Clock
) -> None:
    await fund(shop.customer, "10.00", now=time.now)
    made = await handed_in(
        shop.seller,
        used(shop, sku, "r1", "10", time.now),
        corrected(shop, sku, "c1", "4", time.now),
        corrected(shop, sku, "c2", "6", time.now, "c1"),
        used(shop, sku, "r2", "1", time.now),
        now=time.now,
    )

    assert (made.added, made.corrections, made.failed) == (4, 2, 0)
    # 10 and 2 more and 1; then 6 less.
    assert (made.charged_amount, made.returned_amount) == (Decimal("4.29"), Decimal("1.98"))
    assert await balance(shop.customer) == Decimal("7.69")


async def test_the_same_correction_again_adds_nothing(shop: Shop, sku: Sku, time: Clock) -> None:
    await fund(shop.customer, "10.00", now=time.now)
    lines = [used(shop, sku, "r1", "10", time.now), corrected(shop, sku, "c1", "4", time.now)]
    await handed_in(shop.seller, *lines, now=time.now)

    again = await handed_in(shop.seller, *lines, now=time.now)
    other = await handed_in(
        shop.seller,
        corrected(shop, sku, "c1", "5", time.now),
        used(shop, sku, "c1", "4", time.now),
        now=time.now,
    )

    assert (again.added, again.repeated, again.failed) == (0, 2, 0)
    assert codes(other) == [(1, UsageLineCode.CHANGED), (2, UsageLineCode.CHANGED)]
    assert await balance(shop.customer) == Decimal("8.68")


async def test_what_can_not_be_corrected_is_told_and_nothing_changes(
    shop: Shop, sku: Sku, time: Clock
) -> None:
    await fund(shop.customer, "10.00", now=time.now)
    await handed_in(shop.seller, used(shop, sku, "r1", "10", time.now), now=time.now)
    await handed_in(shop.seller, corrected(shop, sku, "c1", "4", time.now), now=time.now)
    line = corrected(shop, sku, "c2", "3", time.now)

    made = await handed_in(
        shop.seller,
        line,
        line | {"corrects": "nothing"},
        line | {"corrects": "c1", "source": "other"},
        line | {"corrects": "c1", "usedAt": (time.now - timedelta(seconds=1)).isoformat()},
        line | {"corrects": "c1", "sku": shop.sku.code},
        line | {"corrects": "c1", "customer": "nobody"},
        line | {"corrects": ""},
        line | {"corrects": "c1", "quantity": "-1"},
        used(shop, sku, "r3", "0", time.now),
        now=time.now,
    )

    assert codes(made) == [
        (1, UsageLineCode.CORRECTED_ALREADY),
        (2, UsageLineCode.CORRECTED_UNKNOWN),
        (3, UsageLineCode.CORRECTED_UNKNOWN),
        (4, UsageLineCode.CORRECTION_DIFFERS),
        (5, UsageLineCode.CORRECTION_DIFFERS),
        (6, UsageLineCode.CORRECTION_DIFFERS),
        (7, UsageLineCode.FIELD_INVALID),
        (8, UsageLineCode.QUANTITY_INVALID),
        (9, UsageLineCode.QUANTITY_INVALID),
    ]
    assert await UsageRecord.all().count() == 2
    assert await balance(shop.customer) == Decimal("8.68")


async def test_a_month_is_corrected_until_it_is_billed(shop: Shop, sku: Sku, time: Clock) -> None:
    """K-04: at six in the morning of the fifth, in Beijing."""
    await fund(shop.customer, "10.00", now=time.now)
    at = time.now
    await handed_in(shop.seller, used(shop, sku, "r1", "10", at), now=time.now)
    closed = datetime(2030, 3, 5, 6, tzinfo=UTC) - SHANGHAI

    before = await handed_in(
        shop.seller, corrected(shop, sku, "c1", "4", at), now=closed - timedelta(microseconds=1)
    )
    after = await handed_in(shop.seller, corrected(shop, sku, "c2", "3", at, "c1"), now=closed)

    assert (before.added, codes(after)) == (1, [(1, UsageLineCode.MONTH_CLOSED)])
    assert (
        after.errors[0]["en"] == "The usage of 2030-02 is billed; it can't be corrected any more."
    )
    assert await balance(shop.customer) == Decimal("8.68")


async def test_another_merchant_corrects_nothing(shop: Shop, sku: Sku, time: Clock) -> None:
    await handed_in(shop.seller, used(shop, sku, "r1", "10", time.now), now=time.now)
    other = await an_administrator(await a_merchant("Other Shop"))

    made = await handed_in(other, corrected(shop, sku, "c1", "4", time.now), now=time.now)

    assert codes(made) == [(1, UsageLineCode.CORRECTED_UNKNOWN)]


@pytest.mark.parametrize("first", [0, 1])
async def test_two_corrections_of_the_same_at_once_count_once(
    shop: Shop, sku: Sku, time: Clock, first: int
) -> None:
    await fund(shop.customer, "10.00", now=time.now)
    await handed_in(shop.seller, used(shop, sku, "r1", "10", time.now), now=time.now)
    files = [
        await uploaded(
            shop.seller, corrected(shop, sku, f"c{n}", str(4 + n), time.now), now=time.now
        )
        for n in range(2)
    ]

    def taken(number: int) -> Coroutine[Any, Any, UsageImport]:
        return importing.import_file(viewer=shop.seller, file_id=files[number].id, now=time.now)

    made = await at_once(taken(first), taken(1 - first), while_locked=shop.customer)

    assert [(each.added, codes(each)) for each in made] == [
        (1, []),
        (0, [(1, UsageLineCode.CORRECTED_ALREADY)]),
    ]
    assert await balance(shop.customer) == Decimal("10.00") - Decimal("0.33") * (4 + first)
    await assert_books_add_up()
