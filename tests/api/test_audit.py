"""GraphQL over HTTP as its own audits see it, asked of the whole application."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

TOOL = Path(__file__).parents[2] / "web" / "audit"


@pytest.fixture(scope="module")
async def tool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The audits, installed as their lock file says."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("needs Node")
    place = tmp_path_factory.mktemp("audit")
    for name in (".npmrc", "package.json", "package-lock.json", "audit.js"):
        shutil.copy(TOOL / name, place)
    code, output = await run("npm", "ci", "--no-audit", "--no-fund", within=place)
    if code:
        pytest.skip(f"npm can't install the audits: {output[-500:]}")
    return place


async def test_no_audit_warns(tool: Path, url: str) -> None:
    code, output = await run("node", "audit.js", f"{url}/graphql", within=tool)

    assert code == 0, output
    audits: list[dict[str, Any]] = [json.loads(line) for line in output.splitlines()]
    assert len(audits) == 61
    assert {
        audit["name"]: (audit["status"], audit["reason"])
        for audit in audits
        if audit["status"] != "ok"
    } == {}


async def run(*command: str, within: Path) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=within,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode is not None
    return process.returncode, output.decode()
