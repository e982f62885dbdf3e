"""What a filter says, for questions that are no lists: as a list with the same filter has it."""

from typing import Any

from kit.reads.filters import Range
from kit.reads.paging import conditions_of, read_filter


def of(filter: Any) -> list[tuple[str, Any]]:
    """The conditions of a filter input with their values; none for None. Raises InvalidInput."""
    found, values = read_filter(type(filter), given(filter))
    return [(template, values[name]) for name, template in found]


def values(filter: Any) -> dict[str, Any]:
    """The values of a filter input by their names (`created.from`), as a list's `judge` is told."""
    _, values = read_filter(type(filter), given(filter))
    return values


def given(filter: Any) -> dict[str, Any]:
    """The input as a list gets it of GraphQL."""
    if filter is None:
        return {}
    found: dict[str, Any] = {}
    fields = filter.__strawberry_definition__.fields
    for field, (name, condition) in zip(fields, conditions_of(type(filter)).items(), strict=True):
        value = getattr(filter, field.python_name)
        if value is not None and isinstance(condition, Range):
            value = {"from": value.from_, "to": value.to}
        found[name] = value
    return found
