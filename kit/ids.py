"""Ids: UUIDv7 inside, `prefix_` + 32 hex digits outside, opaque to clients."""

import re
from uuid import UUID

from uuid_utils.compat import uuid7

from kit.problems import InvalidInput

_ID = re.compile(r"([a-z]{2,8})_([0-9a-f]{32})")


def new_id() -> UUID:
    """A fresh UUIDv7: sorts by the time it was made, to the millisecond."""
    return uuid7()


def encode(prefix: str, id: UUID) -> str:
    """`ord` and a UUID -> `ord_0199…`."""
    return f"{prefix}_{id.hex}"


def split(text: str, *, path: tuple[str, ...] = ()) -> tuple[str, UUID]:
    """`ord_0199…` -> (`ord`, UUID). Raises InvalidInput for what can't be an id of ours."""
    match = _ID.fullmatch(text)
    if match is None:
        reason = f"{text[:80]!r} is not an id."
        raise InvalidInput(reason=reason, reason_zh="ID 格式无效。", path=path)
    return match[1], UUID(match[2])


def decode(prefix: str, text: str, *, path: tuple[str, ...] = ()) -> UUID:
    """The UUID of an id that must have this prefix. Raises InvalidInput otherwise.

    `path` names the input field, so that the client knows which id is meant.
    """
    found, id = split(text, path=path)
    if found != prefix:
        raise InvalidInput(
            reason=f"{text!r} is the id of something else; it must begin with {prefix}_.",
            reason_zh=f"ID 类型不符,应以 {prefix}_ 开头。",
            path=path,
        )
    return id


def optional(prefix: str, text: str | None, *, path: tuple[str, ...] = ()) -> UUID | None:
    """As `decode`, but nothing is None. An empty text isn't nothing: it is no id, and refused."""
    return None if text is None else decode(prefix, text, path=path)
