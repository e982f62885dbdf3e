"""Chaos, in short; the long form is a command (docs/chaos.md)."""

import asyncio
import json
import sys
from pathlib import Path

from tests.faults.processes import ROOT


async def test_after_a_short_storm_every_promise_was_kept(tmp_path: Path) -> None:
    """By a process of its own: the program has a clock, a database and a simulator of its own."""
    report = tmp_path / "chaos.json"
    storm = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.chaos", "--seconds=25", "--seed=20300206", "--hurry"),
        f"--report={report}",
        cwd=ROOT,
    )
    ended = await storm.wait()

    assert report.exists(), f"it ended by {ended}, and why is above"
    found = json.loads(report.read_text())
    assert found["findings"] == []
    assert ended == 0
    assert found["faults"]
    assert found["audited"]["one key, one outcome"]["count"] > 0
