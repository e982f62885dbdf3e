"""Whoever is torn from a transaction, at any moment, costs the pool no connection."""

import asyncio
from contextlib import suppress

import asyncpg
import pytest
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext

from kit import database as sql
from kit.connections import Transaction
from kit.transaction import transaction

MANY = 60
"""More than any pool has connections."""

SOON = 20
"""Seconds; who waits for a connection that nobody gives back waits for ever."""


async def work() -> None:
    async with transaction():
        await sql.rows("select 1")


async def broken() -> None:
    async with transaction():
        raise ConnectionResetError


async def all_of_them() -> None:
    """As many transactions at once as there may be."""
    async with asyncio.timeout(SOON):
        await asyncio.gather(*(work() for _ in range(MANY)))


async def test_torn_away_at_any_moment(database: TortoiseContext) -> None:
    for steps in range(MANY):
        task = asyncio.create_task(work())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    await all_of_them()


@pytest.mark.parametrize("ends", ["begin", "rollback"])
async def test_a_server_that_goes_away(
    database: TortoiseContext, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    async def fails(self: Transaction) -> None:
        self._connection.terminate()
        raise asyncpg.ConnectionDoesNotExistError

    with monkeypatch.context() as patch:
        patch.setattr(Transaction, ends, fails)
        for _ in range(MANY):
            with pytest.raises(asyncpg.ConnectionDoesNotExistError):
                await broken()

    await all_of_them()


async def test_torn_away_again_while_it_is_undone(database: TortoiseContext) -> None:
    pool = get_connection("default")._pool
    for steps in range(MANY):
        connection = await pool.acquire()
        await connection.execute("begin")
        task = asyncio.create_task(pool.release(connection))
        for _ in range(1 + steps):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    await all_of_them()
