"""Rows that wait for a worker: claimed for a while, put off when they fail, given up in the end.

One idea for timers, ticks and mails. A claim is a token on the row that ends by itself, so a worker
that dies loses nothing; whoever acts on a row checks that it still carries the token.
"""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from kit import clock, database

ATTEMPTS = 8
FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=5)
LONGEST_PASSING = timedelta(minutes=1)  # what all wait for comes back; then nobody waits long
JITTER = "random()"  # of a wait, so that what failed together isn't tried again together

BY = f"{socket.gethostname()}:{os.getpid()}"[:80]


def is_passing(error: BaseException) -> bool:
    """Whether the same work may well succeed later: lost connections, deadlocks, time-outs.

    Such a failure is never counted against the row.
    """
    return isinstance(error, database.PASSING)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What one claim got: the token that all the rows now carry, and what was asked of each."""

    token: UUID
    rows: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """A table whose rows wait for a worker.

    It has the columns id, attempts, next_attempt_at, lease_token, leased_until, leased_by and
    last_error, and a partial index on (next_attempt_at, id) of the waiting rows. `tells` are the
    columns that a claim gives back. `may_run` is a condition on a row that waits. `owed` is the
    column that says since when the row is due, if failures that pass are to be tried ever less
    often, too.
    """

    table: str
    state: str = "state"
    waiting: str = "SCHEDULED"
    dead: str = "DEAD"
    tells: tuple[str, ...] = ("id",)
    first_wait: timedelta = FIRST_WAIT
    longest_wait: timedelta = LONGEST_WAIT
    may_run: str = "true"
    owed: str = "next_attempt_at"

    async def claim(self, *, lease: timedelta, limit: int, now: datetime) -> Claim:
        """Take up to `limit` rows that are due at business time `now`, the longest due first.

        Never waits for another claim and never takes what is leased. The lease ends in wall time:
        a sandbox that jumps ahead must not take the work out of a worker's hands.
        """
        token, wall = uuid4(), clock.wall()
        rows = await database.rows(
            f"""
            update {self.table}
            set lease_token = $1, leased_until = $2, leased_by = $3
            where id = any(array(
                select id from {self.table}
                where {self.state} = '{self.waiting}' and next_attempt_at <= $4
                    and (leased_until is null or leased_until <= $5) and {self.may_run}
                order by next_attempt_at, id
                limit {int(limit)}
                for update skip locked))
            returning {", ".join(self.tells)}, next_attempt_at""",
            token,
            wall + lease,
            BY,
            now,
            wall,
        )
        rows.sort(key=lambda row: (row["next_attempt_at"], row["id"]))
        return Claim(token=token, rows=rows)

    async def put_off(
        self, ids: Sequence[UUID], *, token: UUID, error: BaseException, now: datetime
    ) -> list[UUID]:
        """Try again later: after the first wait · 2ⁿ with full jitter, the longest wait at most.

        A failure that passes isn't counted, so n tells nothing of it: the wait is then at most as
        long as the row has been put off for already, where it is known since when it is `owed`, and
        a minute.

        Gives back the rows that are given up instead, because this was their last attempt. Rows
        that no longer carry the token are left alone.
        """
        counts, put_off_for = 1, "0"
        if is_passing(error):
            counts = 0
            put_off_for = (
                f"least({LONGEST_PASSING.total_seconds():.0f},"
                f" extract(epoch from next_attempt_at - {self.owed}))"
            )
        rows = await database.rows(
            f"""
            update {self.table}
            set attempts = attempts + $1, last_error = $2,
                {self.state} = case when attempts + $1 < {ATTEMPTS} then {self.state}
                    else '{self.dead}' end,
                next_attempt_at = $3::timestamptz + {JITTER} * interval '1 second'
                    * least({self.longest_wait.total_seconds():.0f}, greatest({put_off_for},
                        {self.first_wait.total_seconds():.0f} * 2 ^ attempts)),
                lease_token = null, leased_until = null, leased_by = null
            where id = any($4) and lease_token = $5 and {self.state} = '{self.waiting}'
            returning id, {self.state} as state""",
            counts,
            _said(error),
            now,
            list(ids),
            token,
        )
        return [row["id"] for row in rows if row["state"] == self.dead]

    async def give_up(self, ids: Sequence[UUID], *, token: UUID, reason: str) -> None:
        """Declare dead at once what no further attempt can mend."""
        await database.execute(
            f"""
            update {self.table}
            set {self.state} = '{self.dead}', last_error = $1,
                lease_token = null, leased_until = null, leased_by = null
            where id = any($2) and lease_token = $3 and {self.state} = '{self.waiting}'""",
            reason,
            list(ids),
            token,
        )


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:2000]
