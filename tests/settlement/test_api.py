"""Runs, lines and transactions through the API: who sees what, previews that store nothing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.identity.items import Item
from kit import database, ids
from models.settlement import SettlementLine
from models.settlement_runs import SettlementRun
from models.statements import Statement
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.factories import a_staff_viewer, an_administrator
from tests.orders.factories import Shop
from tests.settlement.factories import (
    BILLING,
    FEBRUARY,
    FEBRUARY_ENDS,
    MARCH,
    NEXT_BILLING,
    a_csp_shop,
    given_back,
    run,
    sold,
    statements_of,
    worked,
)

pytestmark = pytest.mark.usefixtures("database")

START = """
mutation ($input: SettlementRunStartInput!) { settlementRunStart(input: $input) {
  settlementRun { kind period status partnerCount donePartnerCount lineCount statementCount }
  errors { code path } } }
"""
RUNS = """
query { settlementRuns { totalCount { value } nodes { period status partnerCount donePartnerCount
  lineCount statementCount shares { lineCount statementCount waitingCount }
  statements { nodes { number } } } } }
"""
PREVIEW = """
query ($partnerId: ID!, $period: String!) {
  settlementRunPreview(kind: BASIC, period: $period, partnerId: $partnerId) {
    statements { goodsTaxRatio feeTaxRatio lineCount amounts { kind amount { amount } }
      linesAmount { amount } carryIn { amount } totalAmount { amount } }
    waiting { kind waitingFor count } } }
"""
LINES = """
query ($filter: SettlementLineFilter, $orderBy: SettlementLineOrder) {
  settlementLines(filter: $filter, orderBy: $orderBy) { totalCount { value precision }
    nodes { kind amount { amount } orderNumber customerName takesRemainder original { kind } } } }
"""
CANCEL = """
mutation ($id: ID!) { statementCancel(input: { id: $id, reason: "Wrong rate." }) {
  statement { status } errors { code message ... on RefundsSettledElsewhere { numbers } } } }
"""
TOTALS = """
query ($filter: SettlementLineFilter) { settlementTotals(filter: $filter) {
  lineCount amount { amount } byKind { kind lineCount amount { amount } } } }
"""


async def staff() -> Any:
    """Who begins runs."""
    return await a_staff_viewer(Item.SETTLEMENT_RUN)


async def sent(shop: Shop) -> None:
    """All statements of the seller as if they had been reviewed."""
    await database.execute(
        "update statement set sent_at = created_at where partner_id = $1", shop.partner.id
    )


async def test_a_run_is_begun_once_and_tells_how_far_it_is(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    await sold(shop, now=time.now)
    by = await staff()
    wanted = {"kind": "BASIC", "period": FEBRUARY}
    early = await ask(START, by=by, input=wanted)
    assert early == {
        "settlementRun": None,
        "errors": [{"code": "PERIOD_NOT_OVER", "path": ["input", "period"]}],
    }
    time.now = BILLING
    started = await ask(START, by=by, input=wanted)
    assert started["settlementRun"] == {
        "kind": "BASIC",
        "period": FEBRUARY,
        "status": "RUNNING",
        "partnerCount": 1,
        "donePartnerCount": 0,
        "lineCount": 0,
        "statementCount": 0,
    }
    again = await ask(START, by=by, input=wanted)
    assert [error["code"] for error in again["errors"]] == ["RUN_EXISTS"]
    await worked(BILLING)
    runs = await ask(RUNS, by=by)
    [statement] = await statements_of(shop.partner)
    assert runs["nodes"] == [
        {
            "period": FEBRUARY,
            "status": "DONE",
            "partnerCount": 1,
            "donePartnerCount": 1,
            "lineCount": 1,
            "statementCount": 1,
            "shares": [{"lineCount": 1, "statementCount": 1, "waitingCount": 0}],
            "statements": {"nodes": [{"number": statement.number}]},
        }
    ]


async def test_a_preview_says_what_the_run_then_makes_and_stores_nothing(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    order, _ = await sold(shop, now=time.now)
    await given_back(shop, order, now=time.now + timedelta(hours=1))
    await sold(shop, now=time.now, quantity=2)
    await sold(shop, now=time.now, opened=False)
    time.now = BILLING
    by = await staff()
    partner_id = ids.encode("ptn", shop.partner.id)
    preview = await ask(PREVIEW, by=by, partnerId=partner_id, period=FEBRUARY)
    assert preview == {
        "statements": [
            {
                "goodsTaxRatio": "0.0600",
                "feeTaxRatio": "0.0600",
                "lineCount": 3,
                "amounts": [
                    {"kind": "ORIGINAL", "amount": {"amount": "300.00"}},
                    {"kind": "REVERSAL", "amount": {"amount": "-100.00"}},
                ],
                "linesAmount": {"amount": "200.00"},
                "carryIn": {"amount": "0.00"},
                "totalAmount": {"amount": "200.00"},
            }
        ],
        "waiting": [{"kind": "ORIGINAL", "waitingFor": ["NOT_OPENED"], "count": 1}],
    }
    assert await SettlementRun.all().count() == await SettlementLine.all().count() == 0
    await run()
    [statement] = await statements_of(shop.partner)
    assert (statement.lines, statement.total_amount) == (3, Decimal("200.00"))
    preview = await ask(PREVIEW, by=by, partnerId=partner_id, period=FEBRUARY)
    assert preview["statements"] == []


async def test_lines_are_the_sellers_once_its_statement_was_sent(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    order, _ = await sold(shop, now=time.now)
    await given_back(shop, order, now=time.now + timedelta(hours=1))
    rival = await a_csp_shop()
    await sold(rival, now=time.now)
    await run()
    assert (await ask(LINES, by=shop.by))["nodes"] == []
    await sent(shop)
    wanted = {"orderNumber": order.number}
    in_order = {"field": "AGE", "direction": "ASC"}
    found = await ask(LINES, by=shop.by, filter=wanted, orderBy=in_order)
    assert found["totalCount"] == {"value": 2, "precision": "EXACT"}
    assert [(line["kind"], line["amount"]["amount"]) for line in found["nodes"]] == [
        ("ORIGINAL", "100.00"),
        ("REVERSAL", "-100.00"),
    ]
    assert found["nodes"][1]["original"] == {"kind": "ORIGINAL"}
    assert (await ask(LINES, by=rival.by))["nodes"] == []
    assert len((await ask(LINES, by=await staff()))["nodes"]) == 3
    totals = await ask(TOTALS, by=shop.by)
    assert (totals["lineCount"], totals["amount"]["amount"]) == (2, "0.00")
    assert [(each["kind"], each["lineCount"]) for each in totals["byKind"]] == [
        ("ORIGINAL", 1),
        ("REVERSAL", 1),
    ]


@pytest.mark.parametrize("query", [RUNS, PREVIEW])
async def test_runs_are_the_platforms_business(
    shop: Shop, time: Clock, ask: Ask, query: str
) -> None:
    given = {"partnerId": ids.encode("ptn", shop.partner.id), "period": FEBRUARY}
    with pytest.raises(Refused) as refused:
        await ask(query, by=shop.by, **(given if query is PREVIEW else {}))
    assert refused.value.codes == ["FORBIDDEN"]


async def test_customers_and_merchants_see_nothing_of_it(shop: Shop, time: Clock, ask: Ask) -> None:
    await sold(shop, now=time.now)
    await run()
    await sent(shop)
    for by in (shop.buyer, await an_administrator(shop.merchant)):
        for query in (LINES, "query { settlementTransactions { nodes { number } } }"):
            assert await listed(ask, query, by=by) in (["FORBIDDEN"], [])


async def listed(ask: Ask, query: str, *, by: Any) -> list[Any]:
    """What the list shows, or the code with which it is refused."""
    try:
        return list((await ask(query, by=by))["nodes"])
    except Refused as refused:
        return refused.codes


async def test_an_order_tells_whether_it_was_billed(shop: Shop, time: Clock, ask: Ask) -> None:
    order, _ = await sold(shop, now=time.now)
    query = """query ($filter: OrderFilter) { orders(filter: $filter) {
      nodes { number billingState policyScene } } }"""
    pending = {"billingState": ["PENDING"]}
    found = await ask(query, by=shop.buyer, filter=pending)
    assert found["nodes"] == [
        {"number": order.number, "billingState": "PENDING", "policyScene": "CSP"}
    ]
    await run()
    assert (await ask(query, by=shop.buyer, filter=pending))["nodes"] == []
    [billed] = (await ask(query, by=shop.buyer, filter={"billingState": ["BILLED"]}))["nodes"]
    assert billed["billingState"] == "BILLED"


async def test_a_second_period_has_its_own_run(shop: Shop, time: Clock) -> None:
    await sold(shop, now=time.now)
    await run()
    await sold(shop, now=BILLING)
    await run(MARCH, now=NEXT_BILLING)
    found = await statements_of(shop.partner)
    assert [each.period for each in found] == [FEBRUARY, MARCH]


async def test_a_statement_whose_refunds_another_has_settled_stays(time: Clock, ask: Ask) -> None:
    shop = await a_csp_shop()
    order, _ = await sold(shop, now=FEBRUARY_ENDS - timedelta(days=1))
    await run(now=FEBRUARY_ENDS)
    await given_back(shop, order, now=FEBRUARY_ENDS + timedelta(days=1))
    await run(MARCH, now=NEXT_BILLING)
    february, march = await statements_of(shop.partner)
    reviewer = await a_staff_viewer(Item.SETTLEMENT_REVIEW)
    time.now = NEXT_BILLING

    refused = await ask(CANCEL, by=reviewer, id=ids.encode("stm", february.id))

    assert refused == {
        "statement": None,
        "errors": [
            {
                "code": "REFUNDS_SETTLED_ELSEWHERE",
                "message": f"Refunds of its sales are settled in {march.number}: that has to be"
                " cancelled first.",
                "numbers": march.number,
            }
        ],
    }
    assert await SettlementLine.filter(voided_at=None).count() == 2
    assert (await Statement.get(id=february.id)).status == "GENERATED"
    for statement in (march, february):
        done = await ask(CANCEL, by=reviewer, id=ids.encode("stm", statement.id))
        assert done == {"statement": {"status": "CANCELLED"}, "errors": []}
