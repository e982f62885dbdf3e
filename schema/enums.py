"""The models' own enums as GraphQL enums, with a sentence for each value."""

from enum import Enum
from typing import Any, TypeVar

import strawberry

E = TypeVar("E", bound=type[Enum])


def described(enum: E, description: str, *, name: str | None = None, **values: str) -> E:
    """Make the enum known to the API, every value with its description; `name`: as what."""
    made: Any = strawberry.enum(enum, name=name, description=description)
    told = {value.name: value for value in made.__strawberry_definition__.values}
    assert told.keys() == values.keys(), f"{enum.__name__}: {told.keys() ^ values.keys()}"
    for name, text in values.items():
        told[name].description = text
    return enum
