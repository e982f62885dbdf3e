"""Lists of much performance: a page is read from an index, and not sorted out of all rows."""

from collections.abc import Callable
from typing import Any

import pytest
from tortoise.transactions import in_transaction

from domain.identity.items import Item
from kit.database import execute as run
from kit.database import rows as asked
from tests.conftest import Clock
from tests.consumption.factories import buy
from tests.customers.conftest import Ask
from tests.customers.factories import a_manager
from tests.factories import a_staff_viewer
from tests.orders.factories import Shop
from tests.performance.factories import close, lines
from tests.performance.plans import plan_of, rows_read
from tests.plans import plan_of as ordered

__all__ = ["plan_of"]

MANY = 20_000
LINES = """query ($filter: PerformanceLineFilter) { performanceLines(first: 50, filter: $filter) {
  nodes { kind status customerName orderNumber goods { name } amount { amount } } } }"""
BY = """query ($order: PerformanceSheetOrder) { performanceSheets(
  first: 50, orderBy: $order) { nodes { number partner { name } } } }"""
SHEETS = """query ($filter: PerformanceSheetFilter) { performanceSheets(
  first: 50, filter: $filter) { nodes { number status totalAmount { amount } feedbackState } } }"""

# As the shop's own, over and over, of fifty partners and a hundred managers.
_PARTNERS = """
insert into partner select made.* from partner p, generate_series(1, 50) n,
  lateral jsonb_populate_record(p, jsonb_build_object('id', uuidv7(),
    'account_name', 'many' || n)) made where p.id = $1
"""
_LINES = """
with who as (select array_agg(id order by id) as ids from partner where account_name like 'many%'),
  seats as (select array_agg(uuidv7()) as ids from generate_series(1, 100))
insert into performance_line select made.*
from performance_line l, who, seats, generate_series(1, $2::int) n,
  lateral jsonb_populate_record(l, jsonb_build_object(
    'id', uuidv7(), 'consumption_record_id', uuidv7(), 'sheet_id', null,
    'partner_id', who.ids[1 + n % 50], 'manager_id', seats.ids[1 + n % 100],
    'performed_at', l.performed_at + n * interval '1 second')) made
where l.id = $1
"""
_SHEETS = """
with who as (select array_agg(id order by id) as ids from partner where account_name like 'many%')
insert into performance_sheet select made.*
from performance_sheet s, who, generate_series(1, $2::int) n,
  lateral jsonb_populate_record(s, jsonb_build_object(
    'id', uuidv7(), 'number', 'PF' || n, 'partner_id', who.ids[1 + n % 50],
    'period', 2031 + n / 600 || '-' || lpad((1 + n / 50 % 12)::text, 2, '0'),
    'created_at', s.created_at + n * interval '1 second')) made
where s.id = $1
"""


@pytest.fixture
async def many(database: object, shop: Shop, time: Clock) -> None:
    """Twenty thousand lines of fifty partners, and five thousand sheets."""
    await buy(shop, now=time.now)
    [sheet] = await close(2030, 2)
    [line] = await lines()
    time.forward(days=60)
    async with in_transaction():
        # Copies of rows that are sound: neither triggers nor foreign keys have to look at each.
        await run("set local session_replication_role = replica")
        await run(_PARTNERS, shop.partner.id)
        await run(_LINES, line.id, MANY)
        await run(_SHEETS, sheet.id, MANY // 4)
        await run(
            "update performance_line set partner_id = $1 where id in (select id from"
            " performance_line order by id limit 400)",
            shop.partner.id,
        )
    for table in ("performance_line", "performance_sheet", "partner"):
        await run(f"vacuum analyze {table}")


@pytest.mark.usefixtures("many")
async def test_pages_of_performance_come_out_of_an_index(
    shop: Shop, plan_of: Callable[..., Any]
) -> None:
    staff = await a_staff_viewer(Item.PERFORMANCE_REVIEW)

    plan = await plan_of(LINES, staff)
    assert rows_read(plan, "performance_line_by_age") <= 101
    plan = await plan_of(LINES, shop.by)
    assert rows_read(plan, "performance_line_of_partner") <= 101
    [other] = await asked("select id from partner where account_name = 'many7'")
    plan = await plan_of(LINES, staff, partnerId=f"ptn_{other['id'].hex}")
    assert rows_read(plan, "performance_line_of_partner") <= 101
    seat, manager = await a_manager(shop.partner)
    await run(
        "update performance_line set manager_id = $1 where partner_id = $2 and sheet_id is null",
        seat.id,
        shop.partner.id,
    )
    plan = await plan_of(LINES, manager)
    assert rows_read(plan, "performance_line_of_manager") <= 101
    plan = await plan_of(LINES, staff, managerId=f"opr_{seat.id.hex}")
    assert rows_read(plan, "performance_line_of_manager") <= 101
    plan = await plan_of(SHEETS, staff)
    assert rows_read(plan, "performance_sheet_by_age") <= 101
    plan = await plan_of(SHEETS, shop.by)
    assert "Seq Scan on performance_sheet" not in plan
    plan = await plan_of(SHEETS, staff, partnerId=f"ptn_{other['id'].hex}")
    # A partner has one a month: its few are found, and sorted.
    assert "Bitmap Index Scan on performance_sheet" in plan or "using performance_sheet_of" in plan


@pytest.mark.usefixtures("many")
async def test_pages_of_sheets_in_any_order_come_out_of_an_index(ask: Ask) -> None:
    staff = await a_staff_viewer(Item.PERFORMANCE_REVIEW)

    for field, index in (
        ("PERIOD", "performance_sheet_by_month"),
        ("TOTAL_AMOUNT", "performance_sheet_by_amount"),
    ):
        order = {"field": field, "direction": "DESC"}
        plan = await ordered(ask, BY, by=staff, order=order)
        assert rows_read(plan, index) <= 101, plan
