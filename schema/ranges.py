"""Ranges in filters: half open, `from` is in it and `to` is not."""

import strawberry

from schema.scalars import Date, DateTime, Decimal


@strawberry.input(description="A span of time; leave one end out for no limit.")
class DateTimeRange:
    """From an instant up to another."""

    from_: DateTime | None = strawberry.field(
        name="from", default=None, description="The first instant in it."
    )
    to: DateTime | None = strawberry.field(default=None, description="The first instant after it.")


@strawberry.input(description="A span of days; leave one end out for no limit.")
class DateRange:
    """From a day up to another."""

    from_: Date | None = strawberry.field(
        name="from", default=None, description="The first day in it."
    )
    to: Date | None = strawberry.field(default=None, description="The first day after it.")


@strawberry.input(description="A span of amounts; leave one end out for no limit.")
class AmountRange:
    """From an amount up to another."""

    from_: Decimal | None = strawberry.field(
        name="from", default=None, description="The least amount in it."
    )
    to: Decimal | None = strawberry.field(default=None, description="The first amount above it.")
