"""What is given up in each queue: how it is found, and how it is set going again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.operating.backlogs import BACKLOGS, Backlog, Queue
from models.exports import ExportFailure


@dataclass(frozen=True, kw_only=True)
class Dead:
    """The rows of a backlog that were given up.

    `kind` and `tenant` are SQL over it, and so is `stays`: what can't be set going any more. `anew`
    sets a row going again, `{now}` being its clock; None where a workflow does it.
    """

    prefix: str
    backlog: Backlog
    kind: str
    tenant: str | None = None
    stays: str = "false"
    anew: str | None = None
    most: int = 10_000


_ATTEMPTS = "attempts = 0, lease_token = null, leased_until = null, leased_by = null"

DEAD: Mapping[Queue, Dead] = {
    Queue.TIMERS: Dead(
        prefix="tmr",
        backlog=BACKLOGS[Queue.TIMERS],
        kind="kind",
        tenant="tenant_id",
        # As long due as ever, so that they come in the order in which they were.
        anew=f"state = 'SCHEDULED', next_attempt_at = least(due_at, {{now}}), {_ATTEMPTS}",
    ),
    Queue.TICKS: Dead(
        prefix="tck",
        backlog=BACKLOGS[Queue.TICKS],
        kind="name",
        anew=f"state = 'SCHEDULED', next_attempt_at = least(scheduled_for, {{now}}), {_ATTEMPTS}",
    ),
    Queue.MAILS: Dead(
        prefix="mai",
        backlog=BACKLOGS[Queue.MAILS],
        kind="template",
        tenant="tenant_id",
        anew=f"status = 'QUEUED', next_attempt_at = {{now}}, {_ATTEMPTS}",
    ),
    Queue.TEXTS: Dead(
        prefix="txt",
        backlog=BACKLOGS[Queue.TEXTS],
        kind="facts ->> 'name'",
        tenant="tenant_id",
        anew=f"status = 'QUEUED', next_attempt_at = {{now}}, {_ATTEMPTS}",
    ),
    Queue.DELIVERIES: Dead(
        prefix="whd",
        backlog=BACKLOGS[Queue.DELIVERIES],
        kind="type",
        tenant="(select partner_id from webhook_endpoint goal where goal.id = endpoint_id)",
        stays="exists (select from webhook_endpoint goal"
        " where goal.id = endpoint_id and goal.state = 'DELETED')",
        anew=f"state = 'WAITING', first_attempt_at = null, next_attempt_at = {{now}}, {_ATTEMPTS}",
    ),
    Queue.EXPORTS: Dead(
        prefix="exp",
        backlog=BACKLOGS[Queue.EXPORTS],
        kind="listing",
        tenant="tenant_id",
        stays=f"coalesce(failure = '{ExportFailure.RIGHT_LOST.value}', false)",
        most=500,
    ),
    Queue.UPSTREAM: Dead(
        prefix="upr",
        backlog=BACKLOGS[Queue.UPSTREAM],
        kind="operation",
        most=500,
    ),
}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which of them: these ids, or all for which everything holds that is said; `error` a piece."""

    ids: tuple[UUID, ...] | None = None
    kind: str | None = None
    partner_id: UUID | None = None
    due_from: datetime | None = None
    due_to: datetime | None = None
    error: str | None = None

    @property
    def is_all(self) -> bool:
        """Whether nothing is said."""
        return self.ids is None and not self.said()

    def said(self) -> dict[str, str]:
        """What the filter says, for the record."""
        told = {
            "kind": self.kind,
            "partner_id": self.partner_id and str(self.partner_id),
            "due_from": self.due_from and self.due_from.isoformat(),
            "due_to": self.due_to and self.due_to.isoformat(),
            "error": self.error,
        }
        return {name: str(value) for name, value in told.items() if value}

    def over(self, dead: Dead) -> tuple[str, list[Any]]:
        """The condition on the rows that were given up, and its values."""
        parts, values = [dead.backlog.dead], []
        given = (
            ("id = any({})", None if self.ids is None else list(self.ids)),
            (f"{dead.kind} = {{}}", self.kind),
            (f"{dead.tenant} = {{}}", self.partner_id),
            (f"{dead.backlog.owed} >= {{}}", self.due_from),
            (f"{dead.backlog.owed} < {{}}", self.due_to),
            ("strpos(lower(last_error), lower({}::text)) > 0", self.error),
        )
        for template, value in given:
            if value is not None:
                values.append(value)
                parts.append(template.format(f"${len(values)}"))
        return " and ".join(parts), values
