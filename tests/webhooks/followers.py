"""Real clients of a real server, who follow the log, are cut off, and go on behind their last."""

import asyncio
import json
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn
from starlette.types import ASGIApp
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

FOLLOW = """subscription ($after: Int, $types: [String!]) {
    events(after: $after, types: $types) { id position } }"""

Told = list[tuple[str, int]]


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """The application on a port of this process: `host:port`."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
        )
        task = asyncio.create_task(server.serve([listening]))
        try:
            host, port = listening.getsockname()
            yield f"{host}:{port}"
        finally:
            server.should_exit = True
            await task


async def over_sse(address: str, after: int, many: int, *, seed: int = 11) -> Told:
    """By `text/event-stream`, hanging up again and again."""
    told: Told = []
    chance = random.Random(seed)
    async with httpx.AsyncClient(timeout=60) as client:
        while len(told) < many:
            body = {"query": FOLLOW, "variables": {"after": told[-1][1] if told else after}}
            headers = {"accept": "text/event-stream", "authorization": "x"}
            url, most = f"http://{address}/graphql", chance.randint(1, 60)
            async with client.stream("POST", url, json=body, headers=headers) as response:
                async for line in response.aiter_lines():
                    if line.startswith("data: {"):
                        told.append(_event(json.loads(line.removeprefix("data: "))))
                        most -= 1
                    if most == 0 or len(told) == many:
                        break
    return told


async def over_socket(address: str, after: int, many: int, *, seed: int = 12) -> Told:
    """By `graphql-transport-ws`, the connection torn again and again without a word."""
    told: Told = []
    chance = random.Random(seed)
    protocol = Subprotocol("graphql-transport-ws")
    while len(told) < many:
        async with connect(f"ws://{address}/graphql", subprotocols=[protocol]) as connection:
            await connection.send(
                json.dumps({"type": "connection_init", "payload": {"authorization": "x"}})
            )
            assert json.loads(await connection.recv()) == {"type": "connection_ack"}
            variables = {"after": told[-1][1] if told else after}
            payload = {"query": FOLLOW, "variables": variables}
            await connection.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
            for _ in range(min(chance.randint(1, 60), many - len(told))):
                message = json.loads(await connection.recv())
                assert (message["type"], message["id"]) == ("next", "1")
                told.append(_event(message["payload"]))
            connection.transport.abort()
    return told


def _event(result: dict[str, Any]) -> tuple[str, int]:
    assert "errors" not in result, result
    event = result["data"]["events"]
    return event["id"], event["position"]
