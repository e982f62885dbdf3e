"""Incentives that nobody took in time: a year after their partner has left, they lapse (I-15)."""

from datetime import datetime

from domain.programmes.conditions import SELLING_PROGRAMME
from kit import database
from kit.request import request_id
from kit.transaction import assert_open
from kit.workdays import months_after

MONTHS = 12


async def lapse(*, now: datetime) -> int:
    """Let confirmed and unconfirmed incentives lapse where the partner left a year ago; how many.

    Who left is who was in the programme, and is in it no more: of the scene CSP the programme of
    customer service providers, else any. What is on its way to be paid is paid.
    """
    assert_open()
    return await database.execute(
        _LAPSE, now, months_after(now, -MONTHS), request_id(), SELLING_PROGRAMME
    )


_LAPSE = """
with gone as (
  select earned.id from incentive earned
  join incentive_policy policy on policy.id = earned.policy_id
  cross join lateral (
    select bool_or(joined.status = 'APPROVED'
        and (joined.expires_at is null or joined.expires_at > $1)) as is_in,
      max(coalesce(joined.ended_at, joined.expires_at)) as left_at
    from programme_application joined join programme on programme.id = joined.programme_id
    where joined.partner_id = earned.partner_id
      and joined.status in ('APPROVED', 'EXITED', 'EXPIRED')
      and (policy.scene <> 'CSP' or programme.code = $4)) membership
  where earned.state in ('TO_CONFIRM', 'CONFIRMED') and not membership.is_in
    and membership.left_at <= $2
    and not exists (select from incentive_part part
      where part.incentive_id = earned.id and part.state = 'PAID')
  order by earned.id for no key update of earned
), timers as (
  update timer set state = 'CANCELLED', lease_token = null, leased_until = null, leased_by = null
  from gone where timer.subject_id = gone.id and timer.kind = 'incentive.confirm'
    and timer.state = 'SCHEDULED'
), moved as (
  update incentive earned set state = 'LAPSED', version = earned.version + 1
  from gone where earned.id = gone.id
  returning earned.id, earned.partner_id, old.state as before, earned.amount
)
insert into event (id, created_at, occurred_at, tenant_id, name, subject_type, subject_id,
  manager_id, actor_kind, actor_name, before, after, request_id)
select uuidv7(), $1, $1, partner_id, 'incentive.lapsed', 'incentive', id, partner_id, 'SYSTEM',
  'system', jsonb_build_object('state', before),
  jsonb_build_object('state', 'LAPSED', 'amount', amount::text), $3
from moved
"""
