"""What runs in a directory: the oracle for "nothing is left behind"."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import redis.asyncio as redis

ROOT = Path(__file__).parents[2]
OWNER = """
import sys, time
from pathlib import Path
from partner_center.embedded import Embedded

embedded = Embedded(Path(sys.argv[1]), durable=False).start()
print(embedded.is_owner, flush=True)
time.sleep(600)
"""


def an_owner(data_dir: Path) -> subprocess.Popen[str]:
    """A process that brings the servers up, or finds them up, and says whether they are its own."""
    return subprocess.Popen(
        [sys.executable, "-c", OWNER, str(data_dir)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def says(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def kill(process: subprocess.Popen[Any]) -> None:
    process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()


def living_in(place: Path) -> dict[int, str]:
    """The processes whose working directory lies in this place, with their command lines."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink().is_relative_to(place.resolve()):
                line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found[int(process.name)] = line
    return found


def kill_all(pids: set[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def children_of(pid: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def eventually(condition: Callable[[], object], *, within: float = 60) -> None:
    """Wait until it holds. The limit is for a machine that is very busy, not a figure to meet."""
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.05)


async def ask_postgres(url: str, statement: str) -> Any:
    host = parse_qs(urlsplit(url).query)["host"][0]
    connection = await asyncpg.connect(host=host, user="partner", database="partner")
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def ask_valkey(url: str, *command: str) -> Any:
    async with redis.Redis.from_url(url, decode_responses=True) as valkey:
        return await valkey.execute_command(*command)


async def in_thread(condition: Callable[[], object]) -> None:
    """`eventually`, with the event loop free."""
    await asyncio.to_thread(eventually, condition)
