"""Chaos, in short; the long form is a command (docs/chaos.md)."""

from tests.faults.chaos.run import run


async def test_after_a_short_storm_every_promise_was_kept() -> None:
    report = await run(seconds=25, seed=20300206, hurry=True, pause=(0.2, 0.8), patience=180)

    assert [str(finding) for finding in report.findings] == []
    assert report.book.faults
    assert report.audited["one key, one outcome"].count > 0
