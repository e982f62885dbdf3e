"""An endpoint on this machine: verifies every signature, and may be slow, fail, or be gone."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Received:
    """One request, which has passed the verifier."""

    id: str
    path: str
    payload: Any
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What came, in order; `answer` says what it is answered, `hold` keeps it waiting.

    `gates` keep single ids waiting.
    """

    port: int = 0
    secrets: list[str] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    answer: Callable[[Received], tuple[int, dict[str, str], str]] = lambda _: (200, {}, "thanks")
    hold: asyncio.Event = field(default_factory=asyncio.Event)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    most_at_once: Counter[str] = field(default_factory=Counter)
    _at_once: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.hold.set()

    @property
    def ids(self) -> list[str]:
        """The webhook-id of each request."""
        return [each.id for each in self.received]

    def url(self, path: str = "/hook") -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}{path}"

    def answers(self, status: int, text: str = "", **headers: str) -> None:
        """From now on everything is answered so."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda _: (status, named, text)

    async def until(self, count: int) -> None:
        """Return when so many requests have come."""
        async with asyncio.timeout(60):
            while len(self.received) < count:  # noqa: ASYNC110 -- counts what comes by a socket
                await asyncio.sleep(0.01)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request."""
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._serve(reader, writer)
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:-2])
        }
        body = await reader.readexactly(int(headers["content-length"]))
        path = head[0].split(" ")[1]
        request = self._verified(path, headers, body)
        self._at_once[path] += 1
        self.most_at_once[path] = max(self.most_at_once[path], self._at_once[path])
        status, more, text = await self._answered(request)
        self._at_once[path] -= 1
        lines = [f"HTTP/1.1 {status} Said", f"content-length: {len(text.encode())}"]
        lines += [f"{name}: {value}" for name, value in more.items()]
        writer.write("\r\n".join([*lines, "", text]).encode())
        await writer.drain()

    async def _answered(self, request: Received | None) -> tuple[int, dict[str, str], str]:
        if request is None:
            return 401, {}, "bad signature"
        self.received.append(request)
        if request.path != "/quick":
            await self.hold.wait()
        if request.id in self.gates:
            await self.gates[request.id].wait()
        return self.answer(request)

    def _verified(self, path: str, headers: dict[str, str], body: bytes) -> Received | None:
        for secret in self.secrets:
            with suppress(Exception):
                Webhook(secret).verify(body, headers)
                return Received(headers["webhook-id"], path, json.loads(body), headers, body)
        return None


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver that listens; tell it the secrets that it is to accept."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        receiver.hold.set()
        server.close()
