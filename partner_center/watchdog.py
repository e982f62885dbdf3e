"""Stops the embedded servers when their owner is gone, however it went.

Run as a program, it holds one end of a pipe and blocks. The other end is held by the owner and by
the processes that the servers should outlive; when the last of them is gone, the pipe ends.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial


class Watchdog:
    """The owner's side."""

    def __init__(self) -> None:
        read_end, self.lifeline = os.pipe()
        with open(read_end, "rb") as theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", __file__],
                stdin=theirs,
                start_new_session=True,  # a Ctrl-C at the terminal is meant for the owner
                cwd="/",
            )

    def tell(self, pid: int, stop_signal: int) -> None:
        """This server is to be stopped, by this signal."""
        os.write(self.lifeline, f"{pid} {stop_signal:d}\n".encode())

    def dismiss(self) -> None:
        """The servers have been stopped already."""
        self._process.kill()
        self._process.wait()
        os.close(self.lifeline)


def watch() -> None:
    """The other side: wait until the owner is gone, then stop what it named."""
    stops = [_stop(*map(int, line.split())) for line in sys.stdin]
    for stop in stops:
        try:
            stop()
        except ProcessLookupError:
            continue  # it was stopped, and started anew under another number


def _stop(pid: int, stop_signal: int) -> Callable[[], None]:
    try:
        # A number alone could by then be another process's; a descriptor can't.
        return partial(signal.pidfd_send_signal, os.pidfd_open(pid), stop_signal)
    except (AttributeError, OSError):  # not on this system
        return partial(os.kill, pid, stop_signal)


if __name__ == "__main__":
    watch()
