"""A real standby of the tests' PostgreSQL, copied and followed as an operator would do it."""

import asyncio
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import asyncpg

from kit.pool import address
from partner_center import server_programs
from partner_center.server_user import ServerUser
from tests.conftest import Servers

PATIENCE = 60.0  # for a machine that is very busy


class Standby:
    """PostgreSQL on a socket of its own, replaying what the session's server writes."""

    def __init__(self, servers: Servers) -> None:
        self._primary = address(servers.database_url)
        self._user = ServerUser.for_data_in(servers.data_dir)
        self._programs = server_programs.postgres(self._user)
        self._place = Path(tempfile.mkdtemp(prefix="standby-", dir="/tmp"))  # a short path
        self._user.take(self._place)
        self._process: subprocess.Popen[bytes] | None = None
        self.database_url = f"postgresql://partner@/partner?host={self._place}"

    def copy(self) -> Self:
        """Take a base backup, which begins as a standby."""
        self._user.run(
            *(self._programs / "pg_basebackup", "-D", self._place / "data", "-R"),
            *("-h", str(self._primary["host"]), "-U", "partner", "--checkpoint=fast"),
        )
        return self

    async def start(self) -> None:
        """Return when it can be read."""
        self._process = self._launch()
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await (await self.connect()).close()
                    return
                except (OSError, asyncpg.PostgresError):
                    assert self._process.poll() is None, "the standby ended"
                    await asyncio.sleep(0.1)

    def _launch(self) -> subprocess.Popen[bytes]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._place),
            "hot_standby": "on",
        }
        return subprocess.Popen(
            [
                *(self._programs / "postgres", "-D", self._place / "data"),
                *(f"--{name}={value}" for name, value in settings.items()),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._user.surroundings,
        )

    async def connect(self) -> asyncpg.Connection:
        """A session of the test's own."""
        return await asyncpg.connect(**address(self.database_url))

    def stop(self) -> None:
        """Shut it down as for maintenance; who reads is cut off."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(PATIENCE)
            self._process = None

    def remove(self) -> None:
        """Leave nothing."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._place, ignore_errors=True)
