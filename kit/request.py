"""The id of the request or job in hand, for events, logs and masked errors alike."""

from contextvars import ContextVar

from uuid_utils import uuid4

_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def request_id() -> str | None:
    """The id of what is being handled, None outside."""
    return _request_id.get()


def begin(given: str | None = None) -> str:
    """Name what begins now: as the caller named it, if that is short and printable, else anew."""
    id = given if given and len(given) <= 64 and given.isascii() and given.isprintable() else None
    id = id or uuid4().hex
    _request_id.set(id)
    return id
