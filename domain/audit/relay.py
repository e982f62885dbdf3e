"""Positions: after the commit, every event gets its place in its tenant's log, without a gap.

An identity column is handed out before the commit, so a reader of "everything after 41" would pass
over a slower transaction for ever. Here one relay at a time counts what is committed: whoever has
seen position 41 has seen all before it, and what comes later gets 42.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from kit import database
from kit.transaction import transactional

BATCH = 5_000  # more would make the planner read the whole log
CHANNEL = "events"  # NOTIFY's payload is `tenant:position`, the last one placed

_RELAY = 0x6576656E74  # the advisory lock that one relay at a time holds


async def place_all(*, now: datetime) -> int:
    """Place every committed event that has no position yet; how many there were.

    Cheap when there is nothing to do. Gives way to a relay that runs elsewhere at this moment.
    """
    placed = 0
    while await _is_anything_unplaced() and (batch := await _place(now=now)):
        placed += batch
    return placed


async def _is_anything_unplaced() -> bool:
    return (
        await database.row("select 1 from event where position is null order by id limit 1")
        is not None
    )


@transactional
async def _place(*, now: datetime) -> int:
    mine = await database.row("select pg_try_advisory_xact_lock($1) as held", _RELAY)
    if mine is None or not mine["held"]:
        return 0
    # A statement of its own: its snapshot must be taken after the lock, or it could miss what the
    # last relay has counted.
    unplaced = await database.rows(
        f"select id, tenant_id from event where position is null order by id limit {BATCH}"
    )
    if unplaced:
        last = await _count(Counter(event["tenant_id"] for event in unplaced), now=now)
        await _write_down(unplaced, last)
        await database.rows(
            "select pg_notify($1, told) from unnest($2::text[]) as told",
            CHANNEL,
            [f"{tenant_id}:{position}" for tenant_id, position in last.items()],
        )
    return len(unplaced)


async def _count(sizes: Mapping[UUID, int], *, now: datetime) -> dict[UUID, int]:
    """Move each tenant's counter on by so many; what it stands at now."""
    counters = await database.rows(
        """
        insert into event_counter (id, created_at, last_position)
        select given.id, $1, given.size from unnest($2::uuid[], $3::bigint[]) as given (id, size)
        on conflict (id) do update
        set last_position = event_counter.last_position + excluded.last_position
        returning id, last_position""",
        now,
        list(sizes),
        list(sizes.values()),
    )
    return {counter["id"]: counter["last_position"] for counter in counters}


async def _write_down(unplaced: Sequence[Mapping[str, UUID]], last: Mapping[UUID, int]) -> None:
    """Number the events so that each tenant's last one gets its counter's position."""
    upcoming, positions = dict(last), []
    for event in reversed(unplaced):
        positions.append(upcoming[event["tenant_id"]])
        upcoming[event["tenant_id"]] -= 1
    await database.execute(
        """
        update event set position = given.position
        from unnest($1::uuid[], $2::bigint[]) as given (id, position)
        where event.id = given.id""",
        [event["id"] for event in unplaced],
        positions[::-1],
    )
