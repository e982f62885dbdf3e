"""Lists of many incentives: a page is read from an index, and not sorted out of all rows."""

from collections.abc import Callable
from typing import Any

import pytest
from tortoise.transactions import in_transaction

from domain.identity.items import Item
from domain.incentives import applying
from kit.database import execute as run
from models.payment_applications import ApplicationKind
from tests.conftest import Clock
from tests.consumption.factories import buy
from tests.customers.conftest import Ask
from tests.factories import a_staff_viewer
from tests.incentives.factories import a_policy, confirmed, earned, finish
from tests.orders.factories import Shop
from tests.performance.plans import plan_of, rows_read
from tests.plans import plan_of as ordered

__all__ = ["plan_of"]

MANY = 10_000
INCENTIVES = """query ($filter: IncentiveFilter) { incentives(first: 50, filter: $filter) {
  nodes { number status amount { amount } policy { code } parts { amount { amount } }
    feedbackState } } }"""
APPLICATIONS = """query ($filter: PaymentApplicationFilter) { paymentApplications(
  first: 50, filter: $filter) { nodes { number status totalAmount { amount }
    incentives { amount { amount } } } } }"""

# As the shop's own, over and over, of fifty partners.
_PARTNERS = """
insert into partner select made.* from partner p, generate_series(1, 50) n,
  lateral jsonb_populate_record(p, jsonb_build_object('id', uuidv7(),
    'account_name', 'many' || n)) made where p.id = $1
"""
_COPIES = """
with who as (select array_agg(id order by id) as ids from partner where account_name like 'many%')
insert into {table} select made.*
from {table} one, who, generate_series(1, $2::int) n,
  lateral jsonb_populate_record(one, jsonb_build_object(
    'id', uuidv7(), 'number', 'N' || n, 'code', 'C' || n, 'partner_id', who.ids[1 + n % 50],
    'created_at', one.created_at + n * interval '1 second')) made
where one.id = $1
"""


@pytest.fixture
async def many(database: object, shop: Shop, time: Clock) -> None:
    """Ten thousand incentives, and as many applications, of fifty partners."""
    await a_policy(now=time.now)
    await buy(shop, now=time.now)
    time.forward(days=40)
    await finish(2030, 2, now=time.now)
    incentive = await confirmed(shop.by, await earned(), now=time.now)
    application = await applying.create(
        viewer=shop.by,
        kind=ApplicationKind.BATCH,
        incentive_ids=[incentive.id],
        now=time.now,
    )
    async with in_transaction():
        # Copies of rows that are sound: foreign keys don't have to look at each.
        await run("set local session_replication_role = replica")
        await run(_PARTNERS, shop.partner.id)
        await run(_COPIES.replace("{table}", "incentive"), incentive.id, MANY)
        await run(_COPIES.replace("{table}", "payment_application"), application.id, MANY)
        for table in ("incentive", "payment_application"):
            await run(
                f"update {table} set partner_id = $1 where number like 'N12%'", shop.partner.id
            )
    for table in ("incentive", "payment_application", "partner"):
        await run(f"vacuum analyze {table}")


@pytest.mark.usefixtures("many")
async def test_pages_of_incentives_come_out_of_an_index(
    shop: Shop, plan_of: Callable[..., Any]
) -> None:
    staff = await a_staff_viewer(Item.INCENTIVE_POLICY)

    assert rows_read(await plan_of(INCENTIVES, staff), "incentive_by_age") <= 101
    assert rows_read(await plan_of(INCENTIVES, shop.by), "incentive_of_partner") <= 101
    plan = await plan_of(APPLICATIONS, staff)
    assert rows_read(plan, "payment_application_by_age") <= 101
    plan = await plan_of(APPLICATIONS, shop.by)
    assert rows_read(plan, "payment_application_of_partner") <= 101


@pytest.mark.usefixtures("many")
async def test_pages_of_incentives_in_any_order_come_out_of_an_index(ask: Ask) -> None:
    staff = await a_staff_viewer(Item.INCENTIVE_POLICY)

    for name, field, index in (
        ("incentives", "AMOUNT", "incentive_by_amount"),
        ("incentives", "CONFIRM_BY", "incentive_by_deadline"),
        ("incentives", "STARTS_AT", "incentive_by_begin"),
        ("paymentApplications", "SUBMITTED_AT", "payment_application_by_submission"),
        ("paymentApplications", "TOTAL_AMOUNT", "payment_application_by_amount"),
    ):
        kind = name[0].upper() + name[1:-1]
        question = f"""query ($order: {kind}Order) {{
          {name}(first: 50, orderBy: $order) {{ nodes {{ number partner {{ name }} }} }} }}"""
        for direction in ("ASC", "DESC"):
            order = {"field": field, "direction": direction}
            plan = await ordered(ask, question, by=staff, order=order)
            assert rows_read(plan, index) <= 101, plan
