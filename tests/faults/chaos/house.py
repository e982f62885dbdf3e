"""The house that is treated badly: servers of its own, an API, and workers, each a process."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from pydantic import SecretStr

from partner_center.embedded import Embedded
from partner_center.settings import Settings
from tests.faults.processes import ROOT

COMMAND = (sys.executable, "-m", "partner_center")
PATIENCE = 180.0  # for a machine that is very busy
LEASE = 2  # seconds that a timer stays with a worker; the sleepers sleep longer
SECRET_KEY = "for the chaos program, and for nothing else"


class Member:
    """A process of the house: started, killed, stopped, and started again."""

    def __init__(
        self, command: str, name: str, environment: dict[str, str], log: Path, lifeline: int
    ) -> None:
        self.name = name
        self.label = ""  # the step at which it is to die
        self._command, self._environment, self.log = command, environment, log
        self._lifeline = lifeline
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, label: str = "") -> None:
        """Start it, to die at a labelled step if one is named."""
        self.label = label
        armed = {"FAULT_AT": label} if label else {}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*COMMAND, self._command, f"--lifeline={self._lifeline}"],
                cwd=ROOT,
                env=self._environment | armed,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(self._lifeline,),
            )

    @property
    def ended(self) -> int | None:
        """How it ended; None while it runs."""
        assert self._process is not None
        return self._process.poll()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it is still there."""
        assert self._process is not None
        self._process.send_signal(number)

    async def end(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it, and wait until it has."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(number)
            await asyncio.to_thread(self._process.wait, PATIENCE)


class House:
    """Servers, an API and two workers; `settings` are those that all of them have."""

    def __init__(self, servers: Embedded, folder: Path) -> None:
        self.servers, self.folder = servers, folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        own = {
            "DATABASE_URL": servers.database_url,
            "REDIS_URL": servers.redis_url,
            "DATA_DIR": str(folder / "data"),
            "SECRET_KEY": SECRET_KEY,
            "SANDBOX": "1",
            "PORT": str(port),
            "TIMER_LEASE_SECONDS": str(LEASE),
            "LOG_LEVEL": "WARNING",
        }
        self.settings = Settings(
            database_url=own["DATABASE_URL"],
            redis_url=own["REDIS_URL"],
            data_dir=folder / "data",
            secret_key=SecretStr(SECRET_KEY),
            sandbox=True,
            port=port,
        )
        environment = os.environ | own
        self._environment = environment
        # They end with us, even if we are killed: this pipe's other end is ours alone.
        lifeline, self._ours = os.pipe()
        self.objects = folder / "data" / "objects"
        self.api = Member("api", "api", environment, folder / "api.log", lifeline)
        self.workers = [
            Member(
                "worker", f"worker-{number}", environment, folder / f"worker-{number}.log", lifeline
            )
            for number in (1, 2)
        ]

    @property
    def members(self) -> list[Member]:
        """Everything that was started."""
        return [self.api, *self.workers]

    def migrate(self) -> None:
        """Bring the empty database up to date."""
        subprocess.run([*COMMAND, "migrate"], cwd=ROOT, env=self._environment, check=True)

    def start(self) -> None:
        """Start everything that is ours."""
        for member in self.members:
            member.start()

    async def until_ready(self) -> None:
        """Return when the API says that it is; RuntimeError with its last words if it never is."""
        try:
            async with httpx.AsyncClient() as client, asyncio.timeout(PATIENCE):
                while not await self._is_ready(client):  # noqa: ASYNC110 -- it can't call us
                    await asyncio.sleep(0.1)
        except TimeoutError as late:
            last = self.api.log.read_text(errors="replace")[-4000:]
            raise RuntimeError(f"the API (ended: {self.api.ended}) isn't ready:\n{last}") from late

    async def _is_ready(self, client: httpx.AsyncClient) -> bool:
        try:
            answer = await client.get(f"{self.url}/readyz", timeout=10)
        except httpx.TransportError:
            return False
        return answer.status_code == 200

    async def end(self) -> None:
        """End everything but the servers."""
        for member in self.members:
            await member.end()

    def signal_server(self, program: str, number: signal.Signals) -> None:
        """Send a signal to the server whose program's name begins so."""
        for server in self.servers._servers:
            if server.program.startswith(program) and server.process is not None:
                server.process.send_signal(number)

    async def revive(self) -> None:
        """Start again whichever of the servers has ended; waits for the end of those that go."""
        async with asyncio.timeout(PATIENCE):
            while not await asyncio.to_thread(self.servers.revive):  # noqa: ASYNC110
                await asyncio.sleep(0.05)


@contextmanager
def a_house(*, keep: bool = False) -> Iterator[House]:
    """A house whose servers run as long as this block; what is written survives a crash of them."""
    folder = Path(tempfile.mkdtemp(prefix="partner-center-chaos-"))
    folder.chmod(0o755)  # the servers may not run as root
    try:
        with Embedded(folder / "servers", durable=True) as servers:
            yield House(servers, folder)
    finally:
        if keep:
            sys.stderr.write(f"kept in {folder}\n")
        else:
            shutil.rmtree(folder, ignore_errors=True)
