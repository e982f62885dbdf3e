"""What a file is, told by its bytes; what it may be called."""

import hashlib
from io import BytesIO

import pytest

from domain.files import content
from domain.files.content import LARGEST, FileOfUnknownType, FileTooLarge
from domain.files.uploads import disposition
from kit.problems import InvalidInput
from tests.files.samples import DOCX, JPEG, PDF, PNG, XLSX, archive

OFFICE = "application/vnd.openxmlformats-officedocument"


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        (PDF, "application/pdf"),
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (XLSX, f"{OFFICE}.spreadsheetml.sheet"),
        (DOCX, f"{OFFICE}.wordprocessingml.document"),
    ],
)
def test_each_kind_is_known_by_its_content(file: bytes, kind: str) -> None:
    found = content.examine(BytesIO(file))

    assert (found.content_type, found.size) == (kind, len(file))


def test_the_hash_is_that_of_the_whole_file() -> None:
    file = PDF + b"x" * 200_000

    assert content.examine(BytesIO(file)).sha256 == hashlib.sha256(file).hexdigest()


@pytest.mark.parametrize(
    "file",
    [
        b"MZ\x90\0 a program",
        b"<html>%PDF-1.7</html>",
        b"\x89PNG",
        b"PK\x03\x04 no archive",
        archive("[Content_Types].xml", "other.xml"),
        archive("xl/workbook.xml"),
        archive("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"),
        archive("[Content_Types].xml", "word/document.xml", "word/VBAPROJECT.BIN"),
        archive("[Content_Types].xml", "xl/workbook.xml", "word/document.xml"),
        XLSX[:-30],
    ],
)
def test_what_only_looks_like_one_is_refused(file: bytes) -> None:
    with pytest.raises(FileOfUnknownType) as refusal:
        content.examine(BytesIO(file))

    assert refusal.value.path == ("file",)


def test_ten_megabytes_are_the_most() -> None:
    head = b"%PDF-"

    exactly = content.examine(BytesIO(head + b"x" * (LARGEST - len(head))))
    with pytest.raises(FileTooLarge) as refusal:
        content.examine(BytesIO(head + b"x" * (LARGEST - len(head) + 1)))

    assert exactly.size == LARGEST == 10_485_760
    assert refusal.value.limit == LARGEST


def test_an_empty_file_is_none() -> None:
    with pytest.raises(InvalidInput):
        content.examine(BytesIO(b""))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("contract.pdf", "contract.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\合同.pdf", "合同.pdf"),
        ("/abs/.bashrc", "bashrc"),
        (' a"b.pdf\r\nX-Evil: 1', 'a"b.pdfX-Evil: 1'),
        ("exe\u202efdp.pdf", "exefdp.pdf"),
        ("a" * 200, "a" * 200),
        ("x/", "x"),
    ],
)
def test_a_name_has_no_folders_and_nothing_invisible(given: str, kept: str) -> None:
    assert content.bare_name(given) == kept


@pytest.mark.parametrize("name", ["", "  ", "/", "..", "\n", "a" * 201])
def test_a_name_must_be_left(name: str) -> None:
    with pytest.raises(InvalidInput):
        content.bare_name(name)


def test_a_download_has_its_name_in_any_script() -> None:
    assert disposition('合 "1".pdf') == (
        "attachment; filename=\"_ _1_.pdf\"; filename*=UTF-8''%E5%90%88%20%221%22.pdf"
    )
