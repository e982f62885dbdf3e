"""Two things at the same moment, in both orders, with real locks."""

from collections.abc import Coroutine
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.associations.effects import ENDING, Ending
from domain.identity.viewer import SYSTEM
from domain.ledger.posting import InsufficientBalance
from domain.offers import withdrawing
from domain.offers.withdrawing import OfferInUse
from domain.orders import adjusting, cancelling, partner_payment, paying, placing
from domain.orders.adjusting import Adjusted
from domain.orders.guards import OrderNotCancellable, OrderNotPayable, OrderOverdue
from domain.orders.orderable import NotOrderable
from domain.orders.placing import PriceChanged
from domain.orders.wishes import Wanted
from domain.vouchers.guards import CouponUsedUp
from kit import database
from kit.transaction import transactional
from models.carts import CartLine
from models.catalogue import GoodsKind
from models.customers import AssociationType, Customer
from models.offers import ExclusiveOffer
from models.orders import Order
from models.payments import PaymentPart
from tests.catalogue.factories import a_sku, some_goods
from tests.conftest import Clock
from tests.offers.factories import DAY, MICROSECOND, a_scheduled_offer, end
from tests.orders.factories import (
    Shop,
    a_coupon,
    assert_books_add_up,
    assert_sound,
    balance,
    expire,
    fresh,
    fund,
    history,
    lines_of,
    place,
)
from tests.races import at_once

pytestmark = pytest.mark.usefixtures("database")

Call = Coroutine[Any, Any, Any]
first_or_second = pytest.mark.parametrize("payment_first", [True, False])


def in_order(payment_first: bool, payment: Call, other: Call) -> list[Call]:
    return [payment, other] if payment_first else [other, payment]


async def outcomes(payment_first: bool, answers: list[Any]) -> tuple[Any, Any]:
    """What became of the payment, and of the other."""
    payment, other = answers if payment_first else reversed(answers)
    return payment, other


def pay(order: Order, shop: Shop, now: Any, **more: Any) -> Call:
    return paying.pay(viewer=shop.buyer, order_id=order.id, now=now, **more)


async def test_paid_twice_at_once_it_is_paid_once(shop: Shop, time: Clock) -> None:
    await fund(shop.customer, "5000.00", now=time.now)
    order = await place(shop, now=time.now)

    one, other = await at_once(
        pay(order, shop, time.now),
        pay(order, shop, time.now),
        while_locked=await Customer.get(id=shop.customer.id),
    )

    assert isinstance(one, Order)
    assert isinstance(other, OrderNotPayable)
    assert await balance(shop.customer) == Decimal("4000.00")
    assert (await history(order)).count("paid") == 1
    await assert_sound(order)


async def test_of_two_orders_the_last_money_pays_one(shop: Shop, time: Clock) -> None:
    await fund(shop.customer, "1500.00", now=time.now)
    orders = [await place(shop, now=time.now) for _ in range(2)]

    one, other = await at_once(
        *(pay(order, shop, time.now) for order in orders),
        while_locked=await Customer.get(id=shop.customer.id),
    )

    assert isinstance(one, Order)
    assert isinstance(other, InsufficientBalance)
    assert await balance(shop.customer) == Decimal("500.00")
    await assert_books_add_up()


@first_or_second
async def test_paid_as_it_is_cancelled(shop: Shop, time: Clock, payment_first: bool) -> None:
    await fund(shop.customer, "5000.00", now=time.now)
    order = await place(shop, now=time.now)

    answers = await at_once(
        *in_order(
            payment_first,
            pay(order, shop, time.now),
            cancelling.cancel(viewer=shop.buyer, order_id=order.id, now=time.now),
        ),
        while_locked=await Customer.get(id=shop.customer.id),
    )

    paid, cancelled = await outcomes(payment_first, answers)
    if payment_first:
        assert isinstance(cancelled, OrderNotCancellable)
        assert (await fresh(order)).payment_state == "PAID"
        await assert_sound(order)
    else:
        assert isinstance(paid, OrderNotPayable)
        assert (await fresh(order)).status == "CANCELLED"
        assert await balance(shop.customer) == Decimal("5000.00")
    assert len({"paid", "cancelled"} & set(await history(order))) == 1


@first_or_second
async def test_paid_in_the_last_moment_as_it_ends(
    shop: Shop, time: Clock, payment_first: bool
) -> None:
    await fund(shop.customer, "5000.00", now=time.now)
    order = await place(shop, now=time.now)
    assert order.pay_by is not None

    answers = await at_once(
        *in_order(
            payment_first,
            pay(order, shop, order.pay_by - MICROSECOND),
            expire(order, order.pay_by),
        ),
        while_locked=order,
    )

    paid, _ = await outcomes(payment_first, answers)
    if payment_first:
        assert (await fresh(order)).payment_state == "PAID"
        await assert_sound(order)
    else:
        assert isinstance(paid, OrderNotPayable | OrderOverdue)
        assert (await fresh(order)).status == "CANCELLED"
        assert await balance(shop.customer) == Decimal("5000.00")


@first_or_second
async def test_paid_as_its_offer_is_withdrawn(shop: Shop, time: Clock, payment_first: bool) -> None:
    """A pending order keeps its offer; a paid one needs it no more."""
    await fund(shop.customer, "5000.00", now=time.now)
    offer = await a_scheduled_offer(shop.goods, by=shop.by, of=shop.customer, now=time.now)
    time.forward(days=1)
    order = await place(shop, shop.line(exclusive_offer_id=offer.id), now=time.now)

    answers = await at_once(
        *in_order(
            payment_first,
            pay(order, shop, time.now),
            withdrawing.withdraw(viewer=shop.by, offer_id=offer.id, now=time.now),
        ),
        while_locked=await ExclusiveOffer.get(id=offer.id),
    )

    paid, withdrawn = await outcomes(payment_first, answers)
    assert isinstance(paid, Order)
    assert isinstance(withdrawn, ExclusiveOffer | OfferInUse)
    assert (await fresh(order)).payment_state == "PAID"
    if not payment_first:
        assert isinstance(withdrawn, OfferInUse)
    await assert_sound(order)


@pytest.mark.parametrize("order_first", [True, False])
async def test_ordered_as_its_offer_is_withdrawn(
    shop: Shop, time: Clock, order_first: bool
) -> None:
    offer = await a_scheduled_offer(shop.goods, by=shop.by, of=shop.customer, now=time.now)
    time.forward(days=1)

    answers = await at_once(
        *in_order(
            order_first,
            place(shop, shop.line(exclusive_offer_id=offer.id), now=time.now),
            withdrawing.withdraw(viewer=shop.by, offer_id=offer.id, now=time.now),
        ),
        while_locked=await ExclusiveOffer.get(id=offer.id),
    )

    ordered, withdrawn = await outcomes(order_first, answers)
    if order_first:
        assert isinstance(withdrawn, OfferInUse)
        assert isinstance(ordered, Order)
    else:
        assert isinstance(ordered, NotOrderable)
        assert await Order.all().count() == 0


@first_or_second
async def test_paid_as_its_price_is_adjusted(shop: Shop, time: Clock, payment_first: bool) -> None:
    """Nobody pays another amount than the one that was shown."""
    await fund(shop.customer, "5000.00", now=time.now)
    strict = await some_goods("Strict", kind=GoodsKind.STRICT_SELECTED, merchant=shop.merchant)
    sku = await a_sku(strict, price="600.00")
    order = await place(shop, Wanted(sku_id=sku.id), now=time.now)
    [line] = await lines_of(order)

    answers = await at_once(
        *in_order(
            payment_first,
            pay(order, shop, time.now, expected_due=Decimal(600)),
            adjusting.adjust(
                viewer=shop.seller,
                order_id=order.id,
                expected_version=order.version,
                lines=[Adjusted(line.id, Decimal(500))],
                reason="Loyal.",
                now=time.now,
            ),
        ),
        while_locked=await Customer.get(id=shop.customer.id),
    )

    paid, adjusted = await outcomes(payment_first, answers)
    if payment_first:
        assert isinstance(adjusted, OrderNotPayable)
        assert await balance(shop.customer) == Decimal("4400.00")
    else:
        assert isinstance(paid, PriceChanged)
        assert await balance(shop.customer) == Decimal("5000.00")


async def test_a_voucher_that_two_orders_use_up_at_once(shop: Shop, time: Clock) -> None:
    await fund(shop.customer, "5000.00", now=time.now)
    voucher = await a_coupon(shop.customer, "600.00", now=time.now)
    orders = [await place(shop, now=time.now) for _ in range(2)]

    one, other = await at_once(
        *(pay(order, shop, time.now, coupons={voucher.id: None}) for order in orders),
        while_locked=await Customer.get(id=shop.customer.id),
    )

    assert isinstance(one, Order)
    assert isinstance(other, CouponUsedUp)
    assert await PaymentPart.filter(coupon_id=voucher.id).count() == 1
    await assert_sound(orders[0])


@first_or_second
async def test_paid_as_its_voucher_is_taken_back(
    shop: Shop, time: Clock, payment_first: bool
) -> None:
    """One of both has it: what was spent isn't taken back, what was taken back isn't spent."""
    await fund(shop.customer, "5000.00", now=time.now)
    voucher = await a_coupon(shop.customer, "600.00", now=time.now)
    order = await place(shop, now=time.now)

    @transactional
    async def take_back() -> int:
        return await database.execute(
            "update coupon set status = 'RECLAIMED', reclaimed = balance, balance = 0"
            " where id = $1 and status = 'USABLE'",
            voucher.id,
        )

    answers = await at_once(
        *in_order(
            payment_first, pay(order, shop, time.now, coupons={voucher.id: None}), take_back()
        ),
        while_locked=voucher,
    )

    paid, taken = await outcomes(payment_first, answers)
    if payment_first:
        assert isinstance(paid, Order)
        assert taken == 0
        await assert_sound(order)
    else:
        assert taken == 1
        assert not isinstance(paid, Order)
        assert await balance(shop.customer) == Decimal("5000.00")


@first_or_second
async def test_the_partner_pays_as_the_association_ends(
    shop: Shop, time: Clock, payment_first: bool
) -> None:
    await fund(shop.partner, "1000.00", now=time.now)
    order = await place(shop, now=time.now)
    await partner_payment.request(viewer=shop.buyer, order_id=order.id, now=time.now)
    association_id = shop.customer.association_id
    assert association_id is not None

    @transactional
    async def end() -> None:
        await Customer.select_for_update(no_key=True).get(id=shop.customer.id)
        await ENDING.run(
            Ending(
                customer_id=shop.customer.id,
                partner_id=shop.partner.id,
                association_id=association_id,
                type=AssociationType.REFERRAL,
                reason="TEST",
                viewer=SYSTEM,
                now=time.now,
            )
        )

    answers = await at_once(
        *in_order(
            payment_first,
            partner_payment.pay(viewer=shop.by, order_id=order.id, now=time.now),
            end(),
        ),
        while_locked=await Customer.get(id=shop.customer.id),
    )

    paid, ended = await outcomes(payment_first, answers)
    assert ended is None
    state = (await fresh(order)).payment_state
    if payment_first:
        assert state == "PAID"
        assert await balance(shop.partner) == 0
    else:
        assert isinstance(paid, Exception)
        assert state == "UNPAID"
        assert await balance(shop.partner) == Decimal("1000.00")


async def test_a_cart_that_is_ordered_twice_at_once_becomes_one_order(
    shop: Shop, time: Clock
) -> None:
    from domain.orders import carting

    line = await carting.add(viewer=shop.buyer, line=shop.line(), now=time.now)

    one, other = await at_once(
        *(
            placing.place(viewer=shop.buyer, cart_line_ids=[line.id], now=time.now)
            for _ in range(2)
        ),
        while_locked=await Customer.get(id=shop.customer.id),
    )

    assert isinstance(one, Order)
    assert type(other).__name__ == "NotFound"
    assert await Order.all().count() == 1
    assert await CartLine.all().count() == 0


@first_or_second
async def test_paid_as_the_offer_comes_to_its_end(
    shop: Shop, time: Clock, payment_first: bool
) -> None:
    await fund(shop.customer, "5000.00", now=time.now)
    offer = await a_scheduled_offer(
        shop.goods, by=shop.by, of=shop.customer, expires_at=time.now + 3 * DAY, now=time.now
    )
    time.forward(days=1)
    order = await place(shop, shop.line(exclusive_offer_id=offer.id), now=time.now)
    over = offer.expires_at

    answers = await at_once(
        *in_order(
            payment_first, pay(order, shop, over - timedelta(microseconds=1)), end(offer, over)
        ),
        while_locked=await ExclusiveOffer.get(id=offer.id),
    )

    paid, _ = await outcomes(payment_first, answers)
    if payment_first:
        assert isinstance(paid, Order)
        await assert_sound(order)
    else:
        assert isinstance(paid, NotOrderable)
        assert [check.code for check in paid.checks] == ["EXPIRED"]
        assert await balance(shop.customer) == Decimal("5000.00")
