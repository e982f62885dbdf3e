"""Queries and mutations of webhooks."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.identity.permissions import describe, require
from domain.identity.viewer import Viewer
from domain.webhooks import endpoints, repeating, resting
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import webhook_changes as schema
from schema.webhooks import (
    WebhookDelivery,
    WebhookDeliveryFilter,
    WebhookDeliveryOrder,
    WebhookEndpoint,
    WebhookEndpointFilter,
    WebhookEndpointOrder,
)


def _may_list_endpoints(viewer: Viewer) -> None:
    require(viewer, "webhookEndpoints")


def _may_list_deliveries(viewer: Viewer) -> None:
    require(viewer, "webhookDeliveries")


@strawberry.type
class WebhookQuery:
    webhook_endpoint: WebhookEndpoint | None = root_one(
        "A webhook endpoint by its id; null when you may not see it.", prefix="whe"
    )
    webhook_endpoints: Connection[WebhookEndpoint] = root_connection(
        f"Where your events are sent. {describe('webhookEndpoints')}",
        filter=WebhookEndpointFilter,
        order=WebhookEndpointOrder,
        guard=_may_list_endpoints,
    )
    webhook_delivery: WebhookDelivery | None = root_one(
        "A delivery by its id; null when you may not see it.", prefix="whd"
    )
    webhook_deliveries: Connection[WebhookDelivery] = root_connection(
        "What was sent to your endpoints, or is to be, with every attempt."
        f" {describe('webhookDeliveries')}",
        filter=WebhookDeliveryFilter,
        order=WebhookDeliveryOrder,
        guard=_may_list_deliveries,
    )


@strawberry.type
class WebhookMutation:
    @mutation(
        "Make a webhook endpoint, told of what happens from now on; there may be ten. The secret is"
        " shown once.",
        schema.WebhookEndpointCreatePayload,
        requires=describe("webhookEndpointCreate"),
    )
    async def webhook_endpoint_create(
        self, viewer: Viewer, input: schema.WebhookEndpointCreateInput, now: datetime
    ) -> Outcome:
        made = await endpoints.create(
            viewer=viewer,
            url=input.url,
            types=input.types,
            description=input.description,
            now=now,
        )
        return Outcome(webhook_endpoint=made.endpoint.id, secret=made.secret)

    @mutation(
        "Change an endpoint. What waits goes to the new address; other types hold from now on.",
        schema.WebhookEndpointEditPayload,
        requires=describe("webhookEndpointEdit"),
    )
    async def webhook_endpoint_edit(
        self, viewer: Viewer, input: schema.WebhookEndpointEditInput, now: datetime
    ) -> Outcome:
        endpoint = await endpoints.edit(
            viewer=viewer,
            endpoint_id=_endpoint(input.id),
            expected_version=input.expected_version,
            url=input.url,
            types=input.types,
            description=input.description,
            now=now,
        )
        return Outcome(webhook_endpoint=endpoint.id)

    @mutation(
        "Send nothing to an endpoint for now; everything is kept.",
        schema.WebhookEndpointPausePayload,
        requires=describe("webhookEndpointPause"),
    )
    async def webhook_endpoint_pause(
        self, viewer: Viewer, input: schema.WebhookEndpointPauseInput, now: datetime
    ) -> Outcome:
        endpoint = await resting.pause(viewer=viewer, endpoint_id=_endpoint(input.id), now=now)
        return Outcome(webhook_endpoint=endpoint.id)

    @mutation(
        "Send to an endpoint again that was paused or disabled: what waits, and what came since.",
        schema.WebhookEndpointResumePayload,
        requires=describe("webhookEndpointResume"),
    )
    async def webhook_endpoint_resume(
        self, viewer: Viewer, input: schema.WebhookEndpointResumeInput, now: datetime
    ) -> Outcome:
        endpoint = await resting.resume(viewer=viewer, endpoint_id=_endpoint(input.id), now=now)
        return Outcome(webhook_endpoint=endpoint.id)

    @mutation(
        "Give an endpoint a new secret, shown once; for 24 hours of real time everything is signed"
        " by both. Done again within them, it ends the secret before the one that it replaces.",
        schema.WebhookSecretRotatePayload,
        requires=describe("webhookSecretRotate"),
    )
    async def webhook_secret_rotate(
        self, viewer: Viewer, input: schema.WebhookSecretRotateInput, now: datetime
    ) -> Outcome:
        made = await endpoints.rotate(viewer=viewer, endpoint_id=_endpoint(input.id), now=now)
        return Outcome(webhook_endpoint=made.endpoint.id, secret=made.secret)

    @mutation(
        "Send a `webhook.test` to an endpoint, once, even while it rests.",
        schema.WebhookEndpointTestPayload,
        requires=describe("webhookEndpointTest"),
    )
    async def webhook_endpoint_test(
        self, viewer: Viewer, input: schema.WebhookEndpointTestInput, now: datetime
    ) -> Outcome:
        delivery = await repeating.trial(viewer=viewer, endpoint_id=_endpoint(input.id), now=now)
        return Outcome(webhook_delivery=delivery.id)

    @mutation(
        "Delete an endpoint; what still waits for it is cancelled.",
        schema.WebhookEndpointDeletePayload,
        requires=describe("webhookEndpointDelete"),
    )
    async def webhook_endpoint_delete(
        self, viewer: Viewer, input: schema.WebhookEndpointDeleteInput, now: datetime
    ) -> Outcome:
        endpoint = await endpoints.delete(viewer=viewer, endpoint_id=_endpoint(input.id), now=now)
        return Outcome(deleted_id=ids.encode("whe", endpoint.id))

    @mutation(
        "Send a delivery again at once, with all attempts anew and the same `webhook-id`.",
        schema.WebhookDeliveryRetryPayload,
        requires=describe("webhookDeliveryRetry"),
    )
    async def webhook_delivery_retry(
        self, viewer: Viewer, input: schema.WebhookDeliveryRetryInput, now: datetime
    ) -> Outcome:
        delivery = await repeating.retry(
            viewer=viewer,
            delivery_id=ids.decode("whd", input.id, path=("input", "id")),
            now=now,
        )
        return Outcome(webhook_delivery=delivery.id)

    @mutation(
        "Send every event of a span of your log to an endpoint again, as far as its types want it;"
        " each with the `webhook-id` that it had.",
        schema.WebhookReplayPayload,
        requires=describe("webhookReplay"),
    )
    async def webhook_replay(
        self, viewer: Viewer, input: schema.WebhookReplayInput, now: datetime
    ) -> Outcome:
        replayed = await repeating.replay(
            viewer=viewer,
            endpoint_id=ids.decode("whe", input.endpoint_id, path=("input", "endpointId")),
            from_position=input.from_position,
            to_position=input.to_position,
            now=now,
        )
        return Outcome(webhook_endpoint=replayed.endpoint.id, delivery_count=replayed.deliveries)


def _endpoint(text: str) -> UUID:
    return ids.decode("whe", text, path=("input", "id"))
