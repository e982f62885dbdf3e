"""Holding up a kind of timed work, or all that falls due for a tenant, and letting it go again.

What is held isn't lost: deadlines hold for everybody as they stand, only what a worker does about
them waits. Let go, it comes late, the longest due first, and says how late it was.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from domain.audit import events
from domain.identity.permissions import require
from domain.identity.viewer import Viewer
from domain.operating import kinds
from domain.operating.policy import ALL
from kit import database, pauses, texts
from kit.ids import new_id
from kit.problems import InvalidInput, NotFound, Problem
from kit.transaction import transactional
from kit.violations import answering
from models.operating import Pause
from models.partners import Partner

PATIENCE = "10s"


class AlreadyPaused(Problem):
    """One pause of a kind or a tenant at a time."""

    en = "It is paused already."
    zh = "该对象已处于暂停状态。"


class NotPaused(Problem):
    """The pause is over."""

    en = "This pause has ended already."
    zh = "该暂停已结束。"


class WorkUnderWay(Problem):
    """A worker has been at such work for longer than we care to wait."""

    en = "A worker is still at it; try again in a moment."
    zh = "仍有任务正在执行,请稍后重试。"
    retryable = True


async def pause(
    *, viewer: Viewer, kind: str | None, partner_id: UUID | None, reason: str, now: datetime
) -> Pause:
    """Let nothing of a kind (of timers or ticks) run any more, or no timer of a partner.

    Comes back when nothing of it is under way; from then on nothing begins, whatever workers have
    claimed. Raises AlreadyPaused; WorkUnderWay when a worker takes longer than ten seconds.
    """
    try:
        return await _pause(viewer=viewer, kind=kind, partner_id=partner_id, reason=reason, now=now)
    except asyncpg.LockNotAvailableError:
        raise WorkUnderWay() from None


@transactional
async def _pause(
    *, viewer: Viewer, kind: str | None, partner_id: UUID | None, reason: str, now: datetime
) -> Pause:
    require(viewer, "opsPause")
    reason = texts.reason(reason)
    if (kind is None) is (partner_id is None):
        raise InvalidInput(
            reason="Name a kind or a partner, and not both.",
            reason_zh="须指定类型或伙伴其中之一。",
            path=("input",),
        )
    if kind is not None:
        kinds.checked(kind, path=("input", "kind"))
    elif not await Partner.exists(id=partner_id):
        raise NotFound(thing="partner", path=("input", "partnerId"))

    await pauses.stop(kind, patience=PATIENCE)
    held = Pause(
        id=new_id(),
        created_at=now,
        kind=kind,
        tenant_id=partner_id,
        reason=reason,
        begun_by=viewer.display_name,
    )
    with answering(pause_of_kind_once=AlreadyPaused, pause_of_tenant_once=AlreadyPaused):
        await held.insert()
    released = await _release(held)
    after = {"kind": kind, "partner_id": partner_id and str(partner_id), "released": released}
    await _record("begun", held, viewer=viewer, reason=reason, after=after, now=now)
    return held


@transactional
async def resume(*, viewer: Viewer, pause_id: UUID, reason: str, now: datetime) -> Pause:
    """End a pause: what has waited runs now, the longest due first. Raises NotPaused."""
    require(viewer, "opsResume")
    reason = texts.reason(reason)
    held = await ALL.lock(Pause, pause_id, viewer=viewer, now=now, thing="pause")
    if held.ended_at is not None:
        raise NotPaused()
    held.ended_at, held.ended_by, held.end_reason = now, viewer.display_name, reason
    await held.save(update_fields=["ended_at", "ended_by", "end_reason"])
    after = {"paused_seconds": int((now - held.created_at).total_seconds())}
    await _record("ended", held, viewer=viewer, reason=reason, after=after, now=now)
    return held


async def _release(held: Pause) -> int:
    """Take back what workers have claimed of it, so that it can be claimed when the pause ends."""
    let_go = "set lease_token = null, leased_until = null, leased_by = null"
    waits = "state = 'SCHEDULED' and lease_token is not null"
    if held.kind is not None and kinds.is_tick(held.kind):
        return await database.execute(
            f"update tick {let_go} where {waits} and name = $1", held.kind
        )
    column = "kind" if held.kind is not None else "tenant_id"
    return await database.execute(
        f"update timer {let_go} where {waits} and {column} = $1", held.kind or held.tenant_id
    )


async def _record(
    happened: str,
    held: Pause,
    *,
    viewer: Viewer,
    reason: str,
    after: dict[str, Any],
    now: datetime,
) -> None:
    await events.record(
        f"pause.{happened}",
        actor=viewer,
        subject_type="pause",
        subject_id=held.id,
        tenant_id=events.PLATFORM_TENANT,
        reason=reason,
        at=now,
        after={name: value for name, value in after.items() if value is not None},
    )
