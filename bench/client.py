"""A small HTTP client that costs next to nothing, so that the servers are what is measured."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length: "


@dataclass
class Load:
    """What came of a time of load: answers with status 200, others, and the seconds they took."""

    answers: int = 0
    failures: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.answers / self.seconds


async def load(port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Load:
    """Keep so many connections busy, each with one request at a time."""
    loop = asyncio.get_running_loop()
    made, lines = Load(), list[_Line]()
    in_turn = cycle(requests)
    for _ in range(connections):
        _, line = await loop.create_connection(lambda: _Line(in_turn, made), "127.0.0.1", port)
        lines.append(line)
    began = time.perf_counter()
    for line in lines:
        line.ask()
    await asyncio.sleep(seconds)
    for stopped in [line.stop() for line in lines]:
        await stopped
    made.seconds = time.perf_counter() - began
    return made


async def ask(port: int, request: bytes) -> bytes:
    """The body of one answer; raises ConnectionError unless its status is 200."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        head = await reader.readuntil(_END_OF_HEAD)
        body = await reader.readexactly(_length(head))
    finally:
        writer.close()
    if not head.startswith(b"HTTP/1.1 200"):
        raise ConnectionError(f"{head.decode()}{body.decode()}")
    return body


class _Line(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], made: Load) -> None:
        self._requests, self._made = requests, made
        self._missing = 0  # bytes of the answer that are still to come
        self._head = b""
        self._is_good = False
        self._stopped: asyncio.Future[None] | None = None
        self._transport: Any  # uvloop's is none of asyncio's

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def ask(self) -> None:
        self._transport.write(next(self._requests))

    def stop(self) -> asyncio.Future[None]:
        """Hang up after the answer that is on its way; done when that is."""
        if self._stopped is None:
            self._stopped = asyncio.get_running_loop().create_future()
        return self._stopped

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            data = self._head + data
            end = data.find(_END_OF_HEAD)
            if end < 0:
                self._head = data
                return
            self._head = b""
            self._missing = end + 4 + _length(data) - len(data)
            self._is_good = data.startswith(b"HTTP/1.1 200")
        if self._missing > 0:
            return
        if self._is_good:
            self._made.answers += 1
        else:
            self._made.failures += 1
        if self._stopped is None:
            self.ask()
        else:
            self._stopped.set_result(None)
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        stopped = self.stop()
        if not stopped.done():
            self._made.failures += 1
            stopped.set_result(None)


def _length(head: bytes) -> int:
    begin = head.lower().index(_LENGTH) + len(_LENGTH)
    return int(head[begin : head.index(b"\r", begin)])
