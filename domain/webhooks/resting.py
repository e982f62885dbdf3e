"""Endpoints that rest: by their owner's wish, because they said so, or because nothing arrives."""

from datetime import datetime, timedelta
from uuid import UUID

from domain.identity.holders import holders
from domain.identity.items import Item
from domain.identity.permissions import require
from domain.identity.viewer import SYSTEM, Viewer
from domain.notifications import mail
from domain.webhooks.endpoints import locked, record
from domain.webhooks.guards import can_pause, can_resume, is_in
from kit import clock, database
from kit.guards import refuse
from kit.transaction import transactional
from models.webhooks import DisabledReason, EndpointState, WebhookEndpoint

# A delivery has failed for good by then, and nothing else has arrived in all that time.
PATIENCE = timedelta(hours=75)


@transactional
async def pause(*, viewer: Viewer, endpoint_id: UUID, now: datetime) -> WebhookEndpoint:
    """Send nothing for now; everything is kept for later. Raises WrongStatus."""
    require(viewer, "webhookEndpointPause")
    endpoint = await locked(viewer, endpoint_id, now)
    refuse(can_pause(endpoint, viewer, now))
    endpoint.state = endpoint.state.to(EndpointState.PAUSED)
    endpoint.version += 1
    await endpoint.save(update_fields=["state", "version"])
    await record("paused", endpoint, viewer=viewer, now=now)
    return endpoint


@transactional
async def resume(*, viewer: Viewer, endpoint_id: UUID, now: datetime) -> WebhookEndpoint:
    """Send again, at once and with all attempts anew: what waits and what came meanwhile.

    Raises WrongStatus for one that doesn't rest.
    """
    require(viewer, "webhookEndpointResume")
    endpoint = await locked(viewer, endpoint_id, now)
    refuse(can_resume(endpoint, viewer, now))
    endpoint.state = endpoint.state.to(EndpointState.ACTIVE)
    endpoint.update_from_dict({"disabled_reason": None, "disabled_at": None})
    endpoint.failures = 0
    endpoint.failing_since = None
    endpoint.version += 1
    await endpoint.save(
        update_fields=[
            "state",
            "disabled_reason",
            "disabled_at",
            "failures",
            "failing_since",
            "version",
        ]
    )
    await database.execute(
        """
        update webhook_delivery set attempts = 0, first_attempt_at = null, next_attempt_at = $2
        where endpoint_id = $1 and state = 'WAITING'""",
        endpoint.id,
        clock.wall(),
    )
    await record("resumed", endpoint, viewer=viewer, now=now)
    return endpoint


async def disable(endpoint: WebhookEndpoint, why: DisabledReason, *, now: datetime) -> None:
    """Send nothing any more until somebody resumes it, and tell the administrators so.

    The endpoint is held by the caller; one that rests already is left as it is.
    """
    if not is_in(endpoint, EndpointState.ACTIVE):
        return
    endpoint.state = endpoint.state.to(EndpointState.DISABLED)
    endpoint.disabled_reason = why
    endpoint.disabled_at = now
    endpoint.version += 1
    await endpoint.save(update_fields=["state", "disabled_reason", "disabled_at", "version"])
    await record(
        "disabled",
        endpoint,
        viewer=SYSTEM,
        after={"disabled_reason": why.value},
        now=now,
    )
    for person in await holders(endpoint.partner_id, Item.WEBHOOK_MANAGE):
        await mail.queue(
            "webhook_disabled",
            recipient=person["email"],
            locale=person["locale"],
            facts={
                "url": endpoint.url,
                "description": endpoint.description,
                "is_gone": why is DisabledReason.GONE,
                "disabled_at": now.isoformat(),
            },
            dedupe_key=f"webhook_disabled:{endpoint.id}:{endpoint.version}:{person['id']}",
            tenant_id=endpoint.partner_id,
            now=now,
        )
