"""The servers under load: each one process, started as its user would, and what they cost."""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from bench.operations import Operation

PATIENCE = 120.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, what it is asked there, and its process."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    paths: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, Operation] = field(default_factory=dict)

    def requests(self, operation: Operation, token: str) -> list[bytes]:
        """What it is asked for an operation: its own way to say it, if it has one."""
        path = self.paths.get(operation.name, "/graphql")
        return self.asked.get(operation.name, operation).requests(path=path, token=token)

    @property
    def peak(self) -> float:
        """The most memory that it has had so far, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024


@dataclass(frozen=True)
class Cost:
    """CPU seconds of a server and of all of PostgreSQL, up to a moment."""

    server: float
    postgres: float

    @classmethod
    def now(cls, server: Server, postmaster: int) -> Self:
        """Read it from /proc."""
        spent = {pid: seconds for pid, _, seconds in _processes()}
        return cls(
            server=spent.get(server.process.pid, 0.0),
            # With those that ended meanwhile, else a vacuum's end would give time back.
            postgres=cpu_below(postmaster),
        )

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(self.server - other.server, self.postgres - other.postgres)


@contextmanager
def running(
    name: str,
    *command: str,
    port: int,
    environment: Mapping[str, str] | None = None,
    paths: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Start `python -m …`, wait until it listens, and stop it in the end."""
    python = (sys.executable, "-m", *command)
    with started(name, python, port=port, environment=environment, paths=paths or {}) as server:
        yield server


@contextmanager
def started(
    name: str,
    command: Sequence[str],
    *,
    port: int,
    environment: Mapping[str, str] | None = None,
    **more: Any,
) -> Iterator[Server]:
    """Any program as a server: as `running`, `more` for the Server."""
    process = subprocess.Popen(command, env=os.environ | dict(environment or {}))
    try:
        _wait_for(port, process)
        yield Server(name, port, process, **more)
    finally:
        process.terminate()
        process.wait(PATIENCE)


async def finished(*command: str, environment: Mapping[str, str]) -> None:
    """Run `python -m …` to its end; SystemExit when that is a bad one."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *command, env=os.environ | dict(environment)
    )
    if await process.wait():
        raise SystemExit(f"{' '.join(command)} failed")


@contextmanager
def thrown_away() -> Iterator[Path]:
    """A folder for servers and files; PostgreSQL, another user where we are root, may write to it.

    What it couldn't enter it would move to where nobody throws it away.
    """
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def parent_of(pid: int) -> int:
    """The parent of a process: of a PostgreSQL session's, the postmaster."""
    return next(parent for each, parent, _ in _processes() if each == pid)


def cpu_below(postmaster: int) -> float:
    """Seconds of CPU of PostgreSQL's processes, those that ended included."""
    fields = Path(f"/proc/{postmaster}/stat").read_text().rpartition(")")[2].split()
    ended = sum(map(int, fields[11:15])) / TICKS
    return ended + sum(seconds for _, parent, seconds in _processes() if parent == postmaster)


def machine() -> str:
    """How many cores of which kind, and how much memory."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores of {model}, {memory:.0f} GiB"


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"{process.args!r} ended with {process.returncode}")
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"{process.args!r} does not listen")


def _processes() -> Iterator[tuple[int, int, float]]:
    """Id, parent and CPU seconds of every process."""
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        yield int(file.parent.name), int(fields[1]), (int(fields[11]) + int(fields[12])) / TICKS
