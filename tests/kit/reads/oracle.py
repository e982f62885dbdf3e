"""The second way to read the house: slow, obvious, and with nothing of the compiler in it.

The same declarations, resolved field by field by the standard executor. Rows are loaded by the
ORM, whole tables at once; every predicate and expression is one tiny statement about one row;
sorting, cutting and paging are done in Python. The rows must not change meanwhile.
"""

import base64
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from operator import attrgetter
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)
from tortoise.models import Model

from kit import database, ids
from kit.problems import InvalidInput
from kit.reads import fields, roots
from kit.reads.connections import Count, CountPrecision, OrderDirection, PageInfo
from kit.reads.cursors import CursorInvalid, fingerprint
from kit.reads.fields import SOURCE, Many
from kit.reads.filters import CONDITION, Range
from kit.reads.tables import TABLE, Table
from kit.scope import one_off
from tests.kit.reads.house import Context, everybody

Resolve = Callable[..., Any]


class Oracle:
    """Puts its resolvers into a schema; remembers what the database said, since rows stay."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._answers: dict[Any, Any] = {}
        self._rows: dict[type[Model], list[Any]] = {}
        self._names = {
            table.model: type_.name
            for type_ in schema.type_map.values()
            if isinstance(type_, GraphQLObjectType) and (table := table_of(type_))
        }
        self._by_prefix = {
            table.prefix: table
            for type_ in schema.type_map.values()
            if isinstance(type_, GraphQLObjectType) and (table := table_of(type_)) and table.is_node
        }
        for type_ in schema.type_map.values():
            if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
                type_.resolve_type = lambda row, info, abstract: self._names[type(row)]
            elif isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
                type_.is_type_of = None
                self._attach(type_)

    def _attach(self, type_: GraphQLObjectType) -> None:
        table = table_of(type_)
        for name, field in type_.fields.items():
            source = source_of(field)
            if source is not None:
                field.resolve = self._resolver(field, source)
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
        return ways[type(source)](source, get_named_type(field.type), python_name)

    def _column(self, source: fields.Column, _: Any, python_name: str) -> Resolve:
        return lambda row, info: getattr(row, source.name or python_name)

    def _sql(self, source: fields.Expression, named: Any, _: str) -> Resolve:
        return self._expression(source.template, named)

    def _expression(self, template: str, named: Any) -> Resolve:
        async def resolve(row: Any, info: Any) -> Any:
            value = await self.value(info.context, row, template)
            if isinstance(named, GraphQLEnumType):
                return named.values[value].value
            return Decimal(value) if named.name == "Decimal" and value is not None else value

        return resolve

    def _embedded(self, source: fields.Embedded, named: Any, _: str) -> Resolve:
        async def resolve(row: Any, info: Any) -> Any:
            if source.unless and await self.value(info.context, row, source.unless):
                return None
            found = SimpleNamespace()
            for name, part in named.fields.items():
                part_of = self._expression(source.parts[name], get_named_type(part.type))
                python_name = part.extensions["strawberry-definition"].python_name
                setattr(found, python_name, await part_of(row, info))
            return found

        return resolve

    def _computed(self, source: fields.Computed, _: Any, __: str) -> Resolve:
        async def resolve(row: Any, info: Any) -> Any:
            told = {column: getattr(row, column) for column in source.columns}
            for name, template in source.told.items():
                as_text = f"to_jsonb(({template}))::text"
                told[name] = json.loads(await self.value(info.context, row, as_text) or "null")
            return source.compute(SimpleNamespace(**told), info.context)

        return resolve

    def _one(self, source: fields.One, named: Any, _: str) -> Resolve:
        table = _table(named)

        async def resolve(row: Any, info: Any) -> Any:
            if not await self.holds(info.context, row, source.when):
                return None
            wanted = getattr(row, source.on)
            found = [
                other
                for other in await self.rows(table)
                if wanted is not None and getattr(other, source.match) == wanted
                if await self.holds(info.context, other, source.where)
                if await self.sees(info.context, other, table)
            ]
            if source.newest is None:
                assert len(found) <= 1
                return found[0] if found else None
            newest = source.newest
            return max(found, key=lambda other: (getattr(other, newest), other.id), default=None)

        return resolve

    def _items(self, source: fields.Items, named: Any, _: str) -> Resolve:
        table = _table(named)

        async def resolve(row: Any, info: Any) -> Any:
            found = [
                other
                for other in await self.rows(table)
                if getattr(other, source.on) == row.id
                if await self.holds(info.context, other, source.where)
                if await self.sees(info.context, other, table)
            ]
            for part in reversed(source.order.split(",")):  # sorting is stable
                column, *direction = part.split()
                found.sort(key=attrgetter(column), reverse=direction == ["desc"])
            return found[: source.limit]

        return resolve

    def _polymorphic(self, source: fields.Polymorphic, _: Any, __: str) -> Resolve:
        async def resolve(row: Any, info: Any) -> Any:
            type_name = source.types.get(getattr(row, source.by))
            if type_name is None:
                return None
            table = _table(self.schema.type_map[type_name])
            return await self._by_id(info.context, table, getattr(row, source.on))

        return resolve

    # Connections.

    def _connection(self, source: Many, named: Any, _: str) -> Resolve:
        table = _table(get_named_type(named.fields["nodes"].type))

        async def resolve(parent: Any, info: Any, **arguments: Any) -> Any:
            (source.guard or everybody)(info.context.viewer)
            page = Page(source, table, arguments)
            matching = [
                row
                for row in await self.rows(table)
                if source.on is None or getattr(row, source.on) == parent.id
                if await self.sees(info.context, row, table)
                if await self.holds(info.context, row, source.where)
                if await self._meets(info.context, row, page)
            ]
            matching.sort(key=lambda row: (getattr(row, page.column), row.id))
            if page.descending:
                matching.reverse()
            rest = matching
            if page.place is not None:
                edge = await self._place(table, page)
                rest = [
                    row
                    for row in matching
                    if ((getattr(row, page.column), row.id) > edge)
                    is (page.descending is page.backward)
                    and (getattr(row, page.column), row.id) != edge
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
                total_count=Count(value=len(matching), precision=CountPrecision.EXACT),
            )

        return resolve

    async def _meets(self, context: Context, row: Any, page: "Page") -> bool:
        for template, value in page.conditions:
            if not await self.holds(context, row, template, value=value):
                return False
        return True

    async def _place(self, table: Table, page: "Page") -> tuple[Any, UUID]:
        """The key and id in a cursor: of a row that exists, as tests only use such."""
        assert page.place is not None
        id, key = page.place
        row = next(row for row in await self.rows(table) if row.id == id)
        assert await self.key(row, page.column) == key
        return getattr(row, page.column), id

    async def cursor(self, page: "Page", row: Any) -> str:
        """The cursor of a row in a list."""
        return page.cursor(row.id, await self.key(row, page.column))

    async def key(self, row: Any, column: str) -> str:
        """A column as PostgreSQL writes it."""
        found = await self._ask(
            f'select t.{column}::text as v from "{row._meta.db_table}" t where t.id = {{id}}',
            Context(viewer=None, now=None),  # type: ignore[arg-type]
            id=row.id,
        )
        return str(found["v"])

    # Roots.

    def _root(self, source: roots.Root, named: Any, _: str) -> Resolve:
        table = _table(named)

        async def resolve(_: Any, info: Any, **arguments: Any) -> Any:
            (given,) = arguments.values()
            value = source.prepare(given)
            for row in await self.rows(table):
                if await self.holds(info.context, row, source.where, value=value):
                    return row if await self.sees(info.context, row, table) else None
            return None

        return resolve

    def _made(self, source: roots.Made, named: Any, attribute: str) -> Resolve:
        table = _table(named)

        async def resolve(payload: Any, info: Any) -> Any:
            id = getattr(payload, attribute)
            return None if id is None else await self._by_id(info.context, table, id)

        return resolve

    def _by_node_id(self, source: roots.NodeRoot, _: Any, __: str) -> Resolve:
        return self._nodes if source.many else self._node

    async def _node(self, _: Any, info: Any, id: str) -> Any:
        prefix, found = ids.split(id)
        table = self._by_prefix.get(prefix)
        return None if table is None else await self._by_id(info.context, table, found)

    async def _nodes(self, _: Any, info: Any, ids: list[str]) -> Any:
        if len(ids) > 100:
            raise InvalidInput(reason="too many", reason_zh="")
        return [await self._node(_, info, id) for id in ids]

    # What the database says about one row.

    async def rows(self, table: Table) -> list[Any]:
        """All rows of a table."""
        if table.model not in self._rows:
            self._rows[table.model] = await table.model.all()
        return self._rows[table.model]

    async def _by_id(self, context: Context, table: Table, id: UUID) -> Any:
        for row in await self.rows(table):
            if row.id == id and await self.sees(context, row, table):
                return row
        return None

    async def sees(self, context: Context, row: Any, table: Table) -> bool:
        """Whether the row is in the viewer's scope."""
        return await self.holds(context, row, table.scope.predicate(context.viewer.sight))

    async def holds(self, context: Context, row: Any, template: str, **more: Any) -> bool:
        """Whether a condition is true of the row: not false, not null."""
        return template == "true" or await self.value(context, row, template, **more) is True

    async def value(self, context: Context, row: Any, template: str, **more: Any) -> Any:
        """What an expression gives for the row."""
        found = await self._ask(
            f'select ({template}) as v from "{row._meta.db_table}" t where t.id = {{id}}',
            context,
            id=row.id,
            **more,
        )
        return found["v"]

    async def _ask(self, template: str, context: Context, **more: Any) -> Any:
        sql, values = one_off(template, viewer=context.viewer, now=context.now, **more)
        known = sql, repr(values)
        if known not in self._answers:
            self._answers[known] = await database.row(sql, *values)
        return self._answers[known]


class Page:
    """The arguments of a connection, understood a second time."""

    def __init__(self, source: Many, table: Table, arguments: Mapping[str, Any]) -> None:
        first, last = arguments.get("first"), arguments.get("last")
        after, before = arguments.get("after"), arguments.get("before")
        self.backward = last is not None
        self.size = last if first is None and last is not None else 20 if first is None else first
        order = arguments.get("orderBy")
        self.column = order["field"].value if order else source.default_order
        direction = order.get("direction") if order else None
        self.descending = direction in (None, OrderDirection.DESC)
        self.conditions: list[tuple[str, Any]] = []
        self._given: dict[str, Any] = {}
        if first is not None and last is not None:
            raise InvalidInput(reason="both", reason_zh="")
        if not 1 <= self.size <= 100:
            raise InvalidInput(reason="size", reason_zh="")
        self._read_filter(source, arguments.get("filter") or {})
        if (after if self.backward else before) is not None:
            raise InvalidInput(reason="wrong end", reason_zh="")
        self.fingerprint = fingerprint(
            table.name, source.on, source.where, self.column, self.descending, self._given
        )
        cursor = before if self.backward else after
        self.place = self._parse(cursor) if cursor is not None else None

    def _read_filter(self, source: Many, given: Mapping[str, Any]) -> None:
        if source.filter is None:
            return
        for field in source.filter.__strawberry_definition__.fields:  # type: ignore[attr-defined]
            name = _camel(field.python_name)
            value, condition = given.get(name), field.metadata[CONDITION]
            if value is None:
                continue
            if not isinstance(condition, Range):
                self._given[name] = condition.prepare(value)
                is_other = value is False and condition.if_false is not None
                template = condition.if_false if is_other else condition.template
                self.conditions.append((template, self._given[name]))
                continue
            for end, sign in (("from", ">="), ("to", "<")):
                if value.get(end) is not None:
                    self._given[f"{name}.{end}"] = value[end]
                    self.conditions.append((f"{condition.expression} {sign} {{value}}", value[end]))

    def cursor(self, id: UUID, key: str) -> str:
        """A place in this list."""
        text = f"{self.fingerprint}:{id.hex}:{key}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def _parse(self, cursor: str) -> tuple[UUID, str]:
        try:
            text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
            mark, id, key = text.split(":", 2)
        except ValueError:
            raise CursorInvalid from None
        if mark != self.fingerprint:
            raise CursorInvalid
        return UUID(id), key


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


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)
