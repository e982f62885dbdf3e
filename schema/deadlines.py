"""Deadlines: when something falls due, what happens then, and whether it has."""

from enum import Enum
from typing import Any

import strawberry

from kit.reads import column, one, sql, table
from kit.scope import INHERITED
from models.timers import Timer
from schema.scalars import DateTime


@strawberry.enum(description="Where a deadline stands.")
class DeadlineStatus(Enum):
    """A timer's state, with what is due told from what is not."""

    SCHEDULED = strawberry.enum_value("SCHEDULED", description="Its time is still to come.")
    DUE = strawberry.enum_value(
        "DUE", description="Its time is over, so acting is refused; the outcome follows at once."
    )
    FIRED = strawberry.enum_value("FIRED", description="Its time came and the outcome took place.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="Somebody acted in time.")
    DEAD = strawberry.enum_value(
        "DEAD", description="The outcome failed again and again; operators have to look at it."
    )


@strawberry.enum(description="What happens when nobody acts in time.")
class TimeoutAction(Enum):
    """The outcomes that timers have."""

    EXPIRE = strawberry.enum_value("EXPIRE", description="It lapses.")
    REJECT = strawberry.enum_value("REJECT", description="Silence counts as a refusal.")
    ACCEPT = strawberry.enum_value("ACCEPT", description="Silence counts as a yes.")
    REMIND = strawberry.enum_value("REMIND", description="Somebody is reminded.")
    START = strawberry.enum_value("START", description="It comes into force.")


@table(
    Timer,
    prefix="tmr",
    scope=INHERITED,
    description="When something falls due. From that instant on acting is refused, whether or not"
    " the worker has come by already.",
)
class Deadline:
    """The timer of a subject, as a part of it."""

    due_at: DateTime = column("The instant from which it is too late.")
    remaining_seconds: int = sql(
        "greatest(0, least(2147483647, ceil(extract(epoch from {t}.due_at - {now}))))::int",
        "Whole seconds until `dueAt`, 0 once it is over.",
    )
    on_timeout: TimeoutAction = sql("{t}.on_timeout", "What happens when nobody acts in time.")
    status: DeadlineStatus = sql(
        "case when {t}.state = 'SCHEDULED' and {t}.due_at <= {now} then 'DUE' else {t}.state end",
        "Where it stands.",
    )
    fired_at: DateTime | None = column("When the outcome took place; null until then.")
    lateness_ms: int | None = sql(
        # least() alone would pass over a null and answer the limit.
        "case when {t}.lateness_ms is not null then least({t}.lateness_ms, 2147483647) end",
        "Milliseconds from `dueAt` to `firedAt`; null until it has fired.",
    )


def deadline_of(kind: str, description: str, *, on: str = "id") -> Any:
    """The timer of this kind that was set last for the row, or for what a column refers to."""
    return one(
        on,
        description,
        match="subject_id",
        where=f"{{t}}.kind = '{kind}'",
        newest="generation",
    )
