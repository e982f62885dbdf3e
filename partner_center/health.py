"""For probes and monitors: is the process alive, can it serve, is everything done on time."""

import asyncio
import logging
import pkgutil
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import redis.asyncio as redis
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import JSONResponse

import models.migrations
from domain.exports import backlog as export_backlog
from domain.operating.backlogs import BACKLOGS, Queue
from domain.webhooks import backlog as webhook_backlog
from kit import clock, database

WITHIN = timedelta(seconds=3)

# A worker looks for due work each second, and a claim that is lost ends after a minute: what is
# later than two minutes has a cause that stays, and so has whatever was given up.
LATE = timedelta(minutes=2)


MOST = 10_000  # as far as is counted

_TIMERS, _TICKS = BACKLOGS[Queue.TIMERS], BACKLOGS[Queue.TICKS]

_TIMED = f"""
with due_timer as (
  {_TIMERS.late("due_at", now="$1")}
), due_tick as (
  {_TICKS.late("scheduled_for", now="$1")}
), due_mail as (
  {BACKLOGS[Queue.MAILS].late("created_at", now="$1")}
), unplaced as (
  select id, created_at from event where position is null
)
select
  (select extract(epoch from $1::timestamptz - min(due_at))::float8 from due_timer)
    as oldest_due_timer_seconds,
  (select extract(epoch from $1 - min(scheduled_for))::float8 from due_tick)
    as oldest_due_tick_seconds,
  (select extract(epoch from $1 - min(created_at))::float8 from due_mail)
    as oldest_due_mail_seconds,
  (select extract(epoch from $1 - created_at)::float8 from unplaced order by id limit 1)
    as oldest_unplaced_event_seconds,
  (select count(*) from (select from due_timer limit {MOST}) t) as due_timers,
  (select count(*) from (select from due_tick limit {MOST}) t) as due_ticks,
  (select count(*) from (select from due_mail limit {MOST}) t) as due_mails,
  (select count(*) from (select from unplaced limit {MOST}) t) as unplaced_events,
  ({_TIMERS.given_up("count(*)")}) as dead_timers,
  ({_TICKS.given_up("count(*)")}) as dead_ticks,
  (select max(finished_at) from tick) as last_tick_at
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """How timed work stands. Seconds count from the moment it was due; None: nothing is due.

    `faulty_webhooks` can't be sent by a fault of ours, and wait or were given up; what a receiver
    doesn't take is no fault of ours, and isn't late either.
    """

    oldest_due_timer_seconds: float | None
    oldest_due_tick_seconds: float | None
    oldest_due_mail_seconds: float | None
    oldest_unplaced_event_seconds: float | None
    oldest_due_webhook_seconds: float | None
    oldest_due_export_seconds: float | None
    due_timers: int
    due_ticks: int
    due_mails: int
    unplaced_events: int
    due_webhooks: int
    due_exports: int
    running_exports: int
    dead_timers: int
    dead_ticks: int
    faulty_webhooks: int
    last_tick_at: datetime | None

    @property
    def is_well(self) -> bool:
        """Nothing is later than two minutes, and no timer, tick or webhook fails by our fault."""
        waits = [
            self.oldest_due_timer_seconds,
            self.oldest_due_tick_seconds,
            self.oldest_due_mail_seconds,
            self.oldest_unplaced_event_seconds,
            self.oldest_due_webhook_seconds,
        ]
        if self.running_exports == 0:  # else it waits for its turn, which may take its time
            waits.append(self.oldest_due_export_seconds)
        is_late = any(wait is not None and wait > LATE.total_seconds() for wait in waits)
        return not is_late and self.dead_timers + self.dead_ticks + self.faulty_webhooks == 0


async def livez(request: Request) -> JSONResponse:
    """200 as long as the event loop turns."""
    return JSONResponse({"alive": True})


async def readyz(request: Request) -> JSONResponse:
    """200 when the database answers and lacks no migration; 503 otherwise.

    The queue is reported, but work is done without it, only a little later.
    """
    missing, queue = await asyncio.gather(_missing(), _queue(request.app.state.redis))
    database = "unreachable" if missing is None else "migrating" if missing else "ready"
    is_ready = database == "ready"
    return JSONResponse(
        {"ready": is_ready, "database": database, "queue": queue},
        status_code=200 if is_ready else 503,
    )


async def jobs(request: Request) -> JSONResponse:
    """200 when all timed work is on time; 503 when something is late, dead, or can't be known."""
    try:
        async with asyncio.timeout(WITHIN.total_seconds()):
            state = await jobs_at(now=await clock.now())
    except database.UNANSWERED:
        log.warning("can't tell how the jobs stand", exc_info=True)
        return JSONResponse({"well": False, "database": "unreachable"}, status_code=503)
    facts: dict[str, Any] = asdict(state)
    if state.last_tick_at is not None:
        facts["last_tick_at"] = state.last_tick_at.isoformat()
    return JSONResponse(
        {"well": state.is_well, "late_after_seconds": LATE.total_seconds(), **facts},
        status_code=200 if state.is_well else 503,
    )


async def jobs_at(*, now: datetime) -> Jobs:
    """How timed work stands at business time `now`. Backlogs are counted up to 10,000."""
    row = await database.row(_TIMED, now)
    assert row is not None
    webhooks = await webhook_backlog.stand(now=now)
    exports = await export_backlog.stand(now=now)
    return Jobs(
        **row,
        oldest_due_webhook_seconds=webhooks.oldest_due_seconds,
        oldest_due_export_seconds=exports.oldest_due_seconds,
        due_webhooks=webhooks.due,
        due_exports=exports.due,
        running_exports=exports.running,
        faulty_webhooks=webhooks.faulty,
    )


async def _missing() -> set[str] | None:
    """Migrations that the database lacks; None when it doesn't answer."""
    try:
        async with asyncio.timeout(WITHIN.total_seconds()):
            applied = await database.rows("select name from tortoise_migrations")
            ours = {name for _, name, _ in pkgutil.iter_modules(models.migrations.__path__)}
            return ours - {row["name"] for row in applied}
    except database.UNANSWERED as error:
        log.warning("the database is unreachable: %r", error)
        return None


async def _queue(connection: redis.Redis) -> str:
    try:
        async with asyncio.timeout(1):
            await connection.ping()
    except (OSError, TimeoutError, RedisError):
        return "unreachable"
    return "ready"
