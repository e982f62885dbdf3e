"""The whole application, as the command line serves it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from partner_center.app import create_app
from partner_center.settings import Settings
from tests.api.conftest import CONSOLE
from tests.api.edge import answer


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
