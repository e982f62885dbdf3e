"""Online payment: money that names an order, and comes late, twice, too little, or never."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.associations.authorization_guards import CustomerIsFrozen
from domain.funds.owners import MoneyOfThePartner
from domain.ledger.posting import InsufficientBalance
from domain.orders import cancelling, paying
from domain.vouchers.guards import CouponLocked
from domain.vouchers.redeeming import (
    CouponNotForTheseGoods,
    CouponNotSufficient,
    TooManyCoupons,
)
from kit.ids import new_id
from kit.problems import InvalidInput, Problem
from models.customers import AssociationType, Customer
from models.funds import Recharge
from models.vouchers import Coupon
from tests.conftest import Clock
from tests.orders.factories import (
    Shop,
    a_coupon,
    a_shop,
    assert_sound,
    balance,
    begin,
    expire,
    fresh,
    fund,
    history,
    land,
    lend,
    parts_of,
    place,
    state_of,
)

pytestmark = pytest.mark.usefixtures("database")


async def test_money_that_lands_pays_its_order(shop: Shop, time: Clock) -> None:
    voucher = await a_coupon(shop.customer, "100.00", now=time.now)
    order = await place(shop, now=time.now)

    payment = await begin(order, shop, time.now, coupons={voucher.id: Decimal("80.00")})
    assert payment.amount == Decimal("920.00")
    await land(payment, time.now)

    assert (await fresh(order)).payment_state == "PAID"
    assert await parts_of(order) == [("VOUCHER", Decimal(80)), ("CASH", Decimal(920))]
    assert await state_of(payment) == ("PAID", None)
    assert await balance(shop.customer) == 0
    assert (await Coupon.get(id=voucher.id)).lock_order_id is None
    await assert_sound(order)


async def test_the_payment_systems_time_ends_after_a_day_and_with_the_orders(
    shop: Shop, time: Clock
) -> None:
    order = await place(shop, now=time.now)
    assert order.pay_by is not None
    late = order.pay_by - timedelta(hours=1)

    early = await begin(order, shop, time.now)
    last = await begin(order, shop, late)

    ends = [(await Recharge.get(id=each.recharge_id)).expires_at for each in (early, last)]
    assert ends == [time.now + timedelta(hours=24), order.pay_by]


async def test_money_that_lands_twice_stays_on_the_account(shop: Shop, time: Clock) -> None:
    order = await place(shop, now=time.now)
    payment = await begin(order, shop, time.now)

    await land(payment, time.now)
    await land(payment, time.now)
    assert await balance(shop.customer) == 0
    await land(payment, time.now, reference="A2")

    assert await balance(shop.customer) == Decimal("1000.00")
    assert (await history(order)).count("paid") == 1


async def test_money_that_lands_after_the_deadline_stays_on_the_account(
    shop: Shop, time: Clock
) -> None:
    voucher = await a_coupon(shop.customer, "100.00", now=time.now)
    order = await place(shop, now=time.now)
    payment = await begin(order, shop, time.now, coupons={voucher.id: Decimal("80.00")})
    assert order.pay_by is not None

    await expire(order, order.pay_by)
    await land(payment, order.pay_by)

    assert (await fresh(order)).status == "CANCELLED"
    assert await state_of(payment) == ("LET_GO", None)
    assert await balance(shop.customer) == Decimal("920.00")
    assert (await Coupon.get(id=voucher.id)).lock_order_id is None


async def test_late_money_finds_the_order_over_though_no_worker_came_by(
    shop: Shop, time: Clock
) -> None:
    order = await place(shop, now=time.now)
    payment = await begin(order, shop, time.now)
    assert order.pay_by is not None

    await land(payment, order.pay_by)

    assert await state_of(payment) == ("FAILED", "ORDER_OVERDUE")
    assert await balance(shop.customer) == Decimal("1000.00")
    assert (await history(order))[-1] == "online_payment_failed"


async def test_too_little_money_does_not_pay_and_stays(shop: Shop, time: Clock) -> None:
    order = await place(shop, now=time.now)
    payment = await begin(order, shop, time.now)

    await land(payment, time.now, amount="999.99")

    assert await state_of(payment) == ("FAILED", "CBC.99005003")
    assert (await fresh(order)).payment_state == "UNPAID"
    assert await balance(shop.customer) == Decimal("999.99")


async def test_a_coupon_is_kept_for_the_order_until_it_goes_another_way(
    shop: Shop, time: Clock
) -> None:
    await fund(shop.customer, "5000.00", now=time.now)
    voucher = await a_coupon(shop.customer, "100.00", now=time.now)
    order, other = await place(shop, now=time.now), await place(shop, now=time.now)
    payment = await begin(order, shop, time.now, coupons={voucher.id: Decimal("80.00")})

    with pytest.raises(CouponLocked):
        await paying.pay(
            viewer=shop.buyer, order_id=other.id, coupons={voucher.id: None}, now=time.now
        )
    await cancelling.cancel(viewer=shop.buyer, order_id=order.id, now=time.now)
    await paying.pay(viewer=shop.buyer, order_id=other.id, coupons={voucher.id: None}, now=time.now)
    await land(payment, time.now)

    assert await state_of(payment) == ("LET_GO", None)
    assert await balance(shop.customer) == Decimal("5020.00")
    assert (await fresh(order)).status == "CANCELLED"


@pytest.mark.parametrize(
    ("coupons", "problem"),
    [
        ({"VOUCHER": "100.01"}, CouponNotSufficient),
        ({"VOUCHER": "50.00", "ANOTHER": "50.00"}, TooManyCoupons),
        ({"OTHER_GOODS": "50.00"}, CouponNotForTheseGoods),
    ],
)
async def test_what_coupons_will_not_pay_is_told_before_anybody_sends_money(
    shop: Shop, time: Clock, coupons: dict[str, str], problem: type[Problem]
) -> None:
    made = {name: await a_coupon(shop.customer, "100.00", now=time.now) for name in coupons}
    other = made.get("OTHER_GOODS")
    if other is not None:
        other.goods = [str(new_id())]
        await other.save(update_fields=["goods"])
    order = await place(shop, now=time.now)

    with pytest.raises(problem):
        await begin(
            order,
            shop,
            time.now,
            coupons={made[name].id: Decimal(amount) for name, amount in coupons.items()},
        )

    assert await Recharge.all().count() == 0
    assert await Coupon.filter(lock_order_id__isnull=False).count() == 0


async def test_credit_that_is_not_there_and_frozen_buyers_send_no_money(
    shop: Shop, time: Clock
) -> None:
    await lend(shop.customer, "99.99", now=time.now)
    order = await place(shop, now=time.now)

    with pytest.raises(InsufficientBalance) as refused:
        await begin(order, shop, time.now, credit_amount=Decimal("100.00"))
    await Customer.filter(id=shop.customer.id).update(freeze="ACCOUNT")
    with pytest.raises(CustomerIsFrozen):
        await begin(order, shop, time.now)

    assert (refused.value.needed, refused.value.available) == (Decimal("100"), Decimal("99.99"))
    assert await Recharge.all().count() == 0


async def test_another_try_takes_the_place_of_the_first(shop: Shop, time: Clock) -> None:
    order = await place(shop, now=time.now)
    first = await begin(order, shop, time.now)

    second = await begin(order, shop, time.now)
    await land(first, time.now, reference="late")
    assert (await fresh(order)).payment_state == "UNPAID"
    await land(second, time.now)

    assert (await fresh(order)).payment_state == "PAID"
    assert await state_of(first) == ("LET_GO", None)
    assert await balance(shop.customer) == Decimal("1000.00")


async def test_a_coupon_without_an_amount_leaves_nothing_to_ask_for(
    shop: Shop, time: Clock
) -> None:
    voucher = await a_coupon(shop.customer, "100.00", now=time.now)
    order = await place(shop, now=time.now)

    with pytest.raises(InvalidInput):
        await begin(order, shop, time.now, coupons={voucher.id: None})

    assert await Recharge.all().count() == 0


async def test_agency_customers_money_comes_from_their_partner(time: Clock) -> None:
    """F-02."""
    shop = await a_shop(type=AssociationType.AGENCY)
    order = await place(shop, now=time.now)

    with pytest.raises(MoneyOfThePartner):
        await begin(order, shop, time.now)
