"""Asking for the same thing once more: under the same id, as long as nobody has answered.

A system that was not reached, or that is silent, may have done what it was asked for. Under the id
that it knows it does it once; under another one it would do it again.
"""

from datetime import datetime
from uuid import UUID

from kit.transaction import assert_open, lock
from models.upstream import RequestState, UpstreamRequest


async def hold_last(operation: str, *, subject_id: UUID) -> UpstreamRequest | None:
    """Hold what was asked last for a subject; None when nothing was.

    To be called before the subject is held, as an answer holds its request first.
    """
    assert_open()
    return await lock(UpstreamRequest, id=await _last(operation, subject_id))


async def repeat(
    held: UpstreamRequest | None, operation: str, *, subject_id: UUID, now: datetime
) -> UUID | None:
    """Let what was asked last be asked again as it is, unless it was answered; its id.

    None when it was answered, so that something new is to be asked. `held` is what `hold_last` has
    given; the subject is held, too, by now.
    """
    last = await _last(operation, subject_id)
    if held is None or held.id != last:
        # Somebody has asked for it between our two looks.
        held = await lock(UpstreamRequest, id=last)
    if held is None or held.state in (RequestState.ANSWERED, RequestState.FAILED):
        return None
    if held.state is RequestState.DEAD:
        await revive(held, now=now)
    return held.id


async def revive(request: UpstreamRequest, *, now: datetime) -> None:
    """Let a held request that was given up be sent as a new one would be, under its own id."""
    request.state = request.state.to(RequestState.WAITING)
    request.attempts = request.askings = 0
    request.next_attempt_at = now
    request.code = None
    await request.save(update_fields=["state", "attempts", "askings", "next_attempt_at", "code"])


async def is_last(request_id: UUID, operation: str, *, subject_id: UUID) -> bool:
    """Whether nothing was asked for the subject after this."""
    return await _last(operation, subject_id) == request_id


async def _last(operation: str, subject_id: UUID) -> UUID | None:
    found = (
        await UpstreamRequest.filter(operation=operation, subject_id=subject_id)
        .order_by("-id")
        .limit(1)
        .values_list("id", flat=True)
    )
    return found[0] if found else None  # type: ignore[return-value]
