"""Cursors: a place in one particular list, opaque, refused by every other list."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from kit.problems import Problem

# What PostgreSQL writes: fingerprint, key and id, in base64url without padding.
SQL = (
    "translate(encode(convert_to({fingerprint} || ':' || {id} || ':' || {key}, 'UTF8'), 'base64'),"
    " E'+/=\\n', '-_')"
)


class CursorInvalid(Problem):
    """Not a cursor of this list: of another filter or order, or damaged."""

    en = "This cursor belongs to another list, filter or order; begin again without it."
    zh = "该游标属于另一个列表、筛选或排序,请去掉游标重新查询。"


@dataclass(frozen=True)
class Place:
    """The order key (as PostgreSQL writes it) and the id of a row."""

    key: str
    id: UUID


def fingerprint(*parts: Any) -> str:
    """Eight hex digits for a list with its filter and order."""
    text = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.blake2s(text, digest_size=4).hexdigest()


def parse(cursor: str, expected: str, *, argument: str) -> Place:
    """The place that a cursor names. Raises CursorInvalid unless the fingerprint fits."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        found, id, key = text.split(":", 2)
        place = Place(key, UUID(id))
    except (ValueError, UnicodeError, binascii.Error):
        raise CursorInvalid(path=(argument,)) from None
    if found != expected or "\x00" in key:
        raise CursorInvalid(path=(argument,))
    return place
