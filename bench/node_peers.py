"""The peers that need Node, of bench/peers/: installed as their lock says, and started."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

PEERS = Path(__file__).with_name("peers")
# Garbage is collected less often, as one sets it for a server with memory to spare.
NODE = ("node", "--max-semi-space-size=64")
ENVIRONMENT = {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}


def installed() -> bool:
    """Whether there are peers to measure; installs them once, and says why if it can't."""
    if not shutil.which("node") or not shutil.which("npm"):
        print("There is no Node here: its peers are left out.")
        return False
    lock, stamp = PEERS / "package-lock.json", PEERS / "node_modules" / ".installed"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return True
    print("Installing what bench/peers/package-lock.json names, once …", flush=True)
    done = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"],
        cwd=PEERS,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"npm can't, so the peers are left out: {done.stderr[-500:]}")
        return False
    stamp.write_bytes(lock.read_bytes())
    return True


def command(program: str, *arguments: str) -> Sequence[str]:
    """How a program of bench/peers/ is started."""
    return [*NODE, str(PEERS / program), *arguments]


def environment() -> dict[str, str]:
    """That of a deployed server, without what may be set here for Node."""
    return {**ENVIRONMENT, "NODE_OPTIONS": ""}


def versions() -> str:
    """Which they are: of Node, and of what is measured."""
    packages = json.loads((PEERS / "package.json").read_text())["dependencies"]
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    named = [f"{name} {packages[name]}" for name in ("mercurius", "postgraphile")]
    return ", ".join([*named, f"Node {node.stdout.strip().removeprefix('v')}"])


def address(database_url: str, *, user: str | None = None) -> str:
    """A database's address as pg takes it, as this user."""
    url = database_url.replace("asyncpg://", "postgres://", 1)
    if user is None:
        return url
    before, _, after = url.partition("://")
    return f"{before}://{user}@{after.rpartition('@')[2]}"
