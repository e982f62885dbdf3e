"""Orders over the API: who sees which, how lists are narrowed, and what the wire codes are."""

from base64 import urlsafe_b64decode
from decimal import Decimal
from typing import Any

import pytest

from domain.identity.items import Item
from domain.orders import partner_payment, paying, placing
from domain.orders.wishes import Wanted
from kit import ids
from models.orders import Order
from tests.catalogue.factories import a_merchant, a_sku, gds, sku_id, some_goods
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.customers.factories import a_customer, a_manager, a_user_of, cus
from tests.factories import a_partner, a_staff_viewer, an_administrator, an_operator, as_operator
from tests.offers.factories import a_scheduled_offer, eof, joined
from tests.orders.factories import Shop, a_coupon, a_shop, fund, lines_of, ord_, place

pytestmark = pytest.mark.usefixtures("database")

PLACE = """mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) {
  order { id number status statusCode typeCode sourceCode paymentState
    dueAmount { amount currency } lines { position quantity dueAmount { amount } } }
  errors { code path ... on NotOrderable { checks { line code message } }
    ... on PriceChanged { expected current } } } }"""
PAY = """mutation ($input: OrderPayInput!) { orderPay(input: $input) {
  order { statusCode paymentState paidAt paymentParts { instrument amount { amount }
    shares { amount { amount } line { position } } } }
  errors { code message } } }"""
ORDERS = """query ($filter: OrderFilter, $order: OrderOrder) {
  orders(first: 50, filter: $filter, orderBy: $order) { nodes { id } totalCount { value } } }"""
TOTALS = """query ($filter: OrderFilter) { orderTotals(filter: $filter) { orderCount
  dueAmount { amount } byStatus { status orderCount dueAmount { amount } } } }"""


async def seen(ask: Ask, by: Any, **filter: Any) -> list[str]:
    """The ids in the list, as asked for."""
    found = await ask(ORDERS, by=by, filter=filter)
    assert found["totalCount"]["value"] == len(found["nodes"])
    return [node["id"] for node in found["nodes"]]


async def test_from_the_cart_to_the_payment(ask: Ask, shop: Shop, time: Clock) -> None:
    await fund(shop.customer, "5000.00", now=time.now)
    voucher = await a_coupon(shop.customer, "100.00", now=time.now)
    added = await ask(
        "mutation ($input: CartLineAddInput!) { cartLineAdd(input: $input) {"
        " cartLine { id version quantity } errors { code } } }",
        by=shop.buyer,
        input={"line": {"skuId": sku_id(shop.sku), "quantity": 2}},
    )
    cart = await ask(
        "{ cart { total { deal { amount } } lines { id code findings { code } } } }", by=shop.buyer
    )
    assert cart["total"] == {"deal": {"amount": "2000.00"}}
    assert cart["lines"][0]["id"] == added["cartLine"]["id"]

    placed = await ask(
        PLACE,
        by=shop.buyer,
        input={
            "cartLineIds": [added["cartLine"]["id"]],
            "sellerAccountName": shop.partner.account_name,
            "expectedTotal": "2000.00",
        },
    )
    order = placed["order"]
    assert (order["statusCode"], order["typeCode"], order["sourceCode"]) == (6, 1, 1)
    assert order["dueAmount"] == {"amount": "2000.00", "currency": "CNY"}

    paid = await ask(
        PAY,
        by=shop.buyer,
        input={
            "id": order["id"],
            "coupons": [{"id": ids.encode("cpn", voucher.id)}],
            "expectedDue": "2000.00",
            "idempotencyKey": "once",
        },
    )

    assert paid["errors"] == []
    assert (paid["order"]["statusCode"], paid["order"]["paymentState"]) == (3, "PAID")
    assert [
        (part["instrument"], part["amount"]["amount"]) for part in paid["order"]["paymentParts"]
    ] == [("VOUCHER", "100.00"), ("CASH", "1900.00")]
    history = await ask(
        "query ($id: ID!) { order(id: $id) { history(first: 20) { nodes { name } }"
        " availableActions { name allowed blockedBy { code } } } }",
        by=shop.buyer,
        id=order["id"],
    )
    names = [node["name"] for node in history["history"]["nodes"]]
    assert names.count("order.paid") == names.count("order.placed") == 1
    blocked = {a["name"]: (a["blockedBy"] or {}).get("code") for a in history["availableActions"]}
    assert (blocked["orderPay"], blocked["orderCancel"]) == ("CBC.3106", "CBC.99005010")


async def test_refusals_tell_what_is_to_blame(ask: Ask, shop: Shop, time: Clock) -> None:
    offer = await a_scheduled_offer(shop.goods, by=shop.by, of=shop.customer, now=time.now)
    line = {"skuId": sku_id(shop.sku)}

    early = await ask(
        PLACE, by=shop.buyer, input={"lines": [line | {"exclusiveOfferId": eof(offer)}]}
    )
    dear = await ask(PLACE, by=shop.buyer, input={"lines": [line], "expectedTotal": "900"})
    order = await place(shop, now=time.now)
    poor = await ask(PAY, by=shop.buyer, input={"id": ord_(order), "idempotencyKey": "K"})

    [error] = early["errors"]
    assert [check["code"] for check in error["checks"]] == ["NOT_EFFECTIVE_YET"]
    [error] = dear["errors"]
    assert (error["path"], error["current"]) == (["input", "expectedTotal"], "1000.00")
    assert poor["errors"][0]["code"] == "CBC.99005003"
    assert poor["order"] is None


async def test_who_sees_which_orders(ask: Ask, time: Clock) -> None:
    shop, other = await a_shop(), await a_shop()
    order = await place(shop, seller_account_name=other.partner.account_name, now=time.now)
    foreign = await place(other, now=time.now)
    seat, manager = await a_manager(shop.partner)
    theirs = await a_customer(of=shop.partner, manager=seat)
    shop.customer, shop.buyer = theirs, await a_user_of(theirs)
    managed = await place(shop, now=time.now)

    assert await seen(ask, shop.by) == [ord_(managed), ord_(order)]
    assert await seen(ask, other.by) == [ord_(foreign), ord_(order)]  # it sells one of them
    assert await seen(ask, manager) == [ord_(managed)]
    assert await seen(ask, shop.seller) == [ord_(managed), ord_(order)]
    assert await seen(ask, theirs_buyer := shop.buyer) == [ord_(managed)]
    staff = await a_staff_viewer(Item.ORDER_REVIEW)
    assert set(await seen(ask, staff)) == {ord_(order), ord_(foreign), ord_(managed)}
    with pytest.raises(Refused):
        await seen(ask, await a_staff_viewer(Item.OFFER_REVIEW))
    query = "query ($id: ID!) { order(id: $id) { id } }"
    assert await ask(query, by=theirs_buyer, id=ord_(order)) is None
    assert await ask(query, by=await an_administrator(await a_partner()), id=ord_(order)) is None


async def test_a_merchant_sees_its_own_lines_and_no_sums_of_others(
    ask: Ask, shop: Shop, time: Clock
) -> None:
    rival = await a_merchant("Rival")
    sku = await a_sku(await some_goods("Theirs", merchant=rival), price="77.00")
    order = await place(shop, shop.line(), Wanted(sku_id=sku.id), now=time.now)
    query = """query ($id: ID!) { order(id: $id) { dueAmount { amount } customer { id } accountName
      paymentParts { id }
      lines { position dueAmount { amount } shareRatio floorAmount { amount } } } }"""

    found = await ask(query, by=shop.seller, id=ord_(order))

    assert found["dueAmount"] is None
    assert found["customer"] is None
    assert found["accountName"] == shop.customer.account_name
    assert [line["dueAmount"]["amount"] for line in found["lines"]] == ["1000.00"]
    assert Decimal(found["lines"][0]["shareRatio"]) == Decimal("0.2")
    lines = await ask("{ orderLines(first: 10) { nodes { position } } }", by=shop.seller)
    assert lines == {"nodes": [{"position": 1}]}
    buyers = await ask(query, by=shop.buyer, id=ord_(order))
    assert buyers["dueAmount"] == {"amount": "1077.00"}
    assert [line["shareRatio"] for line in buyers["lines"]] == [None, None]


async def test_a_merchant_learns_by_no_list_what_others_have_sold_with_its_goods(
    ask: Ask, shop: Shop, time: Clock
) -> None:
    """Neither by conditions, nor by the order, nor by what stands in a cursor."""
    rival = await a_merchant("Rival")
    theirs = await some_goods("Theirs", merchant=rival)
    sku = await a_sku(theirs, price="77.00")
    shared = await place(shop, shop.line(), Wanted(sku_id=sku.id), now=time.now)
    own = await place(shop, now=time.now)
    hidden = Decimal("1077.00")
    filters: list[dict[str, Any]] = [
        {"amount": {"from": "1000.01"}},
        {"amount": {"to": "2000.00"}},
        {"merchantId": ids.encode("ptn", rival.id)},
        {"goodsId": gds(theirs)},
        {"goodsId": gds(shop.goods)},
    ]
    ordered = """query ($order: OrderOrder, $after: String) {
      orders(first: 1, orderBy: $order, after: $after) {
        edges { cursor node { id } } pageInfo { endCursor } } }"""

    told = [await seen(ask, shop.seller, **filter) for filter in filters]
    counted = [await ask(TOTALS, by=shop.seller, filter=filter) for filter in filters]
    by_amount = {"field": "DUE_AMOUNT", "direction": "DESC"}
    pages, after = [], None
    for _ in range(2):
        page = await ask(ordered, by=shop.seller, order=by_amount, after=after)
        pages += page["edges"]
        after = page["pageInfo"]["endCursor"]

    both = [ord_(own), ord_(shared)]
    assert told == [[], [ord_(own)], [], [], both]
    assert [each["orderCount"] for each in counted] == [0, 1, 0, 0, 2]
    assert [edge["node"]["id"] for edge in pages] == both
    for edge in pages:
        cursor = edge["cursor"] + "=" * (-len(edge["cursor"]) % 4)
        assert str(hidden) not in urlsafe_b64decode(cursor).decode()
    assert await seen(ask, shop.buyer, goodsId=gds(theirs)) == [ord_(shared)]
    assert await seen(ask, shop.buyer, amount={"from": str(hidden)}) == [ord_(shared)]


async def test_lists_are_narrowed_by_everything_that_people_ask_for(
    ask: Ask, shop: Shop, time: Clock
) -> None:
    await fund(shop.customer, "5000.00", now=time.now)
    offer = await a_scheduled_offer(shop.goods, by=shop.by, of=shop.customer, now=time.now)
    plain = await place(shop, now=time.now)
    time.forward(days=1)
    rebate = await place(shop, shop.line(exclusive_offer_id=offer.id), now=time.now)
    await paying.pay(viewer=shop.buyer, order_id=rebate.id, now=time.now)
    asked = await place(shop, shop.line(3), now=time.now)
    await partner_payment.request(viewer=shop.buyer, order_id=asked.id, now=time.now)
    by = shop.by

    assert await seen(ask, by, paymentState=["PAID"]) == [ord_(rebate)]
    assert await seen(ask, by, paymentState=["PENDING_PARTNER_PAYMENT"]) == [ord_(asked)]
    assert await seen(ask, by, exclusiveOfferId=eof(offer)) == [ord_(rebate)]
    assert await seen(ask, by, amount={"from": "900.00", "to": "1000.00"}) == [ord_(rebate)]
    assert await seen(ask, by, amount={"from": "1000.01"}) == [ord_(asked)]
    assert await seen(ask, by, number=plain.number) == [ord_(plain)]
    assert await seen(ask, by, search=plain.number[-5:].lower()) == [ord_(plain)]
    assert await seen(ask, by, customer=shop.customer.account_name) == [
        ord_(each) for each in (asked, rebate, plain)
    ]
    assert await seen(ask, by, customerId=cus(shop.customer), type=["RENEW"]) == []
    assert len(await seen(ask, by, goodsId=gds(shop.goods), refundState=["NONE"])) == 3
    assert await seen(ask, by, sellerId=ids.encode("ptn", shop.partner.id)) == [ord_(rebate)]
    day = {"from": time.now.isoformat()}
    assert await seen(ask, by, created=day) == [ord_(asked), ord_(rebate)]
    assert await seen(ask, by, paid=day) == [ord_(rebate)]
    found = await ask(ORDERS, by=by, order={"field": "DUE_AMOUNT", "direction": "ASC"})
    assert [node["id"] for node in found["nodes"]] == [
        ord_(each) for each in (rebate, plain, asked)
    ]

    totals = await ask(TOTALS, by=by)
    assert (totals["orderCount"], totals["dueAmount"]["amount"]) == (3, "4900.00")
    pending = {each["status"]: each["dueAmount"]["amount"] for each in totals["byStatus"]}
    assert pending["PENDING_PAYMENT"] == "4000.00"
    one = await ask(TOTALS, by=by, filter={"amount": {"to": "1000.00"}, "status": ["PROCESSING"]})
    assert (one["orderCount"], one["dueAmount"]["amount"]) == (1, "900.00")

    # At its deadline an unpaid order is over, whether or not a worker has come by.
    time.forward(days=7)
    assert await seen(ask, by, status=["CANCELLED"]) == [ord_(asked), ord_(plain)]
    late = await ask(
        "query ($id: ID!) { order(id: $id) { statusCode cancelReason cancelledAt payBy } }",
        by=by,
        id=ord_(plain),
    )
    assert (late["statusCode"], late["cancelReason"]) == (4, "DEADLINE")
    assert late["cancelledAt"] == late["payBy"]


async def test_orders_are_paid_together_with_an_outcome_each(
    ask: Ask, shop: Shop, time: Clock
) -> None:
    await fund(shop.customer, "1000.00", now=time.now)
    orders = [await place(shop, now=time.now) for _ in range(2)]

    answer = await ask(
        "mutation ($input: OrdersPayInput!) { ordersPay(input: $input) {"
        " results { id done error { code } } errors { code } } }",
        by=shop.buyer,
        input={"ids": [ord_(order) for order in orders], "idempotencyKey": "K"},
    )

    assert answer["results"] == [
        {"id": ord_(orders[0]), "done": True, "error": None},
        {"id": ord_(orders[1]), "done": False, "error": {"code": "CBC.99005003"}},
    ]


async def test_finance_pays_for_customers_and_sees_what_it_pays(
    ask: Ask, shop: Shop, time: Clock
) -> None:
    from domain.identity.presets import Preset

    await fund(shop.partner, "1000.00", now=time.now)
    finance = await as_operator(await an_operator(of=shop.partner, role=Preset.FINANCE))
    order = await place(shop, now=time.now)
    await partner_payment.request(viewer=shop.buyer, order_id=order.id, now=time.now)

    paid = await ask(
        "mutation ($input: OrderPartnerPayInput!) { orderPartnerPay(input: $input) {"
        " order { isPartnerPaid paymentParts { instrument } } errors { code } } }",
        by=finance,
        input={"id": ord_(order), "idempotencyKey": "K"},
    )

    assert paid["order"] == {
        "isPartnerPaid": True,
        "paymentParts": [{"instrument": "PARTNER_BALANCE"}],
    }


async def test_a_partner_that_sells_to_a_stranger_is_bound_and_sees_the_order(
    ask: Ask, shop: Shop, time: Clock
) -> None:
    """A-04: another service provider than the customer's own partner."""
    rival = await joined(await a_partner("Rival"))
    order = await placing.place(
        viewer=shop.buyer,
        lines=[shop.line()],
        seller_account_name=rival.account_name,
        now=time.now,
    )

    found = await ask(
        "query ($id: ID!) { order(id: $id) { customer { id } customerName lines { shareRatio } } }",
        by=await an_administrator(rival),
        id=ord_(order),
    )

    assert found["customer"] is None
    assert found["lines"][0]["shareRatio"] is not None
    assert (await Order.get(id=order.id)).seller_id == rival.id
    assert len(await lines_of(order)) == 1
