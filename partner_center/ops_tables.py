"""Answers as tables in plain text, for people and for `grep`."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

Row = Mapping[str, Any]
Column = tuple[str, Callable[[Row], Any]]

LONGEST = 60  # characters of a cell, but for the last of a line


def table(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    """A heading and a line for each row, in columns; or a word for no rows."""
    if not rows:
        return "nothing"
    heads = [name.upper() for name, _ in columns]
    cells = [[_cell(read(row)) for _, read in columns] for row in rows]
    for line in cells:
        line[:-1] = [
            cell[: LONGEST - 1] + "…" if len(cell) > LONGEST else cell for cell in line[:-1]
        ]
    widths = [max(_width(line[place]) for line in [heads, *cells]) for place in range(len(heads))]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in [heads, *cells]
    )


def plain(*names: str) -> list[Column]:
    """Columns that are called as the API calls them; a number in a table needn't say it counts."""
    return [(_spaced(name.removesuffix("Count")), itemgetter(name)) for name in names]


def partner(row: Row) -> str | None:
    """Whose it is: by the id that commands take, and by name."""
    return "{id} {name}".format_map(row["partner"]) if row["partner"] else None


def span(milliseconds: int | None) -> str:
    """`1d 02:03:04`, `02:03:04`, `4.0s`, `350ms`."""
    if milliseconds is None:
        return "-"
    if milliseconds < 1_000:
        return f"{milliseconds}ms"
    seconds = milliseconds // 1_000
    if seconds < 60:
        return f"{milliseconds / 1_000:.1f}s"
    days, rest = divmod(seconds, 86_400)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{days}d {clock}" if days else clock


def _width(text: str) -> int:
    """In places of a terminal, where a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(str(value).split())


def _spaced(name: str) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
