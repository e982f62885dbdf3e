"""A delivery in hand: one attempt, and what it means for the delivery and its endpoint.

A fault of ours (what stands in the log can't be told, say) is an attempt that failed, too: it is
tried again in case it is mended meanwhile, given up after the last attempt, and sent anew on
demand. It isn't held against the endpoint.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.webhooks import payload, resting, signing
from domain.webhooks.schedule import next_attempt
from domain.webhooks.sending import Answer, Wire
from kit import clock, database, ids, metrics, request, tracing
from kit.faults import reach
from kit.ids import new_id
from kit.transaction import lock, transactional
from models.webhooks import (
    DeliveryState,
    DisabledReason,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)

OURS = "INTERNAL:"  # what the error of a fault of ours begins with

_WELL_AGAIN = """
update webhook_endpoint set failures = 0, failing_since = null where id = $1 and failures > 0
"""


async def deliver(row: Mapping[str, Any], *, token: UUID, wire: Wire) -> None:
    """Make the attempt and write down what came of it, unless the claim has ended meanwhile.

    `row` is what `claims.claim` gives. After a crash in between, the same goes out again.
    """
    id, body = message(row)
    salts = [salt for salt in (row["salt"], row["previous_salt"]) if salt]
    begun = clock.wall()
    signed = signing.headers(id, body, salts=salts, wall=begun)
    reach("webhook.sending")
    with tracing.span(f"webhook {row['type']}", kind="CLIENT", of=[row["traceparent"]]):
        answer = await wire.post(row["url"], body, signed | _trace())
    reach("webhook.answered")
    await write_down(
        row["id"],
        endpoint_id=row["endpoint_id"],
        token=token,
        answer=answer,
        begun=begun,
        now=await clock.now(),
    )
    metrics.DELIVERIES.labels(_outcome(answer)).inc()
    if answer.status_code is not None:
        metrics.DELIVERY_SECONDS.observe(answer.milliseconds / 1000)
    reach("webhook.written_down")


async def put_off(row: Mapping[str, Any], *, token: UUID) -> None:
    """Write down that no attempt could be made, by a fault of ours that is logged.

    The partner reads the number by which the log tells more.
    """
    error = f"{OURS} a fault of ours; request {request.request_id()}"
    await write_down(
        row["id"],
        endpoint_id=row["endpoint_id"],
        token=token,
        answer=Answer(milliseconds=0, error=error, is_ours=True),
        begun=clock.wall(),
        now=await clock.now(),
    )


def _trace() -> dict[str, str]:
    """So that whoever receives it can go on with the trace in which it happened."""
    traceparent = tracing.current()
    return {"traceparent": traceparent} if traceparent else {}


def _outcome(answer: Answer) -> str:
    if answer.status_code is None:
        return "unreachable"
    return "delivered" if answer.is_success else "answered"


def message(row: Mapping[str, Any]) -> tuple[str, bytes]:
    """The id and the body: the same at every attempt."""
    if row["event_id"] is not None:
        return ids.encode("evt", row["event_id"]), payload.of_event(row)
    body = payload.of_trial(
        row["id"],
        endpoint_id=row["endpoint_id"],
        partner_id=row["partner_id"],
        at=row["created_at"],
    )
    return ids.encode("whd", row["id"]), body


@transactional
async def write_down(
    id: UUID,
    *,
    endpoint_id: UUID,
    token: UUID,
    answer: Answer,
    begun: datetime,
    now: datetime,
) -> None:
    """Log the attempt and settle what comes next. Nothing, if the row is another's by now."""
    # The endpoint before its delivery, as everywhere; and only if it is changed, or ten successes
    # at a time would wait for each other.
    is_changed = not answer.is_success and not answer.is_ours
    endpoint = await lock(WebhookEndpoint, id=endpoint_id) if is_changed else None
    if answer.is_success:
        await database.execute(_WELL_AGAIN, endpoint_id)
    delivery = await lock(WebhookDelivery, id=id)
    if delivery is None or delivery.lease_token != token:
        return
    delivery.attempted += 1
    delivery.last_error = answer.error
    delivery.lease_token = delivery.leased_until = None
    delivery.leased_by = None
    # Whoever asks for it anew while it is under way means one more attempt, not this one.
    is_asked_anew = delivery.next_attempt_at > begun
    is_lost = not is_asked_anew and _settle(delivery, answer, begun)
    await delivery.save(
        update_fields=[
            "state",
            "attempts",
            "attempted",
            "first_attempt_at",
            "next_attempt_at",
            "delivered_at",
            "last_error",
            "lease_token",
            "leased_until",
            "leased_by",
        ]
    )
    await WebhookAttempt(
        id=new_id(),
        created_at=begun,
        delivery_id=delivery.id,
        number=delivery.attempted,
        status_code=answer.status_code,
        milliseconds=answer.milliseconds,
        answer=answer.text,
        error=answer.error,
    ).insert()
    if endpoint is not None and delivery.event_id is not None:
        await _judge(endpoint, answer, is_lost=is_lost, begun=begun, now=now)
    reach("webhook.settling")


def _settle(delivery: WebhookDelivery, answer: Answer, begun: datetime) -> bool:
    """Move the delivery on; whether it is given up by this."""
    wall = clock.wall()
    delivery.attempts += 1
    delivery.first_attempt_at = delivery.first_attempt_at or begun
    if answer.is_success:
        delivery.state = delivery.state.to(DeliveryState.DELIVERED)
        delivery.delivered_at = wall
        return False
    later = next_attempt(
        delivery.attempts, first=delivery.first_attempt_at, wall=wall, wish=answer.wish
    )
    if later is None or delivery.event_id is None:
        delivery.state = delivery.state.to(DeliveryState.FAILED)
        return True
    delivery.next_attempt_at = later
    return False


async def _judge(
    endpoint: WebhookEndpoint, answer: Answer, *, is_lost: bool, begun: datetime, now: datetime
) -> None:
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or begun
    await endpoint.save(update_fields=["failures", "failing_since"])
    if answer.is_gone:
        await resting.disable(endpoint, DisabledReason.GONE, now=now)
    elif is_lost and begun - endpoint.failing_since >= resting.PATIENCE:
        await resting.disable(endpoint, DisabledReason.FAILING, now=now)
