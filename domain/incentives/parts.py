"""The parts in which an incentive is paid, and where it stands by where they stand (I-14, I-15)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kit import database
from kit.request import request_id
from kit.transaction import assert_open


async def make(incentive_ids: Sequence[UUID], *, now: datetime) -> None:
    """Make the first part of incentives that were just confirmed: all that isn't frozen.

    What comes to nothing has a part nevertheless where an application pays it: the application is
    then one that needs no invoice (I-10). The caller holds the incentives.
    """
    assert_open()
    await database.execute(_MAKE, list(incentive_ids), now)
    await restate(incentive_ids, now=now)


async def restate(incentive_ids: Sequence[UUID], *, now: datetime) -> None:
    """Let confirmed incentives be PAYING, PAID or back at CONFIRMED as their parts are.

    Something on its way makes it PAYING; nothing that is still to be paid makes it PAID. Writes
    the events. The caller holds the incentives.
    """
    assert_open()
    await database.execute(_RESTATE, list(incentive_ids), now, request_id())


_MAKE = """
insert into incentive_part (id, created_at, incentive_id, partner_id, state, currency, amount,
  thawed)
select uuidv7(), $2, earned.id, earned.partner_id, 'READY', earned.currency,
  earned.amount - earned.frozen_amount, false
from incentive earned join incentive_policy policy on policy.id = earned.policy_id
where earned.id = any($1) and earned.state = 'CONFIRMED' and (
  earned.amount > earned.frozen_amount
  or (earned.amount = 0 and policy.pays_by <> 'STATEMENT'))
on conflict do nothing
"""

_RESTATE = """
with wanted as (
  select earned.id, case
      when exists (select from incentive_part part
        where part.incentive_id = earned.id and part.state = 'TAKEN') then 'PAYING'
      when earned.frozen_amount > 0 or exists (select from incentive_part part
        where part.incentive_id = earned.id and part.state = 'READY') then 'CONFIRMED'
      else 'PAID' end as state
  from incentive earned
  where earned.id = any($1) and earned.state in ('CONFIRMED', 'PAYING', 'PAID')
), moved as (
  update incentive earned set state = wanted.state, version = earned.version + 1
  from wanted where wanted.id = earned.id and wanted.state <> earned.state
  returning earned.id, earned.partner_id, old.state as before, new.state as after
)
insert into event (id, created_at, occurred_at, tenant_id, name, subject_type, subject_id,
  manager_id, actor_kind, actor_name, before, after, request_id)
select uuidv7(), $2, $2, partner_id, case after when 'PAYING' then 'incentive.paying'
    when 'PAID' then 'incentive.paid' else 'incentive.ready' end,
  'incentive', id, partner_id, 'SYSTEM', 'system', jsonb_build_object('state', before),
  jsonb_build_object('state', after), $3
from moved
"""
