"""One value of a row as SQL: a path of fields, over the row and what is joined to it."""

import re
from typing import Any

from graphql import GraphQLObjectType, get_named_type

from kit.reads.fields import Column, Embedded, Expression, One
from kit.reads.leaves import hex_of
from kit.reads.plans import table_of_type
from kit.reads.selection import source_of
from kit.reads.statement import Compiler, snake

_ARGUMENT = re.compile(r"\{arg\.\w+\}")

# A column of the row that one of ours refers to. A file has all rows: joined, what many of them
# refer to is looked up once, and what is told of it twice isn't looked up twice.
_LOOK_UP = re.compile(
    r"\(select (\w+)\.(?P<name>\w+) from (?P<table>\w+) \1"
    r" where \1\.id = \{t\}\.(?P<on>\w+)\)"
)


class Writer:
    """Writes the columns of one statement; `joins` is what they need beside the row `row`."""

    def __init__(self, compiler: Compiler, row: str) -> None:
        self._compiler = compiler
        self._rows: dict[tuple[str, ...], str] = {(): row}
        self._looked_up: dict[tuple[str, ...], str] = {}
        self.joins: list[str] = []

    def expression(
        self, type_: GraphQLObjectType, path: tuple[str, ...], at: tuple[str, ...] = ()
    ) -> str:
        """The value at the path, over the row that the path `at` has led to."""
        name, *rest = path
        field, row = type_.fields[name], self._rows[at]
        source, table = source_of(field), table_of_type(type_)
        if name == "id" and source is None:
            return f"'{table.prefix}_' || {hex_of(f'{row}.id')}"
        if isinstance(source, Column):
            return f"{row}.{source.name or snake(name)}"
        if isinstance(source, Expression):
            if look_up := _LOOK_UP.fullmatch(source.template):
                return self._look_up(row, **look_up.groupdict())
            return f"({self._compiler.filled(source.template, row)})"
        if isinstance(source, Embedded):
            return self._part(source, rest[0] if rest else "amount", row)
        if isinstance(source, One):
            related: Any = get_named_type(field.type)
            here = (*at, name)
            if here not in self._rows:
                self._rows[here] = self._join(source, related, row)
            return self.expression(related, tuple(rest), here)
        raise TypeError(f"{type_.name}.{name} can't be a column of a file")

    def _part(self, source: Embedded, part: str, row: str) -> str:
        value = f"({self._compiler.filled(source.parts[part], row)})"
        if source.unless is None:
            return value
        return f"case when not ({self._compiler.filled(source.unless, row)}) then {value} end"

    def _look_up(self, row: str, *, table: str, on: str, name: str) -> str:
        key = (row, table, on)
        if key not in self._looked_up:
            alias = self._looked_up[key] = self._compiler.alias()
            self.joins.append(f' left join "{table}" {alias} on {alias}.id = {row}.{on}')
        return f"{self._looked_up[key]}.{name}"

    def _join(self, source: One, related: GraphQLObjectType, row: str) -> str:
        compiler, table = self._compiler, table_of_type(related)
        other = compiler.alias()
        where = _ARGUMENT.sub("null", source.where)  # a column has no way to say one
        condition = (
            f"{other}.{source.match} = {row}.{source.on}"
            f" and ({compiler.filled(where, other)}) and {compiler.seen(table, other)}"
            f" and ({compiler.filled(source.when, row)})"
        )
        if source.match == "id":
            self.joins.append(f' left join "{table.name}" {other} on {condition}')
        else:
            order = f" order by {other}.{source.newest} desc" if source.newest else ""
            self.joins.append(
                f' left join lateral (select {other}.* from "{table.name}" {other}'
                f" where {condition}{order} limit 1) {other} on true"
            )
        return other
