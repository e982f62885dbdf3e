"""Putting the compiler behind a schema: every read field resolved by it, every type checked."""

from collections.abc import Callable
from typing import Any

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
)

from kit.reads import roots
from kit.reads.fields import Column, Computed, Embedded, Expression, Items, Many, One, Polymorphic
from kit.reads.plans import table_of_type
from kit.reads.selection import source_of
from kit.reads.statement import node_type_name, snake
from kit.reads.tables import TABLE, Table
from kit.scope import Inherited

Guard = Callable[[Any], None]


def install(schema: strawberry.Schema, *, guard: Guard) -> None:
    """Resolve the schema's read fields by compiled statements.

    `guard(viewer)` runs before each root field that has no guard of its own; it may raise a
    Problem. Raises TypeError for a type that promises what its table can't give.
    """
    graphql = schema._schema
    objects = [
        type_
        for type_ in graphql.type_map.values()
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
    ]
    by_prefix: dict[str, str] = {}
    for type_ in objects:
        table = _table(type_)
        if table is None:
            continue
        _check(type_, table)
        if table.is_node:
            if table.prefix in by_prefix:
                raise TypeError(f"{type_.name} and {by_prefix[table.prefix]} share a prefix")
            by_prefix[table.prefix] = type_.name
    for type_ in objects:
        if _table(type_) is None:
            for field in type_.fields.values():
                _resolve(field, by_prefix, guard)
    for interface in graphql.type_map.values():
        if isinstance(interface, GraphQLInterfaceType) and interface.name == "Node":
            interface.resolve_type = None


def _resolve(field: GraphQLField, by_prefix: dict[str, str], default_guard: Guard) -> None:
    source = source_of(field)
    named = get_named_type(field.type)
    if isinstance(source, roots.Root):
        check = source.guard or default_guard

        async def one(_: Any, info: Any, **arguments: Any) -> Any:
            check(info.context.viewer)
            return await roots.fetch_root(info, source, named.name, arguments)

        field.resolve = one
    elif isinstance(source, Many):
        check = source.guard or default_guard
        type_name = node_type_name(named)

        async def many(_: Any, info: Any, **arguments: Any) -> Any:
            check(info.context.viewer)
            return await roots.fetch_connection(info, source, type_name)

        field.resolve = many
    elif isinstance(source, roots.Made):
        attribute = field.extensions["strawberry-definition"].python_name

        async def made(payload: Any, info: Any) -> Any:
            id = getattr(payload, attribute)
            return None if id is None else await roots.fetch_one(info, named.name, id)

        field.resolve = made
    elif isinstance(source, roots.NodeRoot):

        async def node(_: Any, info: Any, **arguments: Any) -> Any:
            default_guard(info.context.viewer)
            if source.many:
                return await roots.fetch_nodes(info, by_prefix, arguments["ids"])
            return await roots.fetch_node(info, by_prefix, arguments["id"])

        field.resolve = node


def _check(type_: GraphQLObjectType, table: Table) -> None:
    for name, field in type_.fields.items():
        if name != "id" or not table.is_node:
            _check_field(f"{type_.name}.{name}", name, field, table)


def _check_field(where: str, name: str, field: GraphQLField, table: Table) -> None:
    source, named = source_of(field), get_named_type(field.type)
    required = isinstance(field.type, GraphQLNonNull)
    if isinstance(source, Column):
        column = source.name or snake(name)
        if required and table.is_nullable(column):
            raise TypeError(f"{where} can't be non-null: column {column} may be null")
        _check_enum(where, named, table.orm_field(column))
    elif isinstance(source, One):
        if required and not isinstance(table_of_type(named).scope, Inherited):
            raise TypeError(f"{where} can't be non-null: the viewer may not see the row")
    elif isinstance(source, Computed):
        for column in source.columns:
            table.orm_field(column)
    elif isinstance(source, Many):
        _check_order(where, source, named)
    elif not isinstance(source, Expression | Embedded | Items | Polymorphic):
        raise TypeError(f"{where} doesn't say how it is read from its table")


def _check_enum(where: str, named: Any, column: Any) -> None:
    if not isinstance(named, GraphQLEnumType):
        return
    enum = getattr(column, "enum_type", None)
    if enum is None or any(member.value not in named.values for member in enum):
        raise TypeError(f"{where}: the column's values aren't the names of {named.name}")


def _check_order(where: str, source: Many, named: Any) -> None:
    table = table_of_type(get_named_type(named.fields["nodes"].type))
    columns = [source.default_order]
    if source.order is not None:
        definition: Any = source.order.__strawberry_definition__  # type: ignore[attr-defined]
        field = next(field for field in definition.fields if field.python_name == "field")
        columns += [value.value for value in field.type.wrapped_cls]
    for column in columns:
        if table.is_nullable(column) and f"{{t}}.{column} is not null" not in source.where:
            raise TypeError(f"{where} can't be ordered by {column}: it may be null")


def _table(type_: GraphQLObjectType) -> Table | None:
    definition = type_.extensions.get("strawberry-definition")
    return getattr(definition.origin, TABLE, None) if definition is not None else None
