"""From what a client sent to an input object, by functions that are put together once per type.

Strawberry looks at the types anew for every request, which takes longer than the rest of the way.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from typing import Any

from strawberry.types.base import (
    StrawberryList,
    StrawberryMaybe,
    StrawberryOptional,
    get_object_definition,
)
from strawberry.types.lazy_type import LazyType

Make = Callable[[Any], Any]
Named = Callable[[Any], str]


def maker(type_: Any, named: Named) -> Make | None:
    """What makes a value of the type from its coerced form; None when that is the value already.

    `named` tells a field's name in GraphQL. Raises TypeError for types that build themselves
    (`Maybe`, `from_input`): no input here does.
    """
    if isinstance(type_, StrawberryMaybe):
        raise TypeError(f"{type_} is no type that inputs have here")
    if isinstance(type_, StrawberryOptional):
        return _unless_null(maker(type_.of_type, named))
    if isinstance(type_, StrawberryList):
        return _each(maker(type_.of_type, named))
    if isinstance(type_, LazyType):
        return maker(type_.resolve_type(), named)
    definition = get_object_definition(type_)
    return None if definition is None else _object(type_, definition, named)


def _object(type_: Any, definition: Any, named: Named) -> Make:
    if definition.from_input is not None:
        raise TypeError(f"{type_} builds itself")
    parts = [
        (
            named(field),
            field.python_name,
            maker(field.resolve_type(type_definition=definition), named),
        )
        for field in definition.fields
    ]
    nothing = {
        field.python_name: None
        for field in definition.fields
        if field.default_value is MISSING and field.default_factory is MISSING
    }

    def make(given: Mapping[str, Any]) -> Any:
        values = dict(nothing)
        for graphql_name, name, inner in parts:
            if graphql_name in given:
                value = given[graphql_name]
                values[name] = value if inner is None else inner(value)
        return type_(**values)

    return make


def _unless_null(inner: Make | None) -> Make | None:
    if inner is None:
        return None
    return lambda value: None if value is None else inner(value)


def _each(inner: Make | None) -> Make:
    if inner is None:
        return list  # a copy, since a default is the same list for everybody
    return lambda values: [inner(value) for value in values]
