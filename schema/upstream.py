"""What other systems are asked, as the platform's people see it, and how a simulator behaves."""

from enum import Enum

import strawberry

from domain.sandbox.clock import SandboxOnly
from domain.upstream import operating
from domain.upstream.policy import REQUESTS
from kit.reads import (
    Connection,
    Node,
    column,
    items,
    made,
    ordering,
    table,
    where,
    within,
)
from kit.scope import INHERITED
from kit.status import WrongStatus
from models import upstream as models
from models.upstream import Behaviour, RequestState, System
from schema.actions import AvailableAction, available
from schema.enums import described
from schema.events import Event, happened
from schema.inputs import idempotency_key
from schema.payloads import payload, told
from schema.ranges import DateTimeRange
from schema.scalars import DateTime, Duration

described(
    System,
    "A system behind the product.",
    name="UpstreamSystem",
    PROVISIONING="Opens and closes what customers have bought.",
    ONLINE_PAYMENT="Takes money from customers' cards and wallets.",
    BANK="Transfers money to accounts.",
    METERING="Tells what was used.",
    CRM="Where the platform's account managers work.",
    FINANCE="The vendor's finance system, which makes payment sheets.",
)
described(
    RequestState,
    "Where a request to another system stands.",
    name="UpstreamRequestStatus",
    WAITING="It is to be sent, perhaps again; without an adapter it stays so.",
    SENT="The system has taken it and hasn't answered yet.",
    ANSWERED="It is done, by the last answer.",
    FAILED="It can't be done, by the last answer.",
    DEAD="The system could not be reached, or never answered: people have to look at it.",
)
described(
    Behaviour,
    "How the simulator answers in the place of a system.",
    name="UpstreamBehaviour",
    PROMPT="With a yes.",
    LATE="With a yes; `after` says how late.",
    TWICE="With the same yes twice.",
    ERROR="With a failure.",
    ERROR_AFTER="With a yes, and five minutes later with a failure.",
    NEVER="Not at all.",
    REFUSES_CONNECTION="It doesn't even take the request.",
)


@strawberry.input(description="Which requests to other systems; all conditions together.")
class UpstreamRequestFilter:
    """Conditions over indexed columns."""

    system: list[System] | None = where("{t}.system = any({value})", "To one of these systems.")
    status: list[RequestState] | None = where(
        "{t}.state = any({value})", "In any of these statuses."
    )
    operation: str | None = where("{t}.operation = {value}", "For exactly this operation.")
    created: DateTimeRange | None = within("created_at", "Asked in this span.")


@strawberry.enum(description="What requests to other systems can be ordered by.")
class UpstreamRequestOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were asked.")


UpstreamRequestOrder = ordering(
    "How requests to other systems are ordered.", UpstreamRequestOrderField.CREATED_AT
)


@table(
    models.UpstreamAnswer,
    prefix="uan",
    scope=INHERITED,
    description="What a system has said to a request. The same said again is counted.",
)
class UpstreamAnswer:
    """Part of a request."""

    ok: bool = column("Whether it is done.")
    reference: str | None = column("What the system calls what it did.")
    code: str | None = column("Why it can't be done, in the system's word.")
    heard_count: int = column("How often it was said.", "heard")
    created_at: DateTime = column("When it was said first.")
    last_heard_at: DateTime = column("When it was said last.")


@table(
    models.UpstreamRequest,
    prefix="upr",
    scope=REQUESTS,
    description="Something that another system was asked for. It goes out with its id, and goes out"
    " again while nobody answers; what was answered last counts.",
)
class UpstreamRequest(Node):
    """A-25."""

    system: System = column("Who is asked.")
    operation: str = column("For what: `open`, `transfer` …")
    subject_type: str = column("For what kind of thing: `order_line`.")
    status: RequestState = column("Where it stands.", "state")
    attempt_count: int = column(
        "Attempts to reach the system since it was reached last.", "attempts"
    )
    asked_count: int = column("How often it was reached.", "askings")
    next_attempt_at: DateTime = column("When it goes out next, while it waits.")
    last_error: str | None = column("Why it could not be sent.")
    sent_at: DateTime | None = column("When it was sent last.")
    answered_at: DateTime | None = column("When it was answered last.")
    reference: str | None = column("What the system calls what it did.")
    code: str | None = column("Why it can't be done, or was given up.")
    created_at: DateTime = column("When it was asked.")
    answers: list[UpstreamAnswer] = items(
        "request_id", "What was answered, in order.", order="created_at, id", limit=50
    )
    available_actions: list[AvailableAction] = available(operating.ACTIONS, operating.COLUMNS)
    history: Connection[Event] = happened("What people and alarms did about it.")


@strawberry.input(description="Which request is to be sent again.")
class UpstreamRequestRetryInput:
    id: strawberry.ID = strawberry.field(description="The request, which is DEAD.")
    idempotency_key: str | None = idempotency_key()


@payload(errors=(WrongStatus,))
class UpstreamRequestRetryPayload:
    upstream_request: UpstreamRequest | None = made("The request, which waits now.")


@strawberry.input(description="What a system has answered by other ways.")
class UpstreamAnswerRecordInput:
    id: strawberry.ID = strawberry.field(description="To which request.")
    ok: bool = strawberry.field(description="Whether it is done.")
    reference: str | None = strawberry.field(
        default=None, description="What the system calls what it did."
    )
    code: str | None = strawberry.field(
        default=None, description="Why it can't be done; needed then, and only then."
    )
    idempotency_key: str | None = idempotency_key()


@payload(errors=(WrongStatus,))
class UpstreamAnswerRecordPayload:
    upstream_request: UpstreamRequest | None = made("The request with its answer.")


@strawberry.input(description="How the simulator is to answer in the place of a system.")
class SandboxUpstreamSetInput:
    system: System = strawberry.field(description="In the place of which system.")
    behaviour: Behaviour = strawberry.field(description="How it answers from now on.")
    after: Duration | None = strawberry.field(
        default=None, description="How long it takes to answer, in whole seconds; none by default."
    )
    idempotency_key: str | None = idempotency_key()


@payload(errors=(SandboxOnly,))
class SandboxUpstreamSetPayload:
    behaviour: Behaviour | None = told("How it answers from now on; null when it was refused.")
