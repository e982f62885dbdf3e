"""A streaming standby of the database, for long reads that would hold up the primary's vacuum.

What it shows is a while ago: whoever reads there first waits until it shows what must be there.
"""

import asyncio
from typing import Any

import asyncpg

from kit import pool

CONNECT_WITHIN = 5.0
LOOK = 0.1  # seconds between two looks whether it has caught up

_address: dict[str, Any] | None = None


class Lagging(Exception):
    """It doesn't yet show what must be there."""


def configure(dsn: str | None) -> None:
    """Say where it is; None for none. Nothing is connected."""
    global _address
    _address = None if dsn is None else pool.address(dsn)


def is_named() -> bool:
    """Whether there is one to be asked."""
    return _address is not None


async def connect(
    sql: str, *values: object, within: float, settings: dict[str, str]
) -> asyncpg.Connection:
    """A new connection, once the statement gives a row there; close it after use.

    `settings` are PostgreSQL's, for this session.

    Raises Lagging when it didn't after so many seconds, and what `database.UNREACHABLE` lists.
    """
    assert _address is not None, "kit.standby.configure() was told of none"
    told = pool.SESSION | {"statement_timeout": "0"} | settings
    connection = await asyncpg.connect(**_address, server_settings=told, timeout=CONNECT_WITHIN)
    try:
        await _until_seen(connection, sql, values, within)
    except BaseException:
        connection.terminate()
        raise
    return connection


async def _until_seen(
    connection: asyncpg.Connection, sql: str, values: tuple[object, ...], within: float
) -> None:
    end = asyncio.get_running_loop().time() + within
    while not await connection.fetch(sql, *values, timeout=CONNECT_WITHIN):
        if asyncio.get_running_loop().time() >= end:
            raise Lagging
        await asyncio.sleep(LOOK)
