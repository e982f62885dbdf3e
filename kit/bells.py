"""Being told by PostgreSQL that something is new: one connection listens for all who wait.

A bell only saves waiting. Who heard nothing looks by itself after a while, so a lost notification,
a lost connection or a process that never opened this costs seconds and no events.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import asyncpg

from kit.database import UNREACHABLE

RECONNECT_AFTER = 1.0
HEARTBEAT = 10.0


log = logging.getLogger(__name__)


class Bell:
    """Rings when a notification for its topic came since the last wait."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """End the wait in hand, or the next one before it begins."""
        self._rung.set()

    async def wait(self, *, within: float) -> None:
        """Until it rings, `within` seconds at most."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), within)
        self._rung.clear()


_bells: dict[tuple[str, str], set[Bell]] = {}
_listening: asyncio.Task[None] | None = None


async def open(dsn: str, *channels: str) -> None:
    """Listen on these channels from now on; a database that is away is waited for."""
    global _listening
    _listening = asyncio.create_task(
        _stay_connected(dsn.replace("asyncpg://", "postgresql://", 1), channels), name="bells"
    )


async def close() -> None:
    """Listen no longer; harmless when nothing is open."""
    global _listening
    if _listening is not None:
        _listening.cancel()
        with suppress(asyncio.CancelledError):
            await _listening
        _listening = None


@contextmanager
def hung(channel: str, topic: str) -> Iterator[Bell]:
    """A bell for notifications whose payload is the topic, or begins with it and a colon."""
    bell = Bell()
    bells = _bells.setdefault((channel, topic), set())
    bells.add(bell)
    try:
        yield bell
    finally:
        bells.discard(bell)
        if not bells:
            _bells.pop((channel, topic), None)


def _on_notification(_: object, __: int, channel: str, payload: str) -> None:
    for bell in _bells.get((channel, payload.partition(":")[0]), ()):
        bell.ring()


async def _stay_connected(dsn: str, channels: tuple[str, ...]) -> None:
    while True:
        try:
            await _listen(dsn, channels)
        except UNREACHABLE as error:
            log.warning("nobody rings the bells: %r; connecting anew", error)
        await asyncio.sleep(RECONNECT_AFTER)


async def _listen(dsn: str, channels: tuple[str, ...]) -> None:
    connection = await asyncpg.connect(
        dsn, timeout=5, server_settings={"application_name": "partner-center bells"}
    )
    try:
        for channel in channels:
            await connection.add_listener(channel, _on_notification)
        for bells in _bells.values():  # what came while nobody listened was not heard
            for bell in bells:
                bell.ring()
        while True:
            await asyncio.sleep(HEARTBEAT)
            await connection.execute("select 1", timeout=5)
    finally:
        connection.terminate()
