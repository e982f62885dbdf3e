"""Managing webhooks: inputs and payloads."""

import strawberry

from domain.webhooks.endpoints import TooManyWebhookEndpoints
from kit.status import WrongStatus
from schema.inputs import expected_version, idempotency_key
from schema.payloads import made, payload, told
from schema.webhooks import WebhookDelivery, WebhookEndpoint

_SECRET = "The secret to check signatures with, `whsec_…`. It is shown once and never again."
_TYPES = "Of which events: `order.paid`, or `order.*` for all of a thing; up to 50, none means all."
_URL = (
    "Where to POST: `https://…` on the open internet; in a sandbox also `http://127.0.0.1:…`."
    " Redirects are not followed."
)


@strawberry.input(description="Make an endpoint.")
class WebhookEndpointCreateInput:
    url: str = strawberry.field(description=_URL)
    description: str | None = strawberry.field(
        default=None, description="What it is for, at most 200 characters."
    )
    types: list[str] = strawberry.field(default_factory=list, description=_TYPES)
    idempotency_key: str | None = idempotency_key()


@payload(errors=(TooManyWebhookEndpoints,))
class WebhookEndpointCreatePayload:
    webhook_endpoint: WebhookEndpoint | None = made("The new endpoint.")
    secret: str | None = told(_SECRET)


@strawberry.input(description="Change an endpoint; what is left out stays as it is.")
class WebhookEndpointEditInput:
    id: strawberry.ID = strawberry.field(description="The endpoint.")
    expected_version: int = expected_version()
    url: str | None = strawberry.field(default=None, description=_URL)
    description: str | None = strawberry.field(
        default=None, description="What it is for, at most 200 characters; empty for nothing."
    )
    types: list[str] | None = strawberry.field(default=None, description=_TYPES)
    idempotency_key: str | None = idempotency_key()


@payload(versioned=True)
class WebhookEndpointEditPayload:
    webhook_endpoint: WebhookEndpoint | None = made("The endpoint as it is now.")


@strawberry.input(description="Send nothing to an endpoint for now.")
class WebhookEndpointPauseInput:
    id: strawberry.ID = strawberry.field(description="The endpoint.")
    idempotency_key: str | None = idempotency_key()


@payload(errors=(WrongStatus,))
class WebhookEndpointPausePayload:
    webhook_endpoint: WebhookEndpoint | None = made("The endpoint, which rests.")


@strawberry.input(description="Send to an endpoint again.")
class WebhookEndpointResumeInput:
    id: strawberry.ID = strawberry.field(description="The endpoint.")
    idempotency_key: str | None = idempotency_key()


@payload(errors=(WrongStatus,))
class WebhookEndpointResumePayload:
    webhook_endpoint: WebhookEndpoint | None = made("The endpoint, which is sent to.")


@strawberry.input(description="Give an endpoint a new secret.")
class WebhookSecretRotateInput:
    id: strawberry.ID = strawberry.field(description="The endpoint.")
    idempotency_key: str | None = idempotency_key()


@payload()
class WebhookSecretRotatePayload:
    webhook_endpoint: WebhookEndpoint | None = made("The endpoint.")
    secret: str | None = told(_SECRET)


@strawberry.input(description="Try an endpoint out.")
class WebhookEndpointTestInput:
    id: strawberry.ID = strawberry.field(description="The endpoint.")
    idempotency_key: str | None = idempotency_key()


@payload()
class WebhookEndpointTestPayload:
    webhook_delivery: WebhookDelivery | None = made(
        "The delivery; its `log` has the attempt within seconds."
    )


@strawberry.input(description="Delete an endpoint.")
class WebhookEndpointDeleteInput:
    id: strawberry.ID = strawberry.field(description="The endpoint.")
    idempotency_key: str | None = idempotency_key()


@payload()
class WebhookEndpointDeletePayload:
    deleted_id: strawberry.ID | None = told("The endpoint that is gone.")


@strawberry.input(description="Send something again.")
class WebhookDeliveryRetryInput:
    id: strawberry.ID = strawberry.field(description="The delivery.")
    idempotency_key: str | None = idempotency_key()


@payload(errors=(WrongStatus,))
class WebhookDeliveryRetryPayload:
    webhook_delivery: WebhookDelivery | None = made("The delivery, which waits.")


@strawberry.input(description="Send a span of the log again.")
class WebhookReplayInput:
    endpoint_id: strawberry.ID = strawberry.field(description="To which endpoint.")
    from_position: int = strawberry.field(description="From this position on; 1 at least.")
    to_position: int = strawberry.field(
        description="Up to this position, which is included; 10,000 positions at most."
    )
    idempotency_key: str | None = idempotency_key()


@payload()
class WebhookReplayPayload:
    webhook_endpoint: WebhookEndpoint | None = made("The endpoint.")
    delivery_count: int | None = told("How many deliveries are on their way.")
