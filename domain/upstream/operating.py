"""What the platform's people do about other systems: ask anew, answer in their place (A-25)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from domain.audit import events
from domain.identity import permissions
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.upstream import answering, repeating
from domain.upstream.policy import REQUESTS
from kit import texts
from kit.guards import Guard, refuse
from kit.problems import Forbidden, InvalidInput, Problem
from kit.status import WrongStatus
from kit.transaction import transactional
from models.upstream import RequestState, UpstreamRequest

LONGEST_REFERENCE = 100  # as that of a recharge
LONGEST_CODE = 64


class RequestRow(Protocol):
    """The columns of a request that guards read."""

    @property
    def state(self) -> str: ...


def can_retry(row: RequestRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform's people, once it is given up."""
    if not viewer.may(Item.OPERATE):
        return Forbidden(needs=Item.OPERATE)
    if row.state != RequestState.DEAD:
        return WrongStatus(status=str(row.state), wanted=RequestState.WAITING.value)
    return None


def can_answer(row: RequestRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform's people, at any time: a later answer counts, too."""
    return None if viewer.may(Item.OPERATE) else Forbidden(needs=Item.OPERATE)


COLUMNS = ("state",)
ACTIONS: dict[str, Guard] = {
    "upstreamRequestRetry": can_retry,
    "upstreamAnswerRecord": can_answer,
}


@transactional
async def retry(*, viewer: Viewer, request_id: UUID, now: datetime) -> UpstreamRequest:
    """Ask the system anew, with the same id, after it was given up. Raises WrongStatus."""
    permissions.require(viewer, "upstreamRequestRetry")
    request = await REQUESTS.lock(
        UpstreamRequest, request_id, viewer=viewer, now=now, thing="upstream request"
    )
    refuse(can_retry(request, viewer, now))

    await repeating.revive(request, now=now)
    await _record("retried", request, viewer, now)
    return request


@transactional
async def record_answer(
    *,
    viewer: Viewer,
    request_id: UUID,
    ok: bool,
    reference: str | None,
    code: str | None,
    facts: Mapping[str, Any] | None = None,
    now: datetime,
) -> UpstreamRequest:
    """Say by hand what a system has answered by other ways; it counts like its own answer.

    Raises InvalidInput for a failure without its `code`.
    """
    permissions.require(viewer, "upstreamAnswerRecord")
    await REQUESTS.lock(
        UpstreamRequest, request_id, viewer=viewer, now=now, thing="upstream request"
    )
    reference = texts.optional(reference, longest=LONGEST_REFERENCE, path=("input", "reference"))
    code = texts.optional(code, longest=LONGEST_CODE, path=("input", "code"))
    if ok == (code is not None):
        raise InvalidInput(
            reason="A failure has a code that says why, and nothing else has.",
            reason_zh="失败时须填写原因代码,成功时不得填写。",
            path=("input", "code"),
        )
    request = await answering.answered(
        request_id,
        ok=ok,
        reference=reference,
        code=code,
        facts=facts,
        recorded_by=viewer.actor_id,
        now=now,
    )
    await _record("answered_by_hand", request, viewer, now)
    return request


async def _record(happened: str, request: UpstreamRequest, viewer: Viewer, now: datetime) -> None:
    await events.record(
        f"upstream_request.{happened}",
        actor=viewer,
        subject_type="upstream_request",
        subject_id=request.id,
        tenant_id=events.PLATFORM_TENANT,
        at=now,
        after={"state": request.state.value},
    )
