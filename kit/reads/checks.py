"""What a type promises, held against its tables when the schema is put together."""

import re
from collections.abc import Callable, Collection
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
)

from kit.reads import roots
from kit.reads.fields import Column, Computed, Embedded, Expression, Items, Many, One, Polymorphic
from kit.reads.filters import CONDITION, Condition
from kit.reads.plans import table_of_type
from kit.reads.selection import source_of
from kit.reads.statement import node_type_name, snake
from kit.reads.tables import Table
from kit.scope import Inherited
from kit.templates import holes

_COLUMN = re.compile(r"\{t\}\.([a-z_0-9]+)")

# to_json writes these otherwise than the scalars do.
_NOT_IN_LISTS = ("DateTime", "Decimal")


def check_type(schema: GraphQLSchema, type_: GraphQLObjectType, table: Table) -> None:
    """Raise TypeError for a field that can't be read as it is declared."""
    if table.is_node and isinstance(table.scope, Inherited):
        raise TypeError(f"{type_.name} can't be a node: its scope is inherited")
    for name, field in type_.fields.items():
        if name != "id" or not table.is_node:
            _Field(schema, f"{type_.name}.{name}", name, field, table).check()


def check_root(schema: GraphQLSchema, where: str, field: GraphQLField) -> None:
    """Raise TypeError for a root field that would show what only its owner's scope guards."""
    source, named = source_of(field), get_named_type(field.type)
    if isinstance(source, Many):
        named = schema.type_map[node_type_name(named)]
        _check_list(where, source, table_of_type(named))
    if isinstance(source, Many | roots.Root) and isinstance(table_of_type(named).scope, Inherited):
        raise TypeError(f"{where} can't be a root: the scope of {named.name} is inherited")


class _Field:
    """One field of a type that is read from a table."""

    def __init__(
        self, schema: GraphQLSchema, where: str, name: str, field: GraphQLField, table: Table
    ) -> None:
        self._schema, self._where, self._name, self._table = schema, where, name, table
        self._source, self._type = source_of(field), field.type
        self._named: Any = get_named_type(field.type)
        self._is_required = isinstance(field.type, GraphQLNonNull)

    def check(self) -> None:
        checks: dict[type, Callable[[Any], None]] = {
            Column: self._column,
            Expression: self._expression,
            Embedded: self._embedded,
            One: self._one,
            Items: self._items,
            Polymorphic: self._polymorphic,
            Computed: self._computed,
            Many: self._many,
        }
        if type(self._source) not in checks:
            raise TypeError(f"{self._where} doesn't say how it is read from its table")
        checks[type(self._source)](self._source)

    def _column(self, source: Column) -> None:
        name = source.name or snake(self._name)
        column = self._table.orm_field(name)
        if self._is_required and column.null:
            self._never_null(f"column {name} may be null")
        if isinstance(self._named, GraphQLEnumType):
            enum = getattr(column, "enum_type", None)
            if enum is None or any(member.value not in self._named.values for member in enum):
                raise TypeError(
                    f"{self._where}: the column's values aren't the names of {self._named.name}"
                )

    def _expression(self, source: Expression) -> None:
        _check_holes(self._where, source.template)
        is_list = isinstance(get_nullable_type(self._type), GraphQLList)
        if is_list and self._named.name in _NOT_IN_LISTS:
            raise TypeError(f"{self._where}: SQL writes no lists of {self._named.name}")

    def _embedded(self, source: Embedded) -> None:
        _check_holes(self._where, *source.parts.values(), source.unless or "")
        if odd := self._named.fields.keys() ^ source.parts.keys():
            raise TypeError(
                f"{self._where} has other parts than {self._named.name}: {', '.join(sorted(odd))}"
            )
        unless = source.unless.removesuffix(" is null") if source.unless is not None else None
        if self._is_required and unless is not None and self._may_be_null(unless):
            self._never_null(f"it is null when {source.unless}")
        for name, part in self._named.fields.items():
            template = source.parts[name]
            is_told = template == unless  # then the object is null, and this never
            if isinstance(part.type, GraphQLNonNull) and not is_told:
                column = _COLUMN.fullmatch(template)
                if column is not None and self._table.is_nullable(column[1]):
                    self._never_null(f"column {column[1]} may be null", f".{name}")

    def _may_be_null(self, template: str) -> bool:
        column = _COLUMN.fullmatch(template)
        return column is None or self._table.is_nullable(column[1])

    def _one(self, source: One) -> None:
        other = table_of_type(self._named)
        _check_holes(self._where, source.where, arguments=source.arguments)
        _check_holes(self._where, source.when)
        other.orm_field(source.match)
        is_nullable = self._table.is_nullable(source.on)
        if source.newest is not None and other.is_nullable(source.newest):
            raise TypeError(f"{self._where}: which is newest, if {source.newest} may be null?")
        if self._is_required:
            if not isinstance(other.scope, Inherited):
                self._never_null("the viewer may not see the row")
            if is_nullable or source.match != "id" or source.where != "true":
                self._never_null("there may be no such row")
            if source.when != "true":
                self._never_null(f"it is told only when {source.when}")

    def _items(self, source: Items) -> None:
        other = table_of_type(self._named)
        _check_holes(self._where, source.where)
        for column in (source.on, *source.order.split(",")):
            other.orm_field(column.split()[0])

    def _polymorphic(self, source: Polymorphic) -> None:
        self._table.orm_field(source.by)
        self._table.orm_field(source.on)
        possible = {type_.name for type_ in self._schema.get_possible_types(self._named)}
        for type_name in source.types.values():
            if type_name not in possible:
                raise TypeError(f"{self._where}: {type_name} is no {self._named.name}")
            table_of_type(self._schema.type_map[type_name])
        if self._is_required:
            self._never_null("the viewer may not see the row")

    def _computed(self, source: Computed) -> None:
        for column in source.columns:
            self._table.orm_field(column)
        _check_holes(self._where, *source.told.values())
        self._check_attributes(self._named, set())

    def _check_attributes(self, type_: Any, seen: set[str]) -> None:
        """Below a computed field there are attributes of Python objects, and nothing else."""
        if is_abstract_type(type_):
            raise TypeError(f"{self._where}: {type_.name} is abstract, which can't be computed")
        if not isinstance(type_, GraphQLObjectType) or type_.name in seen:
            return
        seen.add(type_.name)
        for name, field in type_.fields.items():
            definition = field.extensions["strawberry-definition"]
            if definition.base_resolver is not None or source_of(field) is not None:
                raise TypeError(f"{self._where}: {type_.name}.{name} is no plain attribute")
            self._check_attributes(get_named_type(field.type), seen)

    def _many(self, source: Many) -> None:
        other = table_of_type(self._schema.type_map[node_type_name(self._named)])
        assert source.on is not None, f"{self._where}: by which column?"
        other.orm_field(source.on)
        _check_list(self._where, source, other)

    def _never_null(self, why: str, part: str = "") -> None:
        raise TypeError(f"{self._where}{part} can't be non-null: {why}")


def _check_list(where: str, source: Many, table: Table) -> None:
    _check_holes(where, source.where, arguments=source.arguments)
    columns = [source.default_order]
    if source.order is not None:
        kind = next(field.type for field in _inputs(source.order) if field.python_name == "field")
        columns += [value.value for value in kind.wrapped_cls]
    for column in columns:
        if table.order_key(column, source.where) is None:
            raise TypeError(f"{where} can't be ordered by {column}: it may be null")
        table.cast(column)
    for field in _inputs(source.filter) if source.filter is not None else ():
        condition = field.metadata.get(CONDITION)
        if condition is None:
            raise TypeError(f"{where}: {field.python_name} of its filter says no condition")
        if isinstance(condition, Condition):
            for template in (
                condition.template,
                condition.if_false or "",
                condition.if_short or "",
            ):
                _check_holes(where, template.replace("{value}", ""))
        else:
            _check_holes(where, condition.expression)


def _inputs(input_type: Any) -> list[Any]:
    return list(input_type.__strawberry_definition__.fields)


def _check_holes(where: str, *templates: str, arguments: Collection[str] = ()) -> None:
    known = {"t", "now", *(f"arg.{name}" for name in arguments)}
    for template in templates:
        for hole in holes(template):
            if hole not in known and not hole.startswith("viewer."):
                raise TypeError(f"{where}: no hole is called {hole}")
