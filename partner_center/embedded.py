"""Private, real PostgreSQL and Valkey servers, for when DATABASE_URL and REDIS_URL are unset.

The first process to come owns the servers and takes them down with it, even when it is killed;
others just connect. One machine, no replicas: back up with PostgreSQL's own pg_dump.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Self

from partner_center.embedded_server import PATIENCE, EmbeddedServer
from partner_center.postgres_server import PostgresServer
from partner_center.server_home import ServerHome
from partner_center.server_user import ServersUnavailable, ServerUser
from partner_center.valkey_server import ValkeyServer
from partner_center.watchdog import Watchdog

if TYPE_CHECKING:
    from partner_center.settings import Settings

PAUSE = 0.02


class Embedded:
    """The servers of one data directory. `durable=False` is for tests: fast, and forgetful."""

    def __init__(
        self, data_dir: Path, *, postgres: bool = True, valkey: bool = True, durable: bool = True
    ) -> None:
        self.data_dir = data_dir.absolute()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._wanted = [PostgresServer] * postgres + [ValkeyServer] * valkey
        self._durable = durable
        self._home = ServerHome(self.data_dir, durable=durable)
        self._servers: list[EmbeddedServer] = []
        self._lock: TextIOWrapper | None = None
        self._watchdog: Watchdog | None = None

    @property
    def database_url(self) -> str:
        return f"asyncpg://partner@/partner?host={self._home.sockets}"

    @property
    def redis_url(self) -> str:
        return f"unix://{self._home.sockets}/valkey.sock?db=0"

    @property
    def is_owner(self) -> bool:
        return self._lock is not None

    @property
    def lifeline(self) -> int | None:
        """A descriptor; the servers outlive every process that holds a copy of it."""
        return self._watchdog.lifeline if self._watchdog else None

    def start(self) -> Self:
        """Return when both servers answer: ours, or those of a process that came earlier."""
        end = time.monotonic() + PATIENCE
        while not self._take_ownership():
            if all(server.answers() for server in self._known_servers()):
                return self
            if time.monotonic() > end:
                raise ServersUnavailable(
                    f"the owner of {self.data_dir} does not get its servers up"
                )
            time.sleep(PAUSE)
        try:
            self._home.make(ServerUser.for_data_in(self.data_dir))
            self._watchdog = Watchdog()
            self._servers = self._known_servers()
            for server in self._servers:
                self._launch(server)
            self._wait_for(self._servers)
        except BaseException:
            self.stop()
            raise
        return self

    def revive(self) -> list[str]:
        """Start again what has ended though nobody stopped it; its names."""
        ended = [server for server in self._servers if server.has_ended()]
        for server in ended:
            self._launch(server)
        self._wait_for(ended)
        return [server.program for server in ended]

    def stop(self) -> None:
        """The owner stops the servers; for anyone else there is nothing to do."""
        for server in self._servers:
            server.stop()
        for server in self._servers:
            server.wait()
        self._servers = []
        if self._watchdog:
            self._watchdog.dismiss()
            self._watchdog = None
            self._home.clear()
        if self._lock:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _take_ownership(self) -> bool:
        lock = self.data_dir.joinpath(".lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._lock = lock  # the kernel lets go of it when we end, however we end
        return True

    def _known_servers(self) -> list[EmbeddedServer]:
        user = ServerUser.for_data_in(self.data_dir)
        return [
            server(
                home=self._home.path,
                sockets=self._home.sockets,
                log=self.data_dir / f"{server.program}.log",
                user=user,
                durable=self._durable,
            )
            for server in self._wanted
        ]

    def _launch(self, server: EmbeddedServer) -> None:
        assert self._watchdog, "only the owner starts servers"
        self._watchdog.tell(server.start().pid, server.stop_signal)

    def _wait_for(self, servers: list[EmbeddedServer]) -> None:
        end = time.monotonic() + PATIENCE
        while waiting := [server for server in servers if not server.answers()]:
            if time.monotonic() > end or any(server.has_ended() for server in waiting):
                logs = " and ".join(str(server.log) for server in waiting)
                raise ServersUnavailable(f"an embedded server did not start; see {logs}")
            time.sleep(PAUSE)


@contextmanager
def serving(settings: "Settings") -> Iterator[tuple["Settings", Embedded | None]]:
    """Settings with both URLs: those given, or of servers that run as long as this block."""
    postgres, valkey = settings.database_url is None, settings.redis_url is None
    if not (postgres or valkey):
        yield settings, None
        return
    with Embedded(settings.data_dir, postgres=postgres, valkey=valkey) as embedded:
        urls = {
            "database_url": settings.database_url or embedded.database_url,
            "redis_url": settings.redis_url or embedded.redis_url,
        }
        yield settings.model_copy(update=urls), embedded
