"""What is paid and what comes back is written down, by instrument, month and partner of then."""

from datetime import timedelta
from decimal import Decimal

import pytest
from tortoise.exceptions import IntegrityError

from domain.orders import paying
from kit import database
from models.consumption import BillType, ConsumptionRecord
from models.customers import AssociationType, Customer
from models.orders import OrderLine
from models.subscriptions import Subscription
from tests.conftest import Clock
from tests.consumption.factories import buy, spent
from tests.orders.factories import Shop, a_coupon, fund, lend, place
from tests.refunds.factories import asked_back, bought
from tests.upstream.working import work

pytestmark = pytest.mark.usefixtures("database")


async def test_each_instrument_of_a_line_is_one_record(shop: Shop, time: Clock) -> None:
    coupon = await a_coupon(shop.customer, "100.00", now=time.now)
    await lend(shop.customer, "500.00", now=time.now)

    order = await buy(
        shop, quantity=2, coupons={coupon.id: None}, credit_amount=Decimal("300.00"), now=time.now
    )

    assert await spent() == [
        {"type": "NEW", "official": "100.00", "voucher": "100.00"},
        {"type": "NEW", "official": "300.00", "credit": "300.00"},
        {"type": "NEW", "official": "1600.00", "cash": "1600.00"},
    ]
    for record in await ConsumptionRecord.all():
        # 2030-01-31T23:30Z is February in Beijing.
        assert (record.period, record.occurred_at) == ("2030-02", time.now)
        assert (record.customer_id, record.partner_id) == (shop.customer.id, shop.partner.id)
        assert record.association_type is AssociationType.REFERRAL
        assert (record.order_id, record.goods_id) == (order.id, shop.goods.id)
        assert record.counts_performance is (record.voucher == 0)


async def test_an_order_that_is_not_paid_leaves_nothing(shop: Shop, time: Clock) -> None:
    await place(shop, now=time.now)

    assert await spent() == []


async def test_a_refund_takes_back_what_was_written(shop: Shop, time: Clock) -> None:
    coupon = await a_coupon(shop.customer, "100.00", now=time.now)
    _, subscription = await bought(shop, coupons={coupon.id: None}, now=time.now)
    time.forward(days=1)

    refund = await asked_back(shop, subscription, now=time.now)

    paid, back = (await spent())[:2], (await spent())[2:]
    assert [row["official"] for row in paid] == ["100.00", "900.00"]
    assert back == [
        {"type": "REFUND", "official": "-100.00", "voucher": "-100.00"},
        {"type": "REFUND", "official": "-900.00", "cash": "-900.00"},
    ]
    records = await ConsumptionRecord.filter(bill_type=BillType.REFUND)
    assert {record.order_id for record in records} == {refund.refund_order_id}
    assert {record.refund_id for record in records} == {refund.id}


async def test_refunds_in_parts_add_up_to_the_list_price(shop: Shop, time: Clock) -> None:
    order = await place(shop, shop.line(3), now=time.now)
    # Bought below the list price, of which a third is no amount.
    await OrderLine.filter(order_id=order.id).update(list_amount=Decimal("3500.00"))
    await fund(shop.customer, "3000.00", now=time.now)
    await paying.pay(viewer=shop.buyer, order_id=order.id, now=time.now)
    await work(time.now)
    subscription = await Subscription.get(order_id=order.id)

    for _ in range(3):
        time.forward(hours=1)
        await asked_back(shop, subscription, pieces=1, now=time.now)

    records = await ConsumptionRecord.all().order_by("created_at")
    assert [str(record.official_amount) for record in records] == [
        "3500.00",
        "-1166.67",
        "-1166.67",
        "-1166.66",
    ]
    assert [str(record.discount_amount) for record in records] == [
        "500.00",
        "-166.67",
        "-166.67",
        "-166.66",
    ]
    assert sum(record.consume_amount for record in records) == 0


async def test_a_refund_counts_for_the_partner_that_the_purchase_has_counted_for(
    shop: Shop, time: Clock
) -> None:
    _, subscription = await bought(shop, now=time.now)
    await Customer.filter(id=shop.customer.id).update(
        partner_id=None, association_id=None, association_type=None, manager_id=None
    )
    time.forward(days=1)

    await asked_back(shop, subscription, now=time.now)
    await buy(shop, now=time.now)

    records = await ConsumptionRecord.all().order_by("created_at", "id")
    assert [(record.bill_type.value, record.partner_id) for record in records] == [
        ("NEW", shop.partner.id),
        ("REFUND", shop.partner.id),
        ("NEW", None),
    ]


async def test_the_month_is_that_of_beijing(shop: Shop, time: Clock) -> None:
    time.now = time.now.replace(hour=15, minute=59, second=59, microsecond=999_999)
    await buy(shop, now=time.now)
    time.now += timedelta(microseconds=1)
    await buy(shop, now=time.now)

    records = await ConsumptionRecord.all().order_by("created_at", "id")
    assert [record.period for record in records] == ["2030-01", "2030-02"]


@pytest.mark.parametrize(
    "change", ["cash = cash + 1", "discount_amount = 1", "consume_amount = 0, cash = 0"]
)
async def test_amounts_that_do_not_add_up_are_no_record(
    shop: Shop, time: Clock, change: str
) -> None:
    await buy(shop, now=time.now)

    with pytest.raises(IntegrityError):
        await database.execute(f"update consumption_record set {change}")

    assert await spent() == [{"type": "NEW", "official": "1000.00", "cash": "1000.00"}]
