"""What comes back pays what is owed, and goes on to who had given it (C-21, D-11)."""

from datetime import datetime
from decimal import Decimal

import pytest

from domain.associations import ending
from domain.funds import adjusting, allocating, withdrawing
from domain.funds.withdrawing import BankAccount
from domain.identity.items import Item
from domain.identity.viewer import SYSTEM
from domain.orders import paying
from kit.transaction import transactional
from models.audit import Event
from models.customers import AssociationType, Customer
from models.funds import AdjustKind, AdjustRecord, WithdrawalKind
from models.ledger import AccountKind
from models.orders import Order
from models.subscriptions import Subscription
from tests.conftest import Clock
from tests.consumption.factories import handed_in, metered, used
from tests.factories import a_staff_viewer
from tests.orders.factories import (
    CREDIT,
    Shop,
    a_shop,
    assert_books_add_up,
    balance,
    fresh,
    fund,
    lend,
    place,
)
from tests.refunds.factories import asked_back, assert_sums_agree, bought, parts_of
from tests.upstream.working import work

pytestmark = pytest.mark.usefixtures("database")

D = Decimal


@pytest.fixture
async def shop(time: Clock) -> Shop:
    """Its goods come back within five days."""
    return await a_shop(five_day_refund=True)


@pytest.fixture
async def agency(time: Clock) -> Shop:
    """A shop whose customer spends what Acme gives it; Acme has 5000."""
    shop = await a_shop(type=AssociationType.AGENCY, five_day_refund=True)
    await fund(shop.partner, "5000.00", now=time.now)
    return shop


async def bought_of_what_was_given(
    shop: Shop, *, given: str = "1000.00", now: datetime
) -> tuple[Order, Subscription]:
    """The shop's SKU for 1000."""
    await allocating.allocate(
        viewer=shop.by, customer_id=shop.customer.id, amount=D(given), now=now
    )
    order = await place(shop, now=now)
    await paying.pay(viewer=shop.buyer, order_id=order.id, now=now)
    await work(now)
    return order, await Subscription.get(order_id=order.id)


@transactional
async def leave(shop: Shop, now: datetime) -> None:
    customer = await Customer.select_for_update(no_key=True).get(id=shop.customer.id)
    await ending.end(customer, reason="TEST", viewer=SYSTEM, now=now)


@transactional
async def become_referral(shop: Shop, now: datetime) -> None:
    customer = await Customer.select_for_update(no_key=True).get(id=shop.customer.id)
    await ending.switch(customer, to_type=AssociationType.REFERRAL, viewer=SYSTEM, now=now)


@pytest.mark.parametrize("parted", [leave, become_referral])
async def test_what_an_agency_customer_gets_back_once_it_has_left_is_its_partners(
    agency: Shop, time: Clock, parted: object
) -> None:
    """C-21."""
    order, subscription = await bought_of_what_was_given(agency, given="1200.00", now=time.now)
    time.forward(days=1)
    await parted(agency, time.now)  # type: ignore[operator]
    assert await balance(agency.partner) == D("4000.00")

    refund = await asked_back(agency, subscription, now=time.now)

    assert await balance(agency.customer) == 0
    assert await balance(agency.partner) == D("5000.00")
    assert await parts_of(refund) == {"CASH": (D("1000.00"), "PARTNER")}
    records = await AdjustRecord.filter(kind=AdjustKind.UNBIND_RECOVERY).order_by("id")
    assert [record.amount for record in records] == [D("200.00"), D("1000.00")]
    assert {record.partner_id for record in records} == {agency.partner.id}
    await assert_sums_agree(order)


async def test_of_its_own_money_nothing_goes_to_the_partner(agency: Shop, time: Clock) -> None:
    await fund(agency.customer, "700.00", now=time.now)
    _, subscription = await bought_of_what_was_given(agency, given="300.00", now=time.now)
    time.forward(days=1)
    await leave(agency, time.now)

    refund = await asked_back(agency, subscription, now=time.now)

    assert await balance(agency.customer) == D("700.00")
    assert await balance(agency.partner) == D("5000.00")
    assert await parts_of(refund) == {"CASH": (D("1000.00"), "CUSTOMER")}


async def test_while_it_stays_what_comes_back_is_the_customers_to_spend(
    agency: Shop, time: Clock
) -> None:
    _, subscription = await bought_of_what_was_given(agency, now=time.now)

    await asked_back(agency, subscription, now=time.now)

    assert await balance(agency.customer) == D("1000.00")
    assert await balance(agency.partner) == D("4000.00")


async def test_bought_after_it_has_left_it_comes_back_to_the_customer(
    agency: Shop, time: Clock
) -> None:
    await bought_of_what_was_given(agency, now=time.now)
    order = await place(agency, now=time.now)
    time.forward(days=1)
    await leave(agency, time.now)
    await fund(agency.customer, "1000.00", now=time.now)
    await paying.pay(viewer=agency.buyer, order_id=order.id, now=time.now)
    await work(time.now)

    await asked_back(agency, await Subscription.get(order_id=order.id), now=time.now)

    assert await balance(agency.customer) == D("1000.00")
    assert await balance(agency.partner) == D("4000.00")


async def test_credit_that_comes_back_repays_other_orders(shop: Shop, time: Clock) -> None:
    await lend(shop.customer, "5000.00", now=time.now)
    first, subscription = await bought(shop, now=time.now, credit_amount=D("1000.00"))
    time.forward(minutes=1)
    second, _ = await bought(shop, now=time.now, credit_amount=D("1000.00"))
    await repay(shop, "1000.00", time.now)
    assert (await fresh(first)).payment_state == "REPAID"
    assert (await fresh(second)).payment_state == "PAID_ON_CREDIT"

    await asked_back(shop, subscription, now=time.now)

    assert await balance(shop.customer, CREDIT) == 0
    assert (await fresh(second)).payment_state == "REPAID"


async def test_what_the_platform_lets_off_is_repaid(shop: Shop, time: Clock) -> None:
    await lend(shop.customer, "5000.00", now=time.now)
    order, _ = await bought(shop, now=time.now, credit_amount=D("1000.00"))

    await repay(shop, "999.99", time.now)
    assert (await fresh(order)).payment_state == "PAID_ON_CREDIT"
    await repay(shop, "0.01", time.now)

    assert (await fresh(order)).payment_state == "REPAID"


async def repay(shop: Shop, amount: str, now: datetime) -> None:
    """The platform books a repayment by hand."""
    await adjusting.adjust(
        viewer=await a_staff_viewer(Item.FUNDS_REVIEW),
        customer_id=shop.customer.id,
        kind=AccountKind.CREDIT,
        amount=D(amount),
        reason="Paid by cheque.",
        now=now,
    )


@pytest.mark.parametrize("way", ["refund", "adjustment"])
async def test_cash_that_comes_pays_what_is_owed_for_usage(
    shop: Shop, time: Clock, way: str
) -> None:
    sku = await metered(shop, now=time.now)
    _, subscription = await bought(shop, now=time.now)
    time.forward(days=1)
    held = await balance(shop.customer)
    await handed_in(shop.seller, used(shop, sku, "r1", "10", time.now), now=time.now)
    assert (held, (await Customer.get(id=shop.customer.id)).has_debt) == (D(0), True)

    if way == "refund":
        await asked_back(shop, subscription, now=time.now)
    else:
        await adjusting.adjust(
            viewer=await a_staff_viewer(Item.FUNDS_REVIEW),
            customer_id=shop.customer.id,
            kind=AccountKind.CASH,
            amount=D("1000.00"),
            reason="Goodwill.",
            now=time.now,
        )

    assert await balance(shop.customer) == D("996.70")
    assert not (await Customer.get(id=shop.customer.id)).has_debt
    events = await Event.filter(subject_id=shop.customer.id, name="customer.debt_paid")
    assert len(events) == 1
    await assert_books_add_up()


async def test_a_withdrawal_that_is_refused_pays_what_is_owed_by_now(
    shop: Shop, time: Clock
) -> None:
    sku = await metered(shop, now=time.now)
    await fund(shop.customer, "1000.00", now=time.now)
    withdrawal = await withdrawing.submit(
        viewer=shop.buyer,
        kind=WithdrawalKind.BANK_CARD,
        amount=D("1000.00"),
        to=BankAccount(bank="Bank", name="Yangtze", number="6222000011112222"),
        now=time.now,
    )
    time.forward(days=1)
    await handed_in(shop.seller, used(shop, sku, "r1", "10", time.now), now=time.now)
    assert (await Customer.get(id=shop.customer.id)).has_debt

    await withdrawing.reject(
        viewer=await a_staff_viewer(Item.FUNDS_REVIEW),
        withdrawal_id=withdrawal.id,
        reason="It owes for usage.",
        now=time.now,
    )

    assert await balance(shop.customer) == D("996.70")
    assert not (await Customer.get(id=shop.customer.id)).has_debt
    await assert_books_add_up()


async def test_usage_that_is_corrected_once_the_customer_has_left_is_its_partners(
    agency: Shop, time: Clock
) -> None:
    """C-21."""
    sku = await metered(agency, now=time.now)
    await allocating.allocate(
        viewer=agency.by, customer_id=agency.customer.id, amount=D("10.00"), now=time.now
    )
    time.forward(minutes=1)
    told = used(agency, sku, "r1", "10", time.now)
    await handed_in(agency.seller, told, now=time.now)
    time.forward(days=1)
    await leave(agency, time.now)
    assert await balance(agency.partner) == D("4996.70")

    less = told | {"recordId": "c1", "quantity": "4", "corrects": "r1"}
    await handed_in(agency.seller, less, now=time.now)

    assert await balance(agency.customer) == 0
    assert await balance(agency.partner) == D("4998.68")
    await assert_books_add_up()
