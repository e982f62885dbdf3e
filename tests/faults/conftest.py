"""A Valkey that the tests may treat badly, and workers that they may kill."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

import pytest
from redis.asyncio import Redis

from partner_center.embedded import Embedded
from tests.conftest import Servers
from tests.faults import moving_money
from tests.faults.processes import PATIENCE, ROOT, Workers

Kill = Callable[..., Coroutine[Any, Any, int]]


@pytest.fixture(scope="package")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """A Valkey apart from the session's."""
    with Embedded(tmp_path_factory.mktemp("valkey"), postgres=False, durable=False) as server:
        yield server


@pytest.fixture
async def valkey(valkey_server: Embedded) -> AsyncIterator[Redis]:
    """A client of it; it is empty."""
    valkey_server.revive()
    async with Redis.from_url(valkey_server.redis_url) as client:
        await client.flushall()
        yield client


@pytest.fixture
def workers(
    servers: Servers, database: object, valkey: object, valkey_server: Embedded
) -> Iterator[Workers]:
    """Starts workers on the test's database and Valkey."""
    workers = Workers(servers, valkey_server.redis_url)
    yield workers
    workers.end()


@pytest.fixture
def killed_at(servers: Servers) -> Kill:
    """Runs what money is moved by in a process that dies at a label; how it ended."""

    async def killed_at(label: str, *what: object) -> int:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", moving_money.__name__, *map(str, what)),
            cwd=ROOT,
            env=os.environ
            | {
                "DATABASE_URL": servers.database_url,
                "DATA_DIR": str(servers.data_dir),
                "SECRET_KEY": "for the tests of killed payments, and for nothing else",
                "FAULT_AT": label,
            },
        )
        async with asyncio.timeout(PATIENCE):
            return await process.wait()

    return killed_at
