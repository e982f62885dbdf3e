"""The courier: takes webhooks out beside everything else, each by a task of its own."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain.webhooks import claims, delivering, planning
from domain.webhooks.sending import Wire
from kit import clock, ids, request
from kit.leases import is_passing

CAPACITY = 100  # attempts under way in one worker
PAUSE = 0.5  # seconds between two looks while there is nothing to do
DRAIN = 15.0  # seconds that attempts under way get to end when the worker is to stop

log = logging.getLogger(__name__)


class Courier:
    """Any number may run, anywhere. A slow endpoint holds its own few tasks and nobody else."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; then attempts under way come to their end, or their lease does."""
        stopping = asyncio.create_task(stop.wait())
        async with Wire() as wire:
            while not stop.is_set():
                if not await self._beat(wire):
                    # Whoever comes back makes room for the next, at its endpoint or here.
                    await asyncio.wait(
                        {stopping, *self._under_way},
                        timeout=PAUSE,
                        return_when=asyncio.FIRST_COMPLETED,
                    )
            if self._under_way:
                _, late = await asyncio.wait(self._under_way, timeout=DRAIN)
                for task in late:
                    task.cancel()

    async def round(self, wire: Wire) -> int:
        """Plan, and send all that is due now; how many attempts that were."""
        while await planning.plan(now=await clock.now()):
            pass
        count = 0
        while begun := await self._begin(wire):
            count += begun
            await asyncio.gather(*self._under_way)
        return count

    async def _beat(self, wire: Wire) -> bool:
        """Do what can be done now; whether there may be more at once."""
        request.begin()
        try:
            is_behind = await planning.plan(now=await clock.now())
            begun = await self._begin(wire)
        except Exception as error:
            trace = None if is_passing(error) else error
            log.error("webhooks failed until the next look: %r", error, exc_info=trace)
            return False
        return is_behind or begun > 0

    async def _begin(self, wire: Wire) -> int:
        room = CAPACITY - len(self._under_way)
        if room <= 0:
            return 0
        token, rows = await claims.claim(limit=room)
        for row in rows:
            task = asyncio.create_task(_take_out(row, token, wire), name="webhook")
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return len(rows)


async def _take_out(row: Mapping[str, Any], token: UUID, wire: Wire) -> None:
    request.begin()
    try:
        await delivering.deliver(row, token=token, wire=wire)
    except Exception as error:
        # What passes isn't counted: it stays leased, and is tried again after that.
        log.error(
            "webhook delivery %s failed: %r", ids.encode("whd", row["id"]), error, exc_info=error
        )
        if not is_passing(error):
            await _put_off(row, token)


async def _put_off(row: Mapping[str, Any], token: UUID) -> None:
    try:
        await delivering.put_off(row, token=token)
    except Exception as error:
        log.error(
            "webhook delivery %s was not written down", ids.encode("whd", row["id"]), exc_info=error
        )
