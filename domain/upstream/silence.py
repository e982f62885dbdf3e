"""Systems that take a request and never answer: asked again, and in the end told to people."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.audit import events
from domain.identity.viewer import SYSTEM
from domain.upstream import answering
from domain.upstream.answering import OVERDUE
from domain.upstream.effects import NO_ANSWER
from kit import ids, timers
from kit.timers import Waits
from kit.transaction import lock, transactional
from models.upstream import RequestState, UpstreamRequest

PATIENCE = timedelta(minutes=15)  # inferred: longer than any provisioning that works takes
ASKINGS = 5

log = logging.getLogger(__name__)


@transactional
async def note_sent(request_id: UUID, *, token: UUID, now: datetime) -> None:
    """The system has taken the request: it has a while to answer.

    Nothing happens when the answer was faster than we are, or another worker has claimed it.
    """
    request = await lock(UpstreamRequest, id=request_id)
    assert request is not None
    before: RequestState = request.state
    if request.lease_token != token or request.state != RequestState.WAITING:
        return
    request.state = before.to(RequestState.SENT)
    request.sent_at = now
    request.askings += 1
    request.attempts = 0
    request.lease_token = request.leased_until = None
    request.last_error = request.leased_by = None
    await request.save(
        update_fields=[
            "state",
            "sent_at",
            "askings",
            "attempts",
            "last_error",
            "lease_token",
            "leased_until",
            "leased_by",
        ]
    )
    await timers.schedule(
        OVERDUE,
        tenant_id=events.PLATFORM_TENANT,
        subject_id=request.id,
        due_at=now + PATIENCE,
        on_timeout="REMIND",
        now=now,
    )


async def ask_again(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Ask anew where a system was silent for too long, five times in all; then call for people.

    The effect of the timer `upstream_request.overdue`. The caller holds the locks on the rows.
    """
    for request in await UpstreamRequest.filter(
        id__in=subject_ids, state=RequestState.SENT, sent_at__lte=now - PATIENCE
    ).order_by("id"):
        if request.askings >= ASKINGS:
            request.state = request.state.to(RequestState.DEAD)
            await request.save(update_fields=["state"])
            await give_up(request.id, code=NO_ANSWER, now=now)
            continue
        request.state = request.state.to(RequestState.WAITING)
        request.next_attempt_at = now
        await request.save(update_fields=["state", "next_attempt_at"])


async def give_up(request_id: UUID, *, code: str, now: datetime) -> None:
    """Raise the alarm about a request that is dead, and let whoever asked know that it failed.

    It may still be answered; then that counts.
    """
    request = await lock(UpstreamRequest, id=request_id)
    assert request is not None
    request.code = code
    await request.save(update_fields=["code"])
    log.error(
        "request %s (%s %s): %s",
        ids.encode("upr", request.id),
        request.system,
        request.operation,
        code,
    )
    await events.record(
        "upstream_request.given_up",
        actor=SYSTEM,
        subject_type="upstream_request",
        subject_id=request.id,
        tenant_id=events.PLATFORM_TENANT,
        at=now,
        reason=code,
        after={"state": request.state.value},
    )
    await answering.hand_on(request, ok=False, code=code, facts={}, now=now)


# Every request that waits for an answer is asked again by a timer, and no other has one.
OVERDUE_WAITS = Waits(
    kind=OVERDUE,
    table="upstream_request",
    live="state = 'SENT'",
    due_at=f"sent_at + interval '{PATIENCE.total_seconds():.0f} seconds'",
    tenant_id=f"'{events.PLATFORM_TENANT}'::uuid",
    on_timeout="REMIND",
)
