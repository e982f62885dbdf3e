"""Two real Valkeys and a Sentinel that watches them, as an operator would set them up."""

import asyncio
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from partner_center import server_programs
from partner_center.server_user import ServerUser
from tests.conftest import Servers

PATIENCE = 120.0  # seconds; who is master is agreed on and heard of in several steps
NAME = "main"
PASSWORD = "for the tests of a failover"


def a_port() -> int:
    """One that is free, and stays so most likely."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class Watched:
    """A primary, a replica and their Sentinel, each a process on a port of this machine."""

    def __init__(self, servers: Servers) -> None:
        self._user = ServerUser.for_data_in(servers.data_dir)
        self._program = server_programs.valkey(self._user)
        self._place = Path(tempfile.mkdtemp(prefix="sentinel-", dir="/tmp"))
        self._user.take(self._place)
        self.ports = (a_port(), a_port())
        self._sentinel_port = a_port()
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        """As REDIS_URL names them; the first Sentinel isn't there any more."""
        password = PASSWORD.replace(" ", "%20")
        gone = a_port()
        return (
            f"redis+sentinel://:{password}@127.0.0.1:{gone},127.0.0.1:{self._sentinel_port}/{NAME}"
        )

    async def start(self) -> None:
        """Return when the Sentinel knows all of them."""
        self.launch(self.ports[0])
        self.launch(self.ports[1], "--replicaof", "127.0.0.1", str(self.ports[0]))
        await until(lambda: self.is_linked(self.ports[1]))
        config = self._place / "sentinel.conf"
        config.write_text(
            f"port {self._sentinel_port}\n"
            "bind 127.0.0.1\n"
            f"sentinel monitor {NAME} 127.0.0.1 {self.ports[0]} 1\n"
            f'sentinel auth-pass {NAME} "{PASSWORD}"\n'
            f"sentinel down-after-milliseconds {NAME} 1000\n"
            f"sentinel failover-timeout {NAME} 5000\n"
        )
        self._user.take(config)
        self._run(self._sentinel_port, str(config), "--sentinel")
        await until(self._knows_the_replica)

    def launch(self, port: int, *options: str) -> None:
        """One of the two; what it held before is forgotten."""
        self._run(
            port,
            *("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._place)),
            *("--requirepass", PASSWORD, "--primaryauth", PASSWORD, *options),
            *("--repl-diskless-sync-delay", "0"),
        )

    def kill(self, port: int) -> None:
        """As by kill -9."""
        process = self._processes.pop(port)
        process.kill()
        process.wait()

    async def primary(self) -> int:
        """The port of the one that the Sentinel calls the master."""
        async with self.client(self._sentinel_port) as sentinel:
            _, port = await sentinel.sentinel_get_master_addr_by_name(NAME)  # type: ignore[no-untyped-call]
        return int(port)

    async def exchange(self) -> None:
        """Let the Sentinel exchange their parts, while both are well.

        It refuses until it has heard from the replica lately.
        """

        async def begun() -> bool:
            async with self.client(self._sentinel_port) as sentinel:
                await sentinel.execute_command("SENTINEL", "FAILOVER", NAME)  # type: ignore[no-untyped-call]
            return True

        await until(begun)

    async def is_primary(self, port: int) -> bool:
        """Whether it takes itself, and the Sentinel takes it, for the one that is written to."""
        async with self.client(port) as client:
            role = (await client.info("replication"))["role"]
        return role == "master" and await self.primary() == port

    async def is_linked(self, port: int) -> bool:
        """Whether it is a replica that follows."""
        async with self.client(port) as client:
            state = await client.info("replication")
        return bool(state.get("master_link_status") == "up")

    def client(self, port: int) -> Redis:
        """Of one process, whatever its part."""
        password = None if port == self._sentinel_port else PASSWORD
        return Redis(host="127.0.0.1", port=port, password=password)

    def end(self) -> None:
        """Leave nothing."""
        for port in list(self._processes):
            self.kill(port)
        shutil.rmtree(self._place, ignore_errors=True)

    def _run(self, port: int, *arguments: str) -> None:
        self._processes[port] = subprocess.Popen(
            [self._program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._user.surroundings,
        )

    async def _knows_the_replica(self) -> bool:
        async with self.client(self._sentinel_port) as sentinel:
            replicas = await sentinel.sentinel_slaves(NAME)  # type: ignore[no-untyped-call]
        return [each["port"] for each in replicas if not each["is_sdown"]] == [self.ports[1]]


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Return when it is so; a server that doesn't answer is one of which it isn't."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                if await holds():
                    return
            except (RedisError, OSError):
                pass
            await asyncio.sleep(0.1)
