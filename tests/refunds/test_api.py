"""Buying, using, delivering and giving back through the API, and who sees of it what."""

from typing import Any

import pytest

from domain.customers import standing
from domain.identity.items import Item
from kit import ids
from models.associations import OnBehalfScope
from models.customers import AssociationType, Freeze
from models.order_states import SupervisionState
from models.orders import Order, OrderLine
from models.refunds import Refund
from models.upstream import Behaviour
from tests.authorizations.factories import a_grant
from tests.changes.factories import Sides
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.customers.factories import a_customer, a_manager, a_user_of
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.fulfilment.factories import (
    asked,
    line_of,
    paid,
    ssv,
    sub,
    subscription_of,
    supervision_of,
    the_cloud_is,
)
from tests.orders.factories import Shop, a_shop
from tests.refunds.factories import bought, rfd
from tests.upstream.working import work

pytestmark = pytest.mark.usefixtures("database")

LISTS = """{ subscriptions(first: 5) { totalCount { value } nodes {
    id number status statusCode quantity customerName customer { name } partner { name }
    goods { name } sku { name } expiresAt autoRenew deadline { onTimeout status }
    periods { position months startedAt line { position } }
    availableActions { name allowed blockedBy { code } }
    history(first: 5) { nodes { name subject { id } } } } } }"""
REFUNDS = """query($status: [RefundStatus!]) { refunds(first: 5, filter: {status: $status}) {
  totalCount { value } nodes { id number kind rule status amount { amount } consumed { amount }
    usedDays totalDays decideBy decidedBy customerName reasonCode
    parts { instrument amount { amount } returnedTo }
    subscription { status } line { position } order { number } refundOrder { type }
    availableActions { name allowed } history(first: 5) { nodes { name } } } } }"""
QUOTE = """query($id: ID!) { refundQuote(input: {subscriptionId: $id}) {
  kind rule pieces amount { amount } consumed { amount } usedDays totalDays merchantDecides
  parts { instrument paid { amount } amount { amount } } } }"""
REQUEST = """mutation($id: ID, $line: ID, $expected: Decimal, $key: String = "K") {
  refundRequest(input: { subscriptionId: $id, lineId: $line, reason: NOT_NEEDED,
    expectedAmount: $expected, idempotencyKey: $key}) {
  refund { id status kind amount { amount } } errors { code path } } }"""
MANY = """mutation($ids: [ID!]!) {
  refundsRequest(input: {subscriptionIds: $ids, reason: OTHER, idempotencyKey: "K"}) {
  results { id done error { code } } refunds { subscription { id } } errors { code } } }"""
DECIDE = """mutation($id: ID!) { %s(input: {id: $id, idempotencyKey: "K"%s}) {
  refund { status decidedBy } errors { code } } }"""
RENEW = """mutation($ids: [ID!]!, $months: Int!, $behalf: ID) {
  subscriptionRenew(input: {ids: $ids, months: $months, onBehalfOf: $behalf}) {
    order { type status dueAmount { amount } baseOrder { number } } errors { code } } }"""
CHANGE = """mutation($id: ID!, $quantity: Int, $sku: ID, $behalf: ID, $expected: Decimal) {
  subscriptionChange(input: {id: $id, quantity: $quantity, skuId: $sku, onBehalfOf: $behalf,
      expectedTotal: $expected}) {
    order { type typeCode source status dueAmount { amount } baseOrder { number }
      lines { quantity subscription { quantity } serviceSupervision { step }
        refunds { status } } } errors { code path } } }"""
ORDER_LINE = """query($id: ID!) { order(id: $id) { lines {
    subscription { status quantity } serviceSupervision { step } refunds { number status } } } }"""
AUTO = """mutation($id: ID!) { subscriptionAutoRenewSet(input: {id: $id, autoRenew: true}) {
  subscription { autoRenew } errors { code } } }"""
SUPERVISIONS = """{ serviceSupervisions(first: 5) { totalCount { value } nodes {
    id step rejectionCount appeal appealDueOn isAppealOverdue customerName order { number }
    deadline { status } availableActions { name allowed }
    history(first: 9) { nodes { name } } } } }"""
STEP = """mutation($id: ID!) { %s(input: {id: $id%s}) {
  serviceSupervision { step appeal } errors { code } } }"""
RETRY = """mutation($id: ID!) { fulfilmentRetry(input: {id: $id}) {
  orderLine { fulfilment } errors { code } } }"""


@pytest.fixture
async def shop(time: Clock) -> Shop:
    return await a_shop(five_day_refund=True)


async def test_a_customer_sees_what_it_has_and_gives_it_back(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    order, subscription = await bought(shop, now=time.now)

    [seen] = (await ask(LISTS, by=shop.buyer))["nodes"]
    assert (seen["status"], seen["statusCode"], seen["quantity"]) == ("IN_USE", 2, 1)
    assert seen["periods"][0]["months"] == 12
    assert seen["deadline"] == {"onTimeout": "EXPIRE", "status": "SCHEDULED"}
    assert [(each["name"], each["allowed"]) for each in seen["availableActions"]] == [
        ("subscriptionRenew", True),
        ("subscriptionAutoRenewSet", True),
        ("subscriptionChange", True),
        ("subscriptionEnd", False),
    ]
    assert seen["history"]["nodes"] == [
        {"name": "subscription.opened", "subject": {"id": sub(subscription)}}
    ]
    [quote] = await ask(QUOTE, by=shop.buyer, id=sub(subscription))
    assert quote == {
        "kind": "FULL_GUARANTEE",
        "rule": "D-07",
        "pieces": 1,
        "amount": {"amount": "1000.00"},
        "consumed": {"amount": "0.00"},
        "usedDays": None,
        "totalDays": None,
        "merchantDecides": False,
        "parts": [
            {
                "instrument": "CASH",
                "paid": {"amount": "1000.00"},
                "amount": {"amount": "1000.00"},
            }
        ],
    }

    refused = await ask(REQUEST, by=shop.buyer, id=sub(subscription), expected="999.00")
    assert refused["errors"] == [{"code": "REFUND_CHANGED", "path": ["input", "expectedAmount"]}]
    done = await ask(REQUEST, by=shop.buyer, id=sub(subscription), expected="1000.00", key="L")
    assert done["refund"]["status"] == "REFUNDED"

    [refund] = (await ask(REFUNDS, by=shop.buyer))["nodes"]
    assert refund["parts"] == [
        {"instrument": "CASH", "amount": {"amount": "1000.00"}, "returnedTo": "CUSTOMER"}
    ]
    assert refund["order"] == {"number": order.number}
    assert refund["refundOrder"] == {"type": "UNSUBSCRIBE"}
    assert refund["subscription"] == {"status": "CLOSED"}
    [closed] = (await ask(LISTS, by=shop.buyer))["nodes"]
    assert (closed["status"], closed["statusCode"]) == ("CLOSED", 3)


async def test_the_end_shows_to_the_microsecond_without_a_worker(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    _, subscription = await bought(shop, now=time.now)
    assert subscription.expires_at is not None
    time.now = subscription.expires_at

    [seen] = (await ask(LISTS, by=shop.buyer))["nodes"]
    assert (seen["status"], seen["statusCode"]) == ("FROZEN", 4)
    time.forward(days=15)
    [seen] = (await ask(LISTS, by=shop.buyer))["nodes"]
    assert (seen["status"], seen["statusCode"]) == ("EXPIRED", 5)


async def test_the_merchant_decides_and_sees_not_by_what_was_paid(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    _, subscription = await bought(shop, now=time.now)
    time.forward(days=73)
    for by, parts in ((shop.seller, 0), (shop.by, 1)):
        [quoted] = await ask(QUOTE, by=by, id=sub(subscription))
        assert (quoted["amount"], len(quoted["parts"])) == ({"amount": "800.00"}, parts)
    asked = await ask(REQUEST, by=shop.buyer, id=sub(subscription))
    id = asked["refund"]["id"]
    again = await ask(REQUEST, by=shop.buyer, id=sub(subscription), key="L")
    assert again["errors"] == [{"code": "REFUND_IN_PROGRESS", "path": ["input", "subscriptionId"]}]

    [seen] = (await ask(REFUNDS, by=shop.seller, status=["MERCHANT_REVIEW"]))["nodes"]
    assert (seen["usedDays"], seen["totalDays"]) == (73, 365)
    assert (seen["amount"], seen["consumed"]) == ({"amount": "800.00"}, {"amount": "200.00"})
    assert seen["parts"] == []
    assert [each["name"] for each in seen["availableActions"] if each["allowed"]] == [
        "refundAccept",
        "refundReject",
    ]
    assert seen["history"]["nodes"] == [{"name": "refund.requested"}]

    refused = await ask(DECIDE % ("refundAccept", ""), by=shop.by, id=id)
    assert refused["errors"] == [{"code": "REFUND_OF_ANOTHER_MERCHANT"}]
    rejected = await ask(DECIDE % ("refundReject", ', reason: "No."'), by=shop.seller, id=id)
    assert rejected["refund"] == {"status": "REJECTED", "decidedBy": "MERCHANT"}
    platform = await a_staff_viewer(Item.ORDER_REVIEW)
    done = await ask(DECIDE % ("refundOverride", ', reason: "Yes."'), by=platform, id=id)
    assert done["refund"] == {"status": "REFUNDED", "decidedBy": "PLATFORM"}
    late = await ask(DECIDE % ("refundCancel", ""), by=shop.buyer, id=id)
    assert late["errors"] == [{"code": "WRONG_STATUS"}]


async def test_several_are_given_back_at_once(shop: Shop, time: Clock, ask: Ask) -> None:
    _, one = await bought(shop, now=time.now)
    _, two = await bought(shop, now=time.now)
    await ask(REQUEST, by=shop.buyer, id=sub(one))

    answer = await ask(MANY, by=shop.buyer, ids=[sub(one), sub(two)])

    assert answer["results"] == [
        {"id": sub(one), "done": False, "error": {"code": "NOTHING_TO_REFUND"}},
        {"id": sub(two), "done": True, "error": None},
    ]
    assert answer["refunds"] == [{"subscription": {"id": sub(two)}}]


async def test_renewing_by_oneself_and_by_itself(shop: Shop, time: Clock, ask: Ask) -> None:
    order, subscription = await bought(shop, now=time.now)

    renewed = await ask(RENEW, by=shop.buyer, ids=[sub(subscription)], months=24)
    assert renewed["order"] == {
        "type": "RENEW",
        "status": "PENDING_PAYMENT",
        "dueAmount": {"amount": "2000.00"},
        "baseOrder": {"number": order.number},
    }
    refused = await ask(RENEW, by=shop.buyer, ids=[sub(subscription)], months=1)
    assert refused["errors"] == [{"code": "INVALID_INPUT"}]
    assert (await ask(AUTO, by=shop.buyer, id=sub(subscription)))["subscription"] == {
        "autoRenew": True
    }
    behalf = ids.encode("cus", shop.customer.id)
    refused = await ask(RENEW, by=shop.by, ids=[sub(subscription)], months=12, behalf=behalf)
    assert refused["errors"] == [{"code": "ONLY_FOR_AGENCY_CUSTOMERS"}]


async def test_changing_through_the_api_by_oneself_and_on_behalf(time: Clock, ask: Ask) -> None:
    shop = await a_shop(type=AssociationType.AGENCY)
    order, subscription = await bought(shop, now=time.now)
    time.forward(days=73)
    id, behalf = sub(subscription), ids.encode("cus", shop.customer.id)

    refused = await ask(CHANGE, by=shop.buyer, id=id, quantity=3, expected="1.00")
    assert refused["errors"] == [{"code": "PRICE_CHANGED", "path": ["input", "expectedTotal"]}]
    refused = await ask(CHANGE, by=shop.by, id=id, quantity=3, behalf=behalf)
    assert refused["errors"][0]["code"] == "NOT_AUTHORIZED"
    assert await Order.all().count() == 1
    sides = Sides()
    sides.house, sides.customer = shop.partner, shop.customer
    sides.partner, sides.buyer = shop.by, shop.buyer
    await a_grant(sides, scopes=(OnBehalfScope.ORDER,), now=time.now)
    done = await ask(CHANGE, by=shop.by, id=id, quantity=3, behalf=behalf, expected="1600.00")
    assert done["order"] == {
        "type": "CHANGE",
        "typeCode": 3,
        "source": "PARTNER",
        "status": "PENDING_PAYMENT",
        "dueAmount": {"amount": "1600.00"},
        "baseOrder": {"number": order.number},
        "lines": [
            {
                "quantity": 3,
                "subscription": {"quantity": 1},
                "serviceSupervision": None,
                "refunds": [],
            }
        ],
    }
    sku = ids.encode("sku", shop.sku.id)
    same = await ask(CHANGE, by=shop.buyer, id=id, quantity=1, sku=sku)
    assert same["errors"] == [{"code": "INVALID_INPUT", "path": ["input"]}]


async def test_a_line_says_what_it_brought_and_what_was_asked_back(time: Clock, ask: Ask) -> None:
    shop = await a_shop(requires_supervision=True)
    order, subscription = await bought(shop, quantity=2, now=time.now)
    await ask(REQUEST, by=shop.buyer, id=sub(subscription))
    refund = await Refund.get(order_id=order.id)

    for by in (shop.buyer, shop.seller, shop.by):
        [line] = (await ask(ORDER_LINE, by=by, id=ids.encode("ord", order.id)))["lines"]
        assert line == {
            "subscription": {"status": "IN_USE", "quantity": 2},
            "serviceSupervision": {"step": "SUBMIT_REQUIREMENT"},
            "refunds": [{"number": refund.number, "status": "MERCHANT_REVIEW"}],
        }


async def test_resources_are_frozen_and_unfrozen_with_their_customer(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    _, subscription = await bought(shop, now=time.now)
    platform = await a_staff_viewer(Item.CUSTOMER_FREEZE)

    async def seen() -> Any:
        [one] = (await ask(LISTS, by=shop.buyer))["nodes"]
        return one["status"], one["statusCode"]

    async def freeze(extent: Freeze) -> None:
        await standing.freeze(
            viewer=platform,
            customer_id=shop.customer.id,
            extent=extent,
            reason="unpaid",
            now=time.now,
        )

    await freeze(Freeze.ACCOUNT)
    assert await seen() == ("IN_USE", 2)
    await freeze(Freeze.ACCOUNT_AND_RESOURCES)
    assert await seen() == ("FROZEN", 4)
    [asked_for] = await asked("suspend")
    assert asked_for.subject_id == shop.customer.id
    await freeze(Freeze.ACCOUNT)
    assert await seen() == ("IN_USE", 2)
    assert len(await asked("resume")) == 1
    await freeze(Freeze.ACCOUNT_AND_RESOURCES)
    refused = await ask(CHANGE, by=shop.buyer, id=sub(subscription), quantity=2)
    assert refused["errors"][0]["code"] == "CUSTOMER_IS_FROZEN"
    await standing.unfreeze(viewer=platform, customer_id=shop.customer.id, now=time.now)
    assert await seen() == ("IN_USE", 2)
    assert (len(await asked("suspend")), len(await asked("resume"))) == (2, 2)
    await work(time.now)
    assert await seen() == ("IN_USE", 2)


async def test_a_supervised_delivery_through_the_api(time: Clock, ask: Ask) -> None:
    shop = await a_shop(requires_supervision=True)
    order, _ = await bought(shop, now=time.now)
    id = ssv(await supervision_of(order))
    need = ', requirement: "Forty desks."'
    why = ', reason: "Look again."'

    async def step(name: str, by: Any, more: str = "") -> Any:
        answer = await ask(STEP % (name, more), by=by, id=id)
        return answer["serviceSupervision"] or answer["errors"]

    assert (await step("serviceRequirementSubmit", shop.buyer, need))["step"] == "MERCHANT_CONFIRM"
    assert (await step("serviceRequirementReturn", shop.seller, why))["step"] == (
        "SUBMIT_REQUIREMENT"
    )
    await step("serviceRequirementSubmit", shop.buyer, need)
    await step("serviceRequirementConfirm", shop.seller)
    for turn in range(3):
        assert (await step("serviceDeliver", shop.seller))["step"] == "BUYER_ACCEPT"
        if turn < 2:
            assert await step("serviceAppeal", shop.seller, why) == [{"code": "NOTHING_TO_APPEAL"}]
        assert (await step("serviceReject", shop.buyer, why))["step"] == "DELIVERING"
    assert (await step("serviceAppeal", shop.seller, why))["appeal"] == "OPEN"
    time.forward(days=7)
    [seen] = (await ask(SUPERVISIONS, by=shop.seller))["nodes"]
    assert (seen["rejectionCount"], seen["isAppealOverdue"]) == (3, True)
    platform = await a_staff_viewer(Item.ORDER_REVIEW)
    verdict = ', granted: false, reason: "The buyer is right."'
    assert (await step("serviceAppealDecide", platform, verdict))["appeal"] == "REFUSED"
    await step("serviceDeliver", shop.seller)
    await step("serviceReviewRequire", platform)
    assert (await step("serviceAccept", shop.buyer))["step"] == "PLATFORM_REVIEW"
    assert (await step("serviceReview", platform, ", passed: true"))["step"] == "DONE"
    line = await line_of(order)
    assert line.supervision_state is SupervisionState.DONE


async def test_a_failed_line_is_tried_again_or_given_back(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    await the_cloud_is(Behaviour.ERROR)
    order = await paid(shop, now=time.now)
    await work(time.now)
    id = ids.encode("orl", (await line_of(order)).id)

    assert (await ask(RETRY, by=shop.seller, id=id))["orderLine"] == {"fulfilment": "PROVISIONING"}
    await work(time.now)
    done = await ask(REQUEST, by=shop.buyer, line=id)
    assert done["refund"]["kind"] == "NOT_EFFECTIVE"
    assert (await OrderLine.get(order_id=order.id)).fulfilment == "CANCELLED"


async def test_strangers_find_nothing(shop: Shop, time: Clock, ask: Ask) -> None:
    supervised = await a_shop(requires_supervision=True)
    order, subscription = await bought(supervised, now=time.now)
    time.forward(days=1)
    await ask(REQUEST, by=supervised.buyer, id=sub(subscription))
    refund = await Refund.get(order_id=order.id)
    strangers = [
        await a_user_of(await a_customer("Pearl River")),
        await an_administrator(await a_partner("Rival")),
        (await a_manager(supervised.partner))[1],
        shop.by,
        shop.seller,
    ]

    for by in strangers:
        for list_ in (LISTS, REFUNDS, SUPERVISIONS):
            assert (await ask(list_, by=by))["totalCount"]["value"] == 0
        one = await ask("query($id: ID!) { refund(id: $id) { id } }", by=by, id=rfd(refund))
        assert one is None
        with pytest.raises(Refused, match="NOT_FOUND"):
            await ask(QUOTE, by=by, id=sub(subscription))
        refused = await ask(REQUEST, by=by, id=sub(subscription))
        assert refused["errors"][0]["code"] == "NOT_FOUND"

    for by in (supervised.by, supervised.seller, await a_staff_viewer(Item.ORDER_REVIEW)):
        for list_ in (LISTS, REFUNDS, SUPERVISIONS):
            assert (await ask(list_, by=by))["totalCount"]["value"] == 1
    assert (await subscription_of(order)).id == subscription.id
