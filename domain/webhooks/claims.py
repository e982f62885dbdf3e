"""Which deliveries a worker has in hand: few of each endpoint and tenant, all tenants in turn."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from kit import clock, database
from kit.leases import BY
from kit.transaction import transactional

LEASE = timedelta(seconds=60)  # an attempt takes a quarter of that at most
PARALLEL = 10  # attempts at one endpoint at a time, by all workers together
OF_A_TENANT = 50  # and at all endpoints of a tenant: half of what one worker has room for
TIRED = 5  # failures in a row after which an endpoint is only probed, one attempt at a time

_CLAIMING = 0x776562686F6F6B  # the advisory lock that one claim at a time holds

_DUE = """state = 'WAITING' and next_attempt_at <= $1
  and (leased_until is null or leased_until <= $1)"""

# Hops from endpoint to endpoint through the index of what waits, so that one with a hundred
# thousand waiting deliveries costs no more than one with ten. What a tenant has in hand counts, at
# however many endpoints: whoever has nothing yet comes first, however slow the others are. What a
# long replay holds at the moment is passed over, so that it keeps nobody else's from going out.
# Of an endpoint that rests only a trial goes out; all else that waits there isn't even looked at.
_CLAIM = f"""
with recursive waiting as (
  (select endpoint_id from webhook_delivery where state = 'WAITING' order by endpoint_id limit 1)
  union all
  select (select endpoint_id from webhook_delivery
          where state = 'WAITING' and endpoint_id > waiting.endpoint_id
          order by endpoint_id limit 1)
  from waiting where endpoint_id is not null
), goal as (
  select endpoint.id, endpoint.partner_id, endpoint.state,
    case when endpoint.failures >= {TIRED} then 1 else {PARALLEL} end as most,
    (select count(*) from webhook_delivery busy
     where busy.endpoint_id = endpoint.id and busy.state = 'WAITING'
       and busy.lease_token is not null and busy.leased_until > $1) as used
  from waiting join webhook_endpoint endpoint on endpoint.id = waiting.endpoint_id
), tenant as (
  select partner_id, sum(used) as used from goal group by partner_id
), due as (
  select delivery.id, delivery.next_attempt_at,
    tenant.used + row_number() over (
      partition by partner_id
      order by goal.used + delivery.turn, delivery.next_attempt_at, delivery.id) as turn
  from goal join tenant using (partner_id) cross join lateral (
    select id, next_attempt_at, row_number() over (order by next_attempt_at, id) as turn
    from (
      (select id, next_attempt_at from webhook_delivery
       where goal.state = 'ACTIVE' and endpoint_id = goal.id and {_DUE}
       order by next_attempt_at, id limit greatest(goal.most - goal.used, 0))
      union all
      (select id, next_attempt_at from webhook_delivery
       where goal.state in ('PAUSED', 'DISABLED') and endpoint_id = goal.id and event_id is null
         and {_DUE}
       limit greatest(goal.most - goal.used, 0))
    ) each
  ) delivery
)
update webhook_delivery set lease_token = $2, leased_until = $3, leased_by = $4
where state = 'WAITING' and id = any(array(
  select id from webhook_delivery where state = 'WAITING' and id = any(array(
    select id from due where turn <= {OF_A_TENANT} order by turn, next_attempt_at, id limit $5))
  for no key update skip locked))
returning id
"""

_WHAT = """
select delivery.id, delivery.endpoint_id, delivery.event_id, delivery.position, delivery.type,
  delivery.created_at, delivery.attempts, delivery.first_attempt_at,
  endpoint.partner_id, endpoint.url, endpoint.salt,
  case when endpoint.previous_until > $2 then endpoint.previous_salt end as previous_salt,
  event.name, event.subject_type, event.subject_id, event.before::text, event.after::text,
  event.occurred_at, event.traceparent
from webhook_delivery delivery
join webhook_endpoint endpoint on endpoint.id = delivery.endpoint_id
left join event on event.id = delivery.event_id
where delivery.lease_token = $1
order by delivery.next_attempt_at, delivery.id
"""


async def claim(*, limit: int) -> tuple[UUID, list[dict[str, Any]]]:
    """Take up to `limit` deliveries that are due: the token that they carry, and all of each.

    The events come along here, so that no more of them are in memory than are under way.
    """
    token = uuid4()
    if not await _take(token, limit):
        return token, []
    return token, await database.rows(_WHAT, token, clock.wall())


@transactional
async def _take(token: UUID, limit: int) -> int:
    # One claim at a time, since two at once would each find the same room at an endpoint. The
    # next statement's snapshot is taken when the lock is held.
    await database.row("select pg_advisory_xact_lock($1)", _CLAIMING)
    wall = clock.wall()
    return len(await database.rows(_CLAIM, wall, token, wall + LEASE, BY, limit))
