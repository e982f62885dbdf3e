"""How webhooks stand as a whole, for whoever watches over the workers."""

from dataclasses import dataclass
from datetime import datetime

from domain.webhooks.claims import TIRED
from domain.webhooks.delivering import OURS
from kit import clock, database

MOST = 10_000  # as far as is counted

# An endpoint that has something in hand, or keeps failing, has itself to wait for. Of all others
# the first due delivery is taken within seconds, as long as a worker lives: so long is the first
# event unread, too, unless the endpoint has rested since.
_STAND = f"""
with well as (
  select id, partner_id, position from webhook_endpoint endpoint
  where state = 'ACTIVE' and failures < {TIRED} and not exists (
    select from webhook_delivery busy
    where busy.endpoint_id = endpoint.id and busy.state = 'WAITING'
      and busy.lease_token is not null and busy.leased_until > $2)
)
select
  (select extract(epoch from max($2::timestamptz - first.due_at))::float8 from well
   cross join lateral (
     select min(next_attempt_at) as due_at from webhook_delivery
     where endpoint_id = well.id and state = 'WAITING') first
   where first.due_at <= $2) as oldest_due_seconds,
  (select extract(epoch from max($1::timestamptz - greatest(event.created_at, rest.until)))::float8
   from well
   join event on event.tenant_id = well.partner_id and event.position = well.position + 1
   cross join lateral (
     select max(occurred_at) as until from event
     where subject_id = well.id and name = 'webhook_endpoint.resumed') rest
  ) as oldest_unread_seconds,
  (select count(*) from (
     select from webhook_endpoint endpoint
     join webhook_delivery delivery on delivery.endpoint_id = endpoint.id
     where endpoint.state = 'ACTIVE' and delivery.state = 'WAITING'
       and delivery.next_attempt_at <= $2 limit {MOST}) due) as due,
  (select count(*) from webhook_delivery delivery
   join webhook_endpoint endpoint on endpoint.id = delivery.endpoint_id
   where delivery.state in ('WAITING', 'FAILED') and delivery.last_error like '{OURS}%'
     and endpoint.state <> 'DELETED') as faulty
"""


@dataclass(frozen=True, kw_only=True)
class Stand:
    """Deliveries as they stand. None: nobody waits for us.

    `oldest_due_seconds` is for how long a delivery or an event has waited at an endpoint that
    nobody attends to; `due` are those that could go out now, whatever they wait for, up to 10,000;
    `faulty` those that can't go out by a fault of ours.
    """

    oldest_due_seconds: float | None
    due: int
    faulty: int


async def stand(*, now: datetime) -> Stand:
    """How all deliveries stand, whosever they are."""
    row = await database.row(_STAND, now, clock.wall())
    assert row is not None
    waits = [row["oldest_due_seconds"], row["oldest_unread_seconds"]]
    return Stand(
        oldest_due_seconds=max((wait for wait in waits if wait is not None), default=None),
        due=row["due"],
        faulty=row["faulty"],
    )
