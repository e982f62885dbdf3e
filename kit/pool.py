"""A pool for reads only: its sessions are never changed, so none needs a RESET after use."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg

_pool: asyncpg.Pool | None = None

# What makes a read the same text everywhere: one time zone, one date style.
SESSION = {
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "default_transaction_read_only": "on",
    "jit": "off",
    "application_name": "partner-center reads",
}


async def _keep(connection: Any) -> None:
    """Nothing to reset: that saves a round trip a request."""


async def open(
    dsn: str, *, minimum: int = 1, maximum: int = 10, statement_timeout: str = "10s"
) -> None:
    """Connect. `dsn` may be `asyncpg://` or `postgresql://`, with `?host=/socket/dir`."""
    global _pool
    parts = urlsplit(dsn)
    host = parse_qs(parts.query).get("host", [parts.hostname or "127.0.0.1"])[0]
    _pool = await asyncpg.create_pool(
        host=host,
        port=parts.port or 5432,
        user=parts.username,
        password=parts.password,
        database=parts.path.lstrip("/"),
        min_size=minimum,
        max_size=maximum,
        # A plan is made once per connection and kept: re-planning costs more than running.
        statement_cache_size=1000,
        max_cached_statement_lifetime=0,
        max_inactive_connection_lifetime=0,
        reset=_keep,
        server_settings=SESSION | {"statement_timeout": statement_timeout},
    )


async def close() -> None:
    """Disconnect; harmless when nothing is open."""
    global _pool
    if _pool is not None:
        await _pool.close()
        _pool = None


def readers() -> asyncpg.Pool:
    """The open pool."""
    assert _pool is not None, "kit.pool.open() was not called"
    return _pool
