"""A Valkey that the tests may treat badly, and workers that they may kill."""

from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from partner_center.embedded import Embedded
from tests.conftest import Servers
from tests.faults.processes import Workers


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
