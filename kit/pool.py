"""A pool for reads only: its sessions are never changed, so none needs a RESET after use.

Our own, since asyncpg's takes as long to hand out a connection and take it back as PostgreSQL takes
to look up a row.
"""

import asyncio
from collections import deque
from time import perf_counter
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

from kit import metrics
from kit.problems import Problem

# PostgreSQL takes a jump to another page for four times as dear as the next one, as on a disk that
# turns. Then, for each row of a page, it reads a small table whole instead of asking its index.
PLANNING = {"random_page_cost": "1.1"}

# What makes a read the same text everywhere: one time zone, one date style.
SESSION = PLANNING | {
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "default_transaction_read_only": "on",
    "jit": "off",
    "application_name": "partner-center reads",
}

# How to find a piece of text hangs on the piece. The plan that PostgreSQL makes after five runs for
# any piece whatever reads a list from its beginning: hundreds of milliseconds instead of a few.
_SEARCH = " ilike "

_SCHEMES = ("postgresql", "postgres", "asyncpg")
_TLS = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

_READING = metrics.STATEMENT_SECONDS.labels("reads")


class ReadTooSlow(Problem):
    """The database was told to stop."""

    retryable = True
    en = "It takes longer than {seconds:g} seconds to read. Ask for less, or for an export."
    zh = "读取超过 {seconds:g} 秒,请缩小查询范围或改用导出。"
    seconds: float


class Readers:
    """Up to `maximum` connections, each with the statements that it has prepared."""

    name = "reads"

    stops_after: float = 0
    """Seconds after which PostgreSQL gives a statement up; 0: it never does."""

    def __init__(self, maximum: int, **connecting: Any) -> None:
        self._connecting = connecting
        self._idle: list[asyncpg.Connection] = []
        self._free = maximum  # how many more may be opened
        self._waiting: deque[asyncio.Future[asyncpg.Connection | None]] = deque()
        self._closed = False

    async def fetch(self, sql: str, *values: object) -> list[Any]:
        """The rows of a statement. Raises ReadTooSlow."""
        connection = await self.take()
        began = perf_counter()
        try:
            if _SEARCH in sql:
                return await (await connection.prepare(sql)).fetch(*values)  # type: ignore[no-any-return]
            return await connection.fetch(sql, *values)  # type: ignore[no-any-return]
        except asyncpg.QueryCanceledError as error:
            raise ReadTooSlow(seconds=self.stops_after) from error
        finally:
            _READING.observe(perf_counter() - began)
            self.give(connection)

    async def fetchval(self, sql: str, *values: object) -> Any:
        """The first value of the first row; None when there is no row. Raises ReadTooSlow."""
        connection = await self.take()
        began = perf_counter()
        try:
            if _SEARCH in sql:
                return await (await connection.prepare(sql)).fetchval(*values)
            return await connection.fetchval(sql, *values)
        except asyncpg.QueryCanceledError as error:
            raise ReadTooSlow(seconds=self.stops_after) from error
        finally:
            _READING.observe(perf_counter() - began)
            self.give(connection)

    async def apart(self, **settings: str) -> asyncpg.Connection:
        """A new connection that may write, outside of every pool; close it after use.

        `settings` are PostgreSQL's, for this session.

        For what must stay whatever becomes of the open transaction. Not from a pool: who holds one
        connection and waits for another can wait for ever.
        """
        told = SESSION | {"default_transaction_read_only": "off"} | settings
        return await asyncpg.connect(**self._connecting | {"server_settings": told})

    async def warm(self, connections: int) -> None:
        """Open so many connections now."""
        for connection in [await self.take() for _ in range(connections)]:
            self.give(connection)

    async def close(self) -> None:
        """Disconnect; a connection in use is closed when it comes back."""
        self._closed = True
        while self._idle:
            await self._idle.pop().close()

    async def take(self) -> asyncpg.Connection:
        """A connection of one's own, until it is given back; waits while all are in use."""
        while True:
            while self._idle:
                # The one used last: few are kept busy, and their caches warm.
                connection = self._idle.pop()
                if not connection.is_closed():
                    return connection
                self._free += 1
            if self._free > 0:
                return await self._connect()
            connection = await self._wait()
            if connection is not None:
                return connection

    async def _connect(self) -> asyncpg.Connection:
        self._free -= 1
        try:
            return await asyncpg.connect(**self._connecting)
        except BaseException:
            self._lost_one()
            raise

    async def _wait(self) -> asyncpg.Connection | None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        began = perf_counter()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it came in the very moment
                given = turn.result()
                if given is None:
                    self._call_next(None)
                else:
                    self.give(given)
            raise
        finally:
            waited = perf_counter() - began
            metrics.CONNECTION_WAIT_SECONDS.labels(self.name).observe(waited)

    def give(self, connection: asyncpg.Connection) -> None:
        """Give it back as it is: in no transaction, with nothing of the session changed."""
        if self._closed:
            connection.terminate()
        if connection.is_closed():
            self._lost_one()
        elif not self._call_next(connection):
            self._idle.append(connection)

    def _lost_one(self) -> None:
        self._free += 1
        self._call_next(None)

    def _call_next(self, connection: asyncpg.Connection | None) -> bool:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return True
        return False


_readers: Readers | None = None


async def open(dsn: str, *, minimum: int = 1, maximum: int = 10, stop_after: float = 10) -> None:
    """Connect. `dsn` may be `asyncpg://` or `postgresql://`, with `?host=/socket/dir&sslmode=…`."""
    global _readers
    _readers = Readers(
        maximum,
        **address(dsn),
        # A plan is made once per connection and kept: re-planning costs more than running.
        statement_cache_size=1000,
        max_cached_statement_lifetime=0,
        server_settings=SESSION | {"statement_timeout": f"{round(stop_after * 1000)}ms"},
    )
    _readers.stops_after = stop_after
    await _readers.warm(minimum)


def checked(dsn: str) -> str:
    """The URL, if every connection can be made of it. Raises ValueError, which says what is wrong.

    Here, since an option that one connection knows and another doesn't would be a riddle later.
    """
    parts = urlsplit(dsn)
    if parts.scheme not in _SCHEMES or not parts.path.strip("/"):
        raise ValueError("it must look like postgresql://user:password@host:5432/database")
    _ = parts.port  # raises ValueError
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if unknown := sorted(options.keys() - {"host", "sslmode"}):
        raise ValueError(
            f"{', '.join(unknown)}: of options only host and sslmode are understood;"
            " the file of the root certificate is named by PGSSLROOTCERT"
        )
    if options.get("sslmode", "prefer") not in _TLS:
        raise ValueError(f"sslmode must be one of {', '.join(_TLS)}")
    return dsn


def address(dsn: str) -> dict[str, Any]:
    """What asyncpg is told to find the database of a URL, of either kind."""
    parts = urlsplit(dsn)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "host": options.get("host", parts.hostname or "127.0.0.1"),
        "port": parts.port or 5432,
        "user": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "database": unquote(parts.path.lstrip("/")),
        "ssl": options.get("sslmode"),
    }


async def close() -> None:
    """Disconnect; harmless when nothing is open."""
    global _readers
    if _readers is not None:
        await _readers.close()
        _readers = None


def readers() -> Readers:
    """The open pool."""
    assert _readers is not None, "kit.pool.open() was not called"
    return _readers
