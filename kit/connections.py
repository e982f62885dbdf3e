"""The ORM's connections to PostgreSQL, without the round trips that none of our sessions needs.

Named as the `engine` in the ORM's configuration. Nothing here ever changes a session (settings are
`local`, advisory locks end with their transaction), so it needs no RESET before its next use.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import (
    AsyncpgDBClient,
    TransactionWrapper,
)
from tortoise.backends.base.client import (
    NestedTransactionContext,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.exceptions import IntegrityError, OperationalError


class Client(AsyncpgDBClient):
    """A pool whose connections go back as they are."""

    async def create_pool(self, **options: Any) -> asyncpg.Pool:
        """As the ORM asks for it, only without RESET."""
        return await asyncpg.create_pool(None, reset=_keep, **options)

    def _in_transaction(self) -> TransactionContext:
        return TransactionContextPooled(Transaction(self), self._pool_init_lock)


class Transaction(TransactionWrapper):
    """One transaction, or a savepoint in it; `depth` 0 is the transaction itself."""

    def __init__(self, parent: AsyncpgDBClient, depth: int = 0) -> None:
        super().__init__(parent)
        self._depth = depth

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(Transaction(self, self._depth + 1))

    async def execute_insert(self, query: str, values: list[Any]) -> asyncpg.Record | None:
        """Write a row; give back what it returns."""
        return await self._ask(self._connection.fetchrow, query, *values)

    async def execute_query_dict(
        self, query: str, values: list[Any] | None = None
    ) -> list[dict[str, Any]]:
        """The rows of a statement."""
        rows = await self._ask(self._connection.fetch, query, *values or ())
        return [dict(row) for row in rows]

    async def begin(self) -> None:
        """Open it."""
        await self._ask(self._connection.execute, "begin")

    async def commit(self) -> None:
        """Make it true."""
        await self._connection.execute("commit")
        self._finalized = True

    async def rollback(self) -> None:
        """Undo it."""
        await self._connection.execute("rollback")
        self._finalized = True

    async def savepoint(self) -> None:
        """Remember this place."""
        await self._connection.execute(f"savepoint s{self._depth}")

    async def release_savepoint(self) -> None:
        """Keep what came after the savepoint."""
        await self._connection.execute(f"release savepoint s{self._depth}")
        self._finalized = True

    async def savepoint_rollback(self) -> None:
        """Undo what came after the savepoint."""
        name = f"s{self._depth}"
        await self._connection.execute(f"rollback to savepoint {name}; release savepoint {name}")
        self._finalized = True

    async def _ask(self, method: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
        """One statement at a time on a connection, and the ORM's exceptions for asyncpg's."""
        try:
            async with self._lock:
                return await method(*arguments)
        except (asyncpg.SyntaxOrAccessError, asyncpg.DataError) as error:
            raise OperationalError(error) from error
        except asyncpg.IntegrityConstraintViolationError as error:
            raise IntegrityError(error) from error


async def _keep(connection: asyncpg.Connection) -> None:
    """Change nothing."""


client_class = Client
