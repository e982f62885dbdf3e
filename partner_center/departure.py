"""When a client goes, a query is given up, and so is its statement; a mutation goes on."""

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

from kit.graphql.http import Disconnected

T = TypeVar("T")

# Most queries are done by then, and don't pay for being watched.
UNWATCHED = 0.1

_going_on: set[asyncio.Task[Any]] = set()


async def unless_gone(work: Awaitable[T], receive: Receive) -> T:
    """The result of the work; Disconnected when the client leaves first, which cancels it.

    For reads alone: a change whose client has gone is done to its end, for a lost connection says
    nothing about what was wanted.
    """
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    watch = _Watch(receive, task)
    timer = loop.call_later(UNWATCHED, watch.begin)
    try:
        return await work
    except asyncio.CancelledError:
        if watch.is_gone and task.uncancel() == 0:
            raise Disconnected from None
        raise
    finally:
        timer.cancel()
        watch.end()


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """The result of the work, which is done to its end though whoever waits for it is cancelled."""
    task = asyncio.create_task(work)
    _going_on.add(task)  # the loop alone wouldn't keep it
    task.add_done_callback(_going_on.discard)
    return await asyncio.shield(task)


class _Watch:
    def __init__(self, receive: Receive, task: "asyncio.Task[object]") -> None:
        self._receive = receive
        self._task = task
        self._watcher: asyncio.Task[None] | None = None
        self.is_gone = False

    def begin(self) -> None:
        self._watcher = asyncio.create_task(self._look())

    def end(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()

    async def _look(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.is_gone = True
        self._task.cancel()
