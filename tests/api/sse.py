"""Reading an event stream as it comes: httpx would wait for its end."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.types import ASGIApp, Message


class Stream:
    """What an ASGI application sends, event by event."""

    def __init__(self) -> None:
        self._chunks: asyncio.Queue[str] = asyncio.Queue()
        self._text = ""

    async def send(self, message: Message) -> None:
        """Take one message of the application."""
        self._chunks.put_nowait(message.get("body", b"").decode())

    async def next(self) -> tuple[str, Any]:
        """The next event's name and data; None for an event without any."""
        async with asyncio.timeout(20):
            while True:
                block, separator, rest = self._text.partition("\r\n\r\n")
                if not separator:
                    self._text += await self._chunks.get()
                    continue
                self._text = rest
                lines = dict(line.split(": ", 1) for line in block.split("\r\n"))
                if "event" in lines:
                    return lines["event"], json.loads(lines["data"] or "null")

    async def data(self) -> Any:
        """The data of the next result, which must have no errors."""
        name, result = await self.next()
        assert name == "next", name
        assert "errors" not in result, result
        return result["data"]


@asynccontextmanager
async def streaming(
    app: ASGIApp, query: str, *, authorization: str, **variables: Any
) -> AsyncIterator[Stream]:
    """Post a subscription, and hang up at the end."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [
            (b"content-type", b"application/json"),
            (b"accept", b"text/event-stream"),
            (b"authorization", authorization.encode()),
        ],
    }
    gone, sent = asyncio.Event(), False
    stream = Stream()

    async def receive() -> Message:
        nonlocal sent
        if sent:
            await gone.wait()
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body}

    async def serve() -> None:
        await app(scope, receive, stream.send)

    serving = asyncio.create_task(serve())
    try:
        yield stream
    finally:
        gone.set()
        with suppress(asyncio.CancelledError):
            await asyncio.wait_for(serving, 20)
