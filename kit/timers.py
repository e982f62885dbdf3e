"""Deadlines as rows: scheduled and cancelled in the transaction of what they belong to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from kit import database, pauses
from kit.leases import Backlog
from kit.transaction import assert_open, transactional


class TimerState(StrEnum):
    """Life of a timer; only SCHEDULED ones are live."""

    SCHEDULED = "SCHEDULED"
    FIRED = "FIRED"
    CANCELLED = "CANCELLED"
    DEAD = "DEAD"


class TickState(StrEnum):
    """Life of one run of periodic work."""

    SCHEDULED = "SCHEDULED"
    DONE = "DONE"
    DEAD = "DEAD"


TIMERS = Backlog(
    table="timer",
    tells=("id", "kind", "traceparent"),
    may_run=pauses.TIMER_MAY_RUN,
    owed="due_at",
)


class Deadline(NamedTuple):
    """When something falls due for one subject of one tenant."""

    tenant_id: UUID
    subject_id: UUID
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class Mended:
    """What a sweep found wrong between subjects and timers, and put right."""

    created: int
    cancelled: int


@dataclass(frozen=True, kw_only=True)
class Waits:
    """Which subjects have a timer of the kind: rows of `table` that are `live`, and no others.

    `live`, `due_at` and `tenant_id` are SQL over `table` and `moment.now`, the business time.
    """

    kind: str
    table: str
    live: str
    due_at: str
    tenant_id: str
    on_timeout: str


async def schedule(
    kind: str,
    *,
    tenant_id: UUID,
    subject_id: UUID,
    due_at: datetime,
    on_timeout: str,
    now: datetime,
) -> None:
    """Set the one live timer of this kind and subject, or move it and raise its generation.

    `on_timeout` is what the deadline does when nobody acts (EXPIRE, REJECT, ACCEPT, NONE …), for
    people to read. Call it with the subject locked. What was handed out of an older generation
    finds another lease and does nothing.
    """
    await schedule_many(
        kind, [Deadline(tenant_id, subject_id, due_at)], on_timeout=on_timeout, now=now
    )


async def schedule_many(
    kind: str, deadlines: Iterable[Deadline], *, on_timeout: str, now: datetime
) -> None:
    """As `schedule`, for many subjects in one statement; no subject twice."""
    assert_open()
    # In the order of the subjects, as everyone locks them.
    ordered = sorted(deadlines, key=lambda deadline: deadline.subject_id)
    await database.execute(
        """
        insert into timer (id, created_at, tenant_id, kind, subject_id, generation, due_at,
            on_timeout, state, attempts, next_attempt_at)
        select uuidv7(), $1, given.tenant_id, $2::text, given.subject_id,
            1 + coalesce((
                select max(earlier.generation) from timer as earlier
                where earlier.subject_id = given.subject_id and earlier.kind = $2::text), 0),
            given.due_at, $3, 'SCHEDULED', 0, given.due_at
        from unnest($4::uuid[], $5::uuid[], $6::timestamptz[])
            as given (tenant_id, subject_id, due_at)
        on conflict (kind, subject_id) where state = 'SCHEDULED' do update
        set generation = timer.generation + 1, tenant_id = excluded.tenant_id,
            due_at = excluded.due_at, next_attempt_at = excluded.due_at,
            traceparent = excluded.traceparent,
            on_timeout = excluded.on_timeout, attempts = 0, last_error = null,
            lease_token = null, leased_until = null, leased_by = null""",
        now,
        kind,
        on_timeout,
        [deadline.tenant_id for deadline in ordered],
        [deadline.subject_id for deadline in ordered],
        [deadline.due_at for deadline in ordered],
    )


async def cancel(kind: str, *, subject_id: UUID) -> None:
    """Take the live timer back, if there is one. Call it with the subject locked."""
    await cancel_many(kind, subject_ids=[subject_id])


async def cancel_many(kind: str, *, subject_ids: Sequence[UUID]) -> int:
    """As `cancel`, for many subjects in one statement; how many timers there were."""
    assert_open()
    return await database.execute(
        """
        update timer
        set state = 'CANCELLED', lease_token = null, leased_until = null, leased_by = null
        where subject_id = any($1) and kind = $2 and state = 'SCHEDULED'""",
        list(subject_ids),
        kind,
    )


@transactional
async def mend(waits: Waits, *, now: datetime, limit: int = 10_000) -> Mended:
    """Give every subject that waits its timer, and take back timers of those that don't.

    Left alone are subjects that someone is changing right now, those whose timer is dead (operators
    know of it), and timers that are due: they fire to no effect.
    """
    table, live = waits.table, waits.live
    orphans = await database.rows(
        f"""
        select id, ({waits.due_at}) as due_at, ({waits.tenant_id}) as tenant_id
        from {table} cross join (select $2::timestamptz as now) as moment
        where ({live}) and not exists (
            select from timer where timer.subject_id = {table}.id and timer.kind = $1
                and timer.state in ('SCHEDULED', 'DEAD'))
        order by id limit {int(limit)}
        for no key update of {table} skip locked""",
        waits.kind,
        now,
    )
    await schedule_many(
        waits.kind,
        [Deadline(row["tenant_id"], row["id"], row["due_at"]) for row in orphans],
        on_timeout=waits.on_timeout,
        now=now,
    )
    finals = await database.rows(
        f"""
        select id from {table} cross join (select $2::timestamptz as now) as moment
        where not ({live}) and id = any(array(
            select subject_id from timer
            where kind = $1 and state = 'SCHEDULED' and next_attempt_at > $2))
        order by id limit {int(limit)}
        for no key update of {table} skip locked""",
        waits.kind,
        now,
    )
    cancelled = await cancel_many(waits.kind, subject_ids=[row["id"] for row in finals])
    return Mended(created=len(orphans), cancelled=cancelled)
