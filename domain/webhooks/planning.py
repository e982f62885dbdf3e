"""From the log to deliveries: each endpoint reads on from its position, and skips nothing."""

from datetime import datetime
from uuid import UUID

from domain.audit.types import MATCHES
from kit import clock, database
from kit.faults import reach
from kit.transaction import transactional

BATCH = 1_000  # events of one endpoint in one transaction
ENDPOINTS = 100

# Whoever has least to read comes first, so that a burst at one tenant delays no other.
_BEHIND = f"""
select endpoint.id, log.last_position - endpoint.position as unread from webhook_endpoint endpoint
join event_counter log on log.id = endpoint.partner_id
where endpoint.state = 'ACTIVE' and endpoint.position < log.last_position
order by unread, endpoint.id limit {ENDPOINTS}
"""

# Behind a position there is never anything new, so where the reading ended can be written down.
_READ_ON = f"""
with span as (
  select event.id, event.position, event.name from event
  where event.tenant_id = $2 and event.position > $3
  order by event.position limit {BATCH}
), made as (
  insert into webhook_delivery (id, created_at, endpoint_id, event_id, position, type, state,
    attempts, attempted, next_attempt_at)
  select uuidv7(), $5, $1, span.id, span.position, span.name, 'WAITING', 0, 0, $6 from span
  where {MATCHES.format(t="span", wanted="$4::text[]")}
  order by span.position
  on conflict (endpoint_id, event_id) do nothing
)
update webhook_endpoint set position = (select max(position) from span)
where id = $1 and exists (select from span)
"""


async def plan(*, now: datetime) -> bool:
    """Write a delivery for each event that an endpoint wants; whether there was anything to read.

    Any number of workers may call it: an endpoint that another one is at is passed over. It comes
    back after the first endpoint that has a whole batch to read, since what there is can go out.
    """
    behind = await database.rows(_BEHIND)
    for endpoint in behind:
        is_mine = await _read_on(endpoint["id"], now=now)
        if is_mine and endpoint["unread"] >= BATCH:
            break
    return bool(behind)


@transactional
async def _read_on(endpoint_id: UUID, *, now: datetime) -> bool:
    endpoint = await database.row(
        "select partner_id, position, array(select jsonb_array_elements_text(types)) as types"
        " from webhook_endpoint where id = $1 and state = 'ACTIVE' for no key update skip locked",
        endpoint_id,
    )
    if endpoint is None:
        return False
    await database.execute(
        _READ_ON,
        *(endpoint_id, endpoint["partner_id"], endpoint["position"], endpoint["types"]),
        *(now, clock.wall()),
    )
    reach("webhook.planned")
    return True
