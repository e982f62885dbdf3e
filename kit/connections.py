"""The ORM's connections to PostgreSQL, without the round trips that none of our sessions needs.

Named as the `engine` in the ORM's configuration. Nothing here ever changes a session (settings are
`local`, advisory locks end with their transaction), so it needs no RESET before its next use.
"""

from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import (
    AsyncpgDBClient,
    TransactionWrapper,
)
from tortoise.backends.base.client import (
    NestedTransactionContext,
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections
from tortoise.exceptions import IntegrityError, OperationalError

from kit import metrics, tracing
from kit.pool import Readers

_WRITING = metrics.STATEMENT_SECONDS.labels("writes")


class Client(AsyncpgDBClient):
    """A pool whose connections go back as they are."""

    async def create_pool(self, **options: Any) -> Any:
        """As the ORM asks for it, only without RESET."""
        minimum, maximum = options.pop("min_size"), options.pop("max_size")
        pool = Pool(maximum, **options)
        await pool.warm(minimum)
        return pool

    def _in_transaction(self) -> TransactionContext:
        return Whole(Transaction(self), self._pool_init_lock)


class Pool(Readers):
    """The pool of the reads under the names that the ORM calls; its sessions may write."""

    name = "writes"
    acquire = Readers.take

    async def release(self, connection: asyncpg.Connection) -> None:
        """Take it back; out of a transaction that somebody was torn from."""
        try:
            if not connection.is_closed() and connection.is_in_transaction():
                await connection.execute("rollback")
        except BaseException:
            connection.terminate()
            raise
        finally:
            self.give(connection)

    def terminate(self) -> None:
        """Nothing more than `close` has done: who still holds a connection lets go of it."""

    async def expire_connections(self) -> None:
        """Nothing: no type is ever changed under a running process."""


class Whole(TransactionContextPooled):
    """A transaction that lets go of its connection whenever it ends, even while it begins."""

    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        pool = self.client._parent._pool
        self.client._connection = connection = await pool.acquire()
        try:
            await self.client.begin()
        except BaseException:
            # Whether it has begun, only the server knows.
            connection.terminate()
            await pool.release(connection)
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client


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

    async def execute_query(
        self, query: str, values: list[Any] | None = None
    ) -> tuple[int, list[Any]]:
        """How many rows a statement touched or found; and the rows, if it finds some."""
        if query.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
            status = await self._ask(self._connection.execute, query, *values or ())
            return int(status.rpartition(" ")[2]), []
        rows = await self._ask(self._connection.fetch, query, *values or ())
        return len(rows), rows

    async def execute_many(self, query: str, values: list[Any]) -> None:
        """A statement for each of the values, all sent at once."""
        await self._ask(self._connection.executemany, query, values)

    async def execute_query_dict(
        self, query: str, values: list[Any] | None = None
    ) -> list[dict[str, Any]]:
        """The rows of a statement."""
        rows = await self._ask(self._connection.fetch, query, *values or ())
        return [dict(row) for row in rows]

    async def begin(self) -> None:
        """Open it, and say of which trace it is: columns named `traceparent` take it as default."""
        trace = tracing.current()
        told = f"; set local {tracing.SETTING} = '{trace}'" if trace else ""
        await self._ask(self._connection.execute, f"begin{told}")

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
                began = perf_counter()
                try:
                    return await method(*arguments)
                finally:
                    _WRITING.observe(perf_counter() - began)
        except (asyncpg.SyntaxOrAccessError, asyncpg.DataError) as error:
            raise OperationalError(error) from error
        except asyncpg.IntegrityConstraintViolationError as error:
            raise IntegrityError(error) from error


client_class = Client
