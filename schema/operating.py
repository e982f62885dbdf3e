"""Timed work as operators see it: what waits, what came late, what was given up, what is held."""

from typing import Any

import strawberry

from domain.operating import kinds
from domain.operating.backlogs import Queue
from domain.operating.policy import ALL
from domain.operating.standing import KindOf
from kit import ids
from kit.masking import EMAIL, PHONE
from kit.reads import Connection, Node, column, computed, one, sql, table
from kit.timers import TickState
from models import operating as models
from models.inbox import TextMessage, TextStatus
from models.notifications import Mail, MailStatus
from models.timers import Tick, Timer
from models.webhooks import DeliveryState, WebhookDelivery
from schema.deadlines import DeadlineStatus
from schema.enums import described
from schema.events import Event, happened
from schema.operating_lists import IS_LATE, IS_PAUSED
from schema.partners import Partner
from schema.personal import contact
from schema.scalars import DateTime

described(
    Queue,
    "Work that waits in rows until a worker does it.",
    name="OpsQueueKind",
    TIMERS="Deadlines.",
    TICKS="Runs of periodic work.",
    MAILS="Mails.",
    TEXTS="Text messages.",
    DELIVERIES="Webhooks on their way.",
    EXPORTS="Files to be made.",
    UPSTREAM="Requests to other systems.",
)
described(
    KindOf,
    "What a kind is a kind of.",
    name="OpsKindOf",
    TIMER="Of deadlines.",
    TICK="Periodic work, by its name.",
)

# The pause may be over when the timer fires; it was late by it all the same.
_WAS_PAUSED = (
    "exists (select from pause where pause.created_at < coalesce({t}.fired_at, {now})"
    " and coalesce(pause.ended_at, {now}) >= {t}.due_at"
    " and (pause.kind = {t}.kind or pause.tenant_id = {t}.tenant_id))"
)


def _subject(row: Any, _request: Any) -> str | None:
    prefix = kinds.prefix_of(row.kind)
    return None if prefix is None else ids.encode(prefix, row.subject_id)


def _least(column: str) -> str:
    return f"case when {{t}}.{column} is not null then least({{t}}.{column}, 2147483647) end"


@table(
    Timer,
    prefix="tmr",
    scope=ALL,
    description="A deadline as a worker has it. What it is about shows it as `deadline`.",
)
class OpsTimer(Node):
    kind: str = column("What happens: `order.expire`.")
    partner: Partner | None = one("tenant_id", "Whose it is; null for the platform's.")
    subject_id: str | None = computed(
        _subject, ("kind", "subject_id"), "What it is about; null for what has no type."
    )
    on_timeout: str = column("In a word, what comes of it when nobody acts.")
    generation: int = column("Rises when the deadline is set anew.")
    status: DeadlineStatus = sql(
        "case when {t}.state = 'SCHEDULED' and {t}.due_at <= {now} then 'DUE' else {t}.state end",
        "Where it stands.",
    )
    due_at: DateTime = column("When it is due; no attempt moves it.")
    next_attempt_at: DateTime = column("When it fires, or is tried next; later than due by errors.")
    attempt_count: int = column(
        "How often its effect has failed, connections and deadlocks apart.", "attempts"
    )
    last_error: str | None = column("Why it failed last.")
    leased_by: str | None = column("Which worker has it in hand.")
    leased_until: DateTime | None = column("Until when `leasedBy` has it, in real time.")
    fired_at: DateTime | None = column("When it had its effect.")
    lateness_ms: int | None = sql(
        _least("lateness_ms"),
        "How long after `dueAt` it had its effect, in milliseconds; null until it has.",
    )
    is_late: bool = sql(f"({IS_LATE})", "Whether it is, or was, later than two minutes.")
    is_paused: bool = sql(
        f"({{t}}.state = 'SCHEDULED' and {IS_PAUSED})", "Whether a pause holds it."
    )
    was_paused: bool = sql(
        _WAS_PAUSED, "Whether a pause held it after it was due, so that its lateness was wished."
    )
    created_at: DateTime = column("When it was set first.")


@table(Tick, prefix="tck", scope=ALL, description="A run of periodic work, for one moment.")
class OpsTick(Node):
    name: str = column("Which work: `settlement`.")
    scheduled_for: DateTime = column("For which moment.")
    status: TickState = column("Where it stands.", "state")
    next_attempt_at: DateTime = column("When it runs, or is tried next.")
    attempt_count: int = column("How often it has failed.", "attempts")
    last_error: str | None = column("Why it failed last.")
    leased_by: str | None = column("Which worker has it in hand.")
    leased_until: DateTime | None = column("Until when `leasedBy` has it, in real time.")
    finished_at: DateTime | None = column("When it was done.")
    is_paused: bool = sql(
        "({t}.state = 'SCHEDULED' and exists (select from pause"
        " where pause.ended_at is null and pause.kind = {t}.name))",
        "Whether a pause holds it.",
    )


@table(Mail, prefix="mai", scope=ALL, description="A mail; what it says is made when it is sent.")
class OpsMail(Node):
    template: str = column("What it tells of: `member_invitation`.")
    recipient: str = contact("recipient", EMAIL, "To whom.")
    partner: Partner | None = one("tenant_id", "In whose business; null for the platform's.")
    status: MailStatus = column("Where it stands.")
    attempt_count: int = column("How often it could not be sent.", "attempts")
    next_attempt_at: DateTime = column("When it is sent, or tried next.")
    last_error: str | None = column("Why it could not be sent last.")
    sent_at: DateTime | None = column("When the mail server took it.")
    created_at: DateTime = column("When it was written.")


@table(
    TextMessage,
    prefix="txt",
    scope=ALL,
    description="A text message; what it says is made when it is sent.",
)
class OpsText(Node):
    kind: str = sql("{t}.facts ->> 'name'", "What it tells of: `statement.paid`.")
    recipient: str = contact("recipient", PHONE, "To which phone.")
    partner: Partner | None = one("tenant_id", "In whose business; null for the platform's.")
    status: TextStatus = column("Where it stands.")
    attempt_count: int = column("How often it could not be sent.", "attempts")
    next_attempt_at: DateTime = column("When it is sent, or tried next.")
    last_error: str | None = column("Why it could not be sent last.")
    sent_at: DateTime | None = column("When the gateway took it.")
    created_at: DateTime = column("When it was written.")


@table(
    WebhookDelivery,
    prefix="whd",
    scope=ALL,
    description="A webhook on its way to a partner's endpoint; the partner sees it as"
    " `webhookDelivery`, with every attempt.",
)
class OpsDelivery:
    id: strawberry.ID = sql("'whd_' || replace({t}.id::text, '-', '')", "The delivery's id.")
    endpoint_id: strawberry.ID = sql(
        "'whe_' || replace({t}.endpoint_id::text, '-', '')", "Where it goes."
    )
    partner_id: strawberry.ID = sql(
        "(select 'ptn_' || replace(whose.partner_id::text, '-', '') from webhook_endpoint whose"
        " where whose.id = {t}.endpoint_id)",
        "The partner whose endpoint it goes to.",
    )
    type: str = column("The event's name, or `webhook.test`.")
    position: int | None = column("The event's place in the partner's log.")
    status: DeliveryState = column("Where it stands.", "state")
    attempt_count: int = column("Attempts since it was begun, or begun anew.", "attempts")
    next_attempt_at: DateTime = column("When it is tried next while it waits, in real time.")
    delivered_at: DateTime | None = column("When it arrived last, in real time.")
    last_error: str | None = column("Why the last attempt didn't count.")
    created_at: DateTime = column("When it was begun.")


@table(
    models.Pause,
    prefix="pau",
    scope=ALL,
    description="Timed work that is, or was, held. Deadlines hold all the same: what is overdue is"
    " refused and reads as lapsed; only what a worker does about it waits, and comes late.",
)
class OpsPause(Node):
    kind: str | None = column("The kind of timers, or the periodic work; null for a partner's.")
    partner: Partner | None = one("tenant_id", "Whose timers; null for those of a kind.")
    reason: str = column("Why it was held.")
    begun_by: str = column("Who has held it.")
    created_at: DateTime = column("Since when it is, or was, held.")
    ended_at: DateTime | None = column("Until when; null while it holds.")
    ended_by: str | None = column("Who ended it.")
    end_reason: str | None = column("Why it was ended.")
    history: Connection[Event] = happened("Who held it and let it go.")


@strawberry.type(description="How a queue stands.")
class OpsQueue:
    queue: Queue = strawberry.field(description="Which one.")
    due_count: int = strawberry.field(description="How much is to be done by now.")
    in_hand_count: int = strawberry.field(
        description="How much of what is due a worker has in hand."
    )
    dead_count: int = strawberry.field(
        description="How much was given up; `opsRequeue` tries again."
    )
    oldest_due_at: DateTime | None = strawberry.field(
        description="Since when the oldest of what is due has waited; null for nothing."
    )


@strawberry.type(description="How one kind of timed work stands.")
class OpsKind:
    kind: str = strawberry.field(description="The kind of timers, or the name of periodic work.")
    of: KindOf = strawberry.field(
        description="Whether `kind` is one of deadlines or periodic work."
    )
    due_count: int = strawberry.field(description="How many are to fire, or to run, by now.")
    dead_count: int = strawberry.field(description="How many were given up.")
    oldest_due_at: DateTime | None = strawberry.field(
        description="Since when the oldest of them is due; null for none."
    )
    paused_since: DateTime | None = strawberry.field(
        description="Since when a pause holds the kind; null for no pause."
    )


@strawberry.type(description="How late the timers of a kind were that fired in a span.")
class OpsLateness:
    kind: str = strawberry.field(description="The kind.")
    fired_count: int = strawberry.field(description="How many fired.")
    late_count: int = strawberry.field(description="How many fired later than two minutes.")
    p50_ms: int = strawberry.field(description="Half were no later than this, in milliseconds.")
    p99_ms: int = strawberry.field(
        description="99 of 100 were no later than this, in milliseconds."
    )
    max_ms: int = strawberry.field(description="None was later than this, in milliseconds.")


@strawberry.type(description="What came late of one kind.")
class OpsLateKind:
    kind: str = strawberry.field(description="The kind.")
    late_count: int = strawberry.field(description="How many came late in the span.")
    waiting_count: int = strawberry.field(description="How many are late now and haven't come yet.")
    partner_count: int = strawberry.field(
        description="Of how many partners they are, the platform being one."
    )
    first_due_at: DateTime = strawberry.field(
        description="When the first of its late ones was due."
    )
    last_due_at: DateTime = strawberry.field(description="When the last of its late ones was due.")
    caught_up_at: DateTime | None = strawberry.field(
        description="When the last of its late ones came; null if none has yet."
    )
    max_ms: int = strawberry.field(description="How late the latest is, in milliseconds.")


@strawberry.type(description="What an outage, or a pause, has made late.")
class OpsLateReport:
    late_count: int = strawberry.field(description="How many came late in the span.")
    waiting_count: int = strawberry.field(description="How many are late now and haven't come yet.")
    first_due_at: DateTime | None = strawberry.field(
        description="When the first of them was due: about when it began; null for none."
    )
    caught_up_at: DateTime | None = strawberry.field(
        description="When the last of them came: about when it was over; null for none."
    )
    kinds: list[OpsLateKind] = strawberry.field(description="By kind, the latest first.")
