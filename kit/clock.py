"""The only place that asks what time it is; everything else is told.

Two clocks, never mixed: *business time* decides deadlines and may be moved forward in a sandbox;
*wall time* decides what must not move with it (tokens, leases, throttles).
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

Offset = Callable[[], Awaitable[timedelta]]

_offset: Offset | None = None


def wall() -> datetime:
    """The real time, in UTC."""
    return datetime.now(UTC)


async def now() -> datetime:
    """Business time in UTC: the real time, in a sandbox plus the offset of the deployment.

    Read it once per request or job and pass it on, so that one request has one instant.
    """
    return wall() if _offset is None else wall() + await _offset()


def use_offset(offset: Offset | None) -> None:
    """Let business time run ahead of wall time by what `offset` answers (None: not at all)."""
    global _offset
    _offset = offset


def is_sandbox() -> bool:
    """Whether business time can be moved here."""
    return _offset is not None
