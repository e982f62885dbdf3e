"""Programs for Node, where it is present: installed as their lock file says, and run."""

import asyncio
import shutil
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parents[1] / "web" / "clients"


async def installed(place: Path) -> Path:
    """The clients that others have written, in this folder; skips the test where that can't be."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("needs Node")
    shutil.copytree(
        CLIENTS, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules")
    )
    code, output = await run("npm", "ci", "--no-audit", "--no-fund", within=place)
    if code:
        pytest.skip(f"npm can't install the clients: {output[-500:]}")
    return place


async def run(*command: str, within: Path) -> tuple[int, str]:
    """How it ended, and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=within,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), 120)
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode is not None
    return process.returncode, output.decode()
