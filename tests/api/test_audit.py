"""GraphQL over HTTP as its own audits see it, asked of the whole application."""

import json
from pathlib import Path
from typing import Any

from tests.node import installed, run


async def test_no_audit_warns(tmp_path: Path, url: str) -> None:
    clients = await installed(tmp_path)

    code, output = await run("node", "audit.js", f"{url}/graphql", within=clients)

    assert code == 0, output
    audits: list[dict[str, Any]] = [json.loads(line) for line in output.splitlines()]
    assert len(audits) == 61
    assert {
        audit["name"]: (audit["status"], audit["reason"])
        for audit in audits
        if audit["status"] != "ok"
    } == {}
