"""Taking in what other systems answer: late, twice, after the fact, or by a person's hand."""

import hashlib
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from domain.upstream.effects import ANSWERED, Answer
from kit import ids, timers
from kit.ids import new_id
from kit.problems import NotFound
from kit.transaction import lock, transactional
from models.upstream import RequestState, UpstreamAnswer, UpstreamRequest

OVERDUE = "upstream_request.overdue"

log = logging.getLogger(__name__)


@transactional
async def answered(
    request_id: UUID,
    *,
    ok: bool,
    reference: str | None = None,
    code: str | None = None,
    facts: Mapping[str, Any] | None = None,
    recorded_by: UUID | None = None,
    now: datetime,
) -> UpstreamRequest:
    """Take an answer in and do what it means, once for each distinct one.

    The request is locked first, then whatever the effect locks. The same answer again is only
    counted; another one, also after the fact, is handed on, and decides from then on. Raises
    NotFound.
    """
    request = await lock(UpstreamRequest, id=request_id)
    if request is None:
        raise NotFound(thing="upstream request")
    said = dict(facts or {})
    digest = _digest(ok, reference, code, said)
    earlier = await UpstreamAnswer.get_or_none(request_id=request.id, digest=digest)
    if earlier is not None:
        earlier.heard += 1
        earlier.last_heard_at = now
        await earlier.save(update_fields=["heard", "last_heard_at"])
        return request

    await UpstreamAnswer(
        id=new_id(),
        created_at=now,
        request_id=request.id,
        digest=digest,
        ok=ok,
        reference=reference,
        code=code,
        facts=said,
        last_heard_at=now,
        recorded_by=recorded_by,
    ).insert()
    await _settle(request, ok=ok, reference=reference, code=code, now=now)
    await hand_on(request, ok=ok, reference=reference, code=code, facts=said, now=now)
    return request


async def hand_on(
    request: UpstreamRequest,
    *,
    ok: bool,
    reference: str | None = None,
    code: str | None = None,
    facts: Mapping[str, Any],
    now: datetime,
) -> None:
    """Let the domain that has asked do what the answer means; the request is held."""
    await ANSWERED[request.system, request.operation](
        Answer(
            request_id=request.id,
            system=request.system,
            operation=request.operation,
            subject_type=request.subject_type,
            subject_id=request.subject_id,
            payload=request.payload,
            ok=ok,
            reference=reference,
            code=code,
            facts=facts,
            now=now,
        )
    )


async def _settle(
    request: UpstreamRequest, *, ok: bool, reference: str | None, code: str | None, now: datetime
) -> None:
    wanted = RequestState.ANSWERED if ok else RequestState.FAILED
    if request.answered_at is not None:
        log.warning(
            "request %s was answered anew, ok: %s, %s", ids.encode("upr", request.id), ok, code
        )
    if request.state is not wanted:
        request.state = request.state.to(wanted)
    request.reference = reference or request.reference
    request.code = code
    request.answered_at = now
    request.lease_token = request.leased_until = None
    request.leased_by = None
    await request.save(
        update_fields=[
            "state",
            "reference",
            "code",
            "answered_at",
            "lease_token",
            "leased_until",
            "leased_by",
        ]
    )
    await timers.cancel(OVERDUE, subject_id=request.id)


def _digest(ok: bool, reference: str | None, code: str | None, facts: dict[str, Any]) -> str:
    said = orjson.dumps([ok, reference, code, facts], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(said).hexdigest()
