"""Placing orders: what lines keep of their moment, and what is refused."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from domain.associations.acting import NotAuthorized
from domain.associations.authorization_guards import CustomerIsFrozen, OnlyForAgencyCustomers
from domain.catalogue.quantities import MOST_LINES
from domain.orders import carting, placing
from domain.orders.carting import CartIsFull
from domain.orders.orderable import NotOrderable
from domain.orders.placing import PriceChanged
from domain.orders.wishes import Wanted
from kit.ids import new_id
from kit.problems import InvalidInput, NotFound
from models.carts import CartLine
from models.catalogue import ChargeMode, Goods, ShareModel
from models.customers import AssociationType, Customer, Freeze
from models.order_states import PolicyScene
from models.orders import Order, OrderLine
from models.timers import Timer
from tests.authorizations.factories import a_request, granted
from tests.catalogue.factories import a_policy, a_price, a_sku, some_goods
from tests.changes.factories import Sides
from tests.conftest import Clock
from tests.factories import a_partner
from tests.offers.factories import a_scheduled_offer
from tests.orders.factories import Shop, a_shop, history, lines_of, place, shop_of
from tests.private_offers.factories import an_effective
from tests.requirements.factories import a_sale

pytestmark = pytest.mark.usefixtures("database")


async def test_lines_keep_the_terms_of_their_moment(time: Clock) -> None:
    shop = await a_shop(
        share_ratio=Decimal("0.123456"), tax_rate=Decimal("0.13"), five_day_refund=True
    )
    await a_price(shop.sku, "1200.00", floor="700.00", since=time.now - timedelta(days=1))

    order = await place(shop, shop.line(3, periods=2), now=time.now, note=" by Friday ")

    assert (order.type, order.source, order.status) == ("NEW", "CUSTOMER", "PENDING_PAYMENT")
    assert order.payment_state == "UNPAID"
    assert (order.partner_id, order.association_type) == (shop.partner.id, "REFERRAL")
    assert order.seller_id is None
    assert order.note == "by Friday"
    assert (order.list_amount, order.due_amount) == (Decimal("7200.00"), Decimal("7200.00"))
    assert order.pay_by == time.now + timedelta(days=7)
    assert await Timer.filter(subject_id=order.id, state="SCHEDULED", due_at=order.pay_by).exists()
    [line] = await lines_of(order)
    assert (line.quantity, line.periods, line.months) == (3, 2, 12)
    assert (line.unit_price, line.discount) == (Decimal("1200.00"), Decimal(1))
    assert (line.share_model, line.share_ratio) == ("DEAL_PRICE", Decimal("0.123456"))
    assert (line.tax_rate, line.floor_amount) == (Decimal("0.13"), Decimal("4200.00"))
    assert (line.kind, line.category, line.strategy) == ("JOINT_OPERATED", "SAAS", "STANDARD")
    assert (line.merchant_id, line.five_day_refund) == (shop.merchant.id, True)
    assert await history(order) == ["placed"]
    assert await history(order, shop.merchant) == ["placed"]

    # What changes later, changes nothing of it.
    await a_policy(shop.goods, since=time.now, share_ratio=Decimal("0.5"))
    assert (await lines_of(order))[0].share_ratio == Decimal("0.123456")


async def test_only_a_seller_has_a_scene(shop: Shop, time: Clock) -> None:
    order = await place(shop, now=time.now)
    for wrong in ({"policy_scene": PolicyScene.CSP}, {"seller_id": shop.partner.id}):
        with pytest.raises(IntegrityError, match="sales_order_scene_is_its_sellers"):
            await Order.filter(id=order.id).update(**wrong)
    await Order.filter(id=order.id).update(
        seller_id=shop.partner.id, policy_scene=PolicyScene.DISTRIBUTOR
    )


async def test_a_discount_is_rounded_once_a_line(shop: Shop, time: Clock) -> None:
    cheap = await a_sku(shop.goods, price="0.10", charge_mode=ChargeMode.ON_DEMAND_PACKAGE)
    offer = await a_scheduled_offer(
        shop.goods, by=shop.by, of=shop.customer, now=time.now, discount="0.85"
    )
    time.forward(days=1)

    order = await place(
        shop,
        Wanted(sku_id=cheap.id, quantity=3, exclusive_offer_id=offer.id),
        shop.line(exclusive_offer_id=offer.id),
        now=time.now,
    )

    assert [line.deal_amount for line in await lines_of(order)] == [
        Decimal("0.26"),
        Decimal("850.00"),
    ]
    assert order.due_amount == Decimal("850.26")
    assert order.seller_id == shop.partner.id  # the offer's owner


async def test_an_offer_of_another_partner_than_the_one_named_is_refused(
    shop: Shop, time: Clock
) -> None:
    rival = await a_partner("Rival")
    offer = await a_scheduled_offer(shop.goods, by=shop.by, of=shop.customer, now=time.now)
    time.forward(days=1)

    with pytest.raises(NotOrderable) as refused:
        await place(
            shop,
            shop.line(exclusive_offer_id=offer.id),
            seller_account_name=rival.account_name,
            now=time.now,
        )

    assert [(check.line, check.code) for check in refused.value.checks] == [(0, "OTHER_PARTNER")]
    assert await Order.all().count() == 0


async def test_all_that_stands_in_the_way_is_told_at_once(shop: Shop, time: Clock) -> None:
    offer = await a_scheduled_offer(shop.goods, by=shop.by, of=shop.customer, now=time.now)
    gone = await a_sku(shop.goods, on_sale=False)
    bare = await a_sku(await some_goods("Bare", policy=False), price=None)

    with pytest.raises(NotOrderable) as refused:
        await place(
            shop,
            shop.line(exclusive_offer_id=offer.id),
            Wanted(sku_id=gone.id),
            Wanted(sku_id=bare.id),
            now=time.now,
        )

    assert [(check.line, check.code) for check in refused.value.checks] == [
        (0, "NOT_EFFECTIVE_YET"),
        (1, "SKU_NOT_ON_SALE"),
        (2, "NO_PRICE"),
        (2, "NO_POLICY"),
    ]
    assert await OrderLine.all().count() == 0


async def test_an_offer_for_somebody_else_does_not_exist(shop: Shop, time: Clock) -> None:
    other = await a_shop()
    offer = await a_scheduled_offer(other.goods, by=other.by, of=other.customer, now=time.now)
    time.forward(days=1)

    with pytest.raises(NotFound) as refused:
        await place(shop, shop.line(exclusive_offer_id=offer.id), now=time.now)

    assert refused.value.path == ("input", "lines", "0", "exclusiveOfferId")


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ({"quantity": 0}, "quantity"),
        ({"quantity": 1_000_001}, "quantity"),
        ({"periods": 0}, "periods"),
        ({"periods": 11}, "periods"),
        ({"exclusive_offer_id": new_id(), "private_offer_id": new_id()}, "privateOfferId"),
    ],
)
async def test_what_no_order_could_have_is_invalid(
    shop: Shop, time: Clock, line: dict[str, Any], path: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await place(shop, shop.line(**line), now=time.now)

    assert refused.value.path[-1] == path
    assert await Order.all().count() == 0


async def test_a_price_that_rose_since_the_client_looked_is_told(shop: Shop, time: Clock) -> None:
    await a_price(shop.sku, "1200.00", since=time.now)

    with pytest.raises(PriceChanged) as refused:
        await place(shop, expected_total=Decimal("1000.00"), now=time.now)

    assert (refused.value.expected, refused.value.current) == (Decimal("1000.00"), Decimal(1200))
    assert await Order.all().count() == 0
    assert (await place(shop, expected_total=Decimal("1200"), now=time.now)).due_amount == 1200


@pytest.mark.parametrize("mode", [ChargeMode.ON_DEMAND, ChargeMode.PER_USE])
async def test_what_is_paid_by_use_opens_with_nothing_due(
    shop: Shop, time: Clock, mode: ChargeMode
) -> None:
    """D-01."""
    metered = await a_sku(shop.goods, price="0.50", charge_mode=mode)

    order = await place(shop, Wanted(sku_id=metered.id, quantity=2), now=time.now)

    assert order.due_amount == Decimal(0)
    assert (order.status, order.payment_state) == ("PROCESSING", "PAID")
    assert order.paid_at == time.now
    assert (await lines_of(order))[0].unit_price == Decimal("0.50")
    assert not await Timer.filter(subject_id=order.id, state="SCHEDULED").exists()
    assert await history(order) == ["placed", "paid"]


async def test_a_frozen_customer_orders_nothing(shop: Shop, time: Clock) -> None:
    await Customer.filter(id=shop.customer.id).update(freeze=Freeze.ACCOUNT)

    with pytest.raises(CustomerIsFrozen):
        await place(shop, now=time.now)


async def test_a_partner_orders_on_behalf_with_leave_and_is_bound(time: Clock) -> None:
    """C-10."""
    shop = await a_shop(type=AssociationType.AGENCY)
    facts: dict[str, Any] = {
        "viewer": shop.by,
        "lines": [shop.line()],
        "on_behalf_of": shop.customer.id,
    }
    cart: dict[str, Any] = {"viewer": shop.by, "customer_id": shop.customer.id, "now": time.now}
    with pytest.raises(NotAuthorized):
        await placing.place(**facts, now=time.now)
    with pytest.raises(NotFound):
        await carting.priced(**cart)

    sides = Sides()
    sides.house, sides.customer = shop.partner, shop.customer
    sides.partner, sides.buyer = shop.by, shop.buyer
    await granted(await a_request(sides, now=time.now), by=shop.buyer, now=time.now)
    assert await carting.priced(**cart) == ([], None)
    order = await placing.place(**facts, now=time.now)

    assert (order.source, order.seller_id) == ("PARTNER", shop.partner.id)
    assert order.placed_by == shop.by.actor_id


async def test_nobody_orders_on_behalf_of_a_referral_customer(shop: Shop, time: Clock) -> None:
    with pytest.raises(OnlyForAgencyCustomers):
        await placing.place(
            viewer=shop.by, lines=[shop.line()], on_behalf_of=shop.customer.id, now=time.now
        )


async def test_a_joint_sale_keeps_the_ratio_of_its_private_offer(time: Clock) -> None:
    """R-05, A-20."""
    sale = await a_sale()
    offer = await an_effective(sale, now=time.now, ratio="0.22", price="880.00")
    shop = await shop_of(sale)

    order = await place(shop, shop.line(private_offer_id=offer.id), now=time.now)

    [line] = await lines_of(order)
    assert (line.share_model, line.share_ratio) == (ShareModel.MERCHANT_JOINT, Decimal("0.22"))
    assert (line.requirement_id, line.discount) == (offer.requirement_id, None)
    assert (order.list_amount, order.due_amount) == (Decimal(1000), Decimal(880))
    assert order.seller_id == sale.partner.id


async def test_the_cart_becomes_an_order_and_is_empty(shop: Shop, time: Clock) -> None:
    first = await carting.add(viewer=shop.buyer, line=shop.line(), now=time.now)
    again = await carting.add(viewer=shop.buyer, line=shop.line(2), now=time.now)
    other = await a_sku(shop.goods, price="5.00", charge_mode=ChargeMode.ON_DEMAND_PACKAGE)
    second = await carting.add(viewer=shop.buyer, line=Wanted(sku_id=other.id), now=time.now)
    assert (again.id, again.quantity) == (first.id, 3)
    _, quote = await carting.priced(viewer=shop.buyer, customer_id=shop.customer.id, now=time.now)
    assert quote is not None
    assert quote.total is not None
    assert quote.total.deal.amount == Decimal("3005.00")

    order = await placing.place(
        viewer=shop.buyer, cart_line_ids=[second.id, first.id], now=time.now
    )

    assert [line.sku_id for line in await lines_of(order)] == [other.id, shop.sku.id]
    assert order.due_amount == Decimal("3005.00")
    assert await CartLine.all().count() == 0


async def test_a_cart_holds_what_an_order_can(shop: Shop, time: Clock) -> None:
    for periods in range(1, MOST_LINES + 1):
        line = CartLine(
            id=new_id(),
            created_at=time.now,
            customer_id=shop.customer.id,
            sku_id=shop.sku.id,
            quantity=1,
            periods=100 + periods,
            added_by=shop.customer.id,
        )
        await line.insert()

    with pytest.raises(CartIsFull) as refused:
        await carting.add(viewer=shop.buyer, line=shop.line(), now=time.now)

    assert refused.value.maximum == MOST_LINES
    assert await CartLine.all().count() == MOST_LINES


async def test_a_refused_order_leaves_the_cart_as_it_was(shop: Shop, time: Clock) -> None:
    line = await carting.add(viewer=shop.buyer, line=shop.line(), now=time.now)
    await Goods.filter(id=shop.goods.id).update(on_sale=False)

    with pytest.raises(NotOrderable):
        await placing.place(viewer=shop.buyer, cart_line_ids=[line.id], now=time.now)

    assert await CartLine.filter(id=line.id).exists()
