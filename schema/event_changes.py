"""What an event changed, in the API's words."""

from typing import Any

import strawberry

from domain.audit import changes as told


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
    return [EventChange(**change._asdict()) for change in told.changes(row.before, row.after)]
