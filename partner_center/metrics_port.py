"""`/metrics` on a port of its own, so that no balancer and no client ever comes by it.

Served by the process's own loop: one that turns no more doesn't answer, and Prometheus sees that.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus

from kit import metrics
from partner_center import gauges

PATIENCE = 5.0  # seconds for a request to arrive
LONGEST = 8_192  # bytes of it

log = logging.getLogger(__name__)


@asynccontextmanager
async def serving(host: str, port: int | None) -> AsyncIterator[None]:
    """Answer as long as this is open; nothing at all without a port. Raises OSError."""
    if port is None:
        yield
        return
    server = await asyncio.start_server(_answer, host, port, limit=LONGEST)
    log.info("metrics at http://%s:%d/metrics", host, port)
    try:
        yield
    finally:
        server.close()  # without waiting for who is being answered


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            head = await reader.readuntil(b"\r\n\r\n")
        status, body = await _body(head)
        writer.write(
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: {metrics.CONTENT_TYPE}\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
        )
        if not head.startswith(b"HEAD "):
            writer.write(body)
        await writer.drain()
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass  # whoever asks like this wants no answer
    except Exception:
        log.exception("the metrics could not be told")
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _body(head: bytes) -> tuple[HTTPStatus, bytes]:
    method, _, rest = head.partition(b" ")
    target = rest.partition(b" ")[0].partition(b"?")[0]
    if target != b"/metrics":
        return HTTPStatus.NOT_FOUND, b"Look at /metrics.\n"
    if method not in (b"GET", b"HEAD"):
        return HTTPStatus.METHOD_NOT_ALLOWED, b"Only to be read.\n"
    await gauges.refresh()
    return HTTPStatus.OK, metrics.exposition()
