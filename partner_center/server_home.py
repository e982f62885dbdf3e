"""Where the embedded servers' files and sockets lie: in the data directory, if that is possible."""

import hashlib
import logging
import os
import re
import shutil
import stat
import tempfile
from pathlib import Path

from partner_center.server_user import ServersUnavailable, ServerUser

# A socket's path may have 103 bytes (107 on Linux), and both its URL and PostgreSQL's list of
# socket directories know special characters.
PLAIN_PATH = re.compile(r"[\w./-]{1,85}", re.ASCII)
STATE = Path("/var/lib/partner-center")  # what lies in /var/tmp may be tidied away
TEMPORARY = Path("/tmp")  # not TMPDIR, which may differ between two processes

log = logging.getLogger(__name__)


class ServerHome:
    """`path` and `sockets` are right for whoever asks; `make` and `clear` are the owner's."""

    def __init__(self, data_dir: Path, *, durable: bool) -> None:
        self._data_dir = data_dir
        self._durable = durable
        self._link = data_dir / "servers"

    @property
    def path(self) -> Path:
        return (self._link if self._link.is_symlink() else self._data_dir).resolve()

    @property
    def sockets(self) -> Path:
        near = self.path / "run"
        if PLAIN_PATH.fullmatch(str(near)):
            return near
        return TEMPORARY / f"partner-center-{hashlib.sha256(os.fsencode(near)).hexdigest()[:16]}"

    def make(self, user: ServerUser) -> None:
        if self._link.is_symlink() and not self._link.exists():
            self._link.unlink()  # the data directory has come to another machine
        if not user.may_enter(self.path):
            self._move_out(user)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        status = self.sockets.lstat()
        ours = stat.S_ISDIR(status.st_mode) and status.st_uid in (os.geteuid(), user.uid)
        if not ours or status.st_mode & 0o077:
            # Anybody may make directories in /tmp, and servers of his own in them.
            raise ServersUnavailable(f"{self.sockets} is not ours alone; remove it")
        user.take(self.sockets)

    def clear(self) -> None:
        """Leave nothing in other places that is of no use any more."""
        if self.sockets.parent != self.path:
            shutil.rmtree(self.sockets, ignore_errors=True)
        if self._link.is_symlink() and not self._durable:
            shutil.rmtree(self.path, ignore_errors=True)
            self._link.unlink()

    def _move_out(self, user: ServerUser) -> None:
        """For a data directory below a place that root keeps to himself, as /root is."""
        place = STATE if self._durable else TEMPORARY
        place.mkdir(exist_ok=True)
        self._link.unlink(missing_ok=True)
        home = Path(tempfile.mkdtemp(prefix="partner-center-", dir=place))
        user.take(home)
        self._link.symlink_to(home)
        log.warning(
            "PostgreSQL may not run as root, nor others enter here: its data is in %s", home
        )
