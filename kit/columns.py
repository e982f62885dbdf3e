"""How each row of a list is written, by PostgreSQL itself: as CSV, as JSON, as cells of a sheet.

What leaves the database is text, which Python never looks into. Instants are told in
Shanghai, where the business is; as JSON in UTC, as the API tells them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

# A text that begins so is a formula to programs that open CSV; the full-width ones, too.
_FORMULA = (9, 10, 13, 43, 45, 61, 64, 0xFF0B, 0xFF0D, 0xFF1D, 0xFF20)

# COPY's way of writing single texts as they are: none of ours contains these two.
RAW = {"format": "csv", "delimiter": "\x02", "quote": "\x01"}
CSV = {"format": "csv"}

# Of each row its values as they are. Two of them are parted by a byte that COPY marks in a text.
SHEET_CELL_END = b"\x02"
SHEET = {"format": "text", "delimiter": SHEET_CELL_END.decode(), "null": ""}

# An instant in Shanghai. Its offset is eight hours since 1991; looking that up for each is slow.
_EIGHT = "1992-01-01"
_SHANGHAI = (
    f"case when {{0}} >= '{_EIGHT}' then {{0}} at time zone interval '08:00'"
    " else {0} at time zone 'Asia/Shanghai' end"
)


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
    """The statement for COPY: of each row the values that `kit.sheet_rows` makes cells of."""
    cells = ", ".join(_sheet(column, f"c{n}") for n, column in enumerate(columns, start=1))
    return f"select {cells} from ({rows}) written"


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


def _sheet(column: Written, value: str) -> str:
    if column.kind is Kind.DATE:
        return f"{value} - date '1899-12-30'"
    if column.kind is Kind.INSTANT:
        # Days since the one that sheets count from; what is never over has none.
        return (
            f"case when {value} >= '{_EIGHT}' and {value} < 'infinity'"
            f" then (date_part('epoch', {value}) + 28800) / 86400 + 25569"
            f" when isfinite({value}) then"
            f" date_part('epoch', {value} at time zone 'Asia/Shanghai') / 86400 + 25569 end"
        )
    return value


def _choice(value: str, choices: Mapping[str, str]) -> str:
    # In the words of the API a value may be new to us; it is told as it is then.
    whens = " ".join(f"when {_literal(code)} then {chosen}" for code, chosen in choices.items())
    return f"case {value}::text {whens} else {value}::text end"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
