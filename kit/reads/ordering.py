"""The order of a list as a client says it: `{field, direction}`, and what holds unsaid."""

from enum import Enum
from typing import Any

import strawberry

from kit.reads.connections import OrderDirection


def ordering(
    description: str, first: Enum, *, direction: OrderDirection = OrderDirection.DESC
) -> type:
    """The input `ThingOrder` for an enum `ThingOrderField` whose values are names of columns.

    `first`, in that `direction`, is the order of the lists that take it when nothing is said.
    """
    kind = type(first)
    name = kind.__name__.removesuffix("Field")
    members = {
        "__doc__": "A field and a direction.",
        "__module__": kind.__module__,
        "__annotations__": {"field": kind, "direction": OrderDirection},
        "field": strawberry.field(default=first, description="By what."),
        "direction": strawberry.field(default=direction, description="Which way."),
    }
    return strawberry.input(type(name, (), members), description=description)


def unsaid(order: type) -> tuple[str, bool] | None:
    """The column that an order begins with, and whether downwards; None when it has to be said."""
    definition: Any = order.__strawberry_definition__  # type: ignore[attr-defined]
    defaults = {field.python_name: field.default for field in definition.fields}
    first, direction = defaults["field"], defaults.get("direction")
    if not isinstance(first, Enum):
        return None
    return first.value, direction is not OrderDirection.ASC
