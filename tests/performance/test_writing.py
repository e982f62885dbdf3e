"""Each record of consumption that counts is one line of performance, and no other (6.7, I-07)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from domain.customers import assignments
from domain.orders import paying
from models.catalogue import IncentiveStrategy
from models.customers import Customer, CustomerAssignment
from models.order_states import PolicyScene
from models.orders import Order, OrderLine
from models.performance import PerformanceLine
from models.vouchers import CouponKind
from tests.conftest import Clock
from tests.consumption.factories import buy, handed_in, metered, recharge, used
from tests.customers.factories import a_manager
from tests.factories import a_distributor, a_partner
from tests.orders.factories import Shop, a_coupon, a_shop, fund, lend, place
from tests.performance.factories import lines, told, write
from tests.refunds.factories import asked_back, bought

pytestmark = pytest.mark.usefixtures("database")


async def test_each_instrument_that_counts_is_a_line_and_vouchers_are_none(
    shop: Shop, time: Clock
) -> None:
    voucher = await a_coupon(shop.customer, "100.00", now=time.now)
    card = await a_coupon(shop.customer, "200.00", kind=CouponKind.STORED_VALUE_CARD, now=time.now)
    counting = await a_coupon(shop.customer, "40.00", kind=CouponKind.CASH_COUPON, now=time.now)
    await lend(shop.customer, "300.00", now=time.now)

    order = await buy(
        shop,
        quantity=2,
        coupons={voucher.id: None, card.id: None, counting.id: None},
        credit_amount=Decimal("300.00"),
        now=time.now,
    )
    assert await write(time.now) == 4

    found = await lines()
    assert sorted((line.amount, line.credit_amount) for line in found) == [
        (Decimal("40.00"), Decimal(0)),
        (Decimal("200.00"), Decimal(0)),
        (Decimal("300.00"), Decimal("300.00")),
        (Decimal("1360.00"), Decimal(0)),
    ]
    for line in found:
        assert (line.kind.value, line.partner_id, line.order_id) == (
            "SALE",
            shop.partner.id,
            order.id,
        )
        assert (line.customer_id, line.goods_id) == (shop.customer.id, shop.goods.id)
        # Friday morning in Beijing: partners see it on Monday.
        assert (line.period, line.performed_at) == ("2030-02", time.now)
        assert line.visible_at == datetime(2030, 2, 3, 16, tzinfo=UTC)


async def test_writing_again_adds_nothing_and_what_comes_later_is_written_later(
    shop: Shop, time: Clock
) -> None:
    await buy(shop, now=time.now)
    assert [await write(time.now) for _ in range(2)] == [1, 0]
    time.forward(hours=1)
    await buy(shop, quantity=2, now=time.now)
    assert [await write(time.now) for _ in range(2)] == [1, 0]

    assert [line.amount for line in await lines()] == [Decimal("1000.00"), Decimal("2000.00")]


async def test_goods_without_performance_leave_no_line(time: Clock) -> None:
    shop = await a_shop(strategy=IncentiveStrategy.NONE)
    await buy(shop, now=time.now)

    assert await write(time.now) == 0
    assert await lines() == []


async def test_a_refund_is_a_line_below_zero_of_its_own_month(shop: Shop, time: Clock) -> None:
    time.now = datetime(2030, 2, 28, 15, 0, tzinfo=UTC)
    order, subscription = await bought(shop, now=time.now)
    time.forward(hours=2)
    refund = await asked_back(shop, subscription, now=time.now)
    await write(time.now)

    assert await told() == [
        ("SALE", "2030-02", "1000.00"),
        ("REFUND", "2030-03", "-1000.00"),
    ]
    back = (await lines())[1]
    assert (back.refund_id, back.order_id) == (refund.id, order.id)


async def test_the_seller_earns_and_else_the_customers_partner(shop: Shop, time: Clock) -> None:
    other = await a_partner("Yellow River")
    sold = await buy(shop, now=time.now)
    await Order.filter(id=sold.id).update(seller_id=other.id, policy_scene=PolicyScene.CSP)
    own = await buy(shop, now=time.now)
    await Order.filter(id=own.id).update(seller_id=None, policy_scene=PolicyScene.NONE)
    await write(time.now)

    by_order = {line.order_id: line for line in await lines()}
    assert by_order[sold.id].partner_id == other.id
    assert by_order[sold.id].scene is PolicyScene.CSP
    assert by_order[own.id].partner_id == shop.partner.id
    assert by_order[own.id].scene is PolicyScene.DISTRIBUTOR


async def test_a_resellers_performance_is_its_distributors(time: Clock) -> None:
    distributor = await a_distributor()
    reseller = await a_partner("Small Shop", distributor=distributor)
    shop = await a_shop(partner=reseller)
    await buy(shop, now=time.now)
    await write(time.now)

    [line] = await lines()
    assert (line.partner_id, line.reseller_id) == (distributor.id, reseller.id)


async def test_a_customer_without_a_partner_performs_for_nobody(shop: Shop, time: Clock) -> None:
    await Customer.filter(id=shop.customer.id).update(
        partner_id=None, association_id=None, association_type=None, manager_id=None
    )
    order = await place(shop, now=time.now)
    await Order.filter(id=order.id).update(seller_id=None, policy_scene=PolicyScene.NONE)
    await fund(shop.customer, "1000.00", now=time.now)
    await paying.pay(viewer=shop.buyer, order_id=order.id, now=time.now)

    assert await write(time.now) == 0


async def test_a_manager_counts_from_the_day_after_he_was_given_the_customer(
    shop: Shop, time: Clock
) -> None:
    """O-07: by days in Beijing; on the day of a change it is still the one before."""
    (first, _), (second, _) = await a_manager(shop.partner), await a_manager(shop.partner, "Jing")

    async def give(to: UUID) -> None:
        await assignments.assign(
            viewer=shop.by, customer_ids=[shop.customer.id], manager_id=to, now=time.now
        )

    time.now = datetime(2030, 2, 4, 2, 0, tzinfo=UTC)
    await give(first.id)
    await buy(shop, now=time.now)  # the same day: nobody's
    time.now = datetime(2030, 2, 4, 15, 59, 59, tzinfo=UTC)
    await buy(shop, now=time.now)  # a second before midnight: nobody's
    time.now = datetime(2030, 2, 4, 16, 0, tzinfo=UTC)
    await buy(shop, now=time.now)  # the day after
    await give(second.id)
    await buy(shop, now=time.now)  # the day of the change is the first one's
    time.now = datetime(2030, 2, 5, 16, 0, tzinfo=UTC)
    await buy(shop, now=time.now)
    await write(time.now)

    assert [line.manager_id for line in await lines()] == [
        None,
        None,
        first.id,
        first.id,
        second.id,
    ]
    assert await CustomerAssignment.all().count() == 2


async def test_use_counts_by_the_order_that_has_brought_it(shop: Shop, time: Clock) -> None:
    sku = await metered(shop, price="10.00", now=time.now)
    line = await OrderLine.get(sku_id=sku.id)
    await fund(shop.customer, "100.00", now=time.now)
    time.forward(hours=1)
    await handed_in(
        shop.seller, used(shop, sku, "1", 12, time.now - timedelta(minutes=1)), now=time.now
    )
    await write(time.now)

    found = await PerformanceLine.filter(kind="USAGE")
    # What wasn't covered is a debt, and no performance.
    assert [(each.amount, each.order_line_id) for each in found] == [(Decimal("100.00"), line.id)]
    assert found[0].charge_mode is not None


async def test_debt_for_use_counts_in_the_month_in_which_it_is_paid(
    shop: Shop, time: Clock
) -> None:
    sku = await metered(shop, price="10.00", now=time.now)
    await fund(shop.customer, "30.00", now=time.now)
    time.forward(hours=1)
    await handed_in(shop.seller, used(shop, sku, "1", 12, time.now), now=time.now)
    await write(time.now)
    time.now = datetime(2030, 3, 1, 4, tzinfo=UTC)
    await recharge(shop, "40.00", time.now)
    await recharge(shop, "70.00", time.now, "W2")

    assert [await write(time.now) for _ in range(2)] == [2, 0]

    assert await told() == [
        ("USAGE", "2030-02", "30.00"),
        ("USAGE", "2030-03", "40.00"),
        ("USAGE", "2030-03", "50.00"),
    ]
    first, *later = await lines()
    for line in later:
        assert line.performed_at == time.now
        for name in ("consumption_record_id", "partner_id", "order_line_id", "strategy", "scene"):
            assert getattr(line, name) == getattr(first, name)


async def test_use_that_was_all_debt_counts_when_it_is_paid_and_not_what_was_corrected(
    shop: Shop, time: Clock
) -> None:
    sku = await metered(shop, price="10.00", now=time.now)
    time.forward(hours=1)
    line = used(shop, sku, "1", 12, time.now)
    await handed_in(shop.seller, line, now=time.now)
    assert await write(time.now) == 0
    await handed_in(
        shop.seller, line | {"recordId": "2", "quantity": 10, "corrects": "1"}, now=time.now
    )
    await recharge(shop, "200.00", time.now)
    await handed_in(
        shop.seller, line | {"recordId": "3", "quantity": 9, "corrects": "2"}, now=time.now
    )

    await write(time.now)

    assert sorted(await told()) == [
        ("USAGE", "2030-02", "-10.00"),
        ("USAGE", "2030-02", "100.00"),
    ]
