"""`exportCreate`'s choice of a list: a field for each, with the arguments that the list has."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

import strawberry
from strawberry import UNSET
from strawberry.utils.str_converters import to_camel_case

from kit import ids
from schema import (  # noqa: F401 -- they declare
    exports_channel,
    exports_funds,
    exports_people,
    exports_performance,
    exports_programmes,
    exports_sales,
    exports_selling,
    exports_settlement,
)
from schema.conditions import given
from schema.exporting import DECLARED, Declared


class Chosen(NamedTuple):
    """A list, with its arguments as JSON, and what it hangs on."""

    listing: str
    arguments: dict[str, Any]
    parent_id: UUID | None


def _input_of(declared: Declared) -> type:
    """`OrdersExportInput`: the arguments of the list."""
    members: dict[str, Any] = {}
    types: dict[str, Any] = {}
    if declared.of is not None:
        types["parent_id"] = strawberry.ID
        members["parent_id"] = strawberry.field(
            name=f"{declared.of[0].lower()}Id", description="Of which object."
        )
    for name, (type_, description) in declared.arguments.items():
        types[name] = type_ | None
        members[name] = strawberry.field(default=None, description=description)
    if declared.filter is not None:
        types["filter"] = declared.filter | None
        members["filter"] = strawberry.field(
            default=None, description="Only objects that meet all of these, as in the list."
        )
    if declared.order is not None:
        types["order_by"] = declared.order | None
        members["order_by"] = strawberry.field(
            default=None, description="The order of the list; the defaults of its fields if unsaid."
        )
    capital = declared.name[0].upper() + declared.name[1:]
    made = type(f"{capital}ExportInput", (), {"__annotations__": types, **members})
    return strawberry.input(made, description=f"What of `{declared.name}`: {declared.en.lower()}.")


def _choice() -> type:
    inputs = {name: _input_of(declared) for name, declared in DECLARED.items()}
    members = {
        name: strawberry.field(
            name=name, default=UNSET, description=f"{declared.zh}: {declared.en.lower()}."
        )
        for name, declared in DECLARED.items()
    }
    types = {name: inputs[name] | None for name in DECLARED}
    made = type("ExportListInput", (), {"__annotations__": types, **members})
    return strawberry.input(
        made,
        one_of=True,
        description="Which list; exactly one. Each takes what the list itself takes.",
    )


ExportListInput: Any = _choice()


def chosen(input: Any) -> Chosen:
    """Which list is meant, and what of it. Raises InvalidInput."""
    ((name, asked),) = [
        (field.name, value)
        for field in fields(input)
        if (value := getattr(input, field.name)) is not UNSET and value is not None
    ]
    declared = DECLARED[name]
    arguments: dict[str, Any] = {}
    for each in fields(asked):
        value = getattr(asked, each.name)
        if each.name == "parent_id" or value is None:
            continue
        arguments[to_camel_case(each.name)] = _json(value)
    parent_id = None
    if declared.of is not None:
        path = ("input", "list", name, f"{declared.of[0].lower()}Id")
        parent_id = ids.decode(declared.parent_prefix, asked.parent_id, path=path)
    return Chosen(name, arguments, parent_id)


def _json(value: Any) -> Any:
    """An argument as a client would send it."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list):
        return [_json(each) for each in value]
    if isinstance(value, Mapping):
        return {name: _json(each) for name, each in value.items() if each is not None}
    if hasattr(value, "__strawberry_definition__"):
        return (
            _json(given(value))
            if _is_filter(value)
            else _json(
                {to_camel_case(each.name): getattr(value, each.name) for each in fields(value)}
            )
        )
    return value


def _is_filter(value: Any) -> bool:
    return any(declared.filter is type(value) for declared in DECLARED.values())
