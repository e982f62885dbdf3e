"""Housekeeping: what nobody will ask for again is deleted, at night."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from domain.exports import deadlines as exports
from kit import clock, database
from kit.transaction import after_commit, transactional

BATCH = 20_000  # rows in one statement

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
        table="mail",
        where="status in ('SENT', 'FOLDED') and created_at < $1",
        after=timedelta(days=365),
    ),
    Leftovers(
        table="text_message",
        where="status = 'SENT' and created_at < $1",
        after=timedelta(days=365),
    ),
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


@transactional
async def tidy(*, scheduled_for: datetime, now: datetime) -> None:
    """Delete the leftovers of every table after the commit, some thousands at a time.

    All at once would take longer than a statement may once there are many, and never come to its
    end. What a crash leaves is deleted the next night.
    """
    for leftovers in LEFTOVERS:
        moment = (clock.wall() if leftovers.wall_time else now) - leftovers.after
        after_commit(partial(_delete, leftovers, moment))
    after_commit(exports.sweep_strays)


async def _delete(leftovers: Leftovers, moment: datetime) -> None:
    table, deleted = leftovers.table, 0
    while count := await database.execute(
        f"delete from {table} where id = any(array("
        f"select id from {table} where {leftovers.where} limit {BATCH}))",
        moment,
    ):
        deleted += count
    if deleted:
        log.info("deleted %d rows of %s", deleted, table)
