"""Who is next: two at a time of each tenant, the tenants in turn; what a worker has in hand.

A claim is a lease in wall time that its worker renews; one that is killed loses it, and what it was
at is begun anew by another. Whoever has lost the lease can write nothing more about the export.
"""

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from domain.exports import deadlines, history
from domain.exports.writing import Whole
from domain.identity.viewer import SYSTEM
from kit import clock, database, metrics
from kit.faults import reach
from kit.leases import BY
from kit.pool import readers
from kit.transaction import after_commit, transactional
from models.exports import Export, ExportFailure
from models.exports import ExportState as State

LEASE = timedelta(seconds=60)
OF_A_TENANT = 2
ATTEMPTS = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=5)

_CLAIMING = 0x6578706F7274  # the advisory lock that one claim at a time holds

_NEXT = f"""
with waiting as (
  select id, tenant_id, created_at,
    row_number() over (partition by tenant_id order by created_at, id) as place
  from export
  where (state = 'QUEUED' and next_attempt_at <= $1)
    or (state = 'RUNNING' and leased_until <= $2)
)
select waiting.id from waiting
where place = 1 and {OF_A_TENANT} > (
  select count(*) from export busy where busy.tenant_id = waiting.tenant_id
    and busy.state = 'RUNNING' and busy.leased_until > $2)
order by (select max(served.started_at) from export served
  where served.tenant_id = waiting.tenant_id) nulls first, created_at, id
limit 1
"""


@transactional
async def claim(*, now: datetime, lease: timedelta = LEASE) -> Export | None:
    """Take the next export, if any may begin: of the tenant that has waited longest for a turn."""
    # One after the other, so that two claims can't both find one of two places free.
    await database.rows("select pg_advisory_xact_lock($1)", _CLAIMING)
    wall = clock.wall()
    found = await database.row(_NEXT, now, wall)
    if found is None:
        return None
    export = await Export.filter(id=found["id"]).select_for_update(no_key=True).first()
    if export is None or not _may_begin(export, wall):
        return None  # somebody has taken it back this moment
    before: State = export.state
    if export.attempts >= ATTEMPTS:
        await _end(export, State.FAILED, "failed", now, failure=ExportFailure.WORKERS_LOST)
        return None
    is_new = before != State.RUNNING
    if is_new:
        export.state = before.to(State.RUNNING)
    export.attempts += 1
    export.lease_token, export.leased_until, export.leased_by = uuid4(), wall + lease, BY
    export.started_at = now
    export.rows_done = export.busy_ms = 0
    export.rows_expected = None
    export.version += 1
    await export.save(
        update_fields=[
            *("state", "attempts", "lease_token", "leased_until", "leased_by", "started_at"),
            *("rows_done", "busy_ms", "rows_expected", "version"),
        ]
    )
    if is_new:
        await history.record(
            "started",
            export,
            viewer=SYSTEM,
            before={"state": before.value},
            after={"state": State.RUNNING.value},
            now=now,
        )
    reach("export.claimed")
    return export


async def keep(
    export: Export, *, rows: int, expected: int | None, busy_ms: int, lease: timedelta = LEASE
) -> bool:
    """Renew the lease and say how far it is; whether the export is still in hand."""
    touched = await database.execute(
        """
        update export set leased_until = $3, rows_done = $4, rows_expected = $5, busy_ms = $6
        where id = $1 and lease_token = $2 and state = 'RUNNING'""",
        *(export.id, export.lease_token, clock.wall() + lease, rows, expected, busy_ms),
    )
    return touched > 0


async def begin_file(export: Export, key: str) -> bool:
    """Note where the bytes will be, before they are there; whether the export is still in hand."""
    touched = await database.execute(
        "update export set key = $3 where id = $1 and lease_token = $2 and state = 'RUNNING'",
        *(export.id, export.lease_token, key),
    )
    return touched > 0


async def has_ended(export_id: UUID) -> bool:
    """Whether nothing more becomes of it by itself, with a file or without."""
    waits = f"select 1 from export where id = $1 and state in ('{State.QUEUED}', '{State.RUNNING}')"
    return await readers().fetchval(waits, export_id) is None


@transactional
async def finish(export: Export, whole: Whole, *, seen_as: Any, now: datetime) -> bool:
    """Show the file, which was made for that sight; whether the export was still in hand."""
    held = await _held(export)
    if held is None:
        return False
    held.size, held.sha256, held.seen_as = whole.size, whole.sha256, seen_as
    held.rows_done = held.rows_expected = whole.rows
    held.expires_at = now + deadlines.KEPT
    await _end(held, State.DONE, "finished", now)
    await deadlines.schedule(held, now=now)
    return True


@transactional
async def fail(export: Export, failure: ExportFailure, *, error: str, now: datetime) -> bool:
    """Give it up for good; whether it was still in hand."""
    held = await _held(export)
    if held is None:
        return False
    held.last_error = error[:2000]
    await _end(held, State.FAILED, "failed", now, failure=failure)
    return True


@transactional
async def put_off(export: Export, failure: ExportFailure, *, error: str, now: datetime) -> bool:
    """Try again a little later; give it up when this was the last attempt."""
    if export.attempts >= ATTEMPTS:
        return await fail(export, failure, error=error, now=now)
    held = await _held(export)
    if held is None:
        return False
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (held.attempts - 1)) * random.uniform(0.5, 1)
    held.last_error = error[:2000]
    await _queue(held, now + wait)
    return True


@transactional
async def give_back(export: Export, *, now: datetime) -> None:
    """Let another worker do it, since this one stops; no attempt is counted."""
    held = await _held(export)
    if held is not None:
        held.attempts -= 1
        await _queue(held, now)


def _may_begin(export: Export, wall: datetime) -> bool:
    if export.state == State.RUNNING:
        return export.leased_until is None or export.leased_until <= wall
    return export.state == State.QUEUED


async def _held(export: Export) -> Export | None:
    return (
        await Export.filter(id=export.id, lease_token=export.lease_token, state=State.RUNNING)
        .select_for_update(no_key=True)
        .first()
    )


async def _queue(export: Export, at: datetime) -> None:
    export.state = export.state.to(State.QUEUED)
    export.next_attempt_at = at
    _let_go(export)
    await export.save(
        update_fields=[
            *("state", "attempts", "next_attempt_at", "last_error", "version"),
            *("lease_token", "leased_until", "leased_by"),
        ]
    )


async def _end(
    export: Export,
    state: State,
    happened: str,
    now: datetime,
    *,
    failure: ExportFailure | None = None,
) -> None:
    before: State = export.state
    after_commit(metrics.counted(metrics.EXPORTS, state.value.lower()))
    export.state = before.to(state)
    export.failure = failure  # type: ignore[assignment]
    export.finished_at = now
    _let_go(export)
    await export.save(
        update_fields=[
            *("state", "failure", "finished_at", "last_error", "size", "sha256", "version"),
            *("rows_done", "rows_expected", "expires_at", "seen_as"),
            *("lease_token", "leased_until", "leased_by"),
        ]
    )
    # Whoever follows the log needn't ask what it was that has ended.
    after: dict[str, Any] = {
        "list": export.listing,
        "format": export.format.value,
        "state": state.value,
    }
    if failure:
        after["failure"] = failure.value
    else:
        after["rows"] = export.rows_done
    await history.record(
        happened, export, viewer=SYSTEM, before={"state": before.value}, after=after, now=now
    )


def _let_go(export: Export) -> None:
    export.lease_token = export.leased_until = export.leased_by = None
    export.version += 1
