"""PostgreSQL itself is started anew: the API and the worker go on by themselves."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from kit.ids import new_id
from partner_center.embedded import Embedded
from tests.faults.processes import PATIENCE, ROOT

SIGN_IN = """
mutation { signIn(input: {email: "nobody@nowhere.example", password: "wrong"})
  { errors { code } } }
"""
COMMAND = (sys.executable, "-m", "partner_center")
FACTS = {"partner": "Acme", "email": "ann@example.com", "expires_at": "2030-01-01T00:00:00Z"}


class House:
    """A PostgreSQL of its own with an API and a worker, each a process."""

    def __init__(self, server: Embedded, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.server = server
        self._environment = os.environ | {
            "DATABASE_URL": server.database_url,
            "REDIS_URL": server.redis_url,
            "DATA_DIR": str(folder / "data"),
            "SECRET_KEY": "for the tests of a lost database, and for nothing else",
            "PORT": str(self.port),
            "LOG_LEVEL": "ERROR",
        }
        subprocess.run([*COMMAND, "migrate"], cwd=ROOT, env=self._environment, check=True)
        self.processes = [
            subprocess.Popen([*COMMAND, name], cwd=ROOT, env=self._environment)
            for name in ("api", "worker")
        ]

    def end(self) -> None:
        """Kill what still runs."""
        for process in self.processes:
            process.kill()
            process.wait()

    async def connect(self) -> asyncpg.Connection:
        """A session of the test's own."""
        url = self.server.database_url.replace("asyncpg://", "postgresql://")
        return await asyncpg.connect(url)

    async def is_ready(self) -> bool:
        """Whether the API says so."""
        async with httpx.AsyncClient() as client:
            try:
                answer = await client.get(f"http://127.0.0.1:{self.port}/readyz", timeout=10)
            except httpx.TransportError:
                return False
        return answer.status_code == 200

    async def is_not_ready(self) -> bool:
        """Whether the API has noticed."""
        return not await self.is_ready()

    async def sign_in(self) -> object:
        """What a stranger is answered, which takes a write."""
        async with httpx.AsyncClient() as client:
            url = f"http://127.0.0.1:{self.port}/graphql"
            answer = await client.post(url, json={"query": SIGN_IN}, timeout=30)
        return answer.json()["data"]

    async def send_a_mail(self) -> None:
        """Return when the worker has sent one more."""
        connection = await self.connect()
        id = new_id()
        await connection.execute(
            "insert into mail (id, created_at, tenant_id, recipient, locale, template, facts,"
            " dedupe_key, status, attempts, next_attempt_at)"
            " values ($1::uuid, now(), $1::uuid, 'ann@example.com', 'en',"
            " 'member_invitation_expired', $2::jsonb, $3, 'QUEUED', 0, now())",
            *(id, json.dumps(FACTS), str(id)),
        )

        async def is_sent() -> bool:
            status = await connection.fetchval("select status from mail where id = $1", id)
            return bool(status == "SENT")

        await until(is_sent)
        await connection.close()


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await holds():  # noqa: ASYNC110 -- PostgreSQL can't call us
            await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """It may be treated badly, since nobody else lives there."""
    folder = tmp_path_factory.mktemp("lost")
    with Embedded(folder / "servers", durable=True) as server:
        house = House(server, folder)
        yield house
        house.end()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
async def test_everything_goes_on_when_postgresql_is_back(
    house: House, how: signal.Signals
) -> None:
    """Shut down in order while they work, and as in a crash."""
    refused = {"signIn": {"errors": [{"code": "INVALID_CREDENTIALS"}]}}
    await until(house.is_ready)
    assert await house.sign_in() == refused
    await house.send_a_mail()

    os.kill(await _postmaster(house), how)
    await until(house.is_not_ready)
    async with asyncio.timeout(PATIENCE):
        while not await asyncio.to_thread(house.server.revive):  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    await until(house.is_ready)
    assert await house.sign_in() == refused
    await house.send_a_mail()
    assert [process.poll() for process in house.processes] == [None, None]


async def _postmaster(house: House) -> int:
    """The server's first process, which is the parent of every session."""
    connection = await house.connect()
    backend = await connection.fetchval("select pg_backend_pid()")
    session = Path(f"/proc/{backend}/stat").read_text()  # noqa: ASYNC240
    await connection.close()
    return int(session.rpartition(")")[2].split()[1])
