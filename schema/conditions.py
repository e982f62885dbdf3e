"""A filter's conditions for workflows that sum up what a list with the same filter shows."""

from typing import Any

from kit.reads.filters import Range, prepared
from kit.reads.paging import conditions_of


def of(filter: Any) -> list[tuple[str, Any]]:
    """The conditions of a filter input with their values, as a list has them; none for None."""
    if filter is None:
        return []
    found: list[tuple[str, Any]] = []
    definition = filter.__strawberry_definition__
    known = conditions_of(type(filter))
    for item, (name, condition) in zip(definition.fields, known.items(), strict=True):
        value = getattr(filter, item.python_name)
        if value is None:
            continue
        if isinstance(condition, Range):
            for end, comparison in ((value.from_, ">="), (value.to, "<")):
                if end is not None:
                    found.append((f"{condition.expression} {comparison} {{value}}", end))
        else:
            wanted = prepared(condition.prepare, value, ("filter", name))
            found.append((condition.template_for(value), wanted))
    return found
