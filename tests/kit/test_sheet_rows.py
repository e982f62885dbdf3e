"""What PostgreSQL tells of each kind of value, as two readers of workbooks find it."""

import io
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from kit import columns, copying
from kit.columns import SHEET, Kind, Written
from kit.pool import readers
from kit.sheet_rows import LONGEST, SheetRows
from kit.sheets import Book

pytestmark = pytest.mark.usefixtures("database")

COLUMNS = {
    "text": Kind.TEXT,
    "uuid": Kind.ID,
    "varchar": Kind.CODE,
    "boolean": Kind.BOOLEAN,
    "numeric": Kind.AMOUNT,
    "numeric ": Kind.DECIMAL,
    "bigint": Kind.INTEGER,
    "date": Kind.DATE,
    "timestamptz": Kind.INSTANT,
}
WORDS = {
    Kind.CODE: {"PAID": "paid & done", "OPEN": "open"},
    Kind.BOOLEAN: {"true": "yes", "false": "no"},
}
ID = "01a2008d-7400-72ea-84c0-0d448521ddd6"
USUAL = f"('a', '{ID}', 'PAID', true, 12.30, 0.5, 7, '2030-02-01', '2030-02-01T07:30:00Z')"
# A sheet knows no zones.
DAY, INSTANT = datetime(2030, 2, 1), datetime(2030, 2, 1, 15, 30)  # noqa: DTZ001
AS_TOLD = ["a", ID, "paid & done", "yes", 12.3, 0.5, 7, DAY, INSTANT]


async def sheet(*rows: str, kinds: dict[str, Kind] = COLUMNS) -> list[list[Any]]:
    """What openpyxl finds of rows of SQL; calamine must have the same texts and numbers."""
    written = [
        Written(str(n), "<h>", kind, WORDS.get(kind, {})) for n, kind in enumerate(kinds.values())
    ]
    cells = ", ".join(f"c{n}::{type_} as c{n}" for n, type_ in enumerate(kinds, start=1))
    names = ", ".join(f"c{n}" for n in range(1, len(kinds) + 1))
    sql = f"select {cells} from (values {', '.join(rows)}) given ({names})"
    told: list[bytes] = []

    async def take(piece: bytes) -> None:
        told.append(piece)

    connection = await readers().apart()
    count = await copying.copy(connection, columns.as_sheet(written, sql), take, **SHEET)
    await connection.close()
    file, made = io.BytesIO(), SheetRows(written)
    book = Book(file, title="a", heading=made.head, widths=[9], words=made.words)
    xml, found = made.xml(b"".join(told))
    assert found == count == len(rows)
    book.write(xml, found)
    book.close()
    page = openpyxl.load_workbook(file).active
    assert page is not None
    [head, *values] = [list(row) for row in page.iter_rows(values_only=True)]
    assert head == ["<h>"] * len(kinds)
    file.seek(0)
    other = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()[1:]
    for mine, theirs in zip(values, other, strict=True):
        for a, b in zip(mine, theirs, strict=True):
            if not isinstance(a, datetime):
                assert (a or "") == (b or "")
    return values


async def test_every_kind_of_value_is_what_it_was() -> None:
    assert await sheet(USUAL) == [AS_TOLD]


async def test_a_row_is_not_touched_by_an_odd_one_beside_it() -> None:
    nothing = f"({', '.join(['null'] * len(COLUMNS))})"
    odd = (
        "(E'<&>', null, 'NEWER<', false, 1234567890123456.78, 0.12345678901234567,"
        " 9007199254740993, null, 'infinity')"
    )

    assert await sheet(USUAL, nothing, USUAL, odd, USUAL) == [
        AS_TOLD,
        [None] * len(COLUMNS),
        AS_TOLD,
        [
            *("<&>", None, "NEWER<", "no", "1234567890123456.78", "0.12345678901234567"),
            *("9007199254740993", None, None),
        ],
        AS_TOLD,
    ]


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        (r"E'a\nb\r\nc\td'", "a\nb\r\nc\td"),
        (r"E'\\n \\\\ \\N \\. \\'", r"\n \\ \N \. " + "\\"),
        (r"E'a\x01\x02\x03\x08\x0b\x0c\x1f\uFFFE\uFFFFb'", "ab"),
        (r"E'\\\x02'", "\\"),
        (r"E'&lt; &amp;amp; ]]> \" '''", "&lt; &amp;amp; ]]> \" '"),
        ("' 中文 😀 '", " 中文 😀 "),
        ("'=1+1'", "=1+1"),
        ("'%b %s %'", "%b %s %"),
        ("'<row>'", "<row>"),
        ("''", None),
    ],
)
async def test_a_text_is_told_as_it_is_but_for_what_xml_cannot_say(sql: str, text: str) -> None:
    kinds = {"text": Kind.TEXT, "text ": Kind.TEXT}

    assert await sheet(f"({sql}, 'z')", f"('y', {sql})", kinds=kinds) == [[text, "z"], ["y", text]]


async def test_a_text_ends_where_a_cell_does_and_not_within_a_letter() -> None:
    kinds = {"text": Kind.TEXT}

    [[text], [short]] = await sheet(f"('x' || repeat(E'&\\n', {LONGEST}))", "('&')", kinds=kinds)

    assert text == ("x" + "&\n" * LONGEST)[:LONGEST]
    assert short == "&"


async def test_a_letter_that_a_sheet_counts_twice_is_not_cut_in_halves() -> None:
    [[text]] = await sheet(f"('x' || repeat('😀', {LONGEST}))", kinds={"text": Kind.TEXT})

    assert text == "x" + "😀" * (LONGEST // 2)


def test_a_text_that_a_sheet_would_read_as_one_letter_stays_what_it_is() -> None:
    file, made = io.BytesIO(), SheetRows([Written("note", "note", Kind.TEXT)])
    book = Book(file, title="a", heading=made.head, widths=[9], words=made.words)
    told = ["_x0041_", "a_x000D_x000d_b", "_x005F_", "_x004_ _xyz_ __x0041"]
    book.write(*made.xml("".join(f"{text}\n" for text in told).encode()))
    book.close()

    # Unlike sheets and calamine, openpyxl takes every letter in such a place as it is written.
    file.seek(0)
    found = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()
    assert [row[0] for row in found[1:]] == told


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("9999999999999.99", 9999999999999.99),
        ("-9999999999999.99", -9999999999999.99),
        ("10000000000000.00", "10000000000000.00"),
        ("-0.01", -0.01),
        ("0.00", 0),
    ],
)
async def test_an_amount_is_a_number_as_long_as_a_sheet_can_keep_its_cents(
    value: str, found: object
) -> None:
    assert await sheet(f"({value})", kinds={"numeric": Kind.AMOUNT}) == [[found]]


@pytest.mark.parametrize(
    ("at", "local"),
    [
        ("2030-12-31T16:00:01Z", datetime(2031, 1, 1, 0, 0, 1, tzinfo=UTC)),
        ("1991-07-01T00:00:00Z", datetime(1991, 7, 1, 9, tzinfo=UTC)),  # summer time
        ("1991-12-31T15:59:59Z", datetime(1991, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
async def test_an_instant_is_that_of_shanghai(at: str, local: datetime) -> None:
    [[found]] = await sheet(f"('{at}')", kinds={"timestamptz": Kind.INSTANT})

    assert found == local.replace(tzinfo=None)


async def test_a_day_is_that_day() -> None:
    assert await sheet("('1970-01-01')", kinds={"date": Kind.DATE}) == [
        [datetime.combine(date(1970, 1, 1), datetime.min.time())]
    ]
