"""Webhooks as the API shows them: endpoints, deliveries, attempts."""

from enum import Enum
from typing import Annotated

import strawberry

from domain.webhooks import guards
from domain.webhooks.policy import DELIVERIES, ENDPOINTS
from kit.reads import (
    Connection,
    Node,
    column,
    connection,
    items,
    of_node,
    one,
    ordering,
    sql,
    table,
    where,
    within,
)
from kit.scope import INHERITED
from models import webhooks as models
from models.webhooks import DeliveryState, DisabledReason, EndpointState
from schema.actions import AvailableAction, available
from schema.enums import described
from schema.events import Event, happened
from schema.ranges import DateTimeRange
from schema.scalars import DateTime

described(
    EndpointState,
    "Where a webhook endpoint stands.",
    name="EndpointStatus",
    ACTIVE="Events are sent to it.",
    PAUSED="By your wish nothing is sent; everything is kept until you resume it.",
    DISABLED="Nothing is sent since it has failed; everything is kept until you resume it.",
    DELETED="It is gone.",
)
described(
    DisabledReason,
    "Why nothing is sent to an endpoint any more.",
    GONE="It has answered 410 Gone.",
    FAILING="A delivery has failed ten times in more than 75 hours, in which nothing else arrived.",
)
described(
    DeliveryState,
    "Where a delivery stands.",
    name="DeliveryStatus",
    WAITING="It is to be sent, perhaps again.",
    DELIVERED="The endpoint has answered with a 2xx status.",
    FAILED="It was tried ten times, or once if it is only a test; nothing happens by itself.",
    CANCELLED="Its endpoint was deleted before it arrived.",
)


@strawberry.input(description="Which deliveries; all conditions together.")
class WebhookDeliveryFilter:
    """Conditions over indexed columns."""

    endpoint_id: strawberry.ID | None = of_node("endpoint_id", "whe", "To this endpoint.")
    status: list[DeliveryState] | None = where(
        "{t}.state = any({value})", "In any of these statuses."
    )
    event_id: strawberry.ID | None = of_node("event_id", "evt", "Of this event.")
    created: DateTimeRange | None = within("created_at", "Begun in this span.")


@strawberry.enum(description="What deliveries can be ordered by.")
class WebhookDeliveryOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were begun.")


WebhookDeliveryOrder = ordering("How deliveries are ordered.", WebhookDeliveryOrderField.CREATED_AT)


@strawberry.enum(description="What webhook endpoints can be ordered by.")
class WebhookEndpointOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were made.")


WebhookEndpointOrder = ordering(
    "How webhook endpoints are ordered.", WebhookEndpointOrderField.CREATED_AT
)


@strawberry.input(description="Which webhook endpoints.")
class WebhookEndpointFilter:
    """Conditions over indexed columns."""

    status: list[EndpointState] | None = where(
        "{t}.state = any({value})", "In any of these statuses."
    )


@table(
    models.WebhookAttempt,
    prefix="wha",
    scope=INHERITED,
    description="One try to deliver. Its times are real time, also in a sandbox.",
)
class WebhookAttempt:
    """Part of a delivery."""

    number: int = column("1, 2, 3 …")
    created_at: DateTime = column("When it began.")
    status_code: int | None = column("The HTTP status; null when there was no answer.")
    milliseconds: int = column("How long it took.")
    answer: str | None = column("The first 500 characters of the answer.")
    error: str | None = column(
        "Why it didn't count; null when it did. `INTERNAL: …` is a fault of ours: nothing was sent,"
        " and the endpoint isn't blamed."
    )


@table(
    models.WebhookDelivery,
    prefix="whd",
    scope=DELIVERIES,
    description="One event on its way to one endpoint. All attempts carry the same `webhook-id`,"
    " which is the event's id. Its times are real time, also in a sandbox.",
)
class WebhookDelivery(Node):
    endpoint: Annotated["WebhookEndpoint", strawberry.lazy("schema.webhooks")] | None = one(
        "endpoint_id", "Where it goes."
    )
    event: Event | None = one("event_id", "What it tells; null for a test.")
    position: int | None = column("The event's place in the log; null for a test.")
    type: str = column("The event's name, or `webhook.test`.")
    status: DeliveryState = column("Where it stands.", "state")
    attempt_count: int = column("Attempts since it was begun, or begun anew.", "attempts")
    next_attempt_at: DateTime | None = sql(
        "case when {t}.state = 'WAITING' and ({t}.event_id is null or exists ("
        "select from webhook_endpoint goal where goal.id = {t}.endpoint_id"
        " and goal.state = 'ACTIVE')) then {t}.next_attempt_at end",
        "When it is tried next; null unless it waits, and while its endpoint rests.",
    )
    delivered_at: DateTime | None = column("When it arrived last; null if it never has.")
    last_error: str | None = column("Why the last attempt didn't count; null if it did.")
    created_at: DateTime = column("When it was begun, by business time.")
    log: list[WebhookAttempt] = items(
        "delivery_id", "Its attempts, the latest first.", order="number desc", limit=50
    )
    available_actions: list[AvailableAction] = available(guards.DELIVERY_ACTIONS, guards.COLUMNS)


@table(
    models.WebhookEndpoint,
    prefix="whe",
    scope=ENDPOINTS,
    description="An address that is told of each event in your log, signed as the Standard Webhooks"
    " say. For administrators.",
)
class WebhookEndpoint(Node):
    url: str = column("Where it is.")
    description: str = column("What it is for; empty where nobody has said.")
    types: list[str] = column(
        "Which events it is told of: `order.paid`, or `order.*` for all of a thing; none: all."
    )
    status: EndpointState = column("Where it stands.", "state")
    disabled_reason: DisabledReason | None = column("Why nothing is sent any more; else null.")
    disabled_at: DateTime | None = column("Since when nothing is sent any more; else null.")
    position: int = column("Up to which position of your log deliveries were made for it.")
    failure_count: int = column(
        "Attempts that have failed since the last that arrived.", "failures"
    )
    failing_since: DateTime | None = column(
        "Since when, in real time; null if the last attempt has arrived."
    )
    previous_secret_until: DateTime | None = sql(
        "case when {t}.previous_until > now() then {t}.previous_until end",
        "Until when, in real time, all is also signed by the secret before the last rotation.",
    )
    created_at: DateTime = column("When it was made.")
    version: int = column("Rises with every change; for `expectedVersion`.")
    deliveries: Connection[WebhookDelivery] = connection(
        "endpoint_id",
        "What was sent, or is to be.",
        filter=WebhookDeliveryFilter,
        order=WebhookDeliveryOrder,
    )
    available_actions: list[AvailableAction] = available(guards.ENDPOINT_ACTIONS, guards.COLUMNS)
    history: Connection[Event] = happened("What happened to it.")
