"""Fields that need Python: their columns come with the row, the value is made from them after.

PostgreSQL writes the columns where the field's value belongs; `Finish` is the way to those places.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from graphql import GraphQLList, GraphQLNonNull, is_leaf_type
from tortoise import fields as orm

from kit.reads.fields import Computed
from kit.reads.leaves import Text
from kit.reads.selection import Pick
from kit.reads.tables import Table

Make = Callable[[Any, Any], Any]

_LIMITS = {
    "infinity": datetime.max.replace(tzinfo=UTC),
    "-infinity": datetime.min.replace(tzinfo=UTC),
}


@dataclass
class Finish:
    """By response key: what is to be made there, or where to look further down."""

    parts: dict[str, "Part"] = field(default_factory=dict)

    def apply(self, value: Any, request: Any) -> None:
        """Put the made values in place, in a list each."""
        if value is None:
            return
        if isinstance(value, list):
            for item in value:
                self.apply(item, request)
            return
        for key, part in self.parts.items():
            if isinstance(part, Finish):
                part.apply(value[key], request)
            else:
                value[key] = part(value[key], request)


Part = Finish | Make


def columns_sql(columns: Sequence[str], told: Mapping[str, str], table: Table, alias: str) -> str:
    """A JSON object of raw columns, and of what is told beside them."""
    text = Text().say("{")
    for number, column in enumerate(columns):
        text.say(("," if number else "") + f'"{column}":')
        form = "'\"' || {}::text || '\"'" if _is_decimal(table, column) else "to_json({})::text"
        text.add(f"coalesce({form.format(f'{alias}.{column}')}, 'null')")
    for number, (name, expression) in enumerate(told.items(), start=len(columns)):
        text.say(("," if number else "") + f'"{name}":')
        text.add(f"coalesce(to_json(({expression}))::text, 'null')")
    return text.say("}").sql()


def computing(pick: Pick, source: Computed, table: Table) -> Make:
    """Make the field's JSON value from the raw columns."""
    decoders = {column: _decoder(table, column) for column in source.columns}
    project = _projector(pick, pick.field.type)

    def make(raw: dict[str, Any], request: Any) -> Any:
        row = SimpleNamespace(
            **{
                column: None if raw[column] is None else decode(raw[column])
                for column, decode in decoders.items()
            },
            **{name: raw[name] for name in source.told},
        )
        return project(source.compute(row, request))

    return make


def choosing(finishes: Mapping[str, Finish]) -> Make:
    """Finish an object by the kind that came beside it: `[kind, object]` becomes the object."""

    def make(raw: list[Any], request: Any) -> Any:
        kind, value = raw
        if kind in finishes:
            finishes[kind].apply(value, request)
        return value

    return make


def _projector(pick: Pick, type_: Any) -> Callable[[Any], Any]:
    """Shape a Python value as the selection wants it."""
    if isinstance(type_, GraphQLNonNull):
        return _projector(pick, type_.of_type)
    if isinstance(type_, GraphQLList):
        each = _projector(pick, type_.of_type)
        return lambda values: None if values is None else [each(value) for value in values]
    if is_leaf_type(type_):
        return lambda value: None if value is None else type_.serialize(value)
    parts: list[tuple[str, str, Callable[[Any], Any]]] = []
    for part in pick.picks:
        if part.name == "__typename":
            parts.append((part.key, "__class__", lambda _: type_.name))
        else:
            definition = part.field.extensions["strawberry-definition"]
            parts.append((part.key, definition.python_name, _projector(part, part.field.type)))
    return lambda value: (
        None
        if value is None
        else {key: project(getattr(value, name)) for key, name, project in parts}
    )


def _decoder(table: Table, column: str) -> Callable[[Any], Any]:
    found = table.orm_field(column)
    if isinstance(found, orm.relational.ForeignKeyFieldInstance | orm.UUIDField):
        return UUID
    if isinstance(found, orm.DatetimeField):
        return _instant
    if isinstance(found, orm.DateField):
        return date.fromisoformat
    if isinstance(found, orm.DecimalField):
        return Decimal
    enum = getattr(found, "enum_type", None)
    return enum if enum is not None else lambda value: value


def _instant(text: str) -> datetime:
    """As asyncpg reads it, which has no infinity either."""
    return _LIMITS.get(text) or datetime.fromisoformat(text)


def _is_decimal(table: Table, column: str) -> bool:
    return isinstance(table.orm_field(column), orm.DecimalField)
