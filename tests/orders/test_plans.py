"""Lists of many orders: a page is read from an index, and not sorted out of all rows."""

import re

import pytest
from tortoise.transactions import in_transaction

from domain.identity.items import Item
from kit.database import execute as run
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.customers.factories import a_manager
from tests.factories import a_staff_viewer
from tests.orders.factories import Shop, place
from tests.plans import plan_of

MANY = 20_000
LIST = """query ($filter: OrderFilter, $order: OrderOrder) { orders(
  first: 50, filter: $filter, orderBy: $order) { nodes { number
    customerName lines { goods { name } sku { name } dueAmount { amount } } } } }"""
LINES = """query ($order: OrderLineOrder) { orderLines(first: 50, orderBy: $order) { nodes {
  order { number } goods { name } dueAmount { amount } } } }"""

# As the shop's own, over and over: two thousand customers, fifty partners, and of twenty orders one
# is sold by another partner than the customer's.
_CUSTOMERS = """
insert into customer select made.* from customer c, generate_series(1, 2000) n,
  lateral jsonb_populate_record(c, jsonb_build_object('id', uuidv7(),
    'account_name', 'many' || n)) made where c.id = $1
"""
_PARTNERS = """
insert into partner select made.* from partner p, generate_series(1, 50) n,
  lateral jsonb_populate_record(p, jsonb_build_object('id', uuidv7(),
    'account_name', 'many' || n)) made where p.id = $1
"""
_ORDERS = """
with who as (select array_agg(id order by id) as ids from customer),
  sold as (select array_agg(id order by id) as ids from partner where kind <> 'MERCHANT')
insert into sales_order select made.*
from sales_order o, who, sold, generate_series(1, $2::int) n,
  lateral jsonb_populate_record(o, jsonb_build_object(
    'id', uuidv7(), 'number', 'SO' || lpad(n::text, 8, '0'),
    'customer_id', who.ids[1 + n % cardinality(who.ids)],
    'partner_id', sold.ids[1 + n % cardinality(sold.ids)],
    'seller_id', sold.ids[1 + (n + n % 20 / 19) % cardinality(sold.ids)],
    'policy_scene', 'CSP',
    'created_at', o.created_at + n * interval '1 second',
    'settled_at', o.created_at + n * interval '1 second')) made
where o.id = $1
"""
_LINES = """
insert into order_line select made.* from order_line l, sales_order o,
  lateral jsonb_populate_record(l, jsonb_build_object(
    'id', uuidv7(), 'order_id', o.id, 'created_at', o.created_at)) made
where l.order_id = $1 and o.number < 'SO3'
"""


@pytest.fixture
async def many(database: object, shop: Shop, time: Clock) -> None:
    """Twenty thousand orders of fifty partners and two thousand customers."""
    order = await place(shop, now=time.now)
    async with in_transaction():
        # Copies of rows that are sound: neither triggers nor foreign keys have to look at each.
        await run("set local session_replication_role = replica")
        await run(_CUSTOMERS, shop.customer.id)
        await run(_PARTNERS, shop.partner.id)
        await run(_ORDERS, order.id, MANY)
        await run(_LINES, order.id)
    for table in ("sales_order", "order_line", "customer", "partner"):
        await run(f"vacuum analyze {table}")


def rows_read(plan: str, index: str) -> float:
    """How many rows came out of an index, and how many were thrown away after it."""
    found = re.search(rf"using {index} .*?rows=(\d+)", plan)
    assert found, plan
    rest = plan[found.end() :].split("->")[0]
    removed = re.search(r"Rows Removed by Filter: (\d+)", rest)
    return float(found[1]) + float(removed[1] if removed else 0)


@pytest.mark.usefixtures("many")
async def test_a_page_of_orders_walks_an_index(shop: Shop, ask: Ask, time: Clock) -> None:
    staff = await a_staff_viewer(Item.ORDER_REVIEW)
    by_amount = {"field": "DUE_AMOUNT", "direction": "DESC"}
    by_payment = {"field": "PAID_AT", "direction": "DESC"}

    plan = await plan_of(ask, LIST, by=staff)
    assert rows_read(plan, "sales_order_by_age") <= 101
    plan = await plan_of(ask, LIST, by=staff, order=by_amount)
    assert rows_read(plan, "sales_order_by_amount") <= 101
    plan = await plan_of(ask, LIST, by=staff, order=by_payment)
    assert rows_read(plan, "sales_order_by_payment") <= 101
    plan = await plan_of(ask, LINES, by=staff, order=by_amount)
    assert rows_read(plan, "order_line_by_amount") <= 101
    plan = await plan_of(ask, LIST, by=shop.buyer)
    assert "sales_order_of_customer" in plan
    # A fiftieth of all is theirs: so many rows are passed over, and none is sorted.
    plan = await plan_of(ask, LIST, by=shop.by)
    assert rows_read(plan, "sales_order_by_age") < MANY / 5
    plan = await plan_of(ask, LIST, by=shop.seller)
    assert rows_read(plan, "sales_order_by_age") <= 101
    seat, manager = await a_manager(shop.partner)
    await run("update customer set manager_id = $1 where account_name like 'many12_'", seat.id)
    plan = await plan_of(ask, LIST, by=manager)
    assert "sales_order_of_customer" in plan
    plan = await plan_of(ask, LIST, by=staff, filter={"search": "SO0001711"})
    assert "Index Scan on sales_order_number_trigram" in plan
    assert "Seq Scan on sales_order" not in plan
