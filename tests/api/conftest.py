"""A client of the small API, and the small API on a port."""

import socket
from collections.abc import AsyncIterator

import pytest

from tests.api import edge


@pytest.fixture
async def client() -> AsyncIterator[edge.Client]:
    """In this process, without a server."""
    edge.touched.clear()
    async with edge.Client() as client:
        yield client


@pytest.fixture(scope="package")
async def address() -> AsyncIterator[str]:
    """`host:port` of the small API behind a real server."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with edge.served(port) as address:
        yield address
