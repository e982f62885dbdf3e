"""Who leaves takes the statement along; what takes too long is stopped where it runs."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
import uvicorn
from tortoise.context import TortoiseContext

from domain.identity.viewer import ANONYMOUS, Viewer
from kit import pool
from partner_center import graphql
from partner_center.view import View
from tests.api.edge import GOOD, codes, small_schema, touched
from tests.conftest import Servers
from tests.factories import a_partner, an_administrator

READ = "{ members(first: 1) { nodes { id } } }"
RUNNING = """
    select count(*) from pg_stat_activity
    where application_name = 'partner-center reads' and state = 'active'
      and wait_event_type = 'Lock'
"""


class Lock:
    """Holds up every read of members, or of another table.

    A second connection watches who waits for the first.

    Within a transaction, PostgreSQL shows the same picture of its sessions again and again.
    """

    def __init__(self, holder: asyncpg.Connection, watcher: asyncpg.Connection) -> None:
        self._holder = holder
        self._watcher = watcher

    async def take(self, table: str = "member") -> None:
        """From here on reads wait."""
        await self._holder.execute(f"begin; lock table {table} in access exclusive mode")

    async def reads(self) -> int:
        """How many statements wait for it."""
        return int(await self._watcher.fetchval(RUNNING))

    async def until(self, reads: int) -> None:
        """Wait until so many do."""
        async with asyncio.timeout(30):
            while await self.reads() != reads:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def release(self) -> None:
        """Let them through."""
        await self._holder.execute("rollback")


@pytest.fixture
async def lock(
    database: TortoiseContext, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Lock]:
    """On the table that `READ` reads; nothing but whoever leaves stops the reads that wait."""
    monkeypatch.setattr(pool, "_readers", None)
    await pool.open(servers.database_url, stop_after=0)
    dsn = servers.database_url.replace("asyncpg://", "postgresql://")
    holder, watcher = await asyncpg.connect(dsn), await asyncpg.connect(dsn)
    yield Lock(holder, watcher)
    await holder.close()
    await watcher.close()
    await pool.close()


@pytest.fixture
async def address(database: TortoiseContext) -> AsyncIterator[tuple[str, int]]:
    """The whole schema behind a real server, in this process."""
    ann = await an_administrator(await a_partner())

    async def authenticate(authorization: str | None) -> Viewer:
        return ann

    view = View(graphql.schema(), authenticate=authenticate, max_body_bytes=10_000)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = uvicorn.Config(view, port=port, lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    async with asyncio.timeout(30):
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    yield "127.0.0.1", port
    server.should_exit = True
    await serving


async def send(
    address: tuple[str, int], query: str, accept: str = "application/json"
) -> asyncio.StreamWriter:
    """Ask, and don't wait for the answer."""
    _, writer = await asyncio.open_connection(*address)
    body = json.dumps({"query": query}).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Accept: {accept}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    return writer


async def ask(address: tuple[str, int], query: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        url = f"http://{address[0]}:{address[1]}/graphql"
        return await client.post(url, json={"query": query}, timeout=30)


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_a_client_that_leaves_takes_its_statement_along(
    address: tuple[str, int], lock: Lock, accept: str
) -> None:
    await lock.take()
    writers = [await send(address, READ, accept) for _ in range(3)]
    await lock.until(3)

    for writer in writers[:2]:
        writer.close()
    await lock.until(1)

    writers[2].close()
    await lock.until(0)
    await lock.release()
    again = await ask(address, READ)
    assert again.json()["data"] == {"members": {"nodes": []}}, "the connections are as good as new"


async def test_a_client_that_stays_gets_its_answer_however_long_it_takes(
    address: tuple[str, int], lock: Lock
) -> None:
    await lock.take()
    asking = asyncio.create_task(ask(address, READ))
    await lock.until(1)

    await lock.release()

    assert (await asking).json()["data"] == {"members": {"nodes": []}}


@pytest.mark.parametrize(
    ("table", "read"),
    [
        ("member", READ),
        ("customer_report", "{ customerDashboard { reportsByStatus { reportCount } } }"),
        ("inbox_message", "{ viewer { unreadCount } }"),
    ],
    ids=["a list", "a sum", "a count"],
)
async def test_a_read_that_takes_too_long_is_stopped_and_says_so(
    address: tuple[str, int], lock: Lock, servers: Servers, table: str, read: str
) -> None:
    await pool.close()
    await pool.open(servers.database_url, stop_after=0.2)
    await lock.take(table)

    response = await ask(address, "{ __typename " + read[1:])

    assert response.status_code == 200
    assert codes(response) == ["READ_TOO_SLOW"]
    assert response.json()["errors"][0]["message"].startswith("It takes longer than 0.2 seconds")
    assert response.json()["errors"][0]["extensions"]["retryable"] is True
    assert await lock.reads() == 0
    await lock.release()


async def test_a_change_is_done_to_its_end_though_its_client_has_left() -> None:
    """A lost connection says nothing about what was wanted."""
    touched.clear()
    body = json.dumps({"query": 'mutation { touch(name: "left") }'}).encode()
    messages: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        pass

    async def authenticate(authorization: str | None) -> Viewer:
        return ANONYMOUS

    view = View(small_schema(), authenticate=authenticate, max_body_bytes=10_000)
    headers = [(b"content-type", b"application/json"), (b"authorization", GOOD.encode())]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": headers}

    await view(scope, receive, send)

    assert touched == ["left"]
