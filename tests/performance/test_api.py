"""Performance through the API: lists, sums, filters, and who sees what (I-03, I-05, O-08)."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.customers import assignments
from kit import ids
from models.order_states import PolicyScene
from models.orders import Order
from models.performance import PerformanceSheet
from tests.conftest import Clock
from tests.consumption.factories import buy
from tests.customers.conftest import Ask, Refused
from tests.customers.factories import a_manager, a_supervisor, supervise
from tests.factories import (
    a_customer_user_viewer,
    a_distributor,
    a_partner,
    a_person,
    an_administrator,
    as_operator,
)
from tests.orders.factories import Shop, a_shop
from tests.performance.factories import a_reviewer, close, lines, write
from tests.refunds.factories import asked_back, bought

pytestmark = pytest.mark.usefixtures("database")

LINES = """query ($filter: PerformanceLineFilter) { performanceLines(first: 20, filter: $filter) {
  totalCount { value } nodes { kind status period amount { amount } orderNumber customerName
    goods { name } chargeMode scene sheet { number } consumption { cash { amount } }
    manager { id } reseller { name } feedbackState
    availableActions { name allowed blockedBy { code } } } } }"""
SHEETS = """query ($filter: PerformanceSheetFilter) { performanceSheets(
  first: 20, filter: $filter) { totalCount { value } nodes { number period status lineCount
    totalAmount { amount currency } partner { name } lines(first: 5) { nodes { amount { amount } } }
    availableActions { name allowed blockedBy { code } } history(first: 5) { nodes { name } } } } }
"""
TOTALS = """query ($filter: PerformanceLineFilter) {
  performanceTotals(by: MONTH, filter: $filter) {
    period id name lineCount amount { amount } refundAmount { amount } } }"""
APPROVE = """mutation ($ids: [ID!]!) { performanceSheetApprove(input: {ids: $ids}) {
  results { id done error { code } } errors { code path } } }"""
ADJUST = """mutation ($line: ID!, $amount: Decimal!, $key: String!) {
  performanceAdjustmentEnter(input: {
    lineId: $line, amount: $amount, reason: "Wrong.", idempotencyKey: $key }) {
    performanceLine { kind period amount { amount } corrects { amount { amount } } reason }
    errors { code path } } }"""
OPEN = """mutation ($sheet: ID, $line: ID) { performanceFeedbackOpen(input: {
  sheetId: $sheet, lineId: $line, text: "Is it all?" }) {
    performanceFeedback { id status text sheet { number } } errors { code path } } }"""
ANSWER = """mutation ($id: ID!) { performanceFeedbackAnswer(input: {id: $id, answer: "Yes."}) {
  performanceFeedback { status answer } errors { code } } }"""
CLOSE = """mutation ($id: ID!) { performanceFeedbackClose(input: {id: $id}) {
  performanceFeedback { status } errors { code } } }"""


async def test_lines_are_shown_from_the_next_working_day_on(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    order = await buy(shop, now=time.now)
    await write(time.now)

    # Friday in Beijing; a microsecond before Monday nobody of the partner sees it.
    time.now = datetime(2030, 2, 3, 15, 59, 59, 999_999, tzinfo=UTC)
    assert (await ask(LINES, by=shop.by))["totalCount"] == {"value": 0}
    assert await ask(TOTALS, by=shop.by) == []
    staff = await ask(LINES, by=await a_reviewer())
    assert staff["totalCount"] == {"value": 1}
    time.now += timedelta(microseconds=1)

    [line] = (await ask(LINES, by=shop.by))["nodes"]
    assert line["orderNumber"] == order.number
    assert (line["kind"], line["status"], line["period"]) == ("SALE", "ESTIMATED", "2030-02")
    assert line["amount"] == {"amount": "1000.00"}
    assert line["consumption"] == {"cash": {"amount": "1000.00"}}
    assert line["customerName"] == shop.customer.name
    assert (line["goods"], line["sheet"]) == ({"name": shop.goods.name}, None)
    assert line["feedbackState"] == "NONE"
    assert line["availableActions"] == [
        {
            "name": "performanceAdjustmentEnter",
            "allowed": False,
            "blockedBy": {"code": "FORBIDDEN"},
        },
        {
            "name": "performanceFeedbackOpen",
            "allowed": False,
            "blockedBy": {"code": "WRONG_STATUS"},
        },
    ]


async def test_sheets_are_reviewed_through_the_api(shop: Shop, time: Clock, ask: Ask) -> None:
    await buy(shop, now=time.now)
    [sheet] = await close(2030, 2)
    time.now = datetime(2030, 3, 4, tzinfo=UTC)
    reviewer = await a_reviewer()
    id = ids.encode("pfs", sheet.id)

    [shown] = (await ask(SHEETS, by=shop.by, filter={"period": "2030-02"}))["nodes"]
    assert shown["number"] == sheet.number
    assert (shown["status"], shown["lineCount"]) == ("DRAFT", 1)
    assert shown["totalAmount"] == {"amount": "1000.00", "currency": "CNY"}
    assert shown["lines"]["nodes"] == [{"amount": {"amount": "1000.00"}}]
    assert shown["availableActions"] == [
        {"name": "performanceSheetApprove", "allowed": False, "blockedBy": {"code": "FORBIDDEN"}},
        {"name": "performanceFeedbackOpen", "allowed": True, "blockedBy": None},
    ]
    approved = await ask(APPROVE, by=reviewer, ids=[id])
    assert approved == {"results": [{"id": id, "done": True, "error": None}], "errors": []}
    again = await ask(APPROVE, by=reviewer, ids=[id])
    assert again["results"] == [{"id": id, "done": False, "error": {"code": "WRONG_STATUS"}}]
    [shown] = (await ask(SHEETS, by=shop.by, filter={"status": ["FINAL"]}))["nodes"]
    assert [event["name"] for event in shown["history"]["nodes"]] == [
        "performance_sheet.approved",
        "performance_sheet.made",
    ]
    [line] = (await ask(LINES, by=shop.by, filter={"sheetId": id, "status": ["FINAL"]}))["nodes"]
    assert line["status"] == "FINAL"


async def test_questions_and_corrections_through_the_api(shop: Shop, time: Clock, ask: Ask) -> None:
    await buy(shop, now=time.now)
    [sheet] = await close(2030, 2)
    [line] = await lines()
    time.now = datetime(2030, 3, 4, tzinfo=UTC)
    reviewer = await a_reviewer()

    neither = await ask(OPEN, by=shop.by)
    assert neither["errors"] == [{"code": "INVALID_INPUT", "path": ["input"]}]
    opened = await ask(OPEN, by=shop.by, sheet=ids.encode("pfs", sheet.id))
    assert opened["performanceFeedback"]["status"] == "OPEN"
    assert opened["performanceFeedback"]["sheet"] == {"number": sheet.number}
    twice = await ask(OPEN, by=shop.by, sheet=ids.encode("pfs", sheet.id))
    assert [error["code"] for error in twice["errors"]] == ["ASKED_ALREADY"]
    id = opened["performanceFeedback"]["id"]
    assert await ask(ANSWER, by=reviewer, id=id) == {
        "performanceFeedback": {"status": "ANSWERED", "answer": "Yes."},
        "errors": [],
    }
    assert (await ask(CLOSE, by=shop.by, id=id))["performanceFeedback"] == {"status": "CLOSED"}

    made = await ask(ADJUST, by=reviewer, line=ids.encode("pfl", line.id), amount="-0.01", key="K")
    assert made["performanceLine"] == {
        "kind": "ADJUSTMENT",
        "period": "2030-03",
        "amount": {"amount": "-0.01"},
        "corrects": {"amount": {"amount": "1000.00"}},
        "reason": "Wrong.",
    }
    nothing = await ask(ADJUST, by=reviewer, line=ids.encode("pfl", line.id), amount="0", key="L")
    assert nothing["errors"] == [{"code": "INVALID_INPUT", "path": ["input", "amount"]}]


async def test_dashboards_sum_up_by_manager_goods_month_customer_and_reseller(
    time: Clock, ask: Ask
) -> None:
    distributor = await a_distributor()
    reseller = await a_partner("Small Shop", distributor=distributor)
    shop = await a_shop(partner=distributor, five_day_refund=True)
    seat, manager = await a_manager(shop.partner)
    boss_seat, _ = await a_supervisor(shop.partner)
    await supervise(boss_seat, seat)
    boss = await as_operator(boss_seat)
    brought = await buy(shop, quantity=3, now=time.now)
    await Order.filter(id=brought.id).update(
        seller_id=reseller.id, policy_scene=PolicyScene.DISTRIBUTOR
    )
    await assignments.assign(
        viewer=shop.by, customer_ids=[shop.customer.id], manager_id=seat.id, now=time.now
    )
    time.forward(days=1)
    _, subscription = await bought(shop, quantity=2, now=time.now)
    time.forward(hours=1)
    await asked_back(shop, subscription, pieces=1, now=time.now)
    await write(time.now)
    administrator = await an_administrator(distributor)
    time.now = datetime(2030, 2, 11, tzinfo=UTC)

    async def rows(by: str, viewer: object = administrator, **filter: object) -> list[object]:
        found = await ask(TOTALS.replace("MONTH", by), by=viewer, filter=filter)
        return [
            (row["period"] or row["name"], row["lineCount"], row["amount"]["amount"])
            for row in found
        ]

    assert await rows("MONTH") == [("2030-02", 3, "4000.00")]
    assert await rows("MANAGER") == [(None, 1, "3000.00"), ("Wei", 2, "1000.00")]
    assert await rows("RESELLER") == [("Small Shop", 1, "3000.00"), (None, 2, "1000.00")]
    assert await rows("GOODS") == [(shop.goods.name, 3, "4000.00")]
    assert await rows("CUSTOMER") == [(shop.customer.name, 3, "4000.00")]
    assert await rows("MONTH", managerId=ids.encode("opr", seat.id)) == [("2030-02", 2, "1000.00")]
    assert await rows("MONTH", supervisorId=ids.encode("opr", boss_seat.id)) == [
        ("2030-02", 2, "1000.00")
    ]
    assert await rows("MONTH", supervisorId=ids.encode("opr", seat.id)) == []
    assert await rows("MONTH", orderNumber=brought.number) == [("2030-02", 1, "3000.00")]
    # Who sees only some customers sums up what counts for him, or for his managers.
    assert await rows("MONTH", manager) == [("2030-02", 2, "1000.00")]
    assert await rows("MONTH", boss) == [("2030-02", 2, "1000.00")]


async def test_others_see_nothing(shop: Shop, time: Clock, ask: Ask) -> None:
    await buy(shop, now=time.now)
    [sheet] = await close(2030, 2)
    time.now = datetime(2030, 3, 4, tzinfo=UTC)
    _, manager = await a_manager(shop.partner)
    other = await an_administrator(await a_partner("Other"))
    id = ids.encode("pfs", sheet.id)

    for stranger in (other, manager, shop.seller):
        assert (await ask(LINES, by=stranger))["nodes"] == []
        assert (await ask(SHEETS, by=stranger))["nodes"] == []
        assert await ask("query ($id: ID!) { node(id: $id) { id } }", by=stranger, id=id) is None
    found = await ask(OPEN, by=other, sheet=id)
    assert [error["code"] for error in found["errors"]] == ["NOT_FOUND"]
    buyer = await a_customer_user_viewer(await a_person())
    assert (await ask(LINES, by=buyer))["nodes"] == []
    with pytest.raises(Refused) as refused:
        await ask(APPROVE, by=shop.by, ids=[id])
    assert refused.value.codes == ["FORBIDDEN"]
    assert (await PerformanceSheet.get(id=sheet.id)).version == 1
