"""A workbook (XLSX), written from its begin to its end in little memory.

Rows come as finished XML (`kit.sheet_rows`), texts as inline strings, which are never formulas;
here they are only zipped. A sheet that is full goes on in the next one.
"""

import zipfile
import zlib
from collections.abc import Sequence
from html import escape
from typing import IO, Any

from isal import isal_zlib

ROWS = 1_048_576  # in a sheet, the heading included
# A bit less than two gigabytes of XML: up to there, a member of an archive needs no ZIP64, which
# not every program reads.
BYTES = 2_000_000_000

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

# Cells by number: 0 as it is, 1 an instant, 2 a day, 3 an amount, 4 a heading.
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="2">'
    r'<numFmt numFmtId="164" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/>'
    r'<numFmt numFmtId="165" formatCode="yyyy\-mm\-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="5"><xf numFmtId="0" xfId="0"/>'
    '<xf numFmtId="164" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="4" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" xfId="0" applyFont="1"/></cellXfs><cellStyles count="1">'
    '<cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class Book:
    """Begin it with a heading (XML of a row, with its line end), `write` rows, `close` it.

    `words` are what cells of the type `s` name by their place.

    Nothing here may run beside itself, and all of it takes time: call it in a thread.
    """

    def __init__(
        self,
        file: IO[bytes],
        *,
        title: str,
        heading: bytes,
        widths: Sequence[int],
        words: Sequence[str] = (),
        rows: int = ROWS,
        size: int = BYTES,
    ) -> None:
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._title, self._heading, self._rows, self._size = title, heading, rows, size
        self._words = words
        columns = "".join(
            f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
            for n, width in enumerate(widths, start=1)
        )
        self._begin = (
            f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
            f"</sheetView></sheetViews><cols>{columns}</cols><sheetData>\n"
        ).encode()
        self._sheets = 0
        self._sheet: Any = None
        self._next()

    def write(self, rows: bytes, count: int) -> None:
        """Append so many whole rows, each of which ends with a line end."""
        while count:
            if self._left == 0 or (self._written >= self._size and self._left < self._rows - 1):
                self._next()
            part = min(count, self._left)
            cut = len(rows) if part == count else _end_of(rows, part)
            self._put(rows[:cut])
            self._left -= part
            rows, count = rows[cut:], count - part

    def close(self) -> None:
        """Write what holds the sheets together."""
        self._end()
        names = [self._name(n) for n in range(1, self._sheets + 1)]
        parts = {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default'
            ' Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships'
            '+xml"/><Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/>'
            + "".join(
                f'<Override PartName="/xl/worksheets/sheet{n}.xml"'
                f' ContentType="{_TYPE}.worksheet+xml"/>'
                for n, _ in enumerate(names, start=1)
            )
            + "</Types>",
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument"'
            ' Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
            + "".join(
                f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>'
                for n, name in enumerate(names, start=1)
            )
            + "</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            + "".join(
                f'<Relationship Id="rId{n}" Type="{_RELATIONS}/worksheet"'
                f' Target="worksheets/sheet{n}.xml"/>'
                for n, _ in enumerate(names, start=1)
            )
            + f'<Relationship Id="rId{len(names) + 1}" Type="{_RELATIONS}/styles"'
            ' Target="styles.xml"/>'
            f'<Relationship Id="rId{len(names) + 2}" Type="{_RELATIONS}/sharedStrings"'
            ' Target="sharedStrings.xml"/></Relationships>',
            "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">'
            + "".join(f"<si><t>{escape(word)}</t></si>" for word in self._words)
            + "</sst>",
        }
        for name, text in parts.items():
            self._archive.writestr(name, _XML + text)
        self._archive.writestr("xl/styles.xml", _STYLES)
        self._archive.close()

    def _name(self, number: int) -> str:
        return self._title if self._sheets == 1 else f"{self._title} {number}"

    def _next(self) -> None:
        if self._sheet is not None:
            self._end()
        self._sheets += 1
        self._sheet = self._archive.open(f"xl/worksheets/sheet{self._sheets}.xml", "w")
        # zlib's own takes five times as long.
        self._sheet._compressor = isal_zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._left, self._written = self._rows - 1, 0
        self._put(self._begin + self._heading)

    def _end(self) -> None:
        assert self._sheet is not None
        self._put(b"</sheetData></worksheet>")
        self._sheet.close()

    def _put(self, piece: bytes) -> None:
        # What `write` of zipfile does, but for its checksum, which takes as long as the zipping.
        sheet = self._sheet
        sheet._crc = isal_zlib.crc32(piece, sheet._crc)
        zipped = sheet._compressor.compress(piece)
        sheet._file_size += len(piece)
        sheet._compress_size += len(zipped)
        sheet._fileobj.write(zipped)
        self._written += len(piece)


def _end_of(rows: bytes, count: int) -> int:
    """Where the so-manieth row ends."""
    place = 0
    for _ in range(count):
        place = rows.index(b"\n", place) + 1
    return place
