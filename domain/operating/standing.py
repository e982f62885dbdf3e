"""How timed work stands: what each queue and each kind has due, and what was given up."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.identity.permissions import require
from domain.identity.viewer import Viewer
from domain.operating import kinds
from domain.operating.dead import Queue
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
    due: int
    in_hand: int
    dead: int
    oldest_due_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class KindState:
    """The same of a kind of timers, or of periodic work; `paused_since` while it is held."""

    kind: str
    of: KindOf
    due: int
    dead: int
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


_TIMED = """
select '{queue}' as queue, count(*) filter (where waits) as due,
  count(*) filter (where waits and leased_until > $2) as in_hand,
  count(*) filter (where not waits) as dead, min(due_at) filter (where waits) as oldest_due_at
from (
  select true as waits, leased_until, {due} as due_at from {table}
  where {waiting} and next_attempt_at <= {now}
  union all
  select false, null, null from {table} where {dead}
) each"""

_SCHEDULED = {"waiting": "state = 'SCHEDULED'", "dead": "state = 'DEAD'", "now": "$1"}
_QUEUES = " union all ".join(
    _TIMED.format(**told)
    for told in (
        {"queue": "TIMERS", "table": "timer", "due": "due_at"} | _SCHEDULED,
        {"queue": "TICKS", "table": "tick", "due": "scheduled_for"} | _SCHEDULED,
        {"queue": "MAILS", "table": "mail", "due": "created_at", "now": "$1"}
        | {"waiting": "status = 'QUEUED'", "dead": "status = 'DEAD'"},
        {"queue": "DELIVERIES", "table": "webhook_delivery", "due": "next_attempt_at"}
        | {"waiting": "state = 'WAITING'", "dead": "state = 'FAILED'", "now": "$2"},
        # One that runs is in hand, and due until it is done.
        {"queue": "EXPORTS", "table": "export", "due": "created_at", "now": "$1"}
        | {"waiting": "state in ('QUEUED', 'RUNNING')", "dead": "state = 'FAILED'"},
        {"queue": "UPSTREAM", "table": "upstream_request", "due": "created_at", "now": "$1"}
        | {"waiting": "state = 'WAITING'", "dead": "state = 'DEAD'"},
    )
)

_KINDS = """
with left_over (kind, of, waits, due_at) as (
  select kind, 'TIMER', true, due_at from timer where state = 'SCHEDULED' and next_attempt_at <= $1
  union all select kind, 'TIMER', false, null from timer where state = 'DEAD'
  union all select name, 'TICK', true, scheduled_for from tick
    where state = 'SCHEDULED' and next_attempt_at <= $1
  union all select name, 'TICK', false, null from tick where state = 'DEAD'
), known (kind, of) as (
  select unnest($2::text[]), 'TIMER' union select unnest($3::text[]), 'TICK'
  union select kind, of from left_over
)
select known.kind, known.of, count(*) filter (where waits) as due,
  count(*) filter (where not waits) as dead, min(due_at) as oldest_due_at,
  (select created_at from pause where pause.kind = known.kind and ended_at is null)
    as paused_since
from known left join left_over using (kind, of)
group by known.kind, known.of order by known.of desc, known.kind
"""
