"""Documents for paper: what stands on them, and the page to print; kit/pdf.py has the PDF.

The page has no script and no style of its own, so that it needs no exception from a strict
Content-Security-Policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows under a head; the last `numbers` columns are numbers, and stand to the right."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: int = 0


@dataclass(frozen=True, kw_only=True)
class Document:
    """What stands on the paper, from top to bottom."""

    language: str
    title: str
    subtitle: str = ""
    facts: Sequence[tuple[str, str]] = ()
    table: Table | None = None
    paragraphs: Sequence[str] = ()
    footer: str = ""


def as_html(document: Document, *, stylesheet: str) -> str:
    """A whole page; `stylesheet` is where its style lies."""
    facts = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
        for name, value in document.facts
    )
    paragraphs = "".join(f"<p>{escape(text)}</p>\n" for text in document.paragraphs)
    return (
        f'<!doctype html>\n<html lang="{document.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(document.title)}</title>"
        f'<link rel="stylesheet" href="{escape(stylesheet)}"></head>\n<body><main>\n'
        f"<h1>{escape(document.title)}</h1>\n"
        + (f"<h2>{escape(document.subtitle)}</h2>\n" if document.subtitle else "")
        + (f"<table>{facts}</table>\n" if facts else "")
        + (_table(document.table) if document.table else "")
        + paragraphs
        + (f"<footer>{escape(document.footer)}</footer>\n" if document.footer else "")
        + "</main></body></html>\n"
    )


_NUMBER = ' class="number"'


def _table(table: Table) -> str:
    head = _cells("th", table.head, table.numbers)
    rows = "".join(f"<tr>{_cells('td', row, table.numbers)}</tr>\n" for row in table.rows)
    return f'<table class="rows"><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>\n'


def _cells(tag: str, texts: Sequence[str], numbers: int) -> str:
    first = len(texts) - numbers
    return "".join(
        f"<{tag}{_NUMBER if place >= first else ''}>{escape(text)}</{tag}>"
        for place, text in enumerate(texts)
    )
