"""Paying orders: what is taken from where, which offers it makes, and when it is refused."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.ledger.posting import InsufficientBalance
from domain.offers import withdrawing
from domain.offers.withdrawing import OfferInUse
from domain.orders import cancelling, deadlines, paying, repaying
from domain.orders.guards import (
    OrderNotCancellable,
    OrderNotPayable,
    OrderOfAnotherCustomer,
    OrderOverdue,
)
from domain.orders.orderable import NotOrderable
from domain.orders.placing import PriceChanged
from domain.orders.spending import PaymentDoesNotFit
from domain.orders.standing import OfferChanged
from domain.orders.wishes import Wanted
from domain.private_offers import versions
from domain.private_offers.guards import PrivateOfferUsed
from domain.vouchers.guards import CouponUsedUp
from kit import timers
from kit.problems import NotFound
from kit.transaction import transactional
from models.catalogue import ChargeMode, Goods
from models.offers import ExclusiveOffer, OfferOrigin
from models.orders import Order
from models.partners import Partner
from models.payments import PaymentPart
from models.private_offers import PrivateOffer
from models.timers import Timer
from models.vouchers import CouponKind
from tests.catalogue.factories import a_sku, some_goods
from tests.conftest import Clock
from tests.offers.factories import MICROSECOND, a_scheduled_offer
from tests.orders.factories import (
    CREDIT,
    Shop,
    a_coupon,
    a_shop,
    assert_books_add_up,
    assert_sound,
    balance,
    expire,
    fresh,
    fund,
    history,
    lend,
    lines_of,
    parts_of,
    place,
    shares_of,
    shop_of,
)
from tests.private_offers.factories import an_effective, publish, terms
from tests.requirements.factories import a_sale

pytestmark = pytest.mark.usefixtures("database")


async def pay(order: Order, shop: Shop, now: Any, **more: Any) -> Order:
    return await paying.pay(viewer=shop.buyer, order_id=order.id, now=now, **more)


async def assert_unpaid(order: Order) -> None:
    """Nothing of a payment is left behind."""
    assert (await fresh(order)).payment_state == "UNPAID"
    assert await PaymentPart.all().count() == 0
    assert await ExclusiveOffer.filter(origin=OfferOrigin.AUTOMATIC).count() == 0
    await assert_books_add_up()


async def test_cash_pays_an_order_to_the_cent(shop: Shop, time: Clock) -> None:
    await fund(shop.customer, "1500.00", now=time.now)
    order = await place(shop, now=time.now)

    await pay(order, shop, time.now, expected_due=Decimal(1000))

    paid = await fresh(order)
    assert (paid.status, paid.payment_state, paid.paid_at) == ("PROCESSING", "PAID", time.now)
    assert await parts_of(order) == [("CASH", Decimal("1000.00"))]
    assert await balance(shop.customer) == Decimal("500.00")
    assert (await history(order))[:2] == ["placed", "paid"]
    assert not await Timer.filter(
        subject_id=order.id, kind=deadlines.EXPIRE, state="SCHEDULED"
    ).exists()
    await assert_sound(order)


async def test_without_enough_money_nothing_happens(shop: Shop, time: Clock) -> None:
    await fund(shop.customer, "999.99", now=time.now)
    order = await place(shop, seller_account_name=shop.partner.account_name, now=time.now)

    with pytest.raises(InsufficientBalance) as refused:
        await pay(order, shop, time.now)

    assert refused.value.code == "CBC.99005003"
    assert await balance(shop.customer) == Decimal("999.99")
    await assert_unpaid(order)


async def test_coupons_credit_and_cash_pay_together_and_every_cent_has_its_line(
    shop: Shop, time: Clock
) -> None:
    other = await a_sku(shop.goods, price="333.33", charge_mode=ChargeMode.ON_DEMAND_PACKAGE)
    third = await a_sku(await some_goods("Third"), price="0.01")
    order = await place(
        shop, shop.line(), Wanted(sku_id=other.id), Wanted(sku_id=third.id), now=time.now
    )
    voucher = await a_coupon(shop.customer, "100.00", goods=[str(shop.goods.id)], now=time.now)
    card = await a_coupon(shop.customer, "50.01", kind=CouponKind.STORED_VALUE_CARD, now=time.now)
    await fund(shop.customer, "5000.00", now=time.now)
    await lend(shop.customer, "700.00", now=time.now)

    await pay(
        order,
        shop,
        time.now,
        coupons={voucher.id: None, card.id: Decimal("50.00")},
        credit_amount=Decimal("700.00"),
    )

    assert await parts_of(order) == [
        ("VOUCHER", Decimal("100.00")),
        ("STORED_VALUE_CARD", Decimal("50.00")),
        ("CREDIT", Decimal("700.00")),
        ("CASH", Decimal("483.34")),
    ]
    parts = await PaymentPart.filter(order_id=order.id).order_by("position")
    assert [part.counts_performance for part in parts] == [False, True, True, True]
    assert [part.needs_repayment for part in parts] == [False, False, True, False]
    lines = await lines_of(order)
    assert set((await shares_of(order))[parts[0].id]) == {lines[0].id, lines[1].id}
    assert (await fresh(order)).payment_state == "PAID_ON_CREDIT"
    assert await balance(shop.customer, CREDIT) == Decimal("-700.00")
    await assert_sound(order)


async def test_more_credit_than_is_left_to_pay_is_refused(shop: Shop, time: Clock) -> None:
    await lend(shop.customer, "5000.00", now=time.now)
    order = await place(shop, now=time.now)

    with pytest.raises(PaymentDoesNotFit):
        await pay(order, shop, time.now, credit_amount=Decimal("1000.01"))

    await assert_unpaid(order)


async def test_a_coupon_that_is_used_up_leaves_everything_as_it_was(
    shop: Shop, time: Clock
) -> None:
    """CBC.3112."""
    await fund(shop.customer, "5000.00", now=time.now)
    voucher = await a_coupon(shop.customer, "10.00", now=time.now)
    first, second = await place(shop, now=time.now), await place(shop, now=time.now)
    await pay(first, shop, time.now, coupons={voucher.id: None})

    with pytest.raises(CouponUsedUp) as refused:
        await pay(second, shop, time.now, coupons={voucher.id: None})

    assert refused.value.code == "CBC.3112"
    assert await balance(shop.customer) == Decimal("4010.00")
    assert (await fresh(second)).payment_state == "UNPAID"


async def test_an_order_that_binds_a_partner_gets_its_100_percent_offer(
    shop: Shop, time: Clock
) -> None:
    """X-09."""
    await fund(shop.customer, "5000.00", now=time.now)
    order = await place(shop, seller_account_name=shop.partner.account_name, now=time.now)

    await pay(order, shop, time.now)

    offer = await ExclusiveOffer.get(order_id=order.id)
    assert (offer.partner_id, offer.discount) == (shop.partner.id, Decimal(1))
    assert (await lines_of(order))[0].exclusive_offer_id == offer.id


async def test_an_order_without_a_partner_gets_no_offer(shop: Shop, time: Clock) -> None:
    await fund(shop.customer, "5000.00", now=time.now)

    await pay(await place(shop, now=time.now), shop, time.now)

    assert await ExclusiveOffer.all().count() == 0


@pytest.mark.parametrize("late", [False, True])
async def test_an_offer_has_to_be_in_force_when_the_payment_is_confirmed(
    shop: Shop, time: Clock, late: bool
) -> None:
    """5.7; to the microsecond, and though no worker has come by."""
    await fund(shop.customer, "5000.00", now=time.now)
    ends = time.now + timedelta(days=3)
    offer = await a_scheduled_offer(
        shop.goods, by=shop.by, of=shop.customer, expires_at=ends, now=time.now
    )
    time.forward(days=1)
    order = await place(shop, shop.line(exclusive_offer_id=offer.id), now=time.now)

    if late:
        with pytest.raises(NotOrderable) as refused:
            await pay(order, shop, ends)
        assert [check.code for check in refused.value.checks] == ["EXPIRED"]
        await assert_unpaid(order)
    else:
        await pay(order, shop, ends - MICROSECOND)
        assert await parts_of(order) == [("CASH", Decimal("900.00"))]


async def test_a_pending_order_keeps_its_offer_from_being_withdrawn(
    shop: Shop, time: Clock
) -> None:
    offer = await a_scheduled_offer(shop.goods, by=shop.by, of=shop.customer, now=time.now)
    time.forward(days=1)
    order = await place(shop, shop.line(exclusive_offer_id=offer.id), now=time.now)

    with pytest.raises(OfferInUse) as refused:
        await withdrawing.withdraw(viewer=shop.by, offer_id=offer.id, now=time.now)
    assert refused.value.orders == [order.number]

    await cancelling.cancel(viewer=shop.buyer, order_id=order.id, now=time.now)
    await withdrawing.withdraw(viewer=shop.by, offer_id=offer.id, now=time.now)


async def test_goods_off_sale_are_not_paid_for(shop: Shop, time: Clock) -> None:
    await fund(shop.customer, "5000.00", now=time.now)
    order = await place(shop, now=time.now)
    await Goods.filter(id=shop.goods.id).update(on_sale=False)

    with pytest.raises(NotOrderable) as refused:
        await pay(order, shop, time.now)

    assert [check.code for check in refused.value.checks] == ["GOODS_NOT_ON_SALE"]
    await assert_unpaid(order)


async def test_a_private_offer_is_used_up_by_the_payment_and_not_by_the_order(
    time: Clock,
) -> None:
    sale = await a_sale()
    shop = await shop_of(sale)
    offer = await an_effective(sale, now=time.now, price="880.00")
    await fund(shop.customer, "5000.00", now=time.now)
    first = await place(shop, shop.line(private_offer_id=offer.id), now=time.now)
    second = await place(shop, shop.line(private_offer_id=offer.id), now=time.now)
    await cancelling.cancel(viewer=shop.buyer, order_id=first.id, now=time.now)
    third = await place(shop, shop.line(private_offer_id=offer.id), now=time.now)

    await pay(second, shop, time.now)

    used = await PrivateOffer.get(id=offer.id)
    assert (used.status, used.order_id) == ("USED", second.id)
    with pytest.raises(PrivateOfferUsed):
        await pay(third, shop, time.now)
    assert await balance(shop.customer) == Decimal("4120.00")


async def test_a_private_offer_with_other_terms_by_now_is_refused(time: Clock) -> None:
    sale = await a_sale()
    shop = await shop_of(sale)
    offer = await an_effective(sale, now=time.now, price="880.00")
    await fund(shop.customer, "5000.00", now=time.now)
    order = await place(shop, shop.line(private_offer_id=offer.id), now=time.now)
    await reprice(offer, sale, "890.00", now=time.now)

    with pytest.raises(OfferChanged):
        await pay(order, shop, time.now)

    assert (await PrivateOffer.get(id=offer.id)).status == "EFFECTIVE"
    assert await balance(shop.customer) == Decimal("5000.00")


@pytest.mark.parametrize("late", [False, True])
async def test_the_deadline_ends_it_whether_or_not_a_worker_came_by(
    shop: Shop, time: Clock, late: bool
) -> None:
    await fund(shop.customer, "5000.00", now=time.now)
    order = await place(shop, now=time.now)
    assert order.pay_by is not None

    if late:
        with pytest.raises(OrderOverdue):
            await pay(order, shop, order.pay_by)
        await expire(order, order.pay_by)
        over = await fresh(order)
        assert (over.status, over.payment_state) == ("CANCELLED", "CANCELLED")
        assert (over.cancel_reason, over.cancelled_at) == ("DEADLINE", order.pay_by)
        assert await history(order) == ["placed", "cancelled"]
    else:
        await expire(order, order.pay_by - MICROSECOND)
        await pay(order, shop, order.pay_by - MICROSECOND)
        await expire(order, order.pay_by)
        assert (await fresh(order)).payment_state == "PAID"


async def test_thousands_fall_due_in_one_statement(shop: Shop, time: Clock) -> None:
    orders = [await place(shop, now=time.now) for _ in range(20)]
    time.forward(days=7)

    await expire_all([order.id for order in orders], time.now)

    assert await Order.filter(status="CANCELLED").count() == 20
    merchant = await Partner.get(id=(await Goods.get(id=shop.goods.id)).merchant_id)
    for order in orders:
        assert await history(order) == ["placed", "cancelled"]
        assert await history(order, seen_by=merchant) == ["placed", "cancelled"]


async def test_what_is_paid_is_neither_paid_again_nor_cancelled(shop: Shop, time: Clock) -> None:
    await fund(shop.customer, "5000.00", now=time.now)
    order = await place(shop, now=time.now)
    await pay(order, shop, time.now)

    with pytest.raises(OrderNotPayable) as twice:
        await pay(order, shop, time.now)
    with pytest.raises(OrderNotCancellable) as cancelled:
        await cancelling.cancel(viewer=shop.buyer, order_id=order.id, now=time.now)

    assert (twice.value.code, cancelled.value.code) == ("CBC.3106", "CBC.99005010")
    assert await balance(shop.customer) == Decimal("4000.00")


async def test_an_amount_that_the_client_has_not_seen_is_not_taken(shop: Shop, time: Clock) -> None:
    await fund(shop.customer, "5000.00", now=time.now)
    order = await place(shop, now=time.now)

    with pytest.raises(PriceChanged):
        await pay(order, shop, time.now, expected_due=Decimal("999.99"))

    await assert_unpaid(order)


async def test_nobody_pays_for_somebody_else(shop: Shop, time: Clock) -> None:
    order = await place(shop, now=time.now)
    stranger = await a_shop()

    with pytest.raises(NotFound):
        await paying.pay(viewer=stranger.buyer, order_id=order.id, now=time.now)
    with pytest.raises(OrderOfAnotherCustomer):
        await paying.pay(viewer=shop.by, order_id=order.id, now=time.now)


async def test_of_several_orders_those_are_paid_that_the_money_reaches(
    shop: Shop, time: Clock
) -> None:
    await fund(shop.customer, "2500.00", now=time.now)
    orders = [await place(shop, shop.line(n), now=time.now) for n in (1, 2, 1)]

    outcomes = await paying.pay_all(
        viewer=shop.buyer, order_ids=[each.id for each in [*orders, orders[0]]], now=time.now
    )

    assert [type(outcome.problem).__name__ for outcome in outcomes] == [
        "NoneType",
        "InsufficientBalance",
        "NoneType",
    ]
    assert await balance(shop.customer) == Decimal("500.00")
    for order in (orders[0], orders[2]):
        await assert_sound(order)


async def test_credit_is_repaid_oldest_order_first_and_only_in_full(
    shop: Shop, time: Clock
) -> None:
    """D-11."""
    await lend(shop.customer, "5000.00", now=time.now)
    orders = []
    for _ in range(3):
        orders.append(await place(shop, now=time.now))
        await pay(orders[-1], shop, time.now, credit_amount=Decimal(1000))
        time.forward(minutes=1)

    async def repaid(amount: str) -> list[str]:
        await fund(shop.customer, amount, kind=CREDIT, now=time.now)
        await settle_repaid(shop, time.now)
        return [(await fresh(order)).payment_state.value for order in orders]

    lent = "PAID_ON_CREDIT"
    assert await repaid("999.99") == [lent, lent, lent]
    assert await repaid("0.01") == ["REPAID", lent, lent]
    assert await repaid("1500.00") == ["REPAID", "REPAID", lent]
    assert await repaid("500.00") == ["REPAID", "REPAID", "REPAID"]
    assert (await history(orders[2]))[-1] == "repaid"


@transactional
async def settle_repaid(shop: Shop, now: Any) -> None:
    await repaying.settle_repaid(customer_id=shop.customer.id, viewer=shop.buyer, now=now)


@transactional
async def expire_all(ids: list[Any], now: Any) -> None:
    await deadlines.expire(subject_ids=ids, now=now)


async def reprice(offer: PrivateOffer, sale: Any, price: str, *, now: Any) -> None:
    """The merchant publishes another price."""
    await versions.open_draft(viewer=sale.seller, offer_id=offer.id, now=now)
    await versions.edit_draft(
        viewer=sale.seller,
        offer_id=offer.id,
        expected_version=1,
        offered=terms(
            sale, now=now, price=price, begins=timedelta(), ends=timedelta(days=2), ratio="0.25"
        ),
        now=now,
    )
    await publish(offer, sale, now=now)


async def test_a_lost_timer_is_mended(shop: Shop, time: Clock) -> None:
    order, paid = await place(shop, now=time.now), await place(shop, now=time.now)
    await fund(shop.customer, "1000.00", now=time.now)
    await pay(paid, shop, time.now)
    await Timer.filter(subject_id=order.id).delete()

    mended = await timers.mend(deadlines.EXPIRE_WAITS, now=time.now)

    assert (mended.created, mended.cancelled) == (1, 0)
    assert await Timer.filter(
        subject_id=order.id, kind=deadlines.EXPIRE, due_at=order.pay_by, state="SCHEDULED"
    ).exists()
