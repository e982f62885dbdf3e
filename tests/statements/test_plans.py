"""Lists of many statements: a page is read from an index, and not sorted out of all rows."""

import re
from typing import Any

import pytest
from tortoise.transactions import in_transaction

from domain.identity.viewer import Viewer
from kit.database import execute as run
from kit.database import rows as asked
from kit.reads import plans
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.plans import plan_of as ordered
from tests.statements import factories as make
from tests.statements.factories import House

pytestmark = pytest.mark.usefixtures("database")

MANY = 20_000
LIST = """query ($filter: StatementFilter) { statements(first: 50, filter: $filter) { nodes {
  number status totalAmount { amount } partner { name } isOverdue deadline { dueAt } } } }"""
INVOICES = "{ invoices(first: 50) { nodes { number statement { number } } } }"

# As the house's own, over and over, for a hundred partners; one in fifty waits for a review that
# should be done.
_PARTNERS = """
insert into partner select made.* from partner p, generate_series(1, 99) n,
  lateral jsonb_populate_record(p, jsonb_build_object('id', uuidv7(),
    'account_name', 'many' || n)) made where p.id = $1
"""
_STATEMENTS = """
with paid as (select array_agg(id order by id) as ids from partner)
insert into statement select made.*
from statement s, paid, generate_series(1, $2::int) n,
  lateral jsonb_populate_record(s, jsonb_build_object(
    'id', uuidv7(), 'number', 'ST' || lpad(n::text, 8, '0'), 'period', lpad(n::text, 7, '0'),
    'partner_id', paid.ids[1 + n % cardinality(paid.ids)],
    'step_due_at', case when n % 50 = 0 then s.created_at end,
    'step', case when n % 50 = 0 then 'REVIEW' end,
    'created_at', s.created_at + n * interval '1 second')) made
where s.id = $1
"""
_INVOICES = """
with paid as (select array_agg(id order by id) as ids from partner)
insert into invoice select made.* from invoice i, paid, generate_series(1, $2::int) n,
  lateral jsonb_populate_record(i, jsonb_build_object(
    'id', uuidv7(), 'number', lpad(n::text, 20, '0'),
    'partner_id', paid.ids[1 + n % cardinality(paid.ids)],
    'created_at', i.created_at + n * interval '1 second')) made
where i.id = $1
"""


@pytest.fixture
async def many(database: object, house: House, time: Clock) -> None:
    """Twenty thousand statements of a hundred partners, and as many invoices."""
    statement = await make.invoiced(house, now=time.now)
    [invoice] = await asked("select id from invoice")
    async with in_transaction():
        # Copies of rows that are sound: neither triggers nor foreign keys have to look at each.
        await run("set local session_replication_role = replica")
        await run(_PARTNERS, house.partner.id)
        await run(_STATEMENTS, statement.id, MANY)
        await run(_INVOICES, invoice["id"], MANY)
    for table in ("statement", "invoice", "partner"):
        await run(f"vacuum analyze {table}")


@pytest.mark.usefixtures("many")
async def test_a_page_of_statements_walks_an_index(
    house: House, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def plan_of(query: str, by: Viewer, **filter: Any) -> str:
        sent: list[tuple[str, Any]] = []
        real = plans._run

        async def listen(statement: Any, request: Any) -> Any:
            sent.append((statement.sql, statement.binds.values(request)))
            return await real(statement, request)

        monkeypatch.setattr(plans, "_run", listen)
        await ask(query, by=by, **({"filter": filter} if filter else {}))
        monkeypatch.setattr(plans, "_run", real)
        sql, values = sent[-1]
        rows = await asked(f"explain (analyze, costs off) {sql}", *values)
        return "\n".join(row["QUERY PLAN"] for row in rows)

    staff = house.reviewer
    assert rows_read(await plan_of(LIST, staff), "statement_by_age") <= 101
    assert rows_read(await plan_of(LIST, house.by), "statement_of_partner") <= 101
    plan = await plan_of(LIST, staff, status=["PAID"])
    assert "statement_by_status" in plan or "statement_by_age" in plan
    plan = await plan_of(LIST, staff, isOverdue=True)
    assert "statement_due" in plan or rows_read(plan, "statement_by_age") < MANY / 5
    plan = await plan_of(LIST, staff, number="ST0001711")
    assert "statement_number_trigram" in plan
    assert rows_read(await plan_of(INVOICES, staff), "invoice_by_age") <= 101
    assert rows_read(await plan_of(INVOICES, house.by), "invoice_of_partner") <= 101
    for query in (LIST, INVOICES):
        assert "Seq Scan on statement" not in await plan_of(query, staff)


@pytest.mark.usefixtures("many")
async def test_a_page_in_any_order_walks_an_index(house: House, ask: Ask) -> None:
    for name, field, index in (
        ("statements", "TOTAL_AMOUNT", "statement_by_amount"),
        ("statements", "DUE_AT", "statement_by_deadline"),
        ("invoices", "ISSUED_ON", "invoice_by_day"),
        ("invoices", "TOTAL_AMOUNT", "invoice_by_amount"),
    ):
        kind = name[0].upper() + name[1:-1]
        question = f"""query ($order: {kind}Order) {{
          {name}(first: 50, orderBy: $order) {{ nodes {{ number partner {{ name }} }} }} }}"""
        for direction in ("ASC", "DESC"):
            order = {"field": field, "direction": direction}
            plan = await ordered(ask, question, by=house.reviewer, order=order)
            assert rows_read(plan, index) <= 101, plan


def rows_read(plan: str, index: str) -> float:
    """How many rows came out of an index, and how many were thrown away after it."""
    found = re.search(rf"using {index} .*?rows=(\d+)", plan)
    assert found, plan
    rest = plan[found.end() :].split("->")[0]
    removed = re.search(r"Rows Removed by Filter: (\d+)", rest)
    return float(found[1]) + float(removed[1] if removed else 0)
