"""Ranges in filters: half open, `from` is in it and `to` is not."""

import strawberry

from schema.scalars import DateTime


@strawberry.input(description="A span of time; leave one end out for no limit.")
class DateTimeRange:
    """From an instant up to another."""

    from_: DateTime | None = strawberry.field(
        name="from", default=None, description="The first instant in it."
    )
    to: DateTime | None = strawberry.field(default=None, description="The first instant after it.")
