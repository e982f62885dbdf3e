"""How files are written: piece by piece, by threads that step back behind requests."""

import asyncio
import io
import os

from python_calamine import CalamineWorkbook

from domain.exports.writing import STEP_BACK, THREADS, Writing
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
