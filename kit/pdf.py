"""Documents as PDF, in Chinese or English.

It names one of the fonts that every viewer has for Chinese, instead of carrying megabytes of it.
"""

from html import escape
from io import BytesIO

from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from kit.printing import Document
from kit.printing import Table as Rows

FONT = "STSong-Light"


def as_pdf(document: Document) -> bytes:
    """The file; the same document gives the same bytes. Keeps a core busy for a while."""
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    file = BytesIO()
    SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=24 * mm,
        rightMargin=24 * mm,
        topMargin=26 * mm,
        bottomMargin=24 * mm,
        title=document.title,
        author="Partner Center",
        lang=document.language,
        invariant=1,
    ).build(_story(document))
    return file.getvalue()


def _story(document: Document) -> list[object]:
    text = _style("text", 11, 18)
    story: list[object] = [
        Paragraph(escape(document.title), _style("title", 20, 28, alignment=TA_CENTER)),
        Spacer(1, 4 * mm),
    ]
    if document.subtitle:
        story += [
            Paragraph(escape(document.subtitle), _style("sub", 13, 20, alignment=TA_CENTER)),
            Spacer(1, 6 * mm),
        ]
    if document.facts:
        rows = [
            [Paragraph(escape(name), text), Paragraph(escape(value), text)]
            for name, value in document.facts
        ]
        table = Table(rows, colWidths=[45 * mm, 115 * mm])
        table.setStyle(TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.4, "#c9cdd4")]))
        story += [table, Spacer(1, 8 * mm)]
    if document.table:
        story += [_rows(document.table), Spacer(1, 8 * mm)]
    for paragraph in document.paragraphs:
        story += [Paragraph(escape(paragraph), text), Spacer(1, 3 * mm)]
    if document.footer:
        story += [Spacer(1, 8 * mm), Paragraph(escape(document.footer), _style("foot", 9, 14))]
    return story


def _rows(rows: Rows) -> Table:
    """On as many pages as it needs, the head on each; numbers get as little room as they can."""
    words, numbers = _style("cell", 9, 13), _style("number", 9, 13, alignment=TA_RIGHT)
    first = len(rows.head) - rows.numbers
    cells = [
        [
            Paragraph(escape(text), numbers if place >= first else words)
            for place, text in enumerate(row)
        ]
        for row in (rows.head, *rows.rows)
    ]
    narrow = 25 * mm
    wide = (160 * mm - narrow * rows.numbers) / max(first, 1)
    table = Table(cells, colWidths=[wide] * first + [narrow] * rows.numbers, repeatRows=1)
    table.setStyle(TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.4, "#c9cdd4")]))
    return table


def _style(name: str, size: int, leading: int, **more: object) -> ParagraphStyle:
    # CJK wrapping breaks between any two characters; Latin words in between stay readable.
    return ParagraphStyle(
        name, fontName=FONT, fontSize=size, leading=leading, wordWrap="CJK", **more
    )
