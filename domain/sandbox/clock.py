"""The sandbox's clock: how far business time runs ahead, and moving it forward."""

from datetime import datetime, timedelta
from uuid import UUID

from domain.audit import events
from domain.identity import permissions
from domain.identity.viewer import Viewer
from kit import clock, database
from kit.problems import InvalidInput, Problem
from kit.transaction import transactional

FURTHEST = timedelta(days=400)  # in one step
AHEAD_MOST = timedelta(days=3650)  # in all: beyond the calendar's end nothing would work again

_CLOCK = UUID(int=1)  # what events about the clock name as their subject


class SandboxOnly(Problem):
    """Business time can be moved in a sandbox and nowhere else."""

    en = "This deployment is no sandbox: its clock can't be moved."
    zh = "当前环境不是沙箱,不能调整时钟。"


async def offset() -> timedelta:
    """How far business time is ahead of wall time; what `kit.clock` is told to ask."""
    row = await database.row("select seconds from clock_offset")
    return timedelta(seconds=row["seconds"] if row else 0)


@transactional
async def advance(*, viewer: Viewer, by: timedelta, now: datetime) -> datetime:
    """Move business time forward, for everybody here and for good; the new business time.

    What falls due on the way fires within a second or two. Raises SandboxOnly, and InvalidInput
    unless `by` is a positive number of whole seconds, at most 400 days.
    """
    if not clock.is_sandbox():
        raise SandboxOnly()
    permissions.require(viewer, "sandboxAdvanceClock")
    seconds = int(by.total_seconds())
    if not timedelta(seconds=1) <= by <= FURTHEST or by != timedelta(seconds=seconds):
        raise InvalidInput(
            reason=f"The clock goes forward by whole seconds, {FURTHEST.days} days at most.",
            reason_zh=f"时钟只能向前调整整数秒,最多 {FURTHEST.days} 天。",
            path=("input", "by"),
        )
    if await offset() + by > AHEAD_MOST:
        raise InvalidInput(
            reason=f"The clock goes {AHEAD_MOST.days} days ahead at most; start a new sandbox.",
            reason_zh=f"时钟最多可提前 {AHEAD_MOST.days} 天,请新建沙箱。",
            path=("input", "by"),
        )
    await database.execute(
        "insert into clock_offset (id, seconds) values (1, $1)"
        " on conflict (id) do update set seconds = clock_offset.seconds + excluded.seconds",
        seconds,
    )
    await events.record(
        "clock.advanced",
        actor=viewer,
        subject_type="clock",
        subject_id=_CLOCK,
        tenant_id=events.PLATFORM_TENANT,
        at=now,
        after={"advanced_by_seconds": seconds},
    )
    return now + by
