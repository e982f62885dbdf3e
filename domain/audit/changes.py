"""What an event changed, in words for the outside: field names, ids, nothing of the inside."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from kit import ids

# Facts that an event keeps for the product itself.
_INTERNAL = {"generation"}

# Facts that the API calls otherwise than the tables do.
_CALLED = {"state": "status"}

# Facts that name another object, with what its ids begin with; any other UUID is of the inside.
_PREFIXES = {
    "application_id": "app",
    "association_id": "asc",
    "customer_id": "cus",
    "file_id": "fil",
    "invitation_id": "inv",
    "manager_id": "opr",
    "order_id": "ord",
    "partner_id": "ptn",
    "supervisor_id": "opr",
}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Change(NamedTuple):
    """A fact and what it was and is; None when it was, or is, nothing."""

    field: str
    before: str | None
    after: str | None


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The facts of an event, in the order in which they were recorded.

    What isn't text is written as JSON, moments in UTC.
    """
    return [
        Change(
            field=camel(_CALLED.get(name, name)),
            before=_text(name, before.get(name)),
            after=_text(name, after.get(name)),
        )
        for name in dict.fromkeys([*before, *after])
        if not _is_internal(name, before.get(name), after.get(name))
    ]


def camel(name: str) -> str:
    """`unlinked_at` -> `unlinkedAt`; names of enum values stay as they are."""
    if name.isupper():
        return name
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def moment(at: datetime) -> str:
    """An instant as the API writes it: `2030-02-07T07:30:00.000000Z`."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _is_internal(name: str, *values: Any) -> bool:
    if name in _PREFIXES:
        return False
    return name in _INTERNAL or any(_UUID.search(str(value)) for value in values)


def _text(name: str, value: Any) -> str | None:
    if value is None:
        return None
    if name in _PREFIXES:
        return ids.encode(_PREFIXES[name], UUID(value))
    if name.endswith("_at"):
        return moment(datetime.fromisoformat(value))
    return value if isinstance(value, str) else orjson.dumps(value).decode()
