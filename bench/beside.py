"""How long requests take while a worker makes a file, beside an idle worker's."""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import cycle
from statistics import quantiles

from bench import data
from bench.notes import note
from bench.operations import operations
from bench.servers import free_port, running
from bench.stage import sign_in
from models.exports import Export, ExportFormat, ExportState
from partner_center.settings import Settings

ASKED = ("customers", "orders")  # lists, which take the database most of their time
CONNECTIONS = 4
EVERY = 0.05  # seconds between two requests of a connection, however long the answer took
IDLE = 5.0  # seconds before each of the files
ROUNDS = 4
PATIENCE = 240.0
TARGET = 2.0

Request = Callable[[ExportFormat], Awaitable[Export]]
IN_THE_END = (ExportState.DONE, ExportState.FAILED)


async def measure(settings: Settings, request: Request) -> bool:
    """Print the 99th percentile of both; whether the one is at most twice the other."""
    port = free_port()
    environment = {
        "DATABASE_URL": settings.database_url or "",
        "REDIS_URL": settings.redis_url or "",
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "DATA_DIR": str(settings.data_dir),
        "SANDBOX": "1",
        "LOG_LEVEL": "WARNING",
        "PORT": str(port),
    }
    with running("api", "partner_center", "api", port=port, environment=environment):
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "partner_center", "worker"), env=os.environ | environment
        )
        try:
            return await _compared(port, request)
        finally:
            worker.terminate()
            await worker.wait()


async def _compared(port: int, request: Request) -> bool:
    token = await sign_in(port, data.ADMINISTRATOR)
    asked = [
        bytes_
        for operation in operations(invitation_ids=[], member_ids=[])
        if operation.name in ASKED
        for bytes_ in operation.requests(path="/graphql", token=token)
    ]
    await _latencies(port, asked, during=asyncio.sleep(3))  # warm
    idle: list[float] = []
    busy: dict[ExportFormat, list[float]] = {ExportFormat.CSV: [], ExportFormat.XLSX: []}
    for _ in range(ROUNDS):
        for format, taken in busy.items():
            idle += await _latencies(port, asked, during=asyncio.sleep(IDLE))
            taken += await _latencies(port, asked, during=_made(await request(format)))
    print(f"\nRequests beside an idle worker: {_told(idle)}")
    met = True
    for format, taken in busy.items():
        ratio = _p99(taken) / _p99(idle)
        print(f"Requests beside an export, {format.value:4}: {_told(taken)}, {ratio:.2f} of idle")
        note(
            f"99th percentile of requests beside an export as {format.value}",
            f"{_p99(taken) * 1000:.1f} ms",
            beside=f"{_p99(idle) * 1000:.1f} ms beside an idle worker",
            ratio=ratio,
            target=f"ratio {TARGET:.0f}",
            is_met=ratio <= TARGET,
        )
        met &= ratio <= TARGET
    return met


async def _made(export: Export) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        await asyncio.sleep(0.2)
        await export.refresh_from_db(fields=["state", "last_error"])
        if export.state in IN_THE_END:
            break
    assert export.state is ExportState.DONE, (export.state, export.last_error)


async def _latencies(
    port: int, requests: Sequence[bytes], *, during: Awaitable[None]
) -> list[float]:
    """Seconds that each request took; they come at their times, however slow the answers are."""
    taken: list[float] = []
    asking = [
        asyncio.create_task(_ask(port, requests, taken, EVERY * n / CONNECTIONS))
        for n in range(CONNECTIONS)
    ]
    try:
        await during
    finally:
        for task in asking:
            task.cancel()
        ended = await asyncio.gather(*asking, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error
    return taken


async def _ask(port: int, requests: Sequence[bytes], taken: list[float], begin: float) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    due = time.perf_counter() + begin
    try:
        for request in cycle(requests):
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            _, _, length = head.partition(b"content-length: ")
            await reader.readexactly(int(length.partition(b"\r")[0]))
            if not head.startswith(b"http/1.1 200"):
                raise ConnectionError(head.decode())
            taken.append(time.perf_counter() - due)
            due += EVERY
    finally:
        writer.close()


def _p99(taken: Sequence[float]) -> float:
    return quantiles(taken, n=100)[98]


def _told(taken: Sequence[float]) -> str:
    median = quantiles(taken, n=2)[0]
    return (
        f"{len(taken):5} requests, median {median * 1000:.1f} ms, p99 {_p99(taken) * 1000:.1f} ms"
    )
