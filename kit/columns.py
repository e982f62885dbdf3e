"""How each row of a list is written, by PostgreSQL itself: as CSV, as JSON, as a row of a sheet.

What leaves the database is finished text, which Python only passes on. Instants are told in
Shanghai, where the business is; as JSON in UTC, as the API tells them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from html import escape
from typing import Any

# A text that begins so is a formula to programs that open CSV; the full-width ones, too.
_FORMULA = (9, 10, 13, 43, 45, 61, 64, 0xFF0B, 0xFF0D, 0xFF1D, 0xFF20)

# COPY's way of writing single texts as they are: none of ours contains these two.
RAW = {"format": "csv", "delimiter": "\x02", "quote": "\x01"}
CSV = {"format": "csv"}

# An instant in Shanghai. Its offset is eight hours since 1991; looking that up for each is slow.
_SHANGHAI = (
    "case when {0} >= '1992-01-01' then {0}::timestamp + interval '8 hours'"
    " else {0} at time zone 'Asia/Shanghai' end"
)
_LONGEST = 32_767  # characters in a cell of a sheet
_UNSPEAKABLE = r"E'[\x01-\x1f\uFFFE\uFFFF]'"
_SPECIAL = r"E'[&<>\x01-\x1f\uFFFE\uFFFF]'"
_TEXT = '<c t="inlineStr"><is><t xml:space="preserve">'
_TEXT_END = "</t></is></c>"
_STRING, _SHARED, _END = '<c t="str"><v>', '<c t="s"><v>', "</v></c>"
_TEXT_HEAD = '<c s="4" t="inlineStr"><is><t xml:space="preserve">'


class Kind(Enum):
    """What a cell holds, whatever the file's format."""

    ID = auto()
    TEXT = auto()
    INTEGER = auto()
    DECIMAL = auto()
    AMOUNT = auto()
    BOOLEAN = auto()
    DATE = auto()
    INSTANT = auto()
    CODE = auto()


_WIDTHS = {Kind.ID: 37, Kind.INSTANT: 20, Kind.DATE: 12, Kind.INTEGER: 10, Kind.AMOUNT: 15}


@dataclass(frozen=True)
class Cell:
    """A value that each row has; `codes` are those that a CODE may have, of the enum `enum`."""

    path: tuple[str, ...]
    kind: Kind
    enum: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rows:
    """The statement for all rows, its columns called c1, c2 …, and one that can be counted.

    `asked` are the viewer's attributes by which it decides what is told.
    """

    sql: str
    count: str
    values: list[Any]
    asked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Written:
    """A column of a file: its name for machines and for people, and words for its codes."""

    name: str
    header: str
    kind: Kind
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """Of its column in a sheet, in characters."""
        return _WIDTHS.get(self.kind, 18)


def as_csv(columns: Sequence[Written], rows: str) -> str:
    """The statement for COPY in CSV; `rows` has the values as c1, c2 …"""
    cells = ", ".join(_csv(column, f"c{n}") for n, column in enumerate(columns, start=1))
    return f"select {cells} from ({_once(rows)}) written"


def csv_head(columns: Sequence[Written]) -> bytes:
    """The first line."""
    cells = ('"' + column.header.replace('"', '""') + '"' for column in columns)
    return (",".join(cells) + "\n").encode()


def as_json(columns: Sequence[Written], rows: str) -> str:
    """The statement for COPY: of each row an object on a line, amounts and codes as in the API."""
    values = ", ".join(
        f'{_json(column, f"c{n}")} as "{column.name}"' for n, column in enumerate(columns, start=1)
    )
    return f"select row_to_json(told)::text from (select {values} from ({rows}) written) told"


def as_sheet(columns: Sequence[Written], rows: str) -> str:
    """The statement for COPY: of each row the XML of a row of a sheet, on a line.

    Words are told by their place in `sheet_words`.
    """
    places = {word: place for place, word in enumerate(sheet_words(columns))}
    texts = [f"c{n}" for n, column in enumerate(columns, start=1) if column.kind is Kind.TEXT]
    plain, escaped = (
        " || ".join(
            _sheet(column, f"c{n}", text, places) for n, column in enumerate(columns, start=1)
        )
        for text in (_plain, _escaped)
    )
    # Hardly a row has anything to escape: one look at all its texts is cheaper than one at each.
    whole = f"concat({', '.join(texts) or 'null'})"
    return (
        f"select '<row>' || case when {whole} ~ {_SPECIAL} or octet_length({whole}) > {_LONGEST}"
        f" then {escaped} else {plain} end || '</row>' from ({_once(rows)}) written"
    )


def sheet_words(columns: Sequence[Written]) -> list[str]:
    """All words that codes of these columns have, for the workbook's table of shared strings."""
    return list(dict.fromkeys(word for column in columns for word in column.words.values()))


def sheet_head(columns: Sequence[Written]) -> bytes:
    """The first row of every sheet."""
    cells = "".join(_TEXT_HEAD + _xml(column.header) + _TEXT_END for column in columns)
    return f"<row>{cells}</row>\n".encode()


def _once(rows: str) -> str:
    # Else PostgreSQL writes what makes a value wherever the value is named, and looks up a
    # customer's name three times.
    return f"{rows} offset 0"


def _csv(column: Written, value: str) -> str:
    if column.kind is Kind.TEXT:
        first = ", ".join(map(str, _FORMULA))
        return f"case when ascii({value}::text) in ({first}) then '''' || {value} else {value} end"
    if column.kind is Kind.INSTANT:
        return f"date_bin('1 second', {_SHANGHAI.format(value)}, timestamp '2000-01-01')"
    if column.kind in (Kind.CODE, Kind.BOOLEAN):
        return _choice(value, {code: _literal(word) for code, word in column.words.items()})
    return value


def _json(column: Written, value: str) -> str:
    if column.kind is Kind.INSTANT:
        return f'to_char({value}, \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\')'
    if column.kind in (Kind.AMOUNT, Kind.DECIMAL):
        return f"{value}::text"
    return value


def _sheet(
    column: Written, value: str, text: Callable[[str], str], places: Mapping[str, int]
) -> str:
    kind = column.kind
    if kind in (Kind.CODE, Kind.BOOLEAN):
        cells = {code: f"'{_SHARED}{places[word]}{_END}'" for code, word in column.words.items()}
        return f"coalesce({_choice(value, cells, other=_escaped(value))}, '<c/>')"
    if kind is Kind.ID:
        return f"coalesce('{_STRING}' || {value} || '{_END}', '<c/>')"
    if kind is Kind.TEXT:
        return f"coalesce({text(value)}, '<c/>')"
    if kind is Kind.INTEGER:
        return f"coalesce('<c><v>' || {value} || '</v></c>', '<c/>')"
    if kind is Kind.DATE:
        return f"coalesce('<c s=\"2\"><v>' || ({value} - date '1899-12-30') || '</v></c>', '<c/>')"
    if kind is Kind.INSTANT:
        days = f"(date_part('epoch', {_SHANGHAI.format(value)}) / 86400 + 25569)"
        return (
            f"case when isfinite({value}) then '<c s=\"1\"><v>' || {days} || '</v></c>'"
            " else '<c/>' end"
        )
    # A sheet keeps fifteen digits; what has more is a text there.
    if kind is Kind.AMOUNT:
        return _number(value, ' s="3"', f"{value} between -9999999999999 and 9999999999999")
    return _number(value, "", f"length({value}::text) <= 16")


def _number(value: str, style: str, fits: str) -> str:
    return (
        f"coalesce(case when {fits} then '<c{style}><v>' || {value} ||"
        f" '</v></c>' else '{_TEXT}' || {value} || '{_TEXT_END}' end, '<c/>')"
    )


def _plain(value: str) -> str:
    return f"'{_TEXT}' || {value} || '{_TEXT_END}'"


def _escaped(value: str) -> str:
    plain = f"left({value}::text, {_LONGEST})"
    for letter, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        plain = f"replace({plain}, '{letter}', '{escaped}')"
    # Line ends as they are would end a row for us; what XML can't say is left out.
    for letter, escaped in ((r"\n", "&#10;"), (r"\r", "&#13;"), (r"\t", "&#9;")):
        plain = f"replace({plain}, E'{letter}', '{escaped}')"
    plain = f"regexp_replace({plain}, {_UNSPEAKABLE}, '', 'g')"
    return f"'{_TEXT}' || {plain} || '{_TEXT_END}'"


def _choice(value: str, choices: Mapping[str, str], *, other: str | None = None) -> str:
    # In the words of the API a value may be new to us; it is told as it is then.
    whens = " ".join(f"when {_literal(code)} then {chosen}" for code, chosen in choices.items())
    return f"case {value}::text {whens} else {other or f'{value}::text'} end"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _xml(text: str) -> str:
    return escape(text, quote=False)
