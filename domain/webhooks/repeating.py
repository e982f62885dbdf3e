"""Sending something that the log doesn't make go by itself: a trial, once more, or a whole span."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.audit.types import MATCHES
from domain.identity.permissions import require
from domain.identity.viewer import Viewer
from domain.webhooks.endpoints import locked, record
from domain.webhooks.guards import can_retry, is_in
from domain.webhooks.payload import TRIAL
from domain.webhooks.policy import DELIVERIES
from kit import clock, database
from kit.guards import refuse
from kit.ids import new_id
from kit.problems import InvalidInput
from kit.transaction import lock, transactional
from models.webhooks import DeliveryState, WebhookDelivery, WebhookEndpoint

LONGEST_SPAN = 10_000  # positions in one replay

_BEGIN_ANEW = ["state", "attempts", "first_attempt_at", "next_attempt_at"]


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many deliveries of a span are on their way."""

    endpoint: WebhookEndpoint
    deliveries: int


@transactional
async def trial(*, viewer: Viewer, endpoint_id: UUID, now: datetime) -> WebhookDelivery:
    """Send a `webhook.test`, once and at once, also to an endpoint that rests.

    While one is still on its way, that is the one.
    """
    require(viewer, "webhookEndpointTest")
    endpoint = await locked(viewer, endpoint_id, now)
    waiting = await WebhookDelivery.get_or_none(
        endpoint_id=endpoint.id, event_id=None, state=DeliveryState.WAITING
    )
    if waiting is not None:
        return waiting
    delivery = WebhookDelivery(
        id=new_id(),
        created_at=now,
        endpoint_id=endpoint.id,
        type=TRIAL,
        next_attempt_at=clock.wall(),
    )
    await delivery.insert()
    return delivery


@transactional
async def retry(*, viewer: Viewer, delivery_id: UUID, now: datetime) -> WebhookDelivery:
    """Send it again at once, with the same id and all attempts anew, whatever became of it.

    Raises WrongStatus for what lost its endpoint.
    """
    require(viewer, "webhookDeliveryRetry")
    await DELIVERIES.require(
        WebhookDelivery, delivery_id, viewer=viewer, now=now, thing="webhook delivery"
    )
    await locked(viewer, (await WebhookDelivery.get(id=delivery_id)).endpoint_id, now)
    delivery = await lock(WebhookDelivery, id=delivery_id)
    assert delivery is not None, "deliveries go only with their endpoint, which is held"
    refuse(can_retry(delivery, viewer, now))
    if not is_in(delivery, DeliveryState.WAITING):
        delivery.state = delivery.state.to(DeliveryState.WAITING)
    delivery.attempts = 0
    delivery.first_attempt_at = None
    delivery.next_attempt_at = clock.wall()
    await delivery.save(update_fields=_BEGIN_ANEW)
    return delivery


@transactional
async def replay(
    *, viewer: Viewer, endpoint_id: UUID, from_position: int, to_position: int, now: datetime
) -> Replayed:
    """Send every event of the span again that the endpoint wants, both ends included.

    Each goes with the id that it had, or would have had. Raises InvalidInput for a span of none,
    or of more than 10,000 positions.
    """
    require(viewer, "webhookReplay")
    endpoint = await locked(viewer, endpoint_id, now)
    if not 1 <= from_position <= to_position < from_position + LONGEST_SPAN:
        raise InvalidInput(
            reason=f"The span is 1 to {LONGEST_SPAN:,} positions; they begin at 1.",
            reason_zh=f"区间须为 1 至 {LONGEST_SPAN:,} 个位置,从 1 开始。",
            path=("input", "toPosition"),
        )
    matches = MATCHES.format(t="event", wanted="$6::text[]")
    count = await database.execute(
        f"""
        insert into webhook_delivery (id, created_at, endpoint_id, event_id, position, type, state,
            attempts, attempted, next_attempt_at)
        select uuidv7(), $4, $1, id, position, name, 'WAITING', 0, 0, $5 from event
        where tenant_id = $7 and position between $2 and $3 and {matches}
        order by position
        on conflict (endpoint_id, event_id) do update
        set state = 'WAITING', attempts = 0, first_attempt_at = null,
            next_attempt_at = excluded.next_attempt_at""",
        *(endpoint.id, from_position, to_position, now, clock.wall()),
        *(endpoint.types, endpoint.partner_id),
    )
    after = {"from_position": from_position, "to_position": to_position, "deliveries": count}
    await record("replayed", endpoint, viewer=viewer, after=after, now=now)
    return Replayed(endpoint, count)
