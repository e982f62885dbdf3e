"""The second way to read: slow, obvious, and with nothing of the compiler in it.

The same declarations, resolved field by field by the standard executor. Rows are loaded by the
ORM, whole tables at once; every predicate and expression is one tiny statement that says its value
for each row of one table; relations, sorting, cutting and paging are done in Python. The rows must
not change meanwhile.
"""

import json
from collections.abc import Callable, Mapping
from copy import copy
from decimal import Decimal
from inspect import iscoroutinefunction
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
)

from kit import ids
from kit.problems import InvalidInput
from kit.reads import fields, roots
from kit.reads.connections import COUNT_MOST, Count, CountPrecision, PageInfo
from kit.reads.fields import SOURCE, Many
from kit.reads.tables import TABLE, Table
from tests.kit.reads.later import Later
from tests.kit.reads.listed import Page, own_arguments
from tests.kit.reads.told import Told

Resolve = Callable[..., Any]


def _later(resolve: Resolve) -> Resolve:
    if not iscoroutinefunction(resolve):
        return resolve
    return lambda *given, **named: Later(lambda: resolve(*given, **named))


def _everybody(viewer: Any) -> None:
    """Nobody is refused."""


class Oracle:
    """Puts its resolvers into a schema; remembers what the database said, since rows stay."""

    def __init__(self, schema: GraphQLSchema, *, guard: Callable[[Any], None] = _everybody) -> None:
        self.schema = schema
        self.told = Told()
        self._guard = guard
        self._by_prefix = {
            table.prefix: type_.name
            for type_ in schema.type_map.values()
            if isinstance(type_, GraphQLObjectType) and (table := table_of(type_)) and table.is_node
        }
        for type_ in schema.type_map.values():
            if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
                if all(table_of(possible) for possible in schema.get_possible_types(type_)):
                    type_.resolve_type = lambda row, info, abstract: row.shown_as
            elif isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
                self._attach(type_)

    def _attach(self, type_: GraphQLObjectType) -> None:
        table = table_of(type_)
        if table is not None:
            type_.is_type_of = None
        for name, field in type_.fields.items():
            source = source_of(field)
            if source is not None:
                field.resolve = _later(self._resolver(field, source))
            elif table is not None and name == "id":
                field.resolve = lambda row, info, prefix=table.prefix: ids.encode(prefix, row.id)

    # One method for each way of declaring a field.

    def _resolver(self, field: GraphQLField, source: Any) -> Resolve:
        ways: dict[type, Callable[[Any, Any, str], Resolve]] = {
            fields.Column: self._column,
            fields.Expression: self._sql,
            fields.Embedded: self._embedded,
            fields.Computed: self._computed,
            fields.One: self._one,
            fields.Items: self._items,
            fields.Polymorphic: self._polymorphic,
            fields.Many: self._connection,
            roots.Made: self._made,
            roots.Root: self._root,
            roots.NodeRoot: self._by_node_id,
        }
        python_name = field.extensions["strawberry-definition"].python_name
        return ways[type(source)](source, field.type, python_name)

    def _column(self, source: fields.Column, _: Any, python_name: str) -> Resolve:
        return lambda row, info: getattr(row, source.name or python_name)

    def _sql(self, source: fields.Expression, type_: Any, _: str) -> Resolve:
        return self._expression(source.template, type_)

    def _expression(self, template: str, type_: Any) -> Resolve:
        named = get_named_type(type_)

        def one(value: Any) -> Any:
            if value is None:
                return None
            if isinstance(named, GraphQLEnumType):
                return named.values[value].value
            return Decimal(value) if named.name == "Decimal" else value

        async def resolve(row: Any, info: Any) -> Any:
            value = await self.told.value(info.context, row, template)
            if not isinstance(get_nullable_type(type_), GraphQLList) or value is None:
                return one(value)
            # What the driver doesn't know of jsonb: that it is no text.
            return [one(each) for each in (json.loads(value) if isinstance(value, str) else value)]

        return resolve

    def _embedded(self, source: fields.Embedded, type_: Any, _: str) -> Resolve:
        named = get_named_type(type_)

        async def resolve(row: Any, info: Any) -> Any:
            if source.unless and await self.told.value(info.context, row, source.unless):
                return None
            found = SimpleNamespace()
            for name, part in named.fields.items():
                part_of = self._expression(source.parts[name], part.type)
                python_name = part.extensions["strawberry-definition"].python_name
                setattr(found, python_name, await part_of(row, info))
            return found

        return resolve

    def _computed(self, source: fields.Computed, _: Any, __: str) -> Resolve:
        async def resolve(row: Any, info: Any) -> Any:
            found = {column: getattr(row, column) for column in source.columns}
            for name, template in source.told.items():
                as_text = f"to_jsonb(({template}))::text"
                value = await self.told.value(info.context, row, as_text)
                found[name] = json.loads(value or "null")
            return source.compute(SimpleNamespace(**found), info.context)

        return resolve

    def _one(self, source: fields.One, type_: Any, _: str) -> Resolve:
        table = _table(get_named_type(type_))

        async def resolve(row: Any, info: Any, **arguments: Any) -> Any:
            own = own_arguments(source.arguments, arguments)
            if not await self.told.holds(info.context, row, source.when):
                return None
            found = [
                other
                for other in await self.told.rows_by(table, source.match, getattr(row, source.on))
                if await self.told.holds(info.context, other, source.where, **own)
                if await self.sees(info.context, other, table)
            ]
            if source.newest is None:
                assert len(found) <= 1
                return found[0] if found else None
            newest = source.newest
            return max(found, key=lambda other: (getattr(other, newest), other.id), default=None)

        return resolve

    def _items(self, source: fields.Items, type_: Any, _: str) -> Resolve:
        table = _table(get_named_type(type_))

        async def resolve(row: Any, info: Any) -> Any:
            found = [
                other
                for other in await self.told.rows_by(table, source.on, row.id)
                if await self.told.holds(info.context, other, source.where)
                if await self.sees(info.context, other, table)
            ]
            for part in reversed(source.order.split(",")):  # sorting is stable
                column, *direction = part.split()
                found.sort(key=_nulls_last(column), reverse=direction == ["desc"])
            return found[: source.limit]

        return resolve

    def _polymorphic(self, source: fields.Polymorphic, _: Any, __: str) -> Resolve:
        async def resolve(row: Any, info: Any) -> Any:
            type_name = source.types.get(getattr(row, source.by))
            if type_name is None:
                return None
            return await self._shown_as(info.context, type_name, getattr(row, source.on))

        return resolve

    # Connections.

    def _connection(self, source: Many, type_: Any, _: str) -> Resolve:
        table = _table(get_named_type(get_named_type(type_).fields["nodes"].type))

        async def resolve(parent: Any, info: Any, **arguments: Any) -> Any:
            (source.guard or self._guard)(info.context.viewer)
            page = Page(source, table, arguments)
            if source.judge is not None:
                source.judge(page.values, info.context.now)
            matching = await self._matching(info.context, source, table, page, parent)
            key = _nulls_last(page.column)
            matching.sort(key=lambda row: (key(row), row.id))
            if page.descending:
                matching.reverse()
            rest = matching
            if page.place is not None:
                edge = await self._place(table, page)
                rest = [
                    row
                    for row in matching
                    if ((key(row), row.id) > edge) is (page.descending is page.backward)
                    and (key(row), row.id) != edge
                ]
            shown = rest[-page.size :] if page.backward else rest[: page.size]
            cursors = [await self.cursor(page, row) for row in shown]
            more, given = len(rest) > page.size, page.place is not None
            return SimpleNamespace(
                nodes=shown,
                edges=[
                    SimpleNamespace(cursor=cursor, node=row)
                    for cursor, row in zip(cursors, shown, strict=True)
                ],
                page_info=PageInfo(
                    has_next_page=given if page.backward else more,
                    has_previous_page=more if page.backward else given,
                    start_cursor=cursors[0] if cursors else None,
                    end_cursor=cursors[-1] if cursors else None,
                ),
                total_count=_count(len(matching)),
            )

        return resolve

    async def _matching(
        self, context: Any, source: Many, table: Table, page: Page, parent: Any
    ) -> list[Any]:
        if source.on is None:
            found = await self.told.rows(table)
        else:
            found = await self.told.rows_by(table, source.on, parent.id)
        scope = table.scope.predicate(context.viewer.sight)
        wanted: list[tuple[str, Mapping[str, Any]]] = [(scope, {}), (source.where, page.own)]
        wanted += [(template, {"value": value}) for template, value in page.conditions]
        for template, more in wanted:
            if template == "true" or not found:
                continue
            values = await self.told.values(context, table.model, template, **more)
            found = [row for row in found if values[row.id] is True]
        return list(found)

    async def _place(self, table: Table, page: Page) -> tuple[Any, UUID]:
        """The key and id in a cursor: of a row that exists, as tests only use such."""
        assert page.place is not None
        id, key = page.place
        [row] = await self.told.rows_by(table, "id", id)
        assert await self.key(row, page.column) == key
        return _nulls_last(page.column)(row), id

    async def cursor(self, page: Page, row: Any) -> str:
        """The cursor of a row in a list."""
        return page.cursor(row.id, await self.key(row, page.column))

    async def key(self, row: Any, column: str) -> str:
        """A column as PostgreSQL writes it; what has no moment comes after all moments."""
        nobody = SimpleNamespace(viewer=None, now=None)
        written = await self.told.value(nobody, row, f"{{t}}.{column}::text")
        return "infinity" if written is None else str(written)

    # Roots.

    def _root(self, source: roots.Root, type_: Any, _: str) -> Resolve:
        table = _table(get_named_type(type_))

        async def resolve(_: Any, info: Any, **arguments: Any) -> Any:
            (source.guard or self._guard)(info.context.viewer)
            (given,) = arguments.values()
            value = source.prepare(given)
            if source.where == "{t}.id = {value}":
                return await self._by_id(info.context, table, value)
            for row in await self.told.rows(table):
                if await self.told.holds(info.context, row, source.where, value=value):
                    return row if await self.sees(info.context, row, table) else None
            return None

        return resolve

    def _made(self, source: roots.Made, type_: Any, attribute: str) -> Resolve:
        table = _table(get_named_type(type_))

        async def resolve(payload: Any, info: Any) -> Any:
            id = getattr(payload, attribute)
            return None if id is None else await self._by_id(info.context, table, id)

        return resolve

    def _by_node_id(self, source: roots.NodeRoot, _: Any, __: str) -> Resolve:
        return self._nodes if source.many else self._node

    async def _node(self, _: Any, info: Any, id: str) -> Any:
        self._guard(info.context.viewer)
        prefix, found = ids.split(id)
        name = self._by_prefix.get(prefix)
        return None if name is None else await self._shown_as(info.context, name, found)

    async def _nodes(self, _: Any, info: Any, ids: list[str]) -> Any:
        self._guard(info.context.viewer)
        if len(ids) > 100:
            raise InvalidInput(reason="too many", reason_zh="")
        return [await self._node(_, info, id) for id in ids]

    async def _by_id(self, context: Any, table: Table, id: UUID) -> Any:
        for row in await self.told.rows_by(table, "id", id):
            if await self.sees(context, row, table):
                return row
        return None

    async def _shown_as(self, context: Any, type_name: str, id: UUID) -> Any:
        """The row, with the type that it is shown as: the same table may be of several."""
        found = await self._by_id(context, _table(self.schema.type_map[type_name]), id)
        if found is not None:
            found = copy(found)
            found.shown_as = type_name
        return found

    async def sees(self, context: Any, row: Any, table: Table) -> bool:
        """Whether the row is in the viewer's scope."""
        return await self.told.holds(context, row, table.scope.predicate(context.viewer.sight))


def _count(found: int) -> Count:
    if found <= COUNT_MOST:
        return Count(value=found, precision=CountPrecision.EXACT)
    return Count(value=COUNT_MOST, precision=CountPrecision.AT_LEAST)


def _nulls_last(column: str) -> Resolve:
    return lambda row: ((value := getattr(row, column)) is None, 0 if value is None else value)


def table_of(type_: Any) -> Table | None:
    """The table behind a type."""
    definition = type_.extensions.get("strawberry-definition")
    return getattr(definition.origin, TABLE, None) if definition else None


def _table(type_: Any) -> Table:
    table = table_of(type_)
    assert table is not None
    return table


def source_of(field: GraphQLField) -> Any:
    """What the author declared."""
    definition = field.extensions.get("strawberry-definition")
    return definition.metadata.get(SOURCE) if definition else None
