"""A process may be killed anywhere in a payment or a refund: nothing has happened then."""

import signal
from datetime import datetime
from decimal import Decimal

import pytest

from domain.ledger.audit import audit
from domain.orders.guards import OrderNotPayable
from domain.refunds.quoting import NothingToRefund
from models.orders import Order
from models.vouchers import Coupon
from tests.conftest import Clock
from tests.faults import moving_money
from tests.faults.conftest import Kill
from tests.orders.factories import (
    Shop,
    a_shop,
    assert_sound,
    balance,
    everything,
    fresh,
    fund,
    lend,
    place,
)
from tests.refunds.factories import assert_sums_agree, bought
from tests.vouchers.factories import AGENCY, a_quota, adds_up, issued

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def shop(time: Clock) -> Shop:
    return await a_shop(type=AGENCY, five_day_refund=True)


async def a_voucher(shop: Shop, now: datetime) -> Coupon:
    """Of 300, from the partner's quota of 1000."""
    quota = await a_quota(shop.partner, now=now)
    made = await issued(quota, "300.00", shop.customer, by=shop.by, now=now)
    return await Coupon.get(id=made.coupons[shop.customer.id])


async def assert_sound_books(now: datetime) -> None:
    """The ledger adds up, and what quota and coupons were worth is still somewhere."""
    assert (await audit(scheduled_for=now, now=now)).is_sound
    await adds_up()


@pytest.mark.parametrize(
    "step",
    [
        "order_payment.checked",
        "order_payment.offered",
        "order_payment.spent",
        "order_payment.told",
        "order_payment.before_commit",
    ],
)
async def test_a_payment_that_is_killed_has_not_begun(
    shop: Shop, time: Clock, killed_at: Kill, step: str
) -> None:
    await fund(shop.customer, "5000.00", now=time.now)
    await lend(shop.customer, "100.00", now=time.now)
    voucher = await a_voucher(shop, time.now)
    order = await place(shop, seller_account_name=shop.partner.account_name, now=time.now)
    before = await everything()

    ended = await killed_at(step, "pay", time.now, order.id, voucher.id)

    assert ended == -signal.SIGKILL
    assert await everything() == before
    assert (await fresh(order)).payment_state == "UNPAID"
    await assert_sound_books(time.now)
    await moving_money.pay(time.now, order.id, voucher.id)
    assert (await fresh(order)).payment_state == "PAID_ON_CREDIT"
    assert await balance(shop.customer) == Decimal("4400.00")
    with pytest.raises(OrderNotPayable):
        await moving_money.pay(time.now, order.id, voucher.id)
    await assert_sound(order)
    await assert_sound_books(time.now)


@pytest.mark.parametrize("step", ["refund.counted", "refund.booked", "refund.before_commit"])
async def test_a_refund_that_is_killed_has_not_begun(
    shop: Shop, time: Clock, killed_at: Kill, step: str
) -> None:
    voucher = await a_voucher(shop, time.now)
    order, subscription = await bought(shop, now=time.now, coupons={voucher.id: None})
    held = await balance(shop.customer)
    before = await everything()

    ended = await killed_at(step, "give_back", time.now, subscription.id)

    assert ended == -signal.SIGKILL
    assert await everything() == before
    assert not await Order.filter(base_order_id=order.id).exists()
    await assert_sums_agree(order)
    await assert_sound_books(time.now)
    await moving_money.give_back(time.now, subscription.id)
    assert await balance(shop.customer) == held + Decimal("700.00")
    assert (await Coupon.get(id=voucher.id)).balance == Decimal("300.00")
    with pytest.raises(NothingToRefund):
        await moving_money.give_back(time.now, subscription.id)
    assert (await fresh(order)).refunded_amount == Decimal("1000.00")
    await assert_sums_agree(order)
    await assert_sound_books(time.now)
