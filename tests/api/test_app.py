"""The whole application, as the command line serves it."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from pydantic import SecretStr
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from kit.ids import new_id
from partner_center import startup
from partner_center.app import create_app
from partner_center.settings import Settings
from tests.api.edge import answer
from tests.conftest import Servers

ROOT = Path(__file__).parents[2]
CONSOLE = "https://console.example"


@pytest.fixture(scope="module")
async def url(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """A sandbox's API with a database of its own; it logs to `log` in its directory."""
    name, place = f"app_{new_id().hex}", tmp_path_factory.mktemp("app")
    path, query = servers.database_url.split("?")
    database_url = f"{path.rsplit('/', 1)[0]}/{name}?{query}"
    admin = await asyncpg.connect(servers.database_url.replace("asyncpg://", "postgresql://"))
    await admin.execute(f"create database {name}")
    settings = Settings(database_url=database_url, data_dir=place, secret_key=SecretStr("k" * 32))
    await startup.migrate(settings)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = (place / "log").open("wb")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "partner_center", "api"),
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DATABASE_URL": database_url,
            "REDIS_URL": servers.redis_url,
            "DATA_DIR": str(place),
            "SECRET_KEY": "k" * 32,
            "SANDBOX": "1",
            "PORT": str(port),
            "CORS_ORIGINS": CONSOLE,
            "LOG_JSON": "1",
        },
        stderr=log,
    )
    log.close()
    address = f"http://127.0.0.1:{port}"
    await _until_ready(address, process)
    yield address
    process.terminate()
    assert await process.wait() == 0
    lines = [json.loads(line) for line in (place / "log").read_text().splitlines()]
    assert [line for line in lines if line["level"] in ("error", "critical")] == []
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


async def _until_ready(address: str, process: asyncio.subprocess.Process) -> None:
    async with httpx.AsyncClient() as client, asyncio.timeout(60):
        while True:
            assert process.returncode is None, "the API ended"
            try:
                if (await client.get(f"{address}/readyz", timeout=10)).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)


@pytest.fixture
async def client(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url) as client:
        yield client


async def test_it_is_alive_ready_and_well(client: httpx.AsyncClient) -> None:
    for path in ("/livez", "/readyz", "/healthz/jobs"):
        response = await client.get(path)
        assert (path, response.status_code) == (path, 200)


async def test_it_answers_queries(client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", json={"query": "{ viewer { kind } }"})

    assert answer(response) == {"data": {"viewer": {"kind": "ANONYMOUS"}}}
    assert len(response.headers["x-request-id"]) == 32


async def test_it_refuses_what_is_no_token(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/graphql",
        json={"query": "{ viewer { kind } }"},
        headers={"authorization": "Bearer not.a.token"},
    )

    assert response.status_code == 401
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_whoever_is_not_signed_in_reads_nothing(client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", json={"query": "{ partners { nodes { id } } }"})

    assert response.status_code == 401


async def test_it_tells_its_schema(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/graphql", json={"query": '{ __type(name: "Query") { description } }'}
    )

    assert response.json()["data"]["__type"]["description"].startswith("What can be read.")


async def test_it_shows_its_pages(client: httpx.AsyncClient) -> None:
    home = await client.get("/")
    assert (home.status_code, home.headers["location"]) == (307, "/graphiql")
    for path in ("/graphiql", "/outbox", "/demo/accounts"):
        assert (path, (await client.get(path)).status_code) == (path, 200)


async def test_what_is_not_there_is_said_in_json(client: httpx.AsyncClient) -> None:
    nothing = await client.get("/nothing")
    wrong = await client.post("/livez")

    assert (nothing.status_code, nothing.json()) == (404, {"error": "Not Found"})
    assert (wrong.status_code, wrong.json()) == (405, {"error": "Method Not Allowed"})
    assert len(nothing.headers["x-request-id"]) == 32


async def test_pages_of_the_named_origins_may_call_it(client: httpx.AsyncClient) -> None:
    asking = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }
    ours = await client.options("/graphql", headers={"origin": CONSOLE, **asking})
    theirs = await client.options("/graphql", headers={"origin": "https://evil.example", **asking})
    answer = await client.post(
        "/graphql", json={"query": "{ viewer { kind } }"}, headers={"origin": CONSOLE}
    )

    assert ours.status_code == 200
    assert ours.headers["access-control-allow-origin"] == CONSOLE
    assert "access-control-allow-credentials" not in ours.headers
    assert theirs.status_code == 400
    assert "access-control-allow-origin" not in theirs.headers
    assert answer.headers["access-control-allow-origin"] == CONSOLE
    assert answer.headers["access-control-expose-headers"] == "x-request-id, retry-after"


async def test_a_frame_that_is_too_large_closes_the_socket(url: str) -> None:
    address = url.replace("http://", "ws://") + "/graphql"
    async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        with suppress(ConnectionClosed):
            await socket.send('{"type":"ping","payload":"' + "x" * 262_144 + '"}')
        await asyncio.wait_for(socket.wait_closed(), 10)

    assert socket.close_code == 1009


def test_without_named_origins_no_other_page_may_call_it(tmp_path: Path) -> None:
    settings = Settings(
        database_url="postgresql://nobody@localhost/nothing",
        redis_url="redis://localhost",
        data_dir=tmp_path,
        secret_key=SecretStr("k" * 32),
    )

    async def ask() -> Any:
        transport = httpx.ASGITransport(create_app(settings))
        async with httpx.AsyncClient(transport=transport, base_url="http://api.example") as client:
            return await client.options(
                "/graphql",
                headers={"origin": CONSOLE, "access-control-request-method": "POST"},
            )

    response = asyncio.run(ask())

    assert response.status_code == 405
    assert "access-control-allow-origin" not in response.headers
