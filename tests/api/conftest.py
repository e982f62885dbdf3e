"""A client of the small API, the small API on a port, and the whole application on another."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from kit.ids import new_id
from partner_center import startup
from partner_center.settings import Settings
from tests.api import edge
from tests.conftest import Servers

ROOT = Path(__file__).parents[2]
CONSOLE = "https://console.example"


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


@pytest.fixture(scope="package")
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
