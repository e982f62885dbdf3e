"""The rows that wait for a worker: where they are, which of them are due, and which were given up.

Whoever tells how work stands (operators' lists, metrics, the health check) asks by these texts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kit.leases import LONGEST_WAIT


class Queue(StrEnum):
    """Work that waits in rows."""

    TIMERS = "TIMERS"
    TICKS = "TICKS"
    MAILS = "MAILS"
    TEXTS = "TEXTS"
    DELIVERIES = "DELIVERIES"
    EXPORTS = "EXPORTS"
    UPSTREAM = "UPSTREAM"


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """A queue's rows in `table`, as SQL over it: those that wait, that run, and were given up.

    `owed` is the moment from which a row should be done. `next_attempt_at`, when it may be tried
    (again), is business time, or wall time where it goes `by_wall`.
    """

    table: str
    waits: str
    dead: str
    owed: str
    runs: str = "false"
    by_wall: bool = False

    def ready(self, what: str, *, now: str) -> str:
        """The query of `what` from the rows that may be tried at `now`."""
        return f"select {what} from {self.table} where {self.waits} and next_attempt_at <= {now}"

    def unfinished(self, what: str, *, now: str) -> str:
        """As `ready`, with those that run: they are due until they are done."""
        unfinished = f"({self.waits} or {self.runs})"
        return f"select {what} from {self.table} where {unfinished} and next_attempt_at <= {now}"

    def late(self, what: str, *, now: str) -> str:
        """As `ready`, and what failed and is tried again stays due; it was owed before `now`."""
        wait = f"interval '{LONGEST_WAIT.total_seconds():.0f} seconds'"
        until = f"{now}::timestamptz + {wait}"
        return f"{self.ready(what, now=until)} and {self.owed} <= {now}"

    def given_up(self, what: str) -> str:
        """The query of `what` from the rows that nobody tries again."""
        return f"select {what} from {self.table} where {self.dead}"


BACKLOGS: Mapping[Queue, Backlog] = {
    Queue.TIMERS: Backlog(
        table="timer", waits="state = 'SCHEDULED'", dead="state = 'DEAD'", owed="due_at"
    ),
    Queue.TICKS: Backlog(
        table="tick", waits="state = 'SCHEDULED'", dead="state = 'DEAD'", owed="scheduled_for"
    ),
    Queue.MAILS: Backlog(
        table="mail", waits="status = 'QUEUED'", dead="status = 'DEAD'", owed="created_at"
    ),
    Queue.TEXTS: Backlog(
        table="text_message", waits="status = 'QUEUED'", dead="status = 'DEAD'", owed="created_at"
    ),
    Queue.DELIVERIES: Backlog(
        table="webhook_delivery",
        # What rests at a paused endpoint is kept, and due to nobody.
        waits="state = 'WAITING' and exists (select from webhook_endpoint goal"
        " where goal.id = endpoint_id and goal.state = 'ACTIVE')",
        dead="state = 'FAILED'",
        owed="created_at",
        by_wall=True,
    ),
    Queue.EXPORTS: Backlog(
        table="export",
        waits="state = 'QUEUED'",
        runs="state = 'RUNNING'",
        dead="state = 'FAILED'",
        owed="created_at",
    ),
    Queue.UPSTREAM: Backlog(
        table="upstream_request",
        waits="state = 'WAITING'",
        dead="state = 'DEAD'",
        owed="created_at",
    ),
}
