"""Periodic work: a row for each moment it is due, so that no moment is lost and none runs twice."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import Enum, auto
from time import perf_counter
from typing import Protocol
from uuid import UUID

from domain.consumption import billing
from domain.incentives import estimating
from domain.ledger import audit
from domain.notifications import digests
from domain.performance import closing, writing
from domain.settlement import periods, runs
from kit import database, ids, metrics, pauses, tracing
from kit.leases import Backlog
from kit.transaction import after_commit, transactional
from kit.workdays import SHANGHAI
from workers import files, housekeeping, sweep

log = logging.getLogger(__name__)

TICKS = Backlog(
    table="tick", tells=("id", "name"), may_run=pauses.TICK_MAY_RUN, owed="scheduled_for"
)

# The moments after the first instant, up to and including the second, in order.
Moments = Callable[[datetime, datetime], list[datetime]]

# Seconds that a run may take. The queue would cut it off ten later, without a word on the tick.
LONGEST = 50.0

# How far back the first run of new periodic work is looked for.
_FIRST_LOOK = timedelta(days=32)


class CatchUp(Enum):
    """What an outage leaves to do: every run that was missed, or only the last."""

    ALL = auto()
    LAST = auto()


class Work(Protocol):
    """What runs: told the moment that it runs for, which may be long before `now`."""

    async def __call__(self, *, scheduled_for: datetime, now: datetime) -> object: ...


@dataclass(frozen=True, kw_only=True)
class Periodic:
    """An entry of the timetable. The work runs in one transaction with the end of its tick.

    `after_deadlines`: it reads what deadlines decide, so it waits until those that fell due before
    its moment were acted upon. After an outage both are due at once.
    """

    name: str
    moments: Moments
    catch_up: CatchUp
    run: Work
    after_deadlines: bool = False


def every(step: timedelta) -> Moments:
    """At each multiple of `step` since 1970 in UTC."""

    def moments(after: datetime, until: datetime) -> list[datetime]:
        first = int(after.timestamp() // step.total_seconds()) + 1
        last = int(until.timestamp() // step.total_seconds())
        return [
            datetime.fromtimestamp(count * step.total_seconds(), UTC)
            for count in range(first, last + 1)
        ]

    return moments


def daily(at: time, zone: tzinfo) -> Moments:
    """Every day at this time in this time zone."""

    def moments(after: datetime, until: datetime) -> list[datetime]:
        day, last = after.astimezone(zone).date(), until.astimezone(zone).date()
        days = [day + timedelta(days=offset) for offset in range((last - day).days + 1)]
        instants = [datetime.combine(day, at, zone).astimezone(UTC) for day in days]
        return [instant for instant in instants if after < instant <= until]

    return moments


def monthly(day: int, at: time, zone: tzinfo) -> Moments:
    """On this day of every month at this time in this time zone."""

    def moments(after: datetime, until: datetime) -> list[datetime]:
        daily_moments = daily(at, zone)(after, until)
        return [instant for instant in daily_moments if instant.astimezone(zone).day == day]

    return moments


TIMETABLE = [
    Periodic(
        name="partner bills",
        moments=monthly(billing.DAY, billing.AT, SHANGHAI),
        catch_up=CatchUp.ALL,
        run=billing.make_bills,
        after_deadlines=True,
    ),
    Periodic(
        name="performance",
        moments=every(writing.EVERY),
        catch_up=CatchUp.LAST,
        run=writing.write_lines,
    ),
    Periodic(
        name="performance sheets",
        moments=monthly(closing.DAY, closing.AT, SHANGHAI),
        catch_up=CatchUp.ALL,
        run=closing.make_sheets,
        after_deadlines=True,
    ),
    Periodic(
        name="settlement",
        moments=periods.billing_moments,
        catch_up=CatchUp.ALL,
        run=runs.start_due,
        after_deadlines=True,
    ),
    Periodic(
        name="incentives",
        moments=every(estimating.EVERY),
        catch_up=CatchUp.LAST,
        run=estimating.estimate,
    ),
    Periodic(
        name="digests",
        moments=every(timedelta(minutes=5)),
        catch_up=CatchUp.LAST,
        run=digests.fold_due,
    ),
    Periodic(
        name="files",
        moments=every(timedelta(minutes=10)),
        catch_up=CatchUp.LAST,
        run=files.sweep,
    ),
    Periodic(
        name="housekeeping",
        moments=daily(time(3), SHANGHAI),
        catch_up=CatchUp.LAST,
        run=housekeeping.tidy,
    ),
    Periodic(
        name="ledger",
        moments=daily(time(2), SHANGHAI),
        catch_up=CatchUp.LAST,
        run=audit.audit,
    ),
    Periodic(
        name="sweep",
        moments=every(timedelta(minutes=5)),
        catch_up=CatchUp.LAST,
        run=sweep.compare,
    ),
]


async def plan(*, now: datetime) -> None:
    """Write down the moments that have come since the last one written, for each entry."""
    written = await database.rows(
        """
        select wanted.name, (
            select max(scheduled_for) from tick where tick.name = wanted.name) as latest
        from unnest($1::text[]) as wanted (name)""",
        [periodic.name for periodic in TIMETABLE],
    )
    known = {row["name"]: row["latest"] for row in written}
    due = [
        (periodic.name, moment)
        for periodic in TIMETABLE
        for moment in _missing(periodic, after=known[periodic.name], now=now)
    ]
    if due:
        await database.execute(
            """
            insert into tick (id, name, scheduled_for, state, attempts, next_attempt_at)
            select uuidv7(), due.name, due.moment, 'SCHEDULED', 0, due.moment
            from unnest($1::text[], $2::timestamptz[]) as due (name, moment)
            on conflict (name, scheduled_for) do nothing""",
            [name for name, _ in due],
            [moment for _, moment in due],
        )


async def run(tick_id: UUID, *, token: UUID, now: datetime) -> None:
    """Do the work of a claimed tick, unless it is done or claimed by another. Never raises."""
    try:
        async with asyncio.timeout(LONGEST) as bound:
            await _run(tick_id, token=token, now=now)
    except Exception as caught:
        error = TimeoutError(f"not done in {LONGEST:g} s") if bound.expired() else caught
        log.exception("tick %s put off", ids.encode("tck", tick_id))
        try:
            dead = await TICKS.put_off([tick_id], token=token, error=error, now=now)
        except Exception:
            log.exception("not even that can be written down; the lease will end by itself")
            return
        metrics.TICK_FAILURES.labels("dead" if dead else "put_off").inc()
        if dead:
            log.error("tick %s is dead: %r", ids.encode("tck", tick_id), error)


@transactional
async def _run(tick_id: UUID, *, token: UUID, now: datetime) -> None:
    await pauses.share_tick(tick_id)
    tick = await database.row(
        f"""
        select name, scheduled_for from tick
        where id = $1 and lease_token = $2 and state = 'SCHEDULED' and {pauses.TICK_MAY_RUN}
        for update""",
        tick_id,
        token,
    )
    if tick is None:
        return
    periodic = {entry.name: entry for entry in TIMETABLE}[tick["name"]]
    if periodic.after_deadlines and await _are_deadlines_open(tick["scheduled_for"]):
        await _let_wait(tick_id)
        return
    began = perf_counter()
    with tracing.span(f"tick {periodic.name}", kind="CONSUMER"):
        await database.join_trace()
        await periodic.run(scheduled_for=tick["scheduled_for"], now=now)
    await database.execute(
        """
        update tick set state = 'DONE', finished_at = $2, last_error = null,
            lease_token = null, leased_until = null, leased_by = null
        where id = $1""",
        tick_id,
        now,
    )

    async def measure() -> None:
        metrics.TICK_SECONDS.labels(periodic.name).observe(perf_counter() - began)

    after_commit(measure)


async def _are_deadlines_open(moment: datetime) -> bool:
    """Whether something that fell due before the moment wasn't acted upon, nor put off.

    What was put off has failed, and what an operator holds may be held for long: work that waited
    for those could wait for ever.
    """
    found = await database.row(
        f"""
        select 1 from timer
        where state = 'SCHEDULED' and next_attempt_at <= $1 and next_attempt_at = due_at
            and {pauses.TIMER_MAY_RUN} limit 1""",
        moment,
    )
    return found is not None


async def _let_wait(tick_id: UUID) -> None:
    """Give it back, to be claimed with the next beat."""
    await database.execute(
        "update tick set lease_token = null, leased_until = null, leased_by = null where id = $1",
        tick_id,
    )


def _missing(periodic: Periodic, *, after: datetime | None, now: datetime) -> list[datetime]:
    moments = periodic.moments(after or now - _FIRST_LOOK, now)
    # Work that is new here has missed nothing; it begins with its latest moment.
    return moments[-1:] if after is None or periodic.catch_up is CatchUp.LAST else moments
