"""Lists of settlement, and a statement of 100,000 lines: what is asked for is all that is read."""

import re
from base64 import b64decode, urlsafe_b64encode
from uuid import UUID

import pytest

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from kit import database, ids
from kit.ids import new_id
from models.orders import Order
from models.settlement import SettlementLine
from models.statements import Statement
from tests.conftest import Clock
from tests.crowds import MANY, beside, copy
from tests.customers.conftest import Ask
from tests.factories import a_staff_viewer
from tests.orders.factories import Shop
from tests.plans import FEW, most_rows, plan_of
from tests.settlement.factories import BILLING, run, sold

pytestmark = pytest.mark.usefixtures("database")

LONG = 100_000
_LINE = "kind orderNumber customerName amount { amount } goods { name } original { kind }"
LINES = f"""query ($filter: SettlementLineFilter, $behind: String) {{
  settlementLines(first: 50, filter: $filter, after: $behind) {{ nodes {{ {_LINE}
    statement {{ number }} partner {{ name }} }} }} }}"""
TRANSACTIONS = """query ($filter: SettlementTransactionFilter) {
  settlementTransactions(first: 50, filter: $filter) { nodes { number customerName billingState
    repaymentState partner { name } lines { eligibleAt waitingFor billingState
      settlementLines { amount { amount } } } } } }"""
OF_STATEMENT = f"""query ($id: ID!, $behind: String) {{ node(id: $id) {{ ... on Statement {{
  number settlementLines(first: 50, after: $behind) {{
    pageInfo {{ endCursor }} nodes {{ {_LINE} }} }} }} }} }}"""
EXPLAINED = """query ($id: ID!) { node(id: $id) { ... on Statement { number explanation {
  agrees amount { amount } inputs { symbol value } differences { message } } } } }"""


@pytest.fixture
async def staff() -> Viewer:
    """Somebody of the platform who sees all of it."""
    return await a_staff_viewer(Item.SETTLEMENT_RUN, Item.SETTLEMENT_REVIEW)


@pytest.fixture
async def statement(database: object, shop: Shop, time: Clock) -> Statement:
    """A sale was settled and told; there are as many like it, of fifty partners."""
    await sold(shop, now=time.now)
    await run()
    time.now = BILLING
    statement = await Statement.get()
    statement.sent_at = BILLING
    await statement.save(update_fields=["sent_at"])
    return statement


@pytest.fixture
async def many(statement: Statement, shop: Shop) -> None:
    """Twenty thousand lines and sales, each fifth hundredth the shop's partner's."""
    line, order = await SettlementLine.get(), await Order.get()
    partners, statements = beside(shop.partner.id, 49), beside(statement.id, 49)
    others = {"id": statements[1:], "partner_id": partners[1:]}
    await copy(statement, at="created_at", dealt=others, times=49)
    await copy(
        line,
        at="created_at",
        dealt={
            "order_line_id": [new_id() for _ in range(MANY)],
            "partner_id": partners,
            "statement_id": statements,
        },
    )
    await copy(
        order,
        at="created_at",
        dealt={"seller_id": partners, "customer_id": beside(shop.customer.id, 499)},
    )


def at(cursor: str, id: UUID) -> str:
    """The same list's cursor at another row, whose key is its id."""
    fingerprint, _, _ = b64decode(cursor + "==", altchars=b"-_").decode().split(":", 2)
    return urlsafe_b64encode(f"{fingerprint}:{id}:{id}".encode()).decode().rstrip("=")


@pytest.mark.usefixtures("many")
async def test_a_page_of_lines_walks_an_index(
    shop: Shop, statement: Statement, staff: Viewer, ask: Ask
) -> None:
    of_statement = {"statementId": ids.encode("stm", statement.id)}
    of_partner = {"partnerId": ids.encode("ptn", shop.partner.id)}

    plan = await plan_of(ask, LINES, by=staff)
    assert "settlement_line_pkey" in plan
    assert most_rows(plan) <= FEW, plan
    for by, filter in (
        (shop.by, None),
        (shop.by, of_statement),
        (staff, of_partner),
        (staff, of_statement),
        (staff, of_partner | {"kind": ["ORIGINAL"]}),
    ):
        plan = await plan_of(ask, LINES, by=by, filter=filter)
        assert re.search("settlement_line_of_(partner|statement)", plan), plan
        # At most all of the partner's: so few may be hashed, to find `original` among them.
        assert most_rows(plan) <= MANY / 50 + 1, plan


@pytest.mark.usefixtures("many")
async def test_a_page_of_transactions_walks_an_index(shop: Shop, staff: Viewer, ask: Ask) -> None:
    plan = await plan_of(ask, TRANSACTIONS, by=staff)
    assert "sales_order_by_age" in plan
    assert most_rows(plan) <= FEW, plan
    plan = await plan_of(ask, TRANSACTIONS, by=shop.by)
    assert "sales_order_of_seller" in plan
    assert most_rows(plan) <= FEW, plan
    other = {"partnerId": ids.encode("ptn", shop.partner.id)}
    plan = await plan_of(ask, TRANSACTIONS, by=staff, filter=other)
    assert "sales_order_of_seller" in plan
    assert most_rows(plan) <= FEW, plan


async def test_a_statement_of_many_lines_is_read_page_by_page_and_summed_in_one_walk(
    shop: Shop, statement: Statement, staff: Viewer, ask: Ask
) -> None:
    """The rest of the table, a fifth of that, isn't looked at."""
    line = await SettlementLine.get()
    for times, of in ((MANY, [new_id() for _ in range(20)]), (LONG - 1, [statement.id])):
        await copy(
            line,
            at="created_at",
            dealt={"order_line_id": [new_id() for _ in range(times)], "statement_id": of},
            times=times,
        )
    await database.execute(
        "update statement set (lines, lines_amount, total_amount) ="
        " (select count(*), sum(amount), sum(amount) from settlement_line where statement_id = $1)"
        " where id = $1",
        statement.id,
    )
    id = ids.encode("stm", statement.id)
    [middle] = await database.rows(
        "select id from settlement_line where statement_id = $1 order by id offset $2 limit 1",
        statement.id,
        LONG // 2,
    )
    first = (await ask(OF_STATEMENT, by=staff, id=id))["settlementLines"]["pageInfo"]["endCursor"]
    for by in (staff, shop.by):
        for behind in (None, at(first, middle["id"])):
            plan = await plan_of(ask, OF_STATEMENT, by=by, id=id, behind=behind)
            assert "settlement_line_of_statement" in plan, plan
            assert most_rows(plan) <= FEW, plan

        plan = await plan_of(ask, EXPLAINED, by=by, id=id)
        assert plan.count("settlement_line_of_statement") == 1, plan
        assert "Seq Scan on settlement_line" not in plan, plan
        assert most_rows(plan) <= LONG, plan

    told = (await ask(EXPLAINED, by=staff, id=id))["explanation"]
    assert told["agrees"]
    assert told["amount"]["amount"] == "10000000.00"
