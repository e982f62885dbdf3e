"""Viewers that were recognised a moment ago, and word from PostgreSQL when they are so no longer.

An entry is believed for five seconds at most, and only while this process hears the announcements
of changed rights and ended sessions: a notification removes it at once, and with the connection
that would carry them lost nothing is kept at all.
"""

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from domain.identity.announcements import ALL, CHANNEL
from domain.identity.recognition import Recognised
from domain.identity.viewer import Viewer
from kit.database import UNREACHABLE

BELIEVED_FOR = 5.0
MOST = 10_000
HEARTBEAT = 10.0
RECONNECT_AFTER = 1.0


log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Entry:
    viewer: Viewer
    until: datetime
    believed_until: float

    def concerns(self, id: UUID) -> bool:
        viewer = self.viewer
        return id in (ALL, viewer.person_id, viewer.api_key_id, viewer.partner_id)


class ViewerCache:
    """By credential; `start()` it once, `stop()` it at the end, both in the server's loop."""

    def __init__(
        self, listen_dsn: str, *, most: int = MOST, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        self._dsn = listen_dsn.replace("asyncpg://", "postgresql://", 1)
        self._most = most
        self._elapsed = elapsed
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._generation = 0
        self._connection: asyncpg.Connection | None = None
        self._lost = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; a database that isn't there yet is waited for in the background."""
        await self._connect()
        self._listening = asyncio.create_task(self._stay_connected(), name="viewer cache")

    async def stop(self) -> None:
        """Listen no longer, believe nothing."""
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening
        await self._disconnect()

    @property
    def is_listening(self) -> bool:
        """Whether changes made elsewhere are heard, so that anything may be believed."""
        return self._connection is not None

    @property
    def generation(self) -> int:
        """Rises with every change that is heard of. Take it before looking somebody up."""
        return self._generation

    def get(self, credential: str, *, wall: datetime) -> Viewer | None:
        """Who was behind the credential a moment ago, if it still is good at `wall`."""
        entry = self._entries.get(credential)
        if entry is None:
            return None
        if entry.until <= wall or entry.believed_until <= self._elapsed():
            del self._entries[credential]
            return None
        self._entries.move_to_end(credential)
        return entry.viewer

    def put(self, credential: str, recognised: Recognised, *, generation: int) -> None:
        """Remember who it is, unless a change was heard of since `generation` was taken.

        The look-up may have seen the world before that change, whoever the change was about.
        """
        if self._connection is None or generation != self._generation:
            return
        believed_until = self._elapsed() + BELIEVED_FOR
        self._entries[credential] = _Entry(recognised.viewer, recognised.until, believed_until)
        self._entries.move_to_end(credential)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)

    def forget(self, id: UUID) -> None:
        """Believe nothing any more of this person, API key or partner (or of ALL)."""
        self._generation += 1
        stale = [key for key, entry in self._entries.items() if entry.concerns(id)]
        for key in stale:
            del self._entries[key]

    async def _stay_connected(self) -> None:
        while True:
            if self._connection is None:
                await asyncio.sleep(RECONNECT_AFTER)
                await self._connect()
                continue
            try:
                await asyncio.wait_for(self._lost.wait(), HEARTBEAT)
            except TimeoutError:
                if await self._is_alive():
                    continue
            log.warning("lost the connection that tells of changed rights; connecting anew")
            await self._disconnect()

    async def _connect(self) -> None:
        self._lost.clear()
        try:
            connection = await asyncpg.connect(
                self._dsn, timeout=5, server_settings={"application_name": "partner-center viewers"}
            )
            connection.add_termination_listener(self._on_lost)
            await connection.add_listener(CHANNEL, self._on_notification)
        except UNREACHABLE as error:
            log.warning("can't listen for changed rights: %s", error)
            return
        # What was committed before this moment was not heard, so nothing older may be believed.
        self.forget(ALL)
        self._connection = connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        self.forget(ALL)
        if connection is not None and not connection.is_closed():
            with contextlib.suppress(*UNREACHABLE):
                await connection.close(timeout=2)

    async def _is_alive(self) -> bool:
        if self._connection is None:
            return False
        try:
            await self._connection.execute("select 1", timeout=5)
        except UNREACHABLE:
            return False
        return True

    def _on_lost(self, connection: object) -> None:
        self._connection = None
        self.forget(ALL)
        self._lost.set()

    def _on_notification(self, connection: object, pid: int, channel: str, payload: str) -> None:
        try:
            self.forget(UUID(payload))
        except ValueError:
            self.forget(ALL)
