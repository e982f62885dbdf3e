"""Keeps child processes running, as `partner-center run` does with the API and the worker."""

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

LONGEST_PAUSE = 30.0
# A child drains for 15 s; whoever waits for it waits a little longer.
DRAIN = 20.0

log = logging.getLogger(__name__)


class Supervisor:
    """Runs commands of our own, each in a child process, until told to stop.

    Every child inherits the read end of a pipe whose other end is ours alone, and `follow`s it:
    when we are gone, even by kill -9, it drains and ends.
    """

    def __init__(
        self,
        *,
        environment: Mapping[str, str],
        own: Mapping[str, Mapping[str, str]],
        outlived_by: int | None,
    ) -> None:
        self._environment = dict(environment)
        self._own = own  # variables by command
        self._outlived_by = () if outlived_by is None else (outlived_by,)
        self._children: set[asyncio.subprocess.Process] = set()
        self._theirs, self._ours = os.pipe()

    async def keep_running(self, commands: Sequence[str], stop: asyncio.Event) -> None:
        """One child a command; one that ends is started again, after a longer pause each time."""
        await asyncio.gather(*(self._keep_running(command, stop) for command in commands))

    def hurry(self) -> None:
        """Wait for no child any longer."""
        for child in self._children:
            with suppress(ProcessLookupError):
                child.kill()

    async def _keep_running(self, command: str, stop: asyncio.Event) -> None:
        pause = 1.0
        while not stop.is_set():
            began = time.monotonic()
            child = await self._start(command)
            self._children.add(child)
            ending = asyncio.create_task(child.wait())
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({ending, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if stop.is_set():
                await _drain(child, ending)
                return
            stopping.cancel()
            self._children.discard(child)
            if time.monotonic() - began > LONGEST_PAUSE:
                pause = 1.0
            log.warning("%s %s; again in %.0f s", command, _how(child.returncode), pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _start(self, command: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "partner_center", command, f"--lifeline={self._theirs}"),
            stdin=asyncio.subprocess.DEVNULL,
            env={**self._environment, **self._own.get(command, {})},
            pass_fds=(self._theirs, *self._outlived_by),
            start_new_session=True,  # a Ctrl-C at the terminal is meant for us
        )


def stop_signals() -> list[signal.Signals]:
    """What tells us to stop: Ctrl-C, `kill`, a closed terminal unless `nohup` wants us to stay."""
    hang_up = [] if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else [signal.SIGHUP]
    return [signal.SIGINT, signal.SIGTERM, *hang_up]


def follow(lifeline: int | None) -> None:
    """End in order when the other end of this pipe is gone; at once if that takes too long."""

    if lifeline is not None:
        threading.Thread(target=_wait_for_end, args=(lifeline,), daemon=True).start()


def _wait_for_end(lifeline: int) -> None:
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(DRAIN)
    os._exit(1)  # the embedded servers wait for us, and the next start for them


async def _drain(child: asyncio.subprocess.Process, ending: asyncio.Task[int]) -> None:
    with suppress(ProcessLookupError):
        child.terminate()
    try:
        await asyncio.wait_for(asyncio.shield(ending), DRAIN)
    except TimeoutError:
        with suppress(ProcessLookupError):
            child.kill()
        await ending


def _how(code: int | None) -> str:
    if code is None or code >= 0:
        return f"ended with code {code}"
    return f"was ended by {signal.Signals(-code).name}"
