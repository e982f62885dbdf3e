"""Consumption, sums, bills and imports through the API, and who sees of them what."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.consumption import billing
from domain.identity.items import Item
from kit import ids
from models.consumption import ConsumptionRecord
from models.customers import Customer
from tests.conftest import Clock
from tests.consumption.factories import buy, handed_in, metered, uploaded, used
from tests.customers.conftest import Ask, Refused
from tests.customers.factories import a_customer, a_manager, a_user_of
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.orders.factories import Shop
from tests.refunds.factories import asked_back, bought

pytestmark = pytest.mark.usefixtures("database")

LIST = """query($filter: ConsumptionFilter) { consumption(first: 9, filter: $filter) {
  totalCount { value } nodes { id period billType billTypeCode status customerName
    customer { name } partner { name } associationType goods { name } order { number }
    refund { id } countsPerformance officialAmount { amount } discountAmount { amount }
    consumeAmount { amount currency }
    cash { amount currency } credit { amount } voucher { amount } debt { amount }
    bill { period } } } }"""
COUNT = """query($filter: ConsumptionFilter) { consumption(filter: $filter) {
  totalCount { value } } }"""
SUMS = """query($by: ConsumptionGrouping, $filter: ConsumptionFilter) {
  consumptionSummary(by: $by, filter: $filter) { recordedBefore sums { period customerId goodsId
    name recordCount officialAmount { amount } consumeAmount { amount } refundAmount { amount }
    cash { amount } debt { amount } } } }"""
BILLS = """query($filter: PartnerBillFilter) { partnerBills(filter: $filter) { nodes {
  period partner { name } consumptionAmount { amount } refundAmount { amount }
  adjustmentAmount { amount } totalAmount { amount } recordCount
  consumption { nodes { billType } } } } }"""
IMPORT = """mutation($id: ID!, $key: String! = "K") {
  usageImport(input: {fileId: $id, idempotencyKey: $key}) {
  usageImport { fileName lineCount addedCount repeatedCount failedCount chargedAmount { amount }
    debtAmount { amount } errors { line code message } history { nodes { name } } }
  errors { code path } } }"""
IMPORTS = "{ usageImports { nodes { fileName addedCount consumption { nodes { id } } } } }"


async def seen(ask: Ask, by: object, **filter: object) -> int:
    value: int = (await ask(COUNT, by=by, filter=filter))["totalCount"]["value"]
    return value


async def test_a_record_tells_everything(shop: Shop, time: Clock, ask: Ask) -> None:
    order = await buy(shop, now=time.now)

    [node] = (await ask(LIST, by=shop.by))["nodes"]

    [record] = await ConsumptionRecord.all()
    assert node == {
        "id": ids.encode("csr", record.id),
        "period": "2030-02",
        "billType": "NEW",
        "billTypeCode": 1,
        "status": "PAID",
        "customerName": shop.customer.name,
        "customer": {"name": shop.customer.name},
        "partner": {"name": shop.partner.name},
        "associationType": "REFERRAL",
        "goods": {"name": shop.goods.name},
        "order": {"number": order.number},
        "refund": None,
        "countsPerformance": True,
        "officialAmount": {"amount": "1000.00"},
        "discountAmount": {"amount": "0.00"},
        "consumeAmount": {"amount": "1000.00", "currency": "CNY"},
        "cash": {"amount": "1000.00", "currency": "CNY"},
        "credit": {"amount": "0.00"},
        "voucher": {"amount": "0.00"},
        "debt": {"amount": "0.00"},
        "bill": None,
    }


async def test_rows_are_seen_by_those_whose_customers_they_are_of(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    seat, manager = await a_manager(shop.partner)
    _, idle = await a_manager(shop.partner)
    await Customer.filter(id=shop.customer.id).update(manager_id=seat.id)
    other = await a_partner("Other")
    stranger = await a_customer("Strange", of=other)
    await buy(shop, now=time.now)

    for viewer, count in (
        (shop.by, 1),
        (shop.buyer, 1),
        (manager, 1),
        (idle, 0),
        (shop.seller, 0),
        (await an_administrator(other), 0),
        (await a_user_of(stranger), 0),
        (await a_staff_viewer(Item.ORDER_REVIEW), 1),
    ):
        assert await seen(ask, viewer) == count

    with pytest.raises(Refused, match="FORBIDDEN"):
        await seen(ask, await a_staff_viewer(Item.GOODS_POLICY))


async def test_a_partner_still_sees_what_was_spent_while_the_customer_was_its(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    await buy(shop, now=time.now)
    await Customer.filter(id=shop.customer.id).update(
        partner_id=None, association_id=None, association_type=None, manager_id=None
    )
    await buy(shop, now=time.now)

    [node] = (await ask(LIST, by=shop.by))["nodes"]

    assert (node["customer"], node["customerName"]) == (None, shop.customer.name)
    assert await seen(ask, shop.buyer) == 2


async def test_filters_find_what_they_name(shop: Shop, time: Clock, ask: Ask) -> None:
    order, subscription = await bought(shop, now=time.now)
    time.forward(days=3)
    await asked_back(shop, subscription, now=time.now)
    time.forward(days=30)
    await buy(shop, now=time.now)

    for filter, count in (
        ({"period": "2030-02"}, 2),
        ({"fromPeriod": "2030-03"}, 1),
        ({"toPeriod": "2030-02", "billType": ["REFUND"]}, 1),
        ({"orderId": ids.encode("ord", order.id)}, 1),
        ({"customerId": ids.encode("cus", shop.customer.id)}, 3),
        ({"goodsId": ids.encode("gds", shop.goods.id)}, 3),
        ({"partnerId": ids.encode("ptn", shop.partner.id)}, 3),
        ({"partnerId": ids.encode("ptn", shop.merchant.id)}, 0),
        ({"customer": shop.customer.name[:3]}, 3),
        ({"occurred": {"to": "2030-02-02T00:00:00Z"}}, 1),
    ):
        assert await seen(ask, shop.by, **filter) == count, filter


async def test_months_beyond_the_eighteenth_back_are_refused(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    time.now = datetime(2030, 1, 31, 15, 59, 59, tzinfo=UTC)  # January in Beijing
    await buy(shop, now=time.now)
    time.now = datetime(2031, 7, 31, 15, 59, 59, tzinfo=UTC)
    assert await seen(ask, shop.by, period="2030-01") == 1
    assert await seen(ask, shop.by) == 1

    # The same question a second later, when August has begun.
    time.forward(seconds=1)
    for filter in (
        {"period": "2030-01"},
        {"fromPeriod": "2030-01"},
        {"toPeriod": "2030-01"},
        {"occurred": {"from": "2030-01-31T15:59:59Z"}},
    ):
        for document in (COUNT, LIST):
            with pytest.raises(Refused, match="CONSUMPTION_TOO_OLD"):
                await ask(document, by=shop.by, filter=filter)
        with pytest.raises(Refused, match="CONSUMPTION_TOO_OLD"):
            await _sums(ask, shop, **filter)
    assert await seen(ask, shop.by) == 0


async def test_a_summary_ends_with_the_day_before(shop: Shop, time: Clock, ask: Ask) -> None:
    time.now = datetime(2030, 2, 10, 15, 59, 59, tzinfo=UTC)  # a second before midnight
    _, subscription = await bought(shop, quantity=2, now=time.now)
    assert (await _sums(ask, shop))["sums"] == []

    time.forward(seconds=1)
    await asked_back(shop, subscription, pieces=1, now=time.now)
    got = await _sums(ask, shop, "MONTH")
    assert got["recordedBefore"] == "2030-02-10T16:00:00.000000Z"
    [row] = got["sums"]
    assert (row["period"], row["recordCount"], row["consumeAmount"]) == (
        "2030-02",
        1,
        {"amount": "2000.00"},
    )

    time.forward(days=1)
    [row] = (await _sums(ask, shop, "CUSTOMER"))["sums"]
    assert row == {
        "period": None,
        "customerId": ids.encode("cus", shop.customer.id),
        "goodsId": None,
        "name": shop.customer.name,
        "recordCount": 2,
        "officialAmount": {"amount": "1000.00"},
        "consumeAmount": {"amount": "1000.00"},
        "refundAmount": {"amount": "-1000.00"},
        "cash": {"amount": "1000.00"},
        "debt": {"amount": "0.00"},
    }
    [row] = (await _sums(ask, shop, "GOODS"))["sums"]
    assert (row["goodsId"], row["name"]) == (
        ids.encode("gds", shop.goods.id),
        shop.goods.name,
    )
    [row] = (await _sums(ask, shop, "GOODS", billType=["REFUND"]))["sums"]
    assert row["recordCount"] == 1


async def _sums(ask: Ask, shop: Shop, by: str = "MONTH", **filter: object) -> Any:
    # In the document, since `ask` hands variables on as they are.
    document = SUMS.replace("$by: ConsumptionGrouping, ", "").replace("by: $by", f"by: {by}")
    return await ask(document, by=shop.by, filter=filter)


async def test_bills_are_for_who_sees_all_of_a_partners_money(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    await buy(shop, now=time.now)
    at = datetime(2030, 3, 4, 22, tzinfo=UTC)
    await billing.make_bills(scheduled_for=at, now=at)

    assert (await ask(BILLS, by=shop.by))["nodes"] == [
        {
            "period": "2030-02",
            "partner": {"name": shop.partner.name},
            "consumptionAmount": {"amount": "1000.00"},
            "refundAmount": {"amount": "0.00"},
            "adjustmentAmount": {"amount": "0.00"},
            "totalAmount": {"amount": "1000.00"},
            "recordCount": 1,
            "consumption": {"nodes": [{"billType": "NEW"}]},
        }
    ]
    assert (await ask(LIST, by=shop.by))["nodes"][0]["bill"] == {"period": "2030-02"}
    assert (await ask(LIST, by=shop.buyer))["nodes"][0]["bill"] is None
    other = await an_administrator(await a_partner("Other"))
    for viewer in (other, shop.seller, shop.buyer):
        assert (await ask(BILLS, by=viewer))["nodes"] == []
    assert (await ask(BILLS, by=shop.by, filter={"period": "2030-01"}))["nodes"] == []
    _, manager = await a_manager(shop.partner)
    with pytest.raises(Refused, match="FORBIDDEN"):
        await ask(BILLS, by=manager)


async def test_a_merchant_hands_usage_in_and_reads_what_became_of_it(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    sku = await metered(shop, now=time.now)
    file = await uploaded(
        shop.seller, used(shop, sku, "r1", "10", time.now), "nonsense{", now=time.now
    )
    id = ids.encode("fil", file.id)

    answer = await ask(IMPORT, by=shop.seller, locale="zh", id=id)

    assert answer == {
        "usageImport": {
            "fileName": "usage.jsonl",
            "lineCount": 2,
            "addedCount": 1,
            "repeatedCount": 0,
            "failedCount": 1,
            "chargedAmount": {"amount": "3.30"},
            "debtAmount": {"amount": "3.30"},
            "errors": [{"line": 2, "code": "NOT_JSON", "message": "该行不是 JSON 对象。"}],
            "history": {"nodes": [{"name": "usage_import.made"}]},
        },
        "errors": [],
    }
    again = await ask(IMPORT, by=shop.seller, id=id, key="L")
    assert again["errors"] == [{"code": "FILE_ALREADY_ATTACHED", "path": ["input", "fileId"]}]
    [node] = (await ask(LIST, by=shop.buyer))["nodes"]
    assert (node["billTypeCode"], node["status"], node["debt"]["amount"]) == (
        5,
        "NOT_CLEARED",
        "3.30",
    )


async def test_imports_are_their_merchants_own(shop: Shop, time: Clock, ask: Ask) -> None:
    sku = await metered(shop, now=time.now)
    await handed_in(shop.seller, used(shop, sku, "r1", "10", time.now), now=time.now)

    [node] = (await ask(IMPORTS, by=shop.seller))["nodes"]
    # By what a customer pays is no business of the merchant.
    assert node == {"fileName": "usage.jsonl", "addedCount": 1, "consumption": {"nodes": []}}
    assert (await ask(IMPORTS, by=shop.by))["nodes"] == []
    [node] = (await ask(IMPORTS, by=await a_staff_viewer(Item.ORDER_REVIEW)))["nodes"]
    assert len(node["consumption"]["nodes"]) == 1
