"""The last moments of quota and coupons: what isn't used by then goes back, or is lost."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.audit.events import PLATFORM_TENANT
from kit import database, timers
from kit.request import request_id
from kit.timers import Deadline, Waits
from models.quotas import VoucherQuota
from models.vouchers import Coupon

EXPIRE_QUOTA = "voucher_quota.expire"
EXPIRE_COUPON = "coupon.expire"


async def schedule_quotas(quotas: Sequence[VoucherQuota], *, now: datetime) -> None:
    """Let new quotas end by themselves."""
    deadlines = [Deadline(quota.partner_id, quota.id, quota.expires_at) for quota in quotas]
    await timers.schedule_many(EXPIRE_QUOTA, deadlines, on_timeout="EXPIRE", now=now)


async def cancel_quotas(quota_ids: Sequence[UUID]) -> None:
    """Take the timers back: the quotas are over otherwise."""
    await timers.cancel_many(EXPIRE_QUOTA, subject_ids=quota_ids)


async def schedule_coupons(coupons: Sequence[Coupon], *, now: datetime) -> None:
    """Let new coupons end by themselves; one that is used up keeps its timer for a refund."""
    deadlines = [
        Deadline(coupon.partner_id or PLATFORM_TENANT, coupon.id, coupon.expires_at)
        for coupon in coupons
    ]
    await timers.schedule_many(EXPIRE_COUPON, deadlines, on_timeout="EXPIRE", now=now)


async def cancel_coupons(coupon_ids: Sequence[UUID]) -> None:
    """Take the timers back: the coupons are over otherwise."""
    await timers.cancel_many(EXPIRE_COUPON, subject_ids=coupon_ids)


async def expire_quotas(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """End those quotas whose time is over at `now`, held up or not; what is left of them is lost.

    The effect of the timer `voucher_quota.expire`: early, late or twice is all the same, since the
    rows decide. The caller holds the locks on the rows.
    """
    await database.execute(_EXPIRE_QUOTAS, list(subject_ids), now, request_id())


async def expire_coupons(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """End those coupons whose time is over at `now`; their balance goes to quotas that still live.

    The effect of the timer `coupon.expire`, as above. Quotas are held after coupons, by everybody.
    """
    ids = list(subject_ids)
    live = await database.rows(_HOLD_QUOTAS, ids, now)
    quotas = [row["id"] for row in live]
    await database.execute(_EXPIRE_COUPONS, ids, now, quotas, request_id(), PLATFORM_TENANT)


# Every quota that isn't over ends by a timer, and no other has one.
EXPIRE_QUOTA_WAITS = Waits(
    kind=EXPIRE_QUOTA,
    table="voucher_quota",
    live="status in ('NORMAL', 'ADJUSTING', 'FROZEN')",
    due_at="expires_at",
    tenant_id="partner_id",
    on_timeout="EXPIRE",
)


# Every coupon that may still be used, or given back to, ends by a timer, and no other.
EXPIRE_COUPON_WAITS = Waits(
    kind=EXPIRE_COUPON,
    table="coupon",
    live="status = 'USABLE' or status = 'USED' and expires_at > moment.now",
    due_at="expires_at",
    tenant_id=f"coalesce(partner_id, '{PLATFORM_TENANT}')",
    on_timeout="EXPIRE",
)


# Thousands fall due in the same second, so each is one statement and no loop.

_EXPIRE_QUOTAS = """
with over as (
  update voucher_quota
  set status = 'INVALID', lapsed = lapsed + balance, balance = 0, ended_at = expires_at,
    version = version + 1
  where id = any($1) and status in ('NORMAL', 'ADJUSTING', 'FROZEN') and expires_at <= $2
  returning id, partner_id, parent_id, currency, old.status as before, old.balance as lost
), recorded as (
  insert into quota_record (id, created_at, quota_id, parent_id, partner_id, operation, amount,
    currency, actor_name)
  select uuidv7(), $2, id, parent_id, partner_id, 'LAPSE', lost, currency, 'system'
  from over where lost > 0
)
insert into event (id, created_at, tenant_id, name, subject_type, subject_id, actor_kind,
  actor_name, before, after, request_id, occurred_at)
select uuidv7(), $2, partner_id, 'voucher_quota.expired', 'voucher_quota', id, 'SYSTEM', 'system',
  jsonb_build_object('status', before, 'balance', lost::text),
  '{"status": "INVALID", "balance": "0.00"}', $3, $2
from over
"""

_HOLD_QUOTAS = """
select id from (
  select id, status, expires_at from voucher_quota where id = any(array(
    select distinct quota_id from coupon
    where id = any($1) and status = 'USABLE' and expires_at <= $2 and quota_id is not null))
  order by id for no key update
) held
where status in ('NORMAL', 'ADJUSTING', 'FROZEN') and expires_at > $2
"""

_EXPIRE_COUPONS = """
with over as (
  update coupon
  set status = 'EXPIRED', balance = 0, ended_at = expires_at, lock_order_id = null,
    reclaimed = reclaimed + case when quota_id = any($3::uuid[]) then balance else 0 end,
    lapsed = lapsed + case when quota_id = any($3::uuid[]) then 0 else balance end,
    version = version + 1
  where id = any($1) and status = 'USABLE' and expires_at <= $2
  returning id, customer_id, partner_id, quota_id, currency, old.balance as rest,
    coalesce(quota_id = any($3::uuid[]), false) as is_back
), back as (
  update voucher_quota quota
  set balance = balance + returned.amount, to_coupons = to_coupons - returned.amount,
    version = version + 1
  from (select quota_id, sum(rest) as amount from over where is_back group by quota_id) returned
  where quota.id = returned.quota_id
), recorded as (
  insert into coupon_record (id, created_at, coupon_id, quota_id, partner_id, customer_id,
    operation, amount, change, currency, actor_name)
  select uuidv7(), $2, id, quota_id, partner_id, customer_id,
    case when is_back then 'EXPIRY_RECLAIM' else 'LAPSE' end, rest, -rest, currency, 'system'
  from over
)
insert into event (id, created_at, tenant_id, name, subject_type, subject_id, customer_id,
  actor_kind, actor_name, before, after, request_id, occurred_at)
select uuidv7(), $2, coalesce(partner_id, $5), 'coupon.expired', 'coupon', id, customer_id,
  'SYSTEM', 'system', jsonb_build_object('status', 'USABLE', 'balance', rest::text),
  '{"status": "EXPIRED", "balance": "0.00"}', $4, $2
from over
"""
