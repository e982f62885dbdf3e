"""Under whose name the embedded servers run: ours; root's never, which PostgreSQL refuses."""

import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class ServersUnavailable(Exception):
    """A server can't be had; the message says why and, of an embedded one, what to do."""


@dataclass(frozen=True)
class ServerUser:
    """The account that the servers run as: our own, unless we are root."""

    uid: int
    gid: int

    @classmethod
    def for_data_in(cls, data_dir: Path) -> "ServerUser":
        """Ourselves; or, when we are root, the directory's owner or else `nobody`."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid())
        owner = data_dir.stat()
        if owner.st_uid != 0:
            return cls(owner.st_uid, owner.st_gid)
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)

    @property
    def surroundings(self) -> dict[str, Any]:
        """What `subprocess` needs to be told to start a program under this name."""
        # Neither our secrets nor a PGPORT that someone exported for another server.
        kept = {
            name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ
        }
        rest: dict[str, Any] = {"cwd": "/", "env": kept | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}}
        if os.geteuid() == 0:
            rest |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return rest

    def run(self, *command: str | Path, text: str = "") -> str:
        """Run a program to its end under this name; what it said."""
        result: subprocess.CompletedProcess[str] = subprocess.run(
            command,
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **self.surroundings,
        )
        if result.returncode != 0:
            raise ServersUnavailable(f"{command[0]} failed: {result.stdout.strip()}")
        return result.stdout

    def may_enter(self, place: Path) -> bool:
        """Whether every directory down to this one lets us through."""
        if os.geteuid() == self.uid:
            return True  # we have been there
        return all(self._may_pass(step.stat()) for step in (place, *place.parents))

    def take(self, place: Path) -> None:
        """Become the owner of this file or directory."""
        if os.geteuid() == 0:
            os.chown(place, self.uid, self.gid, follow_symlinks=False)

    def _may_pass(self, status: os.stat_result) -> bool:
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)
