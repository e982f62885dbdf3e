"""Rows of a sheet: PostgreSQL tells bare values, and the XML is put around them here.

The XML is four times as long as what it holds. Written by PostgreSQL it takes a third of its time,
which is what an export waits for; here it is written while PostgreSQL is at the next rows. Nothing
in Python touches a value by itself: whole pieces and whole columns are handled at once.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape, unescape

from kit.columns import SHEET_CELL_END, Kind, Written

LONGEST = 32_767  # characters in a cell, of which an emoji is two: sheets count in UTF-16
DIGITS = 15  # of a number; what has more is a text
AT_ONCE = 65_536  # bytes of told rows, or a bit more

_TEXT = (b'<c t="inlineStr"><is><t xml:space="preserve">', b"</t></is></c>")
_ROW, _ROW_END, _NOTHING, _VALUE = b"<row>", b"</row>\n", b"<c/>", b"%b"
_WRAPS = {
    Kind.ID: (b'<c t="str"><v>', b"</v></c>"),
    Kind.TEXT: _TEXT,
    Kind.INTEGER: (b"<c><v>", b"</v></c>"),
    Kind.DECIMAL: (b"<c><v>", b"</v></c>"),
    Kind.AMOUNT: (b'<c s="3"><v>', b"</v></c>"),
    Kind.DATE: (b'<c s="2"><v>', b"</v></c>"),
    Kind.INSTANT: (b'<c s="1"><v>', b"</v></c>"),
}
_NUMBERS = {Kind.INTEGER, Kind.DECIMAL, Kind.AMOUNT}

# What COPY writes for single letters, beside a backslash for a backslash; XML can't say the rest.
_ESCAPED = {
    rb"\n": b"&#10;",
    rb"\r": b"&#13;",
    rb"\t": b"&#9;",
    rb"\b": b"",
    rb"\f": b"",
    rb"\v": b"",
    b"\\" + SHEET_CELL_END: b"",
}
# To a sheet `_x0041_` is the letter A, unless its first stroke is written the same way.
_LETTER = re.compile(rb"_(?=x[0-9A-Fa-f]{4}_)")
_STROKE = b"_x005F_"
_UNSPEAKABLE = bytes(set(range(32)) - {*SHEET_CELL_END, *b"\n"})
_LINE_END = bytes.maketrans(b"\n", SHEET_CELL_END)


class SheetRows:
    """Writes rows of these columns."""

    def __init__(self, columns: Sequence[Written]) -> None:
        self._columns = columns
        self.words = list(
            dict.fromkeys(word for column in columns for word in column.words.values())
        )
        places = {word: place for place, word in enumerate(self.words)}
        self._words = [_Words(column, places) for column in columns]

    @property
    def head(self) -> bytes:
        """The first row of every sheet."""
        start, end = b'<c s="4"' + _TEXT[0].removeprefix(b"<c"), _TEXT[1]
        headers = (escape(column.header, quote=False).encode() for column in self._columns)
        return _ROW + b"".join(start + header + end for header in headers) + _ROW_END

    def xml(self, told: bytes) -> tuple[bytes, int]:
        """Each a row, on a line, of the whole lines that COPY has told; and how many they are.

        Words are told by their place in `words`. It takes twenty times the memory of `told`,
        and is slow where that is more than a processor has at hand: give it `AT_ONCE`.
        """
        values = _speakable(told).split(SHEET_CELL_END)
        values.pop()  # what is behind the last line end
        width = len(self._columns)
        rows, row = len(values) // width, [_ROW]
        for place, column in enumerate(self._columns):
            finished = self._finished(place, values[place::width])
            if finished is None:
                row.append(_VALUE.join(_WRAPS[column.kind]))
            else:
                row.append(_VALUE)
                values[place::width] = finished
        row.append(_ROW_END)
        return b"".join(row) * rows % tuple(values), rows

    def _finished(self, place: int, cells: list[bytes]) -> list[bytes] | None:
        """The cells with all their XML; None when all of them can do with the same."""
        kind = self._columns[place].kind
        if kind in (Kind.CODE, Kind.BOOLEAN):
            return list(map(self._words[place].__getitem__, cells))
        wrap = _VALUE.join(_WRAPS[kind])
        if kind in _NUMBERS and max(map(len, cells), default=0) > DIGITS:
            return [_number(cell, wrap) if cell else _NOTHING for cell in cells]
        if kind is Kind.TEXT and max(map(len, cells), default=0) > LONGEST:
            cells = [_cut(cell) for cell in cells]
            return [wrap % cell if cell else _NOTHING for cell in cells]
        if b"" in cells:
            return [wrap % cell if cell else _NOTHING for cell in cells]
        return None


class _Words(dict[bytes, bytes]):
    """Of a code its cell. In the words of the API a code may be new to us; it is told as it is."""

    def __init__(self, column: Written, places: Mapping[str, int]) -> None:
        # Truth is `t` or `f` to COPY.
        short = column.kind is Kind.BOOLEAN
        super().__init__(
            {
                (code[:1] if short else code).encode(): b'<c t="s"><v>%d</v></c>' % places[word]
                for code, word in column.words.items()
            }
        )
        self[b""] = _NOTHING

    def __missing__(self, code: bytes) -> bytes:
        return code.join(_TEXT)


def _speakable(told: bytes) -> bytes:
    # Nearly always there is none of these in a piece, and to find that out takes no time.
    for letter, name in ((b"&", b"&amp;"), (b"<", b"&lt;"), (b">", b"&gt;")):
        if letter in told:
            told = told.replace(letter, name)
    if b"\\" in told:
        told = told.replace(rb"\\", b"\0")  # which no text of PostgreSQL's has
        for written, meant in _ESCAPED.items():
            told = told.replace(written, meant)
        told = told.replace(b"\0", b"\\")
    if b"_x" in told:
        told = _LETTER.sub(_STROKE, told)
    if b"\xef\xbf" in told:
        told = told.replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b"")
    return told.translate(_LINE_END, _UNSPEAKABLE)


def _number(cell: bytes, wrap: bytes) -> bytes:
    digits = len(cell) - cell.count(b".") - cell.count(b"-")
    return wrap % cell if digits <= DIGITS else cell.join(_TEXT)


def _cut(cell: bytes) -> bytes:
    if len(cell) <= LONGEST:
        return cell
    units = unescape(cell.decode()).encode("utf-16-le")[: 2 * LONGEST]
    text = escape(units.decode("utf-16-le", "ignore"), quote=False)  # no half of a letter
    for letter in "\n\r\t":
        text = text.replace(letter, f"&#{ord(letter)};")
    return text.encode()
