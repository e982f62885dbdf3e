"""The pulse: once a second everything that waits for its time is looked at, whatever has failed."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Set

from kit import clock, request
from kit.leases import is_passing

# Seconds after which a process no longer waits to be told that a second has passed. In a crowd of
# workers most know such silence, for the queue tells only one of them; one look more does no harm.
SILENCE = 2.0
LONGEST_STEP = 60.0

Step = Callable[..., Awaitable[object]]

log = logging.getLogger(__name__)


class Pulse:
    """Steps that are taken at every beat, each with the time of the beat, side by side.

    A step is told business time, and is taken again at once as long as it says that there is more
    to do. One that is still busy is not begun again; one that fails is logged and begun again with
    the next beat. So no step can hold up or end another. A step is cut off after a minute, but for
    those that are `unhurried`: they may work for longer, and see themselves that they still can.
    """

    def __init__(self, steps: Mapping[str, Step], *, unhurried: Set[str] = frozenset()) -> None:
        self._steps = steps
        self._unhurried = unhurried
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._told_at = -SILENCE
        self._is_resting = False

    def tell(self) -> None:
        """The queue's timetable says that a second has passed."""
        self._told_at = time.monotonic()
        self._beat()

    async def watch(self) -> None:
        """For ever: beat each second in which the queue is silent."""
        while True:
            if time.monotonic() - self._told_at >= SILENCE:
                self._beat()
            await asyncio.sleep(1)

    async def rest(self, *, within: float) -> None:
        """Let the steps under way come to their end, and cut off those that take longer."""
        self._is_resting = True
        if self._busy:
            _, late = await asyncio.wait(self._busy.values(), timeout=within)
            for step in late:
                step.cancel()

    def _beat(self) -> None:
        for name, step in self._steps.items():
            if name not in self._busy:
                self._busy[name] = asyncio.create_task(self._take(name, step), name=name)

    async def _take(self, name: str, step: Step) -> None:
        request.begin()
        try:
            while await self._take_once(name, step) and not self._is_resting:
                pass
        except Exception as error:
            # While the database is away this comes each second: a line each, not a page.
            trace = None if is_passing(error) else error
            log.error("%s failed until the next beat: %r", name, error, exc_info=trace)
        finally:
            del self._busy[name]

    async def _take_once(self, name: str, step: Step) -> bool:
        async with asyncio.timeout(None if name in self._unhurried else LONGEST_STEP):
            return bool(await step(now=await clock.now()))
