"""Worker processes as an operator starts them, and the oracle that they are judged by."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.members.deadlines import EXPIRE
from kit import database
from tests.conftest import Servers

ROOT = Path(__file__).parents[2]
SECRET_KEY = "for the tests of workers, and for nothing else"
PATIENCE = 60.0  # seconds, for a busy machine; nothing is measured here


class Workers:
    """Starts `partner-center worker`, and leaves none behind."""

    def __init__(self, servers: Servers, redis_url: str) -> None:
        self.data_dir = servers.data_dir / "workers"
        self._environment = os.environ | {
            "DATABASE_URL": servers.database_url,
            "REDIS_URL": redis_url,
            "DATA_DIR": str(self.data_dir),
            "SECRET_KEY": SECRET_KEY,
            "TIMER_LEASE_SECONDS": "1",
            "LOG_LEVEL": "WARNING",
        }
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, **environment: str) -> subprocess.Popen[bytes]:
        """One more; named environment variables on top of what all have."""
        worker = subprocess.Popen(
            [sys.executable, "-m", "partner_center", "worker"],
            cwd=ROOT,
            env=self._environment | environment,
        )
        self._started.append(worker)
        return worker

    def end(self) -> None:
        """Kill those that still run."""
        for worker in self._started:
            worker.kill()
            worker.wait()


@contextmanager
def paused(worker: subprocess.Popen[bytes]) -> Iterator[None]:
    """Whatever stopped it, it goes on afterwards."""
    try:
        yield
    finally:
        worker.send_signal(signal.SIGCONT)


async def ended(worker: subprocess.Popen[bytes]) -> int:
    """How it ended, once it has; negative for the signal that killed it."""
    return await asyncio.to_thread(worker.wait, PATIENCE)


async def until_stopped(worker: subprocess.Popen[bytes]) -> None:
    """Return when the process is halted by SIGSTOP."""
    stat = Path(f"/proc/{worker.pid}/stat")
    async with asyncio.timeout(PATIENCE):
        while stat.read_text().rpartition(")")[2].split()[0] != "T":  # noqa: ASYNC110, ASYNC240
            await asyncio.sleep(0.02)


async def until(sql: str, *values: object) -> None:
    """Return when the statement gives a row."""
    async with asyncio.timeout(PATIENCE):
        while not await database.row(sql, *values):  # noqa: ASYNC110 -- PostgreSQL can't call us
            await asyncio.sleep(0.05)


async def until_nothing_is_due() -> None:
    """Return when no timer of the tests is live."""
    await until(
        "select 1 where not exists (select from timer where kind = $1 and state = 'SCHEDULED')",
        EXPIRE,
    )


async def what_is_wrong() -> dict[str, int]:
    """The oracle: of each invitation one final status, one fired timer, one event. Else a count."""
    row = await database.row(
        """
        select
            count(*) filter (where status <> 'EXPIRED') as unexpired,
            count(*) filter (where version <> 2) as changed_not_once,
            count(*) filter (where 1 <> (
                select count(*) from timer where subject_id = member_invitation.id and kind = $1
                    and state = 'FIRED' and lease_token is null)) as fired_not_once,
            count(*) filter (where 1 <> (
                select count(*) from event where subject_id = member_invitation.id
                    and name = 'member_invitation.expired')) as told_not_once
        from member_invitation""",
        EXPIRE,
    )
    assert row is not None
    return {what: count for what, count in row.items() if count}
