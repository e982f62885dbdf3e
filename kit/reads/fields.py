"""Where a field comes from: what a type's author writes, and nothing of how it is compiled."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from kit.reads.connections import paging_arguments
from kit.reads.ordering import unsaid

SOURCE = "reads"


@dataclass(frozen=True)
class Argument:
    """An argument of a field, `{arg.<name>}` in its templates: null where it is left out.

    `prepare` checks what the client gave, and makes of it the value that the template needs.
    """

    type: Any
    description: str
    prepare: Callable[[Any], Any] = lambda value: value


Arguments = Mapping[str, Argument]

# Over the values of a list's filter, by their names, and the present moment.
Judge = Callable[[Mapping[str, Any], datetime], None]


@dataclass(frozen=True)
class Column:
    """A column of the type's own table; None: the one named like the field."""

    name: str | None = None


@dataclass(frozen=True)
class Expression:
    """An SQL expression over the row."""

    template: str


@dataclass(frozen=True)
class Embedded:
    """An object made of expressions over the same row; null when `unless` holds."""

    parts: Mapping[str, str]
    unless: str | None = None


@dataclass(frozen=True)
class One:
    """The row of another table whose `match` column equals our `on` column.

    `where` narrows it, `newest` picks the one with the greatest value when several match; it is
    told while `when` holds of our own row.
    """

    on: str
    match: str = "id"
    where: str = "true"
    newest: str | None = None
    when: str = "true"
    arguments: Arguments = field(default_factory=dict)


@dataclass(frozen=True)
class Items:
    """A list that can't grow long: the rows whose `on` column is our id."""

    on: str
    order: str
    limit: int
    where: str = "true"


@dataclass(frozen=True)
class Many:
    """A connection: rows whose `on` column is our id (at the root: all rows in scope)."""

    on: str | None
    filter: type | None = None
    order: type | None = None
    where: str = "true"
    default_order: str = "created_at"
    guard: Callable[[Any], None] | None = None
    arguments: Arguments = field(default_factory=dict)
    judge: Judge | None = None
    newest_first: bool = True


@dataclass(frozen=True)
class Polymorphic:
    """The row named by a type column and an id column: `types` maps the former's values."""

    by: str
    on: str
    types: Mapping[str, str]


@dataclass(frozen=True)
class Computed:
    """Made in Python from columns of the row: `compute(row, request)`.

    `told` are further attributes by name: SQL over the row `{t}`, of any type, which come as JSON.
    """

    compute: Callable[[Any, Any], Any]
    columns: Sequence[str] = field(default=())
    told: Mapping[str, str] = field(default_factory=dict)


def column(description: str, name: str | None = None, **more: Any) -> Any:
    """The value of a column: the one named like the field, or `name`."""
    return _field(Column(name), description, **more)


def sql(template: str, description: str, **more: Any) -> Any:
    """The value of an SQL expression over the row `{t}`."""
    return _field(Expression(template), description, **more)


def embedded(
    parts: Mapping[str, str], description: str, *, unless: str | None = None, **more: Any
) -> Any:
    """An object whose fields (by GraphQL name) are expressions over the same row."""
    return _field(Embedded(parts, unless), description, **more)


def money(amount: str, currency: str, description: str, **more: Any) -> Any:
    """A Money object of two columns; null when the amount is."""
    parts = {"amount": f"{{t}}.{amount}", "currency": f"{{t}}.{currency}"}
    return embedded(parts, description, unless=f"{{t}}.{amount} is null", **more)


def one(
    on: str,
    description: str,
    *,
    match: str = "id",
    where: str = "true",
    newest: str | None = None,
    when: str = "true",
    arguments: Arguments | None = None,
    **more: Any,
) -> Any:
    """A related row, or null when there is none or the viewer may not see it.

    `where` is over the related row, and may ask for `arguments`; `when`, over this one, says
    whether it is told at all.
    """
    source = One(on, match, where, newest, when, arguments or {})
    made = _field(source, description, **more)
    made.arguments = _declared(source.arguments)
    return made


def items(
    on: str, description: str, *, order: str, limit: int, where: str = "true", **more: Any
) -> Any:
    """A bounded list of related rows, `order` as in SQL over `{t}`'s columns."""
    return _field(Items(on, order, limit, where), description, **more)


def connection(
    on: str | None,
    description: str,
    *,
    filter: type | None = None,
    order: type | None = None,
    where: str = "true",
    default_order: str = "created_at",
    guard: Callable[[Any], None] | None = None,
    arguments: Arguments | None = None,
    judge: Judge | None = None,
    **more: Any,
) -> Any:
    """A list that can grow: paged by keyset, filtered, ordered; `where` may ask for `arguments`.

    When the client doesn't say, it is ordered as an empty `order` says; without one by the column
    `default_order`, the newest first.
    `guard(viewer)` may raise a Problem before anything is read, and so may `judge(filter, now)`,
    which is told the values of the filter by their names (`created.from`).
    """
    said = None if order is None else unsaid(order)
    column, is_down = said or (default_order, True)
    source = Many(on, filter, order, where, column, guard, arguments or {}, judge, is_down)
    made = _field(source, description, **more)
    made.arguments = [*_declared(source.arguments), *paging_arguments(filter, order)]
    return made


def polymorphic(by: str, on: str, types: Mapping[str, str], description: str, **more: Any) -> Any:
    """A row of one of several types: `types` maps values of column `by` to GraphQL type names."""
    return _field(Polymorphic(by, on, types), description, **more)


def computed(
    compute: Callable[[Any, Any], Any],
    columns: Sequence[str],
    description: str,
    *,
    told: Mapping[str, str] | None = None,
    **more: Any,
) -> Any:
    """A value made in Python from the named columns; `compute(row, request)` must not wait.

    `row` has the columns as attributes, in Python types, and what the SQL in `told` says, as JSON
    has it; `request` has viewer, now and locale.
    """
    return _field(Computed(compute, tuple(columns), told or {}), description, **more)


def _declared(arguments: Arguments) -> list[StrawberryArgument]:
    return [
        StrawberryArgument(
            python_name=name,
            graphql_name=None,
            type_annotation=StrawberryAnnotation(argument.type | None),
            description=argument.description,
            default=UNSET,
        )
        for name, argument in arguments.items()
    ]


def _field(source: Any, description: str, **more: Any) -> Any:
    return strawberry.field(description=description, metadata={SOURCE: source}, **more)
