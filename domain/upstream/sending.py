"""Sending what waits: claimed with a lease, put off while nobody opens, given up in the end."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson

from domain.upstream import ports, silence
from domain.upstream.effects import UNREACHABLE
from domain.upstream.ports import Asked
from kit import clock, database, ids, metrics
from kit.leases import BY, Backlog
from kit.transaction import transactional
from models.upstream import System

BATCH = 50
LEASE = timedelta(seconds=60)
TIMEOUT = timedelta(seconds=10)

# Systems are down for minutes, and sometimes for a night: 10 h 35 min of trying at most.
REQUESTS = Backlog(
    table="upstream_request",
    waiting="WAITING",
    first_wait=timedelta(minutes=5),
    longest_wait=timedelta(hours=6),
)

log = logging.getLogger(__name__)

_CLAIM = """
update upstream_request
set lease_token = $1, leased_until = $2, leased_by = $3
where id = any(array(
    select id from upstream_request
    where state = 'WAITING' and next_attempt_at <= $4 and system = any($5)
        and (leased_until is null or leased_until <= $6)
    order by next_attempt_at, id
    limit $7
    for update skip locked))
returning id, system, operation, subject_type, subject_id, payload
"""


async def send_due(*, now: datetime, limit: int = BATCH) -> int:
    """Send what is due and give back how many were claimed; 0 means that nothing waits.

    Many workers may call it at the same time. After a crash between sending and noting it, the
    request goes out again with the same id.
    """
    systems = list(ports.adapters())
    if not systems:
        return 0
    token, wall = uuid4(), clock.wall()
    found = await database.rows(
        _CLAIM, token, wall + LEASE, BY, now, [system.value for system in systems], wall, limit
    )
    # What isn't begun in time is left to whoever claims it after the lease.
    last_start = wall + LEASE - TIMEOUT
    for row in sorted(found, key=lambda each: each["id"]):
        if clock.wall() > last_start:
            break
        await _send(row, token, now)
    return len(found)


async def _send(row: dict[str, Any], token: UUID, now: datetime) -> None:
    asked = Asked(
        id=row["id"],
        system=System(row["system"]),
        operation=row["operation"],
        subject_type=row["subject_type"],
        subject_id=row["subject_id"],
        payload=orjson.loads(row["payload"]),
        now=now,
    )
    try:
        async with asyncio.timeout(TIMEOUT.total_seconds()):
            await ports.adapters()[asked.system].send(asked)
    except Exception as error:
        # One system that is down must not hold up what is for the others.
        log.warning("request %s was not sent", ids.encode("upr", asked.id), exc_info=error)
        await _put_off(asked.id, token, error, now)
        metrics.UPSTREAM.labels(asked.system.value, "put_off").inc()
    else:
        await silence.note_sent(asked.id, token=token, now=now)
        metrics.UPSTREAM.labels(asked.system.value, "sent").inc()


@transactional
async def _put_off(id: UUID, token: UUID, error: Exception, now: datetime) -> None:
    # A connection that is refused is no fault of ours that passes: it counts.
    counted = ports.Unreachable(f"{type(error).__name__}: {error}")
    dead = await REQUESTS.put_off([id], token=token, error=counted, now=now)
    for each in dead:
        await silence.give_up(each, code=UNREACHABLE, now=now)
