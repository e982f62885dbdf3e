"""Exports: a loop of their own, so that nothing that falls due ever waits behind one."""

import asyncio
import logging

from domain.exports import queue, running
from kit import clock, request, tracing
from kit.leases import is_passing
from models.exports import Export

LOOK = 1.0  # seconds between two looks for one that waits

log = logging.getLogger(__name__)


class Exporter:
    """Makes up to `most` files at a time, until it is told to stop."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._running: set[asyncio.Task[None]] = set()

    async def work(self) -> None:
        """For ever: begin what waits as soon as there is room for it."""
        while self._most > 0:
            try:
                while len(self._running) < self._most and await self._begin_next():
                    pass
            except Exception as error:
                trace = None if is_passing(error) else error
                log.error("no export could be claimed: %r", error, exc_info=trace)
            await asyncio.sleep(LOOK)

    async def rest(self, *, within: float) -> None:
        """Give what isn't done within so many seconds back, for another worker to begin anew."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=within)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    async def _begin_next(self) -> bool:
        export = await queue.claim(now=await clock.now())
        if export is None:
            return False
        task = asyncio.create_task(self._run(export), name=f"export {export.id}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return True

    async def _run(self, export: Export) -> None:
        request.begin()
        facts = {"export.format": export.format.value}
        traces = [export.traceparent]
        with tracing.span(f"export {export.listing}", kind="CONSUMER", of=traces, facts=facts):
            await running.run(export)
