"""Which mails a worker has in hand: claimed with a lease, in turn from every tenant."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from kit import clock, database
from kit.leases import BY, Backlog, Claim

LEASE = timedelta(seconds=60)

# Mail servers put strangers off for half an hour and have bad nights: seven waits, which come to
# 10 h 35 min at most and to half of that on average.
MAILS = Backlog(
    table="mail",
    state="status",
    waiting="QUEUED",
    first_wait=timedelta(minutes=5),
    longest_wait=timedelta(hours=6),
)

# Hops from tenant to tenant through the index mail_due, so that a tenant with a hundred thousand
# waiting mails doesn't keep the others waiting.
_CLAIM = """
with recursive tenants as (
  (select tenant_id from mail where status = 'QUEUED' order by tenant_id limit 1)
  union all
  select (select tenant_id from mail
          where status = 'QUEUED' and tenant_id > tenants.tenant_id
          order by tenant_id limit 1)
  from tenants where tenant_id is not null
), due as (
  select waiting.id, waiting.next_attempt_at, waiting.turn
  from tenants cross join lateral (
    select id, next_attempt_at, row_number() over (order by next_attempt_at, id) as turn
    from mail
    where status = 'QUEUED' and tenant_id = tenants.tenant_id and next_attempt_at <= $1
      and (leased_until is null or leased_until <= $2)
    order by next_attempt_at, id
    limit $3
  ) waiting
), free as (
  select id from mail
  where id in (select id from due order by turn, next_attempt_at, id limit $3)
    and status = 'QUEUED' and next_attempt_at <= $1
    and (leased_until is null or leased_until <= $2)
  for update skip locked
)
update mail set lease_token = $4, leased_until = $5, leased_by = $6
from free where mail.id = free.id
returning mail.id, tenant_id, recipient, locale, template, facts
"""


async def claim(*, limit: int, now: datetime) -> Claim:
    """Take up to `limit` mails that are due at business time `now`, whole tenants in turn."""
    token, wall = uuid4(), clock.wall()
    rows = await database.rows(_CLAIM, now, wall, limit, token, wall + LEASE, BY)
    return Claim(token=token, rows=sorted(rows, key=_by_age))


async def finish(id: UUID, *, token: UUID, now: datetime) -> None:
    """Note that the mail is out; nothing happens if the lease has gone to another worker."""
    await database.execute(
        """
        update mail set status = 'SENT', sent_at = $3, last_error = null,
                        lease_token = null, leased_until = null, leased_by = null
        where id = $1 and lease_token = $2""",
        id,
        token,
        now,
    )


async def release(token: UUID) -> None:
    """Let go of what was claimed and not tried."""
    await database.execute(
        """
        update mail set lease_token = null, leased_until = null, leased_by = null
        where lease_token = $1""",
        token,
    )


def _by_age(row: dict[str, Any]) -> UUID:
    id: UUID = row["id"]
    return id
