"""What operators do about timed work: inputs and payloads."""

import strawberry

from domain.operating.backlogs import Queue
from domain.operating.pausing import AlreadyPaused, NotPaused, WorkUnderWay
from kit.status import WrongStatus
from schema.inputs import idempotency_key
from schema.operating import OpsPause
from schema.payloads import made, payload, told
from schema.ranges import DateTimeRange

_REASON = "Why: up to 500 characters, kept in the event log."


@strawberry.input(description="Which of what was given up; all conditions together.")
class OpsDeadFilter:
    kind: str | None = strawberry.field(
        default=None,
        description="The kind of timer, the periodic work's name, the mail's template, the text"
        " message's or the webhook's type, the exported list, what another system was asked for.",
    )
    partner_id: strawberry.ID | None = strawberry.field(
        default=None, description="Of this partner; not for TICKS and UPSTREAM."
    )
    due: DateTimeRange | None = strawberry.field(
        default=None, description="Due in this span; begun, where nothing has a due time."
    )
    error: str | None = strawberry.field(
        default=None, description="Whose last error has this piece of text."
    )


@strawberry.input(description="What is to be tried again.")
class OpsRequeueInput:
    queue: Queue = strawberry.field(description="Of which queue.")
    ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="These, at most 100; else by `filter`."
    )
    filter: OpsDeadFilter | None = strawberry.field(
        default=None, description="All that meet these; at least one condition."
    )
    reason: str = strawberry.field(description=_REASON)
    dry_run: bool = strawberry.field(
        default=False, description="Only count, and change nothing; leaves no event."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="Something that was given up and is not tried again.")
class OpsSkipped:
    id: strawberry.ID = strawberry.field(description="Which one.")
    code: str = strawberry.field(
        description="Why: `SUBJECT_DECIDED` or `SUPERSEDED` for a timer that would have no effect"
        " (it is closed), `KIND_UNKNOWN`, `ENDPOINT_GONE`, `CREATOR_LOST_RIGHT`, `NOT_GIVEN_UP`."
    )
    message: str = strawberry.field(
        description="A sentence for a person, in the language of `Accept-Language`."
    )


@payload(errors=(WrongStatus,))
class OpsRequeuePayload:
    matched_count: int | None = told("How many were given up and meet the wish; null when refused.")
    requeued_count: int | None = told("How many are set going again, or would be by a dry run.")
    decided_count: int | None = told(
        "How many timers have nothing to do any more, since what they were about is decided: they"
        " are closed without effect, or would be."
    )
    left_count: int | None = told("How many are beyond what one call does: call again.")
    skipped: list[OpsSkipped] | None = told("The first 100 of those not tried again, with why.")


@strawberry.input(description="What is to be held: a kind or a partner.")
class OpsPauseInput:
    kind: str | None = strawberry.field(
        default=None, description="A kind of timers, or periodic work, by its name in `ops.kinds`."
    )
    partner_id: strawberry.ID | None = strawberry.field(
        default=None, description="All timers of this partner, instead of a kind."
    )
    reason: str = strawberry.field(description=_REASON)
    idempotency_key: str | None = idempotency_key()


@payload(errors=(AlreadyPaused, WorkUnderWay))
class OpsPausePayload:
    ops_pause: OpsPause | None = made("The pause, which holds from now on.")


@strawberry.input(description="Which pause is to end.")
class OpsResumeInput:
    id: strawberry.ID = strawberry.field(description="The pause.")
    reason: str = strawberry.field(description=_REASON)
    idempotency_key: str | None = idempotency_key()


@payload(errors=(NotPaused,))
class OpsResumePayload:
    ops_pause: OpsPause | None = made("The pause, which is over.")
