"""How timed work stands: what each queue and each kind has due, and what was given up."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.identity.permissions import require
from domain.identity.viewer import Viewer
from domain.operating import kinds
from domain.operating.backlogs import BACKLOGS, Backlog, Queue
from kit import clock
from kit.pool import readers


class KindOf(StrEnum):
    """What a kind is a kind of."""

    TIMER = "TIMER"
    TICK = "TICK"


@dataclass(frozen=True, kw_only=True)
class QueueState:
    """What is due in a queue, how much of it a worker has in hand, since when, and what is dead."""

    queue: Queue
    due_count: int
    in_hand_count: int
    dead_count: int
    oldest_due_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class KindState:
    """The same of a kind of timers, or of periodic work; `paused_since` while it is held."""

    kind: str
    of: KindOf
    due_count: int
    dead_count: int
    oldest_due_at: datetime | None
    paused_since: datetime | None


async def queues(*, viewer: Viewer, now: datetime) -> list[QueueState]:
    """Every queue, in the order of the enum."""
    require(viewer, "ops")
    rows = await readers().fetch(_QUEUES, now, clock.wall())
    by_name = {row["queue"]: row for row in rows}
    return [QueueState(**{**by_name[queue.value], "queue": queue}) for queue in Queue]


async def kinds_at(*, viewer: Viewer, now: datetime) -> list[KindState]:
    """Every kind that is known, and those of which something is left: timers first, by name."""
    require(viewer, "ops")
    rows = await readers().fetch(_KINDS, now, kinds.timers_known(), kinds.ticks_known())
    return [KindState(**{**row, "of": KindOf(row["of"])}) for row in rows]


def _stands(queue: Queue, backlog: Backlog) -> str:
    now = "$2" if backlog.by_wall else "$1"
    since = backlog.owed if not backlog.by_wall else "next_attempt_at"
    # A deadline that fails is as due between two attempts, or nobody would see why it is late.
    query = backlog.late if queue in (Queue.TIMERS, Queue.TICKS) else backlog.unfinished
    due = query(f"true as waits, leased_until, {since} as due_at", now=now)
    return f"""
select '{queue}' as queue, count(*) filter (where waits) as due_count,
  count(*) filter (where waits and leased_until > $2) as in_hand_count,
  count(*) filter (where not waits) as dead_count, min(due_at) filter (where waits) as oldest_due_at
from (
  {due}
  union all {backlog.given_up("false, null, null")}
) each"""


_QUEUES = " union all ".join(_stands(queue, backlog) for queue, backlog in BACKLOGS.items())

_TIMERS, _TICKS = BACKLOGS[Queue.TIMERS], BACKLOGS[Queue.TICKS]
_KINDS = f"""
with left_over (kind, of, waits, due_at) as (
  {_TIMERS.late(f"kind, 'TIMER', true, {_TIMERS.owed}", now="$1")}
  union all {_TIMERS.given_up("kind, 'TIMER', false, null::timestamptz")}
  union all {_TICKS.late(f"name, 'TICK', true, {_TICKS.owed}", now="$1")}
  union all {_TICKS.given_up("name, 'TICK', false, null")}
), known (kind, of) as (
  select unnest($2::text[]), 'TIMER' union select unnest($3::text[]), 'TICK'
  union select kind, of from left_over
)
select known.kind, known.of, count(*) filter (where waits) as due_count,
  count(*) filter (where not waits) as dead_count, min(due_at) as oldest_due_at,
  (select created_at from pause where pause.kind = known.kind and ended_at is null)
    as paused_since
from known left join left_over using (kind, of)
group by known.kind, known.of order by known.of desc, known.kind
"""
