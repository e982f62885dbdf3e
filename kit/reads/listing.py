"""The rows of a list as typed columns, for files: by the list's own filter, order and scope.

A column is a path of fields of the list's type (`number`, `dueAmount`, `goods.name`), and says what
the API would say there to the same viewer.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLEnumType,
    GraphQLObjectType,
    GraphQLSchema,
    coerce_input_value,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from kit.columns import Cell, Kind, Rows
from kit.reads.cells import Writer
from kit.reads.fields import Computed, Embedded, Items, Many, Polymorphic
from kit.reads.paging import Paging, paging
from kit.reads.plans import table_of_type
from kit.reads.selection import source_of
from kit.reads.statement import Compiler, Request, node_type_name
from kit.scope import Sees, sight_of
from kit.templates import fill

_BY_SCALAR = {
    "ID": Kind.ID,
    "Int": Kind.INTEGER,
    "Boolean": Kind.BOOLEAN,
    "DateTime": Kind.INSTANT,
    "Date": Kind.DATE,
    "Decimal": Kind.DECIMAL,
}
_AMOUNT = "Money"


def _is_list(type_: Any) -> bool:
    return is_list_type(get_nullable_type(type_))


class Listing:
    """A list of the API: a field of the query type, or one that hangs on an object (`parent`)."""

    def __init__(self, schema: GraphQLSchema, type_name: str, field_name: str) -> None:
        owner = schema.type_map[type_name]
        assert isinstance(owner, GraphQLObjectType)
        field = owner.fields[field_name]
        source = source_of(field)
        assert isinstance(source, Many), f"{type_name}.{field_name} is no list"
        node = schema.type_map[node_type_name(get_named_type(field.type))]
        assert isinstance(node, GraphQLObjectType)
        self.source: Many = source
        self._schema, self._node = schema, node
        self._table = table_of_type(node)
        self.parent = table_of_type(owner) if source.on is not None else None
        self._inputs = {name: argument.type for name, argument in field.args.items()}

    def cell(self, path: str) -> Cell:
        """The column of a path. Raises TypeError for one that no file can have."""
        type_, names = self._node, tuple(path.split("."))
        within: Any = None
        for place, name in enumerate(names, start=1):
            field = type_.fields.get(name)
            if field is None:
                raise TypeError(f"{type_.name} has no field {name}")
            named, source = get_named_type(field.type), source_of(field)
            if isinstance(source, Computed | Polymorphic | Items | Many) or _is_list(field.type):
                raise TypeError(f"{path} can't be a column of a file")
            if isinstance(source, Embedded) and place == len(names):
                if named.name != _AMOUNT:
                    raise TypeError(f"{path} is an object")
                return Cell(names, Kind.AMOUNT)
            if isinstance(within, Embedded) and "currency" in within.parts:
                return Cell(names, Kind.AMOUNT)
            within = source
            if isinstance(named, GraphQLEnumType):
                return Cell(names, Kind.CODE, named.name, tuple(named.values))
            if not isinstance(named, GraphQLObjectType):
                return Cell(names, _BY_SCALAR.get(named.name, Kind.TEXT))
            type_ = named
        raise TypeError(f"{path} is an object")

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments of the list from JSON, as GraphQL reads them of variables."""
        return {
            name: coerce_input_value(value, self._inputs[name])
            for name, value in given.items()
            if value is not None
        }

    def check(self, arguments: Mapping[str, Any], *, now: datetime) -> None:
        """Refuse what the list would refuse. Raises InvalidInput, and what its judge raises."""
        page = self._page(arguments)
        if page.judge is not None:
            page.judge(page.values, now)

    def rows(
        self,
        cells: Sequence[Cell],
        *,
        arguments: Mapping[str, Any],
        parent_id: UUID | None,
        viewers: Sequence[Sees],
        now: datetime,
    ) -> Rows:
        """All rows that every one of the viewers sees, with the columns as the first sees them."""
        page = self._page(arguments)
        compiler = Compiler(self._table_of, sight_of(viewers[0]), [page])
        row = compiler.alias()
        writer = Writer(compiler, row)
        columns = [
            f"{writer.expression(self._node, cell.path)} as c{number}"
            for number, cell in enumerate(cells, start=1)
        ]
        rest = f'from "{self._table.name}" {row}{{joins}} where ' + " and ".join(
            self._conditions(compiler, page, row, viewers[1:])
        )
        direction = "desc" if page.descending else "asc"
        order = f"order by {compiler.key(page, row)} {direction}, {row}.id {direction}"
        request = Request(viewers[0], now, "en", [page], (parent_id, *viewers[1:]))
        return Rows(
            f"select {', '.join(columns)} {rest.replace('{joins}', ''.join(writer.joins))} {order}",
            f"select 1 {rest.replace('{joins}', '')}",
            compiler.binds.values(request),
            compiler.binds.named("viewer."),
        )

    def _page(self, arguments: Mapping[str, Any]) -> Paging:
        return paging(self.source, self._table, arguments)

    def _table_of(self, type_name: str) -> Any:
        return table_of_type(self._schema.type_map[type_name])

    def _conditions(
        self, compiler: Compiler, page: Paging, row: str, others: Sequence[Sees]
    ) -> list[str]:
        parts = [compiler.seen(self._table, row)]
        for place, other in enumerate(others, start=1):
            parts.append(self._also_seen(compiler, row, sight_of(other), place))
        if self.parent is not None:
            parent = compiler.alias()
            id = compiler.binds.add("parent", lambda request: request.value[0])
            parts.append(
                f'{row}.{self.source.on} = (select {parent}.id from "{self.parent.name}" {parent}'
                f" where {parent}.id = {id}::uuid and {compiler.seen(self.parent, parent)})"
            )
        if self.source.where != "true":
            parts.append(f"({compiler.filled(self.source.where, row, slot=0)})")
        for key, template in page.conditions:

            def value_of(request: Any, key: str = key) -> Any:
                return request.calls[0].values[key]

            value = compiler.binds.add((0, key), value_of)
            parts.append(f"({compiler.filled(template, row, value)})")
        return parts

    def _also_seen(self, compiler: Compiler, row: str, sight: str, place: int) -> str:
        def hole(name: str) -> str:
            head, _, attribute = name.partition(".")
            if head != "viewer":
                return compiler.filled(f"{{{name}}}", row)
            return compiler.binds.add(
                (place, name), lambda request: getattr(request.value[place], attribute)
            )

        return f"({fill(self._table.scope.predicate(sight), hole)})"
