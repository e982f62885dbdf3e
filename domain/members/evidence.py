"""Small files that prove a request: checked by what is in them, not by what they are called."""

import hashlib
from base64 import b64decode
from binascii import Error as NotBase64
from datetime import datetime
from pathlib import PurePosixPath
from uuid import UUID

from kit.problems import InvalidInput, Problem
from models.members import Evidence

LARGEST = 131_072
LONGEST_NAME = 120

_MAGIC = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
_PATH = ("input", "file")


class EvidenceTooLarge(Problem):
    """A file of more than 128 kB."""

    en = "The file has {size} bytes; at most {maximum} are accepted."
    zh = "文件大小为 {size} 字节,不能超过 {maximum} 字节。"
    about = {"size": "Bytes that were sent.", "maximum": "Bytes that are accepted."}
    size: int
    maximum: int = LARGEST


class EvidenceOfUnknownType(Problem):
    """Its first bytes are those of no PDF, PNG or JPEG."""

    en = "The file is no PDF, PNG or JPEG."
    zh = "仅支持 PDF、PNG 或 JPEG 文件。"


async def keep(*, partner_id: UUID, name: str, base64: str, now: datetime) -> Evidence:
    """Store the file. Raises InvalidInput, EvidenceTooLarge, EvidenceOfUnknownType."""
    content = _decoded(base64)
    if len(content) > LARGEST:
        raise EvidenceTooLarge(size=len(content), path=_PATH)
    content_type = next((kind for magic, kind in _MAGIC.items() if content.startswith(magic)), None)
    if content_type is None:
        raise EvidenceOfUnknownType(path=_PATH)
    return await Evidence.create(
        created_at=now,
        partner_id=partner_id,
        name=_name(name),
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )


def _decoded(base64: str) -> bytes:
    try:
        return b64decode(base64, validate=True)
    except (NotBase64, ValueError) as error:
        raise InvalidInput(
            reason="The file's content is not base64.",
            reason_zh="文件内容不是有效的 base64。",
            path=_PATH,
        ) from error


def _name(name: str) -> str:
    # Without folders and line ends: it becomes a download's name again.
    bare = PurePosixPath(name.replace("\\", "/")).name
    bare = "".join(letter for letter in bare if letter.isprintable()).strip()
    if not bare or len(bare) > LONGEST_NAME:
        raise InvalidInput(
            reason=f"A file name has 1 to {LONGEST_NAME} characters.",
            reason_zh=f"文件名长度应为 1 到 {LONGEST_NAME} 个字符。",
            path=_PATH,
        )
    return bare
