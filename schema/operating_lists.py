"""How lists of timed work are narrowed and ordered."""

from enum import Enum
from typing import Any

import strawberry

from domain.operating.policy import LATE
from kit.reads import OrderDirection, flag, of_node, ordering, where, within
from kit.timers import TickState
from models.inbox import TextStatus
from models.notifications import MailStatus
from models.webhooks import DeliveryState
from schema import webhooks  # noqa: F401 -- which explains DeliveryState
from schema.enums import described
from schema.ranges import DateTimeRange

described(
    MailStatus,
    "Where a mail stands.",
    name="OpsMailStatus",
    QUEUED="It is to be sent, perhaps again.",
    SENT="The mail server has taken it.",
    DEAD="The mail server won't take it, or eight attempts have failed.",
    HELD="It waits for its reader's daily digest.",
    FOLDED="The digest of that day has what it says.",
)
described(
    TextStatus,
    "Where a text message stands.",
    name="OpsTextStatus",
    QUEUED="It is to be sent, perhaps again.",
    SENT="The gateway has taken it.",
    DEAD="The gateway won't take it, or eight attempts have failed.",
)
described(
    TickState,
    "Where a run of periodic work stands.",
    name="OpsTickStatus",
    SCHEDULED="It is to be done.",
    DONE="It is done.",
    DEAD="Eight attempts have failed.",
)

# Over {t}, a timer: 120 seconds, as `/healthz/jobs` has it.
_LATE_MS = int(LATE.total_seconds() * 1000)
IS_LATE = (
    f"case when {{t}}.lateness_ms is not null then {{t}}.lateness_ms > {_LATE_MS}"
    f" else {{t}}.state <> 'CANCELLED' and {{t}}.due_at"
    f" < {{now}} - interval '{LATE.total_seconds():.0f} seconds' end"
)
IS_PAUSED = (
    "exists (select from pause where pause.ended_at is null"
    " and (pause.kind = {t}.kind or pause.tenant_id = {t}.tenant_id))"
)
_ERROR = "strpos(lower({t}.last_error), lower({value}::text)) > 0"


def _partner(description: str) -> Any:
    return of_node("tenant_id", "ptn", description)


@strawberry.input(description="Which timers; all conditions together.")
class OpsTimerFilter:
    kind: str | None = where("{t}.kind = {value}", "Of this kind: `order.expire`.")
    partner_id: strawberry.ID | None = _partner("Of this partner.")
    due: DateTimeRange | None = within("due_at", "Due in this span.")
    is_due: bool | None = flag(
        "{t}.due_at <= {now}", "{t}.due_at > {now}", "Whether the time has come."
    )
    is_late: bool | None = flag(
        f"({IS_LATE})", f"not ({IS_LATE})", "Whether it is or was later than two minutes."
    )
    is_paused: bool | None = flag(IS_PAUSED, f"not {IS_PAUSED}", "Whether it is held by a pause.")
    error: str | None = where(_ERROR, "Whose last error has this piece of text.")


@strawberry.input(description="Which timers that fired; all conditions together.")
class OpsFiredTimerFilter:
    kind: str | None = where("{t}.kind = {value}", "Of this kind: `order.expire`.")
    partner_id: strawberry.ID | None = _partner("Of this partner.")
    due: DateTimeRange | None = within("due_at", "Due in this span.")
    fired: DateTimeRange | None = within("fired_at", "Fired in this span.")
    is_late: bool | None = flag(
        f"({IS_LATE})", f"not ({IS_LATE})", "Whether it came later than two minutes."
    )


@strawberry.enum(description="What timers that wait can be ordered by.")
class OpsTimerOrderField(Enum):
    """Names of columns."""

    NEXT_ATTEMPT_AT = strawberry.enum_value(
        "next_attempt_at", description="By when they fire, or are tried again."
    )


OpsTimerOrder = ordering(
    "How timers that wait are ordered.",
    OpsTimerOrderField.NEXT_ATTEMPT_AT,
    direction=OrderDirection.ASC,
)


@strawberry.input(description="Which runs of periodic work; all conditions together.")
class OpsTickFilter:
    name: str | None = where("{t}.name = {value}", "Of this work: `settlement`.")
    status: list[TickState] | None = where("{t}.state = any({value})", "In any of these statuses.")
    due: DateTimeRange | None = within("scheduled_for", "For a moment in this span.")


@strawberry.input(description="Which mails; all conditions together.")
class OpsMailFilter:
    dead: bool | None = flag(
        "{t}.status = 'DEAD'", "{t}.status <> 'DEAD'", "Whether they were given up."
    )
    status: list[MailStatus] | None = where(
        "{t}.status = any({value})", "In any of these statuses."
    )
    template: str | None = where("{t}.template = {value}", "Of this kind: `member_invitation`.")
    partner_id: strawberry.ID | None = _partner("Of this partner.")
    created: DateTimeRange | None = within("created_at", "Written in this span.")
    error: str | None = where(_ERROR, "Whose last error has this piece of text.")


@strawberry.input(description="Which text messages; all conditions together.")
class OpsTextFilter:
    dead: bool | None = flag(
        "{t}.status = 'DEAD'", "{t}.status <> 'DEAD'", "Whether they were given up."
    )
    status: list[TextStatus] | None = where(
        "{t}.status = any({value})", "In any of these statuses."
    )
    kind: str | None = where("{t}.facts ->> 'name' = {value}", "Telling of this: `statement.paid`.")
    partner_id: strawberry.ID | None = _partner("Of this partner.")
    created: DateTimeRange | None = within("created_at", "Written in this span.")
    error: str | None = where(_ERROR, "Whose last error has this piece of text.")


@strawberry.input(description="Which deliveries of webhooks; all conditions together.")
class OpsDeliveryFilter:
    dead: bool | None = flag(
        "{t}.state = 'FAILED'", "{t}.state <> 'FAILED'", "Whether they were given up."
    )
    status: list[DeliveryState] | None = where(
        "{t}.state = any({value})", "In any of these statuses."
    )
    type: str | None = where("{t}.type = {value}", "Of this type: `order.paid`.")
    endpoint_id: strawberry.ID | None = of_node("endpoint_id", "whe", "To this endpoint.")
    partner_id: strawberry.ID | None = of_node(
        "{t}.endpoint_id in (select whose.id from webhook_endpoint whose"
        " where whose.partner_id = {value})",
        "ptn",
        "Of this partner.",
    )
    created: DateTimeRange | None = within("created_at", "Begun in this span.")
    error: str | None = where(_ERROR, "Whose last error has this piece of text.")


@strawberry.input(description="Which pauses.")
class OpsPauseFilter:
    active: bool | None = flag(
        "{t}.ended_at is null", "{t}.ended_at is not null", "Whether they hold now."
    )
    kind: str | None = where("{t}.kind = {value}", "Of this kind.")
    partner_id: strawberry.ID | None = _partner("Of this partner.")
