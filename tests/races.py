"""Letting two things happen at the same moment, with real locks and without sleeping for proof."""

import asyncio
from collections.abc import Coroutine
from contextvars import copy_context
from typing import Any

from tortoise.transactions import in_transaction

from kit import database
from models.base import Record


async def at_once(*calls: Coroutine[Any, Any, object], while_locked: Record) -> list[Any]:
    """Let every call run until it wants the row that we hold; then let go, and see who wins."""
    elsewhere = copy_context()  # the calls must not join the transaction opened here
    async with in_transaction():
        await type(while_locked).select_for_update().get(id=while_locked.id)
        tasks = []
        for number, call in enumerate(calls, start=1):
            tasks.append(asyncio.create_task(call, context=elsewhere.copy()))
            await until_waiting(number)
    return await asyncio.gather(*tasks, return_exceptions=True)


async def until_waiting(number: int) -> None:
    """Return once so many wait for a lock."""
    async with asyncio.timeout(10):
        while len(await database.rows("select from pg_locks where not granted")) < number:  # noqa: ASYNC110 -- PostgreSQL can't call us
            await asyncio.sleep(0.005)
