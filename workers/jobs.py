"""The jobs that travel as hints: each parses its arguments, reads the clock, and begins."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from arq.typing import WorkerCoroutine

from kit import clock, request
from workers import firing, ticks

Context = dict[Any, Any]

# More at a time wouldn't be faster, and would leave no connection to anyone else.
_turn = asyncio.Semaphore(4)


async def fire(
    ctx: Context, *, kind: str, token: str, ids: Sequence[str], traces: Sequence[str] = ()
) -> None:
    """Fire these timers of one kind."""
    request.begin(ctx.get("job_id"))
    timer_ids = [UUID(hex=id) for id in ids]
    async with _turn:
        await firing.fire(
            kind, timer_ids, token=UUID(hex=token), now=await clock.now(), traces=traces
        )


async def tick(ctx: Context, *, token: str, id: str) -> None:
    """Run one tick."""
    request.begin(ctx.get("job_id"))
    await ticks.run(UUID(hex=id), token=UUID(hex=token), now=await clock.now())


JOBS: dict[str, WorkerCoroutine] = {"fire": fire, "tick": tick}
