"""What the embedded PostgreSQL and Valkey have in common: one program in a directory of its own."""

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from partner_center.server_user import ServersUnavailable, ServerUser

PATIENCE = 120.0  # seconds; a server that was killed may have much to recover
LOG_BYTES = 10_000_000
PROC = Path("/proc")


class EmbeddedServer(ABC):
    """A server of ours: started in its directory, found again after a crash, ended by a signal."""

    program: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]

    def __init__(self, *, home: Path, sockets: Path, log: Path, user: ServerUser, durable: bool):
        # Resolved, since that is how /proc spells it.
        self.directory = home.resolve() / self.program
        self.sockets = sockets
        self.log = log
        self.user = user
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def pid_file(self) -> Path: ...

    @property
    @abstractmethod
    def socket_files(self) -> tuple[Path, ...]: ...

    @abstractmethod
    def prepare(self) -> Sequence[str | Path]:
        """Make the directory if need be; give the command that starts the server."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether clients can do their work now. Needs no ownership."""

    def start(self) -> subprocess.Popen[bytes]:
        """Start the program, and leave it to warm up. Only for the owner of the directory."""
        self._stop_orphan()
        command = self.prepare()
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C at the terminal is meant for the owner
                **self.user.surroundings,
            )
        return self.process

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """Begin an orderly end; `wait` sees it through."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)

    def wait(self) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def _stop_orphan(self) -> None:
        """End what a killed owner left behind: two servers on one directory would destroy it."""
        told: set[int] = set()
        end = time.monotonic() + PATIENCE
        while orphans := self._orphans():
            if time.monotonic() > end:
                raise ServersUnavailable(f"{self.program} {orphans} in {self.directory} won't stop")
            for pid in {self._noted_pid()} & orphans - told:
                told.add(pid)
                with suppress(ProcessLookupError):
                    os.kill(pid, self.stop_signal)
            time.sleep(0.05)
        # A number noted there may be another process's by now; a server would take it for a twin.
        for leftover in (self.pid_file, *self.socket_files):
            leftover.unlink(missing_ok=True)

    def _orphans(self) -> set[int]:
        """The processes of our program that live in our directory: a server, and its helpers."""
        if not PROC.joinpath("self").exists():  # macOS: trust the file, as pg_ctl does
            pid = self._noted_pid()
            return {pid} if pid and _is_alive(pid) else set()
        found = set()
        for process in PROC.glob("[0-9]*"):
            with suppress(OSError):  # another user's, or gone meanwhile
                lives_here = (process / "cwd").readlink() == self.directory
                if lives_here and (process / "exe").readlink().name.startswith(self.program):
                    found.add(int(process.name))
        return found

    def _noted_pid(self) -> int:
        with suppress(OSError, ValueError, IndexError):
            return int(self.pid_file.read_text().split()[0])
        return 0


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
