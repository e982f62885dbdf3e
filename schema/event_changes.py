"""What an event changed, in the API's words: its field names, its ids, nothing of the inside."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import strawberry

from kit import ids

# Facts that an event keeps for the product itself.
_INTERNAL = {"generation"}

# Facts that name another object, with what its ids begin with; any other UUID is of the inside.
_PREFIXES = {
    "application_id": "app",
    "association_id": "asc",
    "customer_id": "cus",
    "file_id": "fil",
    "invitation_id": "inv",
    "manager_id": "opr",
    "supervisor_id": "opr",
}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@strawberry.type(description="A fact that an event changed.")
class EventChange:
    field: str = strawberry.field(
        description="What it is called, as the object has it: `managerId` stands for `manager`."
    )
    before: str | None = strawberry.field(
        description="What it was; null when it was nothing. What isn't text is written as JSON."
    )
    after: str | None = strawberry.field(description="What it is since, in the same way.")


def changes(row: Any, _request: Any) -> list[EventChange]:
    """The facts of an event, in the order in which they were recorded."""
    names = dict.fromkeys([*row.before, *row.after])
    return [
        EventChange(
            field=camel(name),
            before=_text(name, row.before.get(name)),
            after=_text(name, row.after.get(name)),
        )
        for name in names
        if not _is_internal(name, row.before.get(name), row.after.get(name))
    ]


def camel(name: str) -> str:
    """`unlinked_at` -> `unlinkedAt`; names of enum values stay as they are."""
    if name.isupper():
        return name
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


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
        return f"{datetime.fromisoformat(value).astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    return value if isinstance(value, str) else orjson.dumps(value).decode()
