"""Price adjustment (订单调价): strict goods alone, before payment, down only (D-04, 609)."""

from decimal import Decimal
from typing import Any

import pytest

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.orders import adjusting, paying
from domain.orders.adjusting import Adjusted
from domain.orders.guards import LineNotAdjustable, OrderNotPayable
from domain.orders.wishes import Wanted
from domain.vouchers import usable
from kit.problems import Forbidden, InvalidInput, VersionConflict
from models.catalogue import GoodsKind
from models.orders import Order
from tests.catalogue.factories import a_merchant, a_sku, some_goods
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.factories import a_staff_viewer, an_administrator
from tests.orders.factories import (
    Shop,
    a_coupon,
    assert_sound,
    balance,
    fresh,
    fund,
    history,
    lines_of,
    ord_,
    place,
)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def order(shop: Shop, time: Clock) -> Order:
    """Of the merchant's strict goods at 600 first, then of its ordinary ones at 1000."""
    strict = await some_goods("Strict", kind=GoodsKind.STRICT_SELECTED, merchant=shop.merchant)
    sku = await a_sku(strict, price="600.00")
    return await place(shop, Wanted(sku_id=sku.id), shop.line(), now=time.now)


async def adjust(order: Order, shop: Shop, now: Any, due: str, line: int = 0, **more: Any) -> Order:
    facts: dict[str, Any] = {
        "viewer": shop.seller,
        "expected_version": order.version,
        "lines": [Adjusted((await lines_of(order))[line].id, Decimal(due))],
        "reason": "A loyal customer.",
    }
    return await adjusting.adjust(order_id=order.id, now=now, **(facts | more))


async def test_the_adjusted_price_is_what_is_paid(shop: Shop, order: Order, time: Clock) -> None:
    await fund(shop.customer, "2000.00", now=time.now)

    await adjust(order, shop, time.now, "499.99")

    seen = await fresh(order)
    assert (seen.deal_amount, seen.adjustment) == (Decimal("1600.00"), Decimal("-100.01"))
    assert seen.due_amount == Decimal("1499.99")
    assert (await history(order, shop.merchant)) == ["placed", "adjusted"]
    await paying.pay(viewer=shop.buyer, order_id=order.id, now=time.now)
    assert await balance(shop.customer) == Decimal("500.01")
    await assert_sound(order)


async def test_a_coupon_without_discounts_is_told_to_pay_what_it_will_pay(
    shop: Shop, order: Order, time: Clock
) -> None:
    """Not the line that was adjusted, which is discounted by that."""
    voucher = await a_coupon(shop.customer, "2000.00", excludes_discounts=True, now=time.now)
    await adjust(order, shop, time.now, "499.99")

    [told] = await usable.for_order(viewer=shop.buyer, order_id=order.id, now=time.now)

    assert told.amount.amount == Decimal("1000.00")
    await fund(shop.customer, "499.99", now=time.now)
    await paying.pay(viewer=shop.buyer, order_id=order.id, coupons={voucher.id: None}, now=time.now)
    assert await balance(shop.customer) == 0


async def test_the_last_word_counts(shop: Shop, order: Order, time: Clock) -> None:
    once = await adjust(order, shop, time.now, "500.00")

    await adjust(once, shop, time.now, "600.00")

    assert (await fresh(order)).due_amount == Decimal("1600.00")


@pytest.mark.parametrize("due", ["600.01", "-0.01", "0.001"])
async def test_neither_dearer_nor_below_nothing(
    shop: Shop, order: Order, time: Clock, due: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await adjust(order, shop, time.now, due)

    assert refused.value.path == ("input", "lines", "0", "dueAmount")
    assert (await fresh(order)).due_amount == Decimal("1600.00")


async def test_only_strict_goods_are_adjusted(shop: Shop, order: Order, time: Clock) -> None:
    with pytest.raises(LineNotAdjustable) as refused:
        await adjust(order, shop, time.now, "900.00", line=1)

    assert refused.value.position == 2
    assert (await fresh(order)).version == order.version


async def test_the_platform_adjusts_for_any_merchant(shop: Shop, order: Order, time: Clock) -> None:
    staff = await a_staff_viewer(Item.ORDER_ADJUST)

    await adjust(order, shop, time.now, "0.00", viewer=staff)

    assert (await fresh(order)).due_amount == Decimal("1000.00")


async def test_nothing_is_overwritten_unseen(shop: Shop, order: Order, time: Clock) -> None:
    await adjust(order, shop, time.now, "500.00")

    with pytest.raises(VersionConflict):
        await adjust(order, shop, time.now, "400.00")

    assert (await fresh(order)).due_amount == Decimal("1500.00")


async def test_what_is_paid_is_not_adjusted(shop: Shop, order: Order, time: Clock) -> None:
    await fund(shop.customer, "2000.00", now=time.now)
    await paying.pay(viewer=shop.buyer, order_id=order.id, now=time.now)

    with pytest.raises(OrderNotPayable):
        await adjust(await fresh(order), shop, time.now, "500.00")


async def promised(ask: Ask, order: Order, by: Viewer) -> str | None:
    """By what `availableActions` says that an adjustment is blocked; None for by nothing."""
    seen = await ask(
        "query ($id: ID!) { order(id: $id) { availableActions { name blockedBy { code } } } }",
        by=by,
        id=ord_(order),
    )
    [blocked] = [
        each["blockedBy"] for each in seen["availableActions"] if each["name"] == "orderPriceAdjust"
    ]
    return blocked["code"] if blocked else None


async def test_only_who_can_adjust_it_is_promised_so(
    ask: Ask, shop: Shop, order: Order, time: Clock
) -> None:
    """Administrators of partners hold the right, too, but no goods are theirs."""
    staff = await a_staff_viewer(Item.ORDER_ADJUST)
    plain = await place(shop, now=time.now)
    other = await a_merchant("Brush & Co")
    of_other = await some_goods("Brushes", kind=GoodsKind.COMMON, merchant=other)
    sku = await a_sku(of_other, price="10.00")
    [strict, _] = await lines_of(order)
    mixed = await place(shop, Wanted(sku_id=strict.sku_id), Wanted(sku_id=sku.id), now=time.now)

    assert await promised(ask, order, shop.seller) is None
    assert await promised(ask, order, staff) is None
    assert await promised(ask, order, shop.by) == "FORBIDDEN"
    assert await promised(ask, order, shop.buyer) == "FORBIDDEN"
    assert await promised(ask, plain, shop.seller) == "LINE_NOT_ADJUSTABLE"
    assert await promised(ask, plain, staff) == "LINE_NOT_ADJUSTABLE"
    # Another's strict line beside one's own is not one's own.
    assert await promised(ask, mixed, await an_administrator(other)) == "LINE_NOT_ADJUSTABLE"
    assert await promised(ask, mixed, shop.seller) is None
    with pytest.raises(Forbidden):
        await adjust(order, shop, time.now, "500.00", viewer=shop.by)
    assert (await fresh(order)).version == order.version
