"""Workbooks: sheets that are full go on in the next one; two readers agree on what is there."""

import io
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from kit.sheets import Book


def row(number: int) -> bytes:
    return f"<row><c><v>{number}</v></c></row>\n".encode()


HEADING = b'<row><c t="inlineStr"><is><t>n</t></is></c></row>\n'


def book(pieces: list[bytes], **limits: Any) -> io.BytesIO:
    file = io.BytesIO()
    made = Book(file, title="数 & <字>", heading=HEADING, widths=[9], **limits)
    for piece in pieces:
        made.write(piece, piece.count(b"\n"))
    made.close()
    file.seek(0)
    return file


def read(file: io.BytesIO) -> dict[str, list[object]]:
    """By openpyxl; calamine has to say the same."""
    sheets = openpyxl.load_workbook(file, read_only=True)
    found: dict[str, list[object]] = {
        sheet.title: [cells[0] for cells in sheet.iter_rows(values_only=True)] for sheet in sheets
    }
    file.seek(0)
    other = CalamineWorkbook.from_filelike(file)
    assert other.sheet_names == list(found)
    for name in found:
        assert [cells[0] for cells in other.get_sheet_by_name(name).to_python()] == found[name]
    return found


@pytest.mark.parametrize("in_one_piece", [True, False])
def test_rows_beyond_the_last_go_on_in_the_next_sheet(in_one_piece: bool) -> None:
    rows = [row(number) for number in range(7)]

    found = read(book([b"".join(rows)] if in_one_piece else rows, rows=4))

    assert found == {
        "数 & <字> 1": ["n", 0, 1, 2],
        "数 & <字> 2": ["n", 3, 4, 5],
        "数 & <字> 3": ["n", 6],
    }


def test_a_sheet_that_is_exactly_full_is_the_only_one() -> None:
    assert list(read(book([row(0) + row(1)], rows=3)).values()) == [["n", 0, 1]]


def test_a_sheet_of_too_many_bytes_goes_on_in_the_next() -> None:
    found = read(book([row(0), row(1)], size=1))

    assert list(found.values()) == [["n", 0], ["n", 1]]


def test_a_list_without_rows_is_a_sheet_with_a_heading() -> None:
    assert list(read(book([])).values()) == [["n"]]
