"""What tests of funds have in common."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.upstream import answering
from models.audit import Event
from models.upstream import UpstreamRequest


async def asked_for(subject_id: UUID) -> UpstreamRequest:
    """What was asked of another system for this."""
    return await UpstreamRequest.get(subject_id=subject_id)


async def say(
    subject_id: UUID,
    *,
    ok: bool = True,
    reference: str | None = None,
    code: str | None = None,
    facts: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """Let the system that was asked answer."""
    request = await asked_for(subject_id)
    await answering.answered(
        request.id, ok=ok, reference=reference, code=code, facts=facts, now=now
    )


async def history(subject_id: UUID) -> list[str]:
    """What happened to it, by the words after the dot."""
    events = await Event.filter(subject_id=subject_id).order_by("id")
    return [event.name.partition(".")[2] for event in events]
