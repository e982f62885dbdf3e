"""Which trace the work in hand belongs to: W3C's `traceparent`, from a request to what it caused.

A trace that a client began is carried on through events, deadlines, exports and webhooks, whoever
does them and whenever. Spans are made only where the composition root connects somebody who records
them; without, what comes in is handed on and nothing else happens.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Protocol

# The setting of a transaction that columns named `traceparent` have as their default.
SETTING = "partner_center.traceparent"

LINKS = 100  # of one span; a batch may be the work of a thousand traces

_FORM = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_NEWER = re.compile(r"(?!00|ff)[0-9a-f]{2}-([0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})(-.*)?")

Facts = Mapping[str, str | int]

_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


class Recorder(Protocol):
    """Who records spans: gives the new span's `traceparent`, and ends it with the context."""

    def __call__(
        self, name: str, *, kind: str, parent: str | None, links: Sequence[str], facts: Facts
    ) -> AbstractContextManager[str]:
        """Begin a span. `kind` is SERVER, CONSUMER, CLIENT or INTERNAL."""
        ...


_record: Recorder | None = None


def connect(recorder: Recorder | None) -> None:
    """Say who records spans from now on; None: nobody."""
    global _record
    _record = recorder


def is_recorded() -> bool:
    """Whether anybody records spans, so that it is worth while to describe one."""
    return _record is not None


def current() -> str | None:
    """The `traceparent` of what is being done; None when nobody asked for one."""
    return _current.get()


def trace_id() -> str | None:
    """The trace's id alone, as logs tell it."""
    traceparent = _current.get()
    return traceparent[3:35] if traceparent else None


def read(text: str | None) -> str | None:
    """A `traceparent` as version 00 has it; None if it isn't one."""
    if text is None or len(text) > 200:
        return None
    if newer := _NEWER.fullmatch(text):
        text = f"00-{newer[1]}"
    return text if _FORM.fullmatch(text) else None


def begin(traceparent: str | None) -> None:
    """What begins now belongs to this trace, or to none."""
    _current.set(read(traceparent))


@contextmanager
def span(
    name: str,
    *,
    kind: str = "INTERNAL",
    of: Sequence[str | None] = (),
    facts: Facts | None = None,
) -> Iterator[None]:
    """Do what is inside as a part of the trace in hand, or of those that asked for it (`of`).

    What several traces asked for at once can be a part of none: it begins one that is linked to
    them.
    """
    asked = list(dict.fromkeys(trace for trace in of if trace))
    parent = asked[0] if len(asked) == 1 else None if asked else _current.get()
    if _record is None:
        with _as(parent):
            yield
        return
    links = asked[:LINKS] if len(asked) > 1 else ()
    with (
        _record(name, kind=kind, parent=parent, links=links, facts=facts or {}) as traceparent,
        _as(traceparent),
    ):
        yield


@contextmanager
def _as(traceparent: str | None) -> Iterator[None]:
    token = _current.set(traceparent)
    try:
        yield
    finally:
        _current.reset(token)
