"""Long lists of money: a page walks an index and reads no more than it shows."""

import re

import pytest
from tortoise.transactions import in_transaction

from domain.ledger import accounts
from kit import database, ids
from models.ledger import Book
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.factories import LONG_AGO
from tests.funds.conftest import Scene
from tests.plans import FEW, most_rows, plan_of

pytestmark = pytest.mark.usefixtures("database")

MANY = 20_000

# Customers that are nobody's here, each with an account; a long story of payments in Acme's.
_CUSTOMERS = f"""
insert into customer
select (jsonb_populate_record(pattern, jsonb_build_object('id', uuidv7(), 'account_name', 'c' || n,
  'partner_id', null, 'association_id', null, 'association_type', null))).*
from customer pattern, generate_series(1, {MANY}) as n
where pattern.id = $1
"""
_ACCOUNTS = """
insert into ledger_account (id, created_at, customer_id, kind, currency, balance, held,
  credit_limit, designated, unreturned_invoices, uncredited, entries)
select uuidv7(), $1, id, 'CASH', 'CNY', 0, 0, 0, 0, 0, 0, 0 from customer
where partner_id is null
"""
_TRANSFERS = f"""
with made as (
  insert into ledger_transfer (id, created_at, number, kind, currency, amount, subject_type,
    subject_id, actor_kind, actor_name)
  select uuidv7(), $1::timestamptz + n * interval '1 minute', 'T' || n, 'ADJUSTMENT', 'CNY', 1,
    'test', uuidv7(), 'SYSTEM', 'system'
  from generate_series(1, {MANY}) as n
  returning id, created_at, substr(number, 2)::int as n
)
insert into ledger_entry (id, created_at, transfer_id, account_id, currency, kind, amount,
  sequence, balance_before, balance_after)
select uuidv7(), created_at, id, $2::uuid, 'CNY', 'ADJUSTMENT', 1, n + 1, 999 + n, 1000 + n
from made
union all
select uuidv7(), created_at, id, $3::uuid, 'CNY', 'ADJUSTMENT', -1, null, null, null from made
"""
_RECHARGES = f"""
insert into recharge (id, created_at, version, number, account_id, partner_id, method, channel,
  amount, currency, status, credited_amount, returned_amount, reference, plan, with_bonus,
  credited_at)
select uuidv7(), $1::timestamptz + n * interval '1 minute', 1, 'R' || n, $2::uuid, $3::uuid,
  'BANK_TRANSFER', 'WIRE', 1, 'CNY', 'CREDITED', 1, 0, 'x', '{{}}', false, $1
from generate_series(1, {MANY}) as n
"""
_RECORDS = f"""
insert into adjust_record (id, created_at, partner_id, customer_id, association_id, kind, amount,
  currency, transfer_id, actor_name)
select uuidv7(), $1::timestamptz + n * interval '1 minute', $2::uuid, $3::uuid, uuidv7(),
  'ALLOCATION', 1, 'CNY', uuidv7(), 'x'
from generate_series(1, {MANY}) as n
"""


@pytest.fixture
async def many(scene: Scene, time: Clock) -> None:
    """Twenty thousand of each."""
    begin = time.now
    async with in_transaction():
        # What constraints would say row by row is not what is tested here.
        await database.execute("set local session_replication_role = replica")
        await database.execute(_CUSTOMERS, scene.customer.id)
        await database.execute(_ACCOUNTS, LONG_AGO)
        outside = accounts.book(Book.OUTSIDE)
        await database.execute(_TRANSFERS, begin, scene.cash.id, outside)
        await database.execute(
            "update ledger_account set balance = balance + $2, entries = entries + $2::int"
            " where id = $1",
            *(scene.cash.id, MANY),
        )
        await database.execute(_RECHARGES, begin, scene.cash.id, scene.partner.id)
        await database.execute(_RECORDS, begin, scene.partner.id, scene.customer.id)
    for table in ("ledger_account", "ledger_entry", "ledger_transfer", "recharge", "adjust_record"):
        await database.execute(f"vacuum analyze {table}")
    await database.execute("vacuum analyze customer")
    time.forward(days=20)


STATEMENT = """query ($id: ID!, $after: String) { account(id: $id) {
  entries(first: 50, after: $after) { pageInfo { endCursor } edges { node {
    kind amount { amount } transfer { number } } } } } }"""


async def test_a_page_of_each_list_walks_an_index(
    scene: Scene, time: Clock, many: None, ask: Ask
) -> None:
    account = ids.encode("act", scene.cash.id)
    first = await plan_of(ask, STATEMENT, by=scene.by, id=account)
    page = await ask(STATEMENT, by=scene.by, id=account)
    cursor = page["entries"]["pageInfo"]["endCursor"]
    second = await plan_of(ask, STATEMENT, by=scene.by, id=account, after=cursor)
    recharges = await plan_of(
        ask, "{ recharges(first: 50) { edges { node { number amount { amount } } } } }", by=scene.by
    )
    records = await plan_of(
        ask,
        "{ adjustRecords(first: 50) { edges { node { kind customer { name } } } } }",
        by=scene.by,
    )
    transfers = await plan_of(
        ask,
        "{ ledgerTransfers(first: 50) { edges { node { number entries { id } } } } }",
        by=scene.platform,
    )
    accounts_ = await plan_of(
        ask, "{ accounts(first: 50) { edges { node { kind balance { amount } } } } }", by=scene.by
    )

    assert "using ledger_entry_of_account" in first
    assert "using ledger_entry_of_account" in second
    for plan in (first, second, recharges, records, transfers, accounts_):
        assert not re.search(r"Seq Scan on (ledger|recharge|adjust|customer)", plan), plan
        assert most_rows(plan) <= FEW, plan


@pytest.mark.parametrize(
    ("name", "field", "index"),
    [
        ("recharges", "AMOUNT", "recharge_by_amount"),
        ("recharges", "CREDITED_AT", "recharge_by_credit"),
        ("adjustRecords", "AMOUNT", "adjust_record_by_amount"),
        ("ledgerTransfers", "AMOUNT", "ledger_transfer_by_amount"),
    ],
)
async def test_a_page_in_any_order_walks_an_index(
    scene: Scene, many: None, ask: Ask, name: str, field: str, index: str
) -> None:
    kind = name[0].upper() + name[1:-1]
    question = f"""query ($order: {kind}Order, $after: String) {{
      {name}(first: 50, after: $after, orderBy: $order) {{
        pageInfo {{ endCursor }} nodes {{ id amount {{ amount }} }} }} }}"""
    for direction in ("ASC", "DESC"):
        order = {"field": field, "direction": direction}
        first = await ask(question, by=scene.platform, order=order)
        after = first["pageInfo"]["endCursor"]
        for cursor in (None, after):
            plan = await plan_of(ask, question, by=scene.platform, order=order, after=cursor)
            assert f"using {index}" in plan, plan
            assert most_rows(plan) <= FEW, plan
