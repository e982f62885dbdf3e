"""Statements that the ORM can't say, on the connection that is in charge right now."""

from collections.abc import Sequence
from typing import Any

import asyncpg
from tortoise.connection import get_connection
from tortoise.exceptions import BaseORMException, DBConnectionError

from kit import tracing

# What is raised when PostgreSQL doesn't answer: by a connection of one's own, and by those here.
# The last is a statement on a session that was told of its end and isn't closed yet.
UNREACHABLE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
UNANSWERED = (*UNREACHABLE, BaseORMException)

# Faults of the way to the data or of the moment, not of what was asked: the same may succeed soon.
PASSING = (
    OSError,
    TimeoutError,
    DBConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
)


async def rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    """Run one statement inside the open transaction (or on its own); give back its rows.

    Also for INSERT/UPDATE/DELETE … RETURNING. jsonb columns come back as text.
    """
    result: list[dict[str, Any]] = await get_connection("default").execute_query_dict(
        sql, list(values)
    )
    return result


async def row(sql: str, *values: Any) -> dict[str, Any] | None:
    """The first row, if there is one."""
    found = await rows(sql, *values)
    return found[0] if found else None


async def execute(sql: str, *values: Any) -> int:
    """Run one statement; how many rows it touched."""
    count, _ = await get_connection("default").execute_query(sql, list(values))
    return int(count)


async def join_trace() -> None:
    """Let what the open transaction writes from now on belong to the trace in hand.

    For a span that begins within it; one that begins before needs nothing.
    """
    if traceparent := tracing.current():
        await rows("select set_config($1, $2, true)", tracing.SETTING, traceparent)


async def execute_many(sql: str, values: Sequence[list[Any]]) -> None:
    """Run one statement for each of the values, in one round trip: all of them, or none."""
    await get_connection("default").execute_many(sql, list(values))
