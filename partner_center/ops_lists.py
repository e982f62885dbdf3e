"""What `partner-center ops` lists."""

from dataclasses import dataclass
from typing import Annotated, Any

from cyclopts import Parameter

from partner_center.ops_app import (
    HOW,
    HOW_MANY,
    How,
    HowMany,
    app,
    asking,
    said,
    span_of,
    tell,
    tell_list,
)
from partner_center.ops_tables import Column, partner, plain, span

Flag = Annotated[bool, Parameter(negative="")]
PAUSE = "id kind partner { id name } reason begunBy createdAt endedAt endedBy endReason"


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which of what is sent.

    Parameters
    ----------
    dead
        Only those that were given up.
    partner
        Only those in the business of this partner: `ptn_…`.
    error
        Only those whose last error has this piece of text.
    """

    dead: bool | None = None
    partner: str | None = None
    error: str | None = None

    def said(self, **more: str | None) -> dict[str, Any]:
        """As the API's filters have it."""
        return said({"dead": self.dead, "partnerId": self.partner, "error": self.error} | more)


ALL = Wanted()
_TIMER = """id kind status dueAt nextAttemptAt attemptCount subjectId isLate isPaused wasPaused
  firedAt latenessMs leasedBy lastError partner { id name }"""
_WHOSE: list[Column] = [("partner", partner), *plain("subjectId")]
_LATENESS: Column = ("lateness", lambda row: span(row["latenessMs"]))


@app.command
def queues(*, how: How = HOW) -> None:
    """Every queue: what is due, in hand, dead, and since when the oldest waits."""
    with asking(how) as client:
        found = client.ask(
            "{ ops { queues { queue dueCount inHandCount deadCount oldestDueAt } } }"
        )
        tell(
            how,
            found["ops"]["queues"],
            plain("queue", "dueCount", "inHandCount", "deadCount", "oldestDueAt"),
        )


@app.command
def kinds(*, all: Flag = False, how: How = HOW) -> None:
    """The kinds of timers and the periodic work of which something is due, dead or paused.

    Parameters
    ----------
    all
        Those with nothing to tell as well.
    """
    with asking(how) as client:
        rows = client.ask(
            "{ ops { kinds { kind of dueCount deadCount oldestDueAt pausedSince } } }"
        )["ops"]["kinds"]
        rows = [
            row for row in rows if all or row["dueCount"] or row["deadCount"] or row["pausedSince"]
        ]
        names = ("kind", "of", "dueCount", "deadCount", "oldestDueAt", "pausedSince")
        tell(how, rows, plain(*names))


@app.command
def timers(
    *,
    dead: Flag = False,
    fired: Flag = False,
    due: bool | None = None,
    late: bool | None = None,
    paused: bool | None = None,
    kind: str | None = None,
    partner: str | None = None,
    due_from: str | None = None,
    due_to: str | None = None,
    error: str | None = None,
    how: HowMany = HOW_MANY,
) -> None:
    """Timers that wait, the next first.

    Parameters
    ----------
    dead
        Those that were given up instead.
    fired
        Those that had their effect instead, the latest first.
    due
        Only those whose time has come, also if they failed and are tried again.
    late
        Only those later than two minutes.
    paused
        Only those that a pause holds.
    kind
        Only this kind: `order.expire`.
    partner
        Only this partner's: `ptn_…`.
    due_from
        Only those due from this moment on: `2030-01-31T00:00:00Z`.
    due_to
        Only those due before this moment.
    error
        Only those whose last error has this piece of text.
    """
    wanted: dict[str, Any] = {"kind": kind, "partnerId": partner, "due": span_of(due_from, due_to)}
    if fired:
        field, type_name = "firedTimers", "OpsFiredTimerFilter"
        wanted |= {"isLate": late}
        columns = [
            *plain("id", "kind", "dueAt", "firedAt"),
            _LATENESS,
            *plain("wasPaused"),
            *_WHOSE,
        ]
    else:
        field, type_name = ("deadTimers" if dead else "timers"), "OpsTimerFilter"
        wanted |= {"isDue": due, "isLate": late, "isPaused": paused, "error": error}
        waits = () if dead else ("nextAttemptAt", "isPaused")
        columns = [
            *plain("id", "kind", "status", "dueAt", "attemptCount", *waits),
            *_WHOSE,
            *plain("lastError"),
        ]
    tell_list(how, field, _TIMER, (type_name, said(wanted)), columns)


@app.command
def ticks(*, dead: Flag = False, name: str | None = None, how: HowMany = HOW_MANY) -> None:
    """Runs of periodic work, the latest first.

    Parameters
    ----------
    dead
        Only those that were given up.
    name
        Only of this work: `settlement`.
    """
    wanted = said({"name": name, "status": ["DEAD"] if dead else None})
    selection = (
        "id name scheduledFor status nextAttemptAt attemptCount isPaused finishedAt lastError"
    )
    columns = plain(
        "id", "name", "scheduledFor", "status", "attemptCount", "finishedAt", "lastError"
    )
    tell_list(how, "ticks", selection, ("OpsTickFilter", wanted), columns)


@app.command
def mails(*, template: str | None = None, wanted: Wanted = ALL, how: HowMany = HOW_MANY) -> None:
    """Mails, the latest first.

    Parameters
    ----------
    template
        Only those that tell of this.
    """
    filter = wanted.said(template=template)
    selection = """id template recipient status attemptCount nextAttemptAt sentAt createdAt
      lastError partner { id name }"""
    columns = [
        *plain("id", "createdAt", "template", "recipient", "status", "attemptCount"),
        ("partner", partner),
        *plain("lastError"),
    ]
    tell_list(how, "mails", selection, ("OpsMailFilter", filter), columns)


@app.command
def texts(*, kind: str | None = None, wanted: Wanted = ALL, how: HowMany = HOW_MANY) -> None:
    """Text messages, the latest first.

    Parameters
    ----------
    kind
        Only those that tell of this: `statement.paid`.
    """
    filter = wanted.said(kind=kind)
    selection = """id kind recipient status attemptCount nextAttemptAt sentAt createdAt lastError
      partner { id name }"""
    columns = [
        *plain("id", "createdAt", "kind", "recipient", "status", "attemptCount"),
        ("partner", partner),
        *plain("lastError"),
    ]
    tell_list(how, "texts", selection, ("OpsTextFilter", filter), columns)


@app.command
def deliveries(*, type: str | None = None, wanted: Wanted = ALL, how: HowMany = HOW_MANY) -> None:
    """Webhooks on their way, the latest first.

    Parameters
    ----------
    type
        Only of this type: `order.paid`.
    """
    filter = wanted.said(type=type)
    names = (
        *("id", "createdAt", "type", "partnerId", "status"),
        *("attemptCount", "nextAttemptAt", "lastError"),
    )
    selection = f"endpointId position deliveredAt {' '.join(names)}"
    tell_list(how, "deliveries", selection, ("OpsDeliveryFilter", filter), plain(*names))


@app.command
def exports(*, dead: Flag = False, how: HowMany = HOW_MANY) -> None:
    """Exports of everybody, the latest first.

    Parameters
    ----------
    dead
        Only those that failed.
    """
    wanted = said({"status": ["FAILED"] if dead else None})
    names = (
        *("id", "createdAt", "listName", "creatorName", "status"),
        *("rowsDone", "attemptCount", "failure"),
    )
    selection = f"startedAt finishedAt {' '.join(names)}"
    tell_list(how, "exports", selection, ("ExportFilter", wanted), plain(*names))


@app.command
def pauses(*, all: Flag = False, how: HowMany = HOW_MANY) -> None:
    """What is held now.

    Parameters
    ----------
    all
        What was held, too.
    """
    wanted = said({"active": None if all else True})
    columns = [
        *plain("id", "createdAt", "kind"),
        ("partner", partner),
        *plain("begunBy", "endedAt", "reason"),
    ]
    tell_list(how, "pauses", PAUSE, ("OpsPauseFilter", wanted), columns)
