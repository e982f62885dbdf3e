"""Asking another system for something: a row in the transaction that wants it, sent after it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from kit import rows
from kit.ids import new_id
from kit.transaction import assert_open
from models.upstream import RequestState, System, UpstreamRequest


async def ask(
    *,
    system: System,
    operation: str,
    subject_type: str,
    subject_id: UUID,
    payload: Mapping[str, Any],
    now: datetime,
) -> UUID:
    """Write down what is to be asked, and give back the request's id.

    It goes out if and when the open transaction commits; the answer finds its way to the effect
    that is connected to the system and operation (`effects.ANSWERED`). `payload` is JSON-ready.
    """
    [id] = await ask_all(
        system=system,
        operation=operation,
        subject_type=subject_type,
        payloads={subject_id: payload},
        now=now,
    )
    return id


async def ask_all(
    *,
    system: System,
    operation: str,
    subject_type: str,
    payloads: Mapping[UUID, Mapping[str, Any]],
    now: datetime,
) -> list[UUID]:
    """As `ask`, the same for many subjects; the requests' ids."""
    assert_open()
    requests = [
        UpstreamRequest(
            id=new_id(),
            created_at=now,
            system=system,
            operation=operation,
            subject_type=subject_type,
            subject_id=subject_id,
            payload=dict(payload),
            state=RequestState.WAITING,
            next_attempt_at=now,
        )
        for subject_id, payload in payloads.items()
    ]
    await rows.insert_all(requests)
    return [request.id for request in requests]
