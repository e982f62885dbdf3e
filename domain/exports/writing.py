"""A file under way: pieces come from the database, are hashed or zipped in a thread, and kept.

It lies in an unnamed temporary file until it is whole, so that a process that dies leaves nothing.
"""

import asyncio
import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO

from kit.columns import Written, csv_head
from kit.sheet_rows import AT_ONCE, SheetRows
from kit.sheets import Book
from models.exports import ExportFormat

PIECE = 262_144
STEP_BACK = 5  # as of nice(1): a third of what others get of a core that all want
_BOM = b"\xef\xbb\xbf"


def _step_back() -> None:
    # An export has time; requests that the same cores answer have none. Elsewhere than on Linux it
    # would be the whole process.
    if sys.platform == "linux":
        os.nice(STEP_BACK)


# Of a file that is zipped, PostgreSQL writes a piece and then the thread zips it, instead of both
# at once: the two would keep both cores of a small machine from the requests that come meanwhile.
TAKES_TURNS = frozenset({ExportFormat.XLSX})

# A thread for each file under way, as many as there are.
THREADS = ThreadPoolExecutor(1_000, thread_name_prefix="export", initializer=_step_back)


@dataclass(frozen=True)
class Whole:
    """What there is to know of a file that is complete."""

    rows: int
    size: int
    sha256: str


class Writing:
    """Takes pieces and hands some hundred kilobytes at a time to a thread."""

    def __init__(
        self,
        file: IO[bytes],
        *,
        format: ExportFormat,
        title: str,
        columns: Sequence[Written],
        bom: bool = False,
    ) -> None:
        self._file = file
        self._book: Book | None = None
        self._pieces: list[bytes] = []
        self._size = 0
        self._work: asyncio.Future[None] | None = None
        self._sha256 = hashlib.sha256()
        self._rest = b""
        self.rows = 0
        self._columns, self._format, self._title = columns, format, title
        self._sheet_rows = SheetRows(columns)
        if format is ExportFormat.CSV:
            self._pieces.append((_BOM if bom else b"") + csv_head(columns))

    async def take(self, piece: bytes) -> None:
        """The next piece of what COPY says; waits while the thread is behind, or has its turn."""
        self._pieces.append(piece)
        self._size += len(piece)
        self.rows += piece.count(b"\n")
        if self._size >= PIECE:
            await self._hand_on()
            if self._format in TAKES_TURNS:
                await self.rest()

    async def end(self, rows: int) -> Whole:
        """Bring the file to its end."""
        await self._hand_on()
        await self.rest()
        return await asyncio.get_running_loop().run_in_executor(THREADS, self._end, rows)

    async def rest(self) -> None:
        """Wait until the thread has nothing to do."""
        if self._work is not None:
            work, self._work = self._work, None
            await asyncio.shield(work)

    async def _hand_on(self) -> None:
        await self.rest()
        pieces, self._pieces, self._size = self._pieces, [], 0
        loop = asyncio.get_running_loop()
        self._work = loop.run_in_executor(THREADS, self._keep, pieces)

    def _keep(self, pieces: list[bytes]) -> None:
        data = b"".join(pieces)
        if self._format is ExportFormat.XLSX:
            # Whole rows only; PostgreSQL sends such, but nobody promises it.
            data = self._rest + data
            cut = data.rfind(b"\n") + 1
            self._rest = data[cut:]
            for told in _parts(data[:cut], AT_ONCE):
                self._opened().write(*self._sheet_rows.xml(told))
        else:
            self._sha256.update(data)
            self._file.write(data)

    def _opened(self) -> Book:
        if self._book is None:
            self._book = Book(
                self._file,
                title=self._title,
                heading=self._sheet_rows.head,
                widths=[column.width for column in self._columns],
                words=self._sheet_rows.words,
            )
        return self._book

    def _end(self, rows: int) -> Whole:
        if self._format is ExportFormat.XLSX:
            self._opened().close()
            self._file.seek(0)
            while piece := self._file.read(PIECE):
                self._sha256.update(piece)
        self._file.flush()
        return Whole(rows, self._file.tell(), self._sha256.hexdigest())


def _parts(rows: bytes, size: int) -> Iterator[bytes]:
    begin = 0
    while begin < len(rows):
        end = rows.find(b"\n", begin + size) + 1 or len(rows)
        yield rows[begin:end]
        begin = end
