"""Usage that cash didn't cover: who owes is told so; money pays it first, but for orders' own."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.funds import allocating, withdrawing
from domain.ledger.audit import audit
from domain.orders import cancelling
from kit import ids
from models.audit import Event
from models.catalogue import Sku
from models.customers import AssociationType, Customer
from models.funds import WithdrawalKind
from models.ledger import LedgerTransfer
from tests.conftest import Clock
from tests.consumption.factories import handed_in, recharge, since_january, spent, used
from tests.customers.conftest import Ask
from tests.orders.factories import Shop, a_shop, balance, begin, fresh, fund, land, place, state_of
from tests.races import at_once

pytestmark = pytest.mark.usefixtures("database")

RECORDS = """{ consumption(first: 9, orderBy: {field: OCCURRED_AT, direction: ASC}) { nodes {
  period status cash { amount } debt { amount } debtPaid { amount } } } }"""


@pytest.fixture
async def sku(shop: Shop, time: Clock) -> Sku:
    """0.33 a unit, ordered in January; it is the tenth of February."""
    return await since_january(shop, time)


async def owing(shop: Shop, sku: Sku, time: Clock) -> None:
    """3.30 for February, which was told first, and 6.60 for January."""
    await handed_in(shop.seller, used(shop, sku, "feb", "10", time.now), now=time.now)
    january = time.now - timedelta(days=15)
    await handed_in(shop.seller, used(shop, sku, "jan", "20", january), now=time.now)


async def has_debt(shop: Shop) -> bool:
    return (await Customer.get(id=shop.customer.id)).has_debt


async def collected() -> list[tuple[str | None, Decimal]]:
    """What has paid for usage: of which month, and how much."""
    found = await LedgerTransfer.filter(subject_type="consumption_record").order_by("id")
    return [(transfer.note, transfer.amount) for transfer in found]


async def test_a_recharge_pays_what_is_owed_the_oldest_month_first(
    shop: Shop, sku: Sku, time: Clock, ask: Ask
) -> None:
    await owing(shop, sku, time)
    assert await has_debt(shop)
    written = await spent()

    await recharge(shop, "7.00", time.now)

    assert await collected() == [
        ("usage 2030-01", Decimal("6.60")),
        ("usage 2030-02", Decimal("0.40")),
    ]
    assert await has_debt(shop)
    assert await balance(shop.customer) == 0
    nodes = (await ask(RECORDS, by=shop.buyer))["nodes"]
    assert [(each["status"], each["debtPaid"]["amount"]) for each in nodes] == [
        ("PAID", "6.60"),
        ("NOT_CLEARED", "0.40"),
    ]

    await recharge(shop, "100.00", time.now, "W2")

    assert (await collected())[2:] == [("usage 2030-02", Decimal("2.90"))]
    assert not await has_debt(shop)
    assert await balance(shop.customer) == Decimal("97.10")
    assert {each["status"] for each in (await ask(RECORDS, by=shop.buyer))["nodes"]} == {"PAID"}
    # What was told of the months stays: that cash didn't cover them then.
    assert await spent() == written
    events = await Event.filter(subject_id=shop.customer.id).order_by("id")
    assert [each.name for each in events if "debt" in each.name] == [
        "customer.fell_into_debt",
        "customer.debt_paid",
    ]
    assert (await audit(scheduled_for=time.now, now=time.now)).is_sound


async def test_who_owes_nothing_keeps_its_recharge(shop: Shop, sku: Sku, time: Clock) -> None:
    await fund(shop.customer, "3.30", now=time.now)
    await handed_in(shop.seller, used(shop, sku, "r1", "10", time.now), now=time.now)

    await recharge(shop, "5.00", time.now)

    assert not await has_debt(shop)
    assert await balance(shop.customer) == Decimal("5.00")
    assert await collected() == [("usage 2030-02", Decimal("3.30"))]


async def test_money_that_was_paid_for_an_order_pays_the_order(
    shop: Shop, sku: Sku, time: Clock
) -> None:
    order = await place(shop, now=time.now)
    payment = await begin(order, shop, time.now)
    await owing(shop, sku, time)

    await land(payment, time.now)

    assert await state_of(payment) == ("PAID", None)
    assert (await fresh(order)).payment_state == "PAID"
    assert await has_debt(shop)
    assert await collected() == []
    assert await balance(shop.customer) == 0


async def test_what_an_order_leaves_of_its_money_pays_what_is_owed(
    shop: Shop, sku: Sku, time: Clock
) -> None:
    order = await place(shop, now=time.now)
    payment = await begin(order, shop, time.now)
    await owing(shop, sku, time)

    await land(payment, time.now, amount="1007.00")

    assert await state_of(payment) == ("PAID", None)
    assert await collected() == [
        ("usage 2030-01", Decimal("6.60")),
        ("usage 2030-02", Decimal("0.40")),
    ]
    assert await has_debt(shop)
    assert await balance(shop.customer) == 0


@pytest.mark.parametrize("amount", ["990.00", None])
async def test_what_cannot_pay_its_order_pays_what_is_owed(
    shop: Shop, sku: Sku, time: Clock, amount: str | None
) -> None:
    """Too little of it, or too late."""
    order = await place(shop, now=time.now)
    payment = await begin(order, shop, time.now)
    await owing(shop, sku, time)
    if amount is None:
        assert order.pay_by is not None
        time.now = order.pay_by

    await land(payment, time.now, amount=amount)

    assert (await state_of(payment))[0] != "PAID"
    assert (await fresh(order)).payment_state == "UNPAID"
    assert not await has_debt(shop)
    assert await balance(shop.customer) == Decimal(amount or "1000.00") - Decimal("9.90")


async def test_money_that_lands_twice_pays_its_order_once_and_then_what_is_owed(
    shop: Shop, sku: Sku, time: Clock
) -> None:
    order = await place(shop, now=time.now)
    payment = await begin(order, shop, time.now)
    await owing(shop, sku, time)

    await at_once(
        *(land(payment, time.now, reference=reference) for reference in ("A1", "A2")),
        while_locked=await Customer.get(id=shop.customer.id),
    )

    assert (await fresh(order)).payment_state == "PAID"
    assert sum(amount for _, amount in await collected()) == Decimal("9.90")
    assert not await has_debt(shop)
    assert await balance(shop.customer) == Decimal("990.10")


@pytest.mark.parametrize("order_first", [True, False])
async def test_money_for_an_order_and_a_recharge_at_once_pay_each_their_own(
    shop: Shop, sku: Sku, time: Clock, *, order_first: bool
) -> None:
    order = await place(shop, now=time.now)
    payment = await begin(order, shop, time.now)
    await owing(shop, sku, time)
    calls = [land(payment, time.now), recharge(shop, "8.00", time.now)]

    await at_once(
        *(calls if order_first else reversed(calls)),
        while_locked=await Customer.get(id=shop.customer.id),
    )

    assert await state_of(payment) == ("PAID", None)
    assert sum(amount for _, amount in await collected()) == Decimal("8.00")
    assert await has_debt(shop)
    assert await balance(shop.customer) == 0


@pytest.mark.parametrize("lands_first", [True, False])
async def test_money_for_an_order_against_its_cancelling(
    shop: Shop, sku: Sku, time: Clock, *, lands_first: bool
) -> None:
    """Either the order is paid and the debt stays, or it is cancelled and the debt is paid."""
    order = await place(shop, now=time.now)
    payment = await begin(order, shop, time.now)
    await owing(shop, sku, time)
    calls = [
        land(payment, time.now),
        cancelling.cancel(viewer=shop.buyer, order_id=order.id, now=time.now),
    ]

    await at_once(
        *(calls if lands_first else reversed(calls)),
        while_locked=await Customer.get(id=shop.customer.id),
    )

    paid = (await fresh(order)).payment_state == "PAID"
    assert paid is lands_first
    assert await has_debt(shop) is paid
    assert await balance(shop.customer) == (0 if paid else Decimal("990.10"))
    assert (await audit(scheduled_for=time.now, now=time.now)).is_sound


async def test_what_a_partner_gives_pays_what_its_customer_owes(time: Clock) -> None:
    """An agency customer gets no other money, and could never end its association in debt."""
    shop = await a_shop(type=AssociationType.AGENCY)
    await owing(shop, await since_january(shop, time), time)
    await fund(shop.partner, "100.00", now=time.now)

    for _ in range(2):
        await allocating.allocate(
            viewer=shop.by,
            customer_id=shop.customer.id,
            amount=Decimal("10.00"),
            trans_id="once",
            now=time.now,
        )

    assert not await has_debt(shop)
    assert await balance(shop.customer) == Decimal("0.10")
    assert await balance(shop.partner) == Decimal("90.00")


async def test_a_partner_is_told_what_its_agency_customers_owe(time: Clock) -> None:
    """F-07."""
    shop = await a_shop(type=AssociationType.AGENCY)
    await owing(shop, await since_january(shop, time), time)
    await fund(shop.partner, "100.00", now=time.now)

    found = await withdrawing.look(viewer=shop.by, kind=WithdrawalKind.BANK_CARD, now=time.now)

    assert (found.sub_customer_debt, found.amount) == (Decimal("9.90"), Decimal("90.10"))
    assert [each.code for each in found.blockers] == ["SUB_CUSTOMERS_IN_DEBT"]


async def test_new_usage_waits_for_what_was_owed_before(shop: Shop, sku: Sku, time: Clock) -> None:
    """Money that came by a way that tells nobody pays as soon as usage is charged again."""
    await owing(shop, sku, time)
    await fund(shop.customer, "10.00", now=time.now)

    made = await handed_in(shop.seller, used(shop, sku, "more", "1", time.now), now=time.now)

    assert (made.charged_amount, made.debt_amount) == (Decimal("0.33"), Decimal("0.23"))
    assert await has_debt(shop)
    assert await balance(shop.customer) == 0
    assert (await spent())[-1] == {
        "type": "USAGE",
        "official": "0.33",
        "cash": "0.10",
        "debt": "0.23",
    }


async def test_two_recharges_at_once_pay_a_debt_once(shop: Shop, sku: Sku, time: Clock) -> None:
    await owing(shop, sku, time)

    await at_once(
        *(recharge(shop, "8.00", time.now, reference) for reference in ("W1", "W2")),
        while_locked=await Customer.get(id=shop.customer.id),
    )

    assert sum(amount for _, amount in await collected()) == Decimal("9.90")
    assert not await has_debt(shop)
    assert await balance(shop.customer) == Decimal("6.10")


async def test_the_customer_and_its_partner_see_that_it_owes(
    shop: Shop, sku: Sku, time: Clock, ask: Ask
) -> None:
    query = "query ($id: ID!) { customer(id: $id) { hasDebt } }"
    id = ids.encode("cus", shop.customer.id)
    assert await ask(query, by=shop.by, id=id) == {"hasDebt": False}

    await owing(shop, sku, time)

    assert await ask(query, by=shop.by, id=id) == {"hasDebt": True}
