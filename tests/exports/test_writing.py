"""How files are written: piece by piece, by threads that step back behind requests."""

import asyncio
import io
import os
from threading import Event

import pytest
from python_calamine import CalamineWorkbook

from domain.exports.writing import PIECE, STEP_BACK, THREADS, Writing
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


@pytest.mark.parametrize(
    ("format", "waits"),
    [(ExportFormat.XLSX, True), (ExportFormat.CSV, False), (ExportFormat.JSONL, False)],
)
async def test_no_more_is_taken_while_a_piece_is_zipped(
    format: ExportFormat, waits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, keep = Event(), Writing._keep

    def slow(writing: Writing, pieces: list[bytes]) -> None:
        goes_on.wait()
        keep(writing, pieces)

    monkeypatch.setattr(Writing, "_keep", slow)
    column = Written("a", "A", Kind.TEXT)
    writing = Writing(io.BytesIO(), format=format, title="a", columns=[column])

    taken = asyncio.create_task(writing.take(b"x\n" * PIECE))
    for _ in range(5):
        await asyncio.sleep(0)

    assert taken.done() is not waits
    goes_on.set()
    await taken
    assert (await writing.end(PIECE)).rows == PIECE
