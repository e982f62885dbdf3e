"""How files are written: piece by piece, by threads that step back behind requests."""

import asyncio
import io
import os

import pytest
from python_calamine import CalamineWorkbook

from domain.exports.writing import PIECE, REST_AT_MOST, STEP_BACK, THREADS, Writing
from kit.columns import Kind, Written
from models.exports import ExportFormat

LOWEST = 19


async def test_files_are_written_by_threads_of_less_priority() -> None:
    mine = os.nice(0)

    theirs = await asyncio.get_running_loop().run_in_executor(THREADS, os.nice, 0)

    assert theirs == min(mine + STEP_BACK, LOWEST)
    assert os.nice(0) == mine


async def test_a_row_that_comes_in_pieces_is_one() -> None:
    column, file = Written("a", "A", Kind.TEXT), io.BytesIO()
    writing = Writing(file, format=ExportFormat.XLSX, title="a", columns=[column])

    for piece in (b"x" * 20_000, b"x" * 10_000, b"\n", b"y\nz", b"\n" + b"w\n" * 300_000):
        await writing.take(piece)
    whole = await writing.end(300_003)

    file.seek(0)
    cells = [
        row[0] for row in CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).iter_rows()
    ]
    assert cells == ["A", "x" * 30_000, "y", "z", *["w"] * 300_000]
    assert (whole.rows, writing.rows, whole.size) == (300_003, 300_003, len(file.getvalue()))


async def rests_of(format: ExportFormat, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that it rests after each of three pieces; the first has taken ten, others a tenth."""
    rests: list[float] = []

    async def sleep(seconds: float) -> None:
        rests.append(seconds)

    column, clock = Written("a", "A", Kind.TEXT), iter([0.0, 10.0, 10.0, 10.1, 10.1, 10.2, 10.2])
    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr("domain.exports.writing.monotonic", lambda: next(clock))
    writing = Writing(io.BytesIO(), format=format, title="a", columns=[column])
    for _ in range(3):
        await writing.take(b"x\n" * (PIECE // 2))
    await writing.end(3)
    return rests


async def test_a_file_that_is_zipped_gives_way_after_each_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await rests_of(ExportFormat.XLSX, monkeypatch) == pytest.approx(
        [REST_AT_MOST, 0.025, 0.025]
    )


async def test_a_file_that_is_only_written_down_does_not_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await rests_of(ExportFormat.CSV, monkeypatch) == [0, 0, 0]
