"""Lists of coupons: a page walks an index and reads no more than it shows, for whoever asks."""

from typing import Any

import pytest

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from kit import database
from models.customers import Customer
from models.quotas import VoucherQuota
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.customers.factories import a_customer, a_user_of
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.plans import FEW, most_rows, plan_of
from tests.vouchers.factories import AGENCY, a_quota, vqt

pytestmark = pytest.mark.usefixtures("database")

MANY = 10_000

COUPONS = """
query ($filter: CouponFilter, $order: CouponOrder) {
  coupons(first: 50, filter: $filter, orderBy: $order) { edges { node {
    number status balance { amount } customer { name } partner { name } } } } }
"""
RECORDS = """
query ($filter: CouponRecordFilter, $order: CouponRecordOrder) {
  couponRecords(first: 50, filter: $filter, orderBy: $order) { edges { node {
    operation amount { amount } coupon { number } } } } }
"""
BY_AMOUNT = {"field": "AMOUNT", "direction": "DESC"}
BY_END = {"field": "EXPIRES_AT", "direction": "ASC"}

# Coupons that some customer of some partner has: a minute between each and the next.
_COUPONS = f"""
with made as (
  insert into coupon (id, number, customer_id, created_at, version, kind, partner_id, quota_id,
    counts_performance, needs_repayment, currency, face_value, balance, used, reclaimed, lapsed,
    status, is_frozen, effective_at, expires_at, categories, goods, excludes_discounts, strict_only)
  select uuidv7(), right($1::uuid::text, 12) || n, $1, $2::timestamptz + n * interval '1 minute', 1,
    'VOUCHER', $3, $4, false, false, 'CNY', 1, 1, 0, 0, 0, 'USABLE', false, $2,
    $2::timestamptz + interval '60 days' + n * interval '1 minute', '[]', '[]', false, false
  from generate_series(1, {MANY}) as n
  returning id, customer_id, partner_id, quota_id, created_at
)
insert into coupon_record (id, created_at, coupon_id, quota_id, partner_id, customer_id, operation,
  amount, change, currency, actor_name)
select uuidv7(), created_at, id, quota_id, partner_id, customer_id, 'ISSUE', 1, 1, 'CNY', 'x'
from made
"""


class Crowd:
    """Two partners with ten thousand coupons each, and who looks at those of one."""

    by: Viewer
    buyer: Viewer
    staff: Viewer
    customer: Customer
    quota: VoucherQuota


@pytest.fixture
async def crowd(time: Clock) -> Crowd:
    """Twenty thousand coupons, each with a record."""
    crowd = Crowd()
    for _ in range(2):
        house = await a_partner()
        crowd.by = await an_administrator(house)
        crowd.customer = await a_customer(of=house, type=AGENCY)
        crowd.quota = await a_quota(house, now=time.now)
        await database.execute(_COUPONS, crowd.customer.id, time.now, house.id, crowd.quota.id)
    crowd.buyer = await a_user_of(crowd.customer)
    crowd.staff = await a_staff_viewer(Item.VOUCHER_GRANT)
    for table in ("coupon", "coupon_record", "customer", "partner"):
        await database.execute(f"vacuum analyze {table}")
    time.forward(days=8)
    return crowd


async def test_a_page_reads_what_it_shows(crowd: Crowd, ask: Ask) -> None:
    quota = {"quotaId": vqt(crowd.quota)}
    questions: list[tuple[str, Viewer, dict[str, Any]]] = [
        (COUPONS, by, variables)
        for by in (crowd.by, crowd.buyer, crowd.staff)
        for variables in ({}, {"order": BY_END}, {"filter": {"status": ["USABLE"]}})
    ]
    questions.append((RECORDS, crowd.staff, {"order": BY_AMOUNT}))
    questions += [(RECORDS, by, {}) for by in (crowd.by, crowd.buyer, crowd.staff)]
    questions += [(COUPONS, crowd.by, {"filter": quota}), (RECORDS, crowd.by, {"filter": quota})]

    for question, by, variables in questions:
        told = await ask(question, by=by, **variables)
        assert len(told["edges"]) == 50
        read = most_rows(await plan_of(ask, question, by=by, **variables))
        assert read <= FEW, (question, by.kind, variables)
