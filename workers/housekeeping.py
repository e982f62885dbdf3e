"""Housekeeping: what nobody will ask for again is deleted, at night."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from kit import clock, database

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Leftovers:
    """Rows of a table for which `where` holds; `$1` in it is the moment so long ago.

    Most times are business time; where they are `wall_time`, a sandbox that jumps ahead doesn't
    make anything older.
    """

    table: str
    where: str
    after: timedelta
    wall_time: bool = False


# Timers that fired or died stay: a thing with a deadline shows what became of it. Those that were
# cancelled say nothing that the thing's own history doesn't.
LEFTOVERS = (
    Leftovers(table="idempotency_record", where="created_at < $1", after=timedelta(days=30)),
    Leftovers(table="inbox_message", where="created_at < $1", after=timedelta(days=365)),
    Leftovers(
        table="session",
        where="expires_at < $1 or revoked_at < $1",
        after=timedelta(days=30),
        wall_time=True,
    ),
    Leftovers(
        table="sign_in_failure", where="created_at < $1", after=timedelta(days=1), wall_time=True
    ),
    Leftovers(
        table="timer", where="state = 'CANCELLED' and due_at < $1", after=timedelta(days=365)
    ),
    Leftovers(
        table="webhook_delivery",
        where="state <> 'WAITING' and next_attempt_at < $1",
        after=timedelta(days=90),
        wall_time=True,
    ),
    Leftovers(
        table="tick",
        # The latest of each name stays, whatever its age: it says from when on runs are missing.
        where="""state = 'DONE' and scheduled_for < $1 and scheduled_for < (
            select max(later.scheduled_for) from tick as later where later.name = tick.name)""",
        after=timedelta(days=90),
    ),
)


async def tidy(*, scheduled_for: datetime, now: datetime) -> None:
    """Delete the leftovers of every table."""
    for leftovers in LEFTOVERS:
        moment = (clock.wall() if leftovers.wall_time else now) - leftovers.after
        deleted = await database.execute(
            f"delete from {leftovers.table} where {leftovers.where}", moment
        )
        if deleted:
            log.info("deleted %d rows of %s", deleted, leftovers.table)
