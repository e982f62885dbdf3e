"""What a file is: told by what is in it, never by what it is called."""

import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from kit.problems import InvalidInput, Problem
from kit.store import CHUNK

LARGEST = 10 * 1024 * 1024
LONGEST_NAME = 200

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

JSON_LINES = "application/jsonl"
_LONGEST_LINE = 65_536

_MAGIC = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
_ZIP = b"PK\x03\x04"
_OFFICE = {"xl/workbook.xml": _XLSX, "word/document.xml": _DOCX}


class FileTooLarge(Problem):
    """More than 10 MB."""

    en = "The file is too large; at most {limit} bytes are accepted."
    zh = "文件过大,不能超过 {limit} 字节。"
    about = {"limit": "Bytes that are accepted."}
    limit: int = LARGEST


class FileOfUnknownType(Problem):
    """Its content is that of no PDF, PNG, JPEG, XLSX, DOCX or JSONL."""

    en = "The file is no PDF, PNG, JPEG, XLSX, DOCX or JSONL, or it holds macros."
    zh = "仅支持不含宏的 PDF、PNG、JPEG、XLSX、DOCX 或 JSONL 文件。"


@dataclass(frozen=True, slots=True)
class Content:
    """What there is to know of a file's bytes."""

    size: int
    sha256: str
    content_type: str


def examine(file: IO[bytes]) -> Content:
    """Read it once from its start. Raises InvalidInput (empty), FileTooLarge, FileOfUnknownType."""
    file.seek(0)
    sha256, size, head = hashlib.sha256(), 0, b""
    while piece := file.read(CHUNK):
        head = head or piece[:16]
        size += len(piece)
        if size > LARGEST:
            raise FileTooLarge()
        sha256.update(piece)
    if size == 0:
        raise InvalidInput(reason="The file is empty.", reason_zh="文件内容为空。", path=("file",))
    return Content(size, sha256.hexdigest(), _type_of(head, file))


def bare_name(name: str) -> str:
    """The name without folders, line ends and what can't be seen: it is a download's name later.

    Raises InvalidInput when nothing or too much is left.
    """
    bare = PurePosixPath(name.replace("\\", "/")).name
    bare = "".join(letter for letter in bare if letter.isprintable()).strip().lstrip(".")
    if not bare or len(bare) > LONGEST_NAME:
        raise InvalidInput(
            reason=f"A file name has 1 to {LONGEST_NAME} characters.",
            reason_zh=f"文件名长度应为 1 到 {LONGEST_NAME} 个字符。",
            path=("name",),
        )
    return bare


def _type_of(head: bytes, file: IO[bytes]) -> str:
    for magic, content_type in _MAGIC.items():
        if head.startswith(magic):
            return content_type
    if head.startswith(_ZIP):
        return _office_type_of(file)
    if head.startswith(b"{"):
        return _json_lines_type_of(file)
    raise FileOfUnknownType(path=("file",))


def _json_lines_type_of(file: IO[bytes]) -> str:
    # The first line tells; the others are the business of whoever reads them.
    file.seek(0)
    try:
        if isinstance(json.loads(file.readline(_LONGEST_LINE)), dict):
            return JSON_LINES
    except ValueError as error:
        raise FileOfUnknownType(path=("file",)) from error
    raise FileOfUnknownType(path=("file",))


def _office_type_of(file: IO[bytes]) -> str:
    # Only the list of members is read; nothing is unpacked.
    try:
        with zipfile.ZipFile(file) as archive:
            members = set(archive.namelist())
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, ValueError) as error:
        raise FileOfUnknownType(path=("file",)) from error
    has_macros = any(name.lower().endswith("vbaproject.bin") for name in members)
    kinds = [kind for member, kind in _OFFICE.items() if member in members]
    if "[Content_Types].xml" not in members or len(kinds) != 1 or has_macros:
        raise FileOfUnknownType(path=("file",))
    return kinds[0]
