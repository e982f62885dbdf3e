"""Periodic work: a row for each moment it is due, so that no moment is lost and none runs twice."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import Enum, auto
from typing import Protocol
from uuid import UUID

from domain.consumption import billing
from domain.incentives import estimating
from domain.ledger import audit
from domain.notifications import digests
from domain.performance import closing, writing
from domain.settlement import periods, runs
from kit import database
from kit.leases import Backlog
from kit.transaction import transactional
from kit.workdays import SHANGHAI
from workers import files, housekeeping, sweep

log = logging.getLogger(__name__)

TICKS = Backlog(table="tick", tells=("id", "name"))

# The moments after the first instant, up to and including the second, in order.
Moments = Callable[[datetime, datetime], list[datetime]]

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
    """An entry of the timetable. The work runs in one transaction with the end of its tick."""

    name: str
    moments: Moments
    catch_up: CatchUp
    run: Work


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
    ),
    Periodic(
        name="settlement",
        moments=periods.billing_moments,
        catch_up=CatchUp.ALL,
        run=runs.start_due,
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
        await _run(tick_id, token=token, now=now)
    except Exception as error:
        log.exception("tick %s put off", tick_id)
        try:
            dead = await TICKS.put_off([tick_id], token=token, error=error, now=now)
        except Exception:
            log.exception("not even that can be written down; the lease will end by itself")
            return
        if dead:
            log.error("tick %s is dead: %r", tick_id, error)


@transactional
async def _run(tick_id: UUID, *, token: UUID, now: datetime) -> None:
    tick = await database.row(
        """
        select name, scheduled_for from tick
        where id = $1 and lease_token = $2 and state = 'SCHEDULED' for update""",
        tick_id,
        token,
    )
    if tick is None:
        return
    periodic = {entry.name: entry for entry in TIMETABLE}[tick["name"]]
    await periodic.run(scheduled_for=tick["scheduled_for"], now=now)
    await database.execute(
        """
        update tick set state = 'DONE', finished_at = $2, last_error = null,
            lease_token = null, leased_until = null, leased_by = null
        where id = $1""",
        tick_id,
        now,
    )


def _missing(periodic: Periodic, *, after: datetime | None, now: datetime) -> list[datetime]:
    moments = periodic.moments(after or now - _FIRST_LOOK, now)
    # Work that is new here has missed nothing; it begins with its latest moment.
    return moments[-1:] if after is None or periodic.catch_up is CatchUp.LAST else moments
