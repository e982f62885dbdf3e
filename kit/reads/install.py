"""Putting the compiler behind a schema: every read field resolved by it, every type checked."""

from collections.abc import Callable
from typing import Any

import strawberry
from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType, get_named_type

from kit.reads import roots
from kit.reads.checks import check_root, check_type
from kit.reads.fields import Many
from kit.reads.selection import source_of
from kit.reads.statement import node_type_name
from kit.reads.tables import TABLE, Table

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
        check_type(graphql, type_, table)
        if table.is_node:
            if table.prefix in by_prefix:
                raise TypeError(f"{type_.name} and {by_prefix[table.prefix]} share a prefix")
            by_prefix[table.prefix] = type_.name
    for type_ in objects:
        if _table(type_) is None:
            for name, field in type_.fields.items():
                check_root(graphql, f"{type_.name}.{name}", field)
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
        field.resolve = _made(source, named.name, attribute)
    elif isinstance(source, roots.NodeRoot):

        async def node(_: Any, info: Any, **arguments: Any) -> Any:
            default_guard(info.context.viewer)
            if source.many:
                return await roots.fetch_nodes(info, by_prefix, arguments["ids"])
            return await roots.fetch_node(info, by_prefix, arguments["id"])

        field.resolve = node


def _made(source: roots.Made, type_name: str, attribute: str) -> Any:
    fetch: Any = roots.fetch_several if source.many else roots.fetch_one

    async def made(payload: Any, info: Any) -> Any:
        found = getattr(payload, attribute)
        return None if found is None else await fetch(info, type_name, found)

    return made


def _table(type_: GraphQLObjectType) -> Table | None:
    definition = type_.extensions.get("strawberry-definition")
    return getattr(definition.origin, TABLE, None) if definition is not None else None
