"""The compiler: a selection becomes one SQL expression that is its JSON, as text.

Lists are correlated subqueries, so the parts nest as the selection does. They are cut to their rows
first; a related row is then joined to those rows only, which costs a third of a subquery per row.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from graphql import get_named_type

from kit.reads import finishing, pages
from kit.reads.fields import (
    Column,
    Computed,
    Embedded,
    Expression,
    Items,
    Many,
    One,
    Polymorphic,
)
from kit.reads.finishing import Finish, Part
from kit.reads.leaves import Text, hex_of, leaf
from kit.reads.paging import Paging
from kit.reads.selection import Pick
from kit.reads.tables import Table
from kit.templates import Binds, fill

TableOf = Callable[[str], Table]


@dataclass
class Request:
    """What the bind values of a statement are taken from."""

    viewer: Any
    now: Any
    locale: str
    calls: list[Any] = field(default_factory=list)
    value: Any = None


class Finishing(Protocol):
    """What puts the values made in Python into the parsed answer."""

    def apply(self, value: Any, request: Any) -> None: ...


@dataclass(frozen=True)
class Statement:
    """A finished statement: its text, where its bind values come from, what Python adds."""

    sql: str
    binds: Binds
    finish: Finishing | None


class Compiler:
    """Writes one statement for one selection, one kind of viewer and one set of page shapes."""

    def __init__(self, table_of: TableOf, kind: str, calls: list[Any]) -> None:
        self.table_of = table_of
        self._kind = kind
        self._calls = calls
        self._aliases = 0
        self.binds = Binds()

    def object(
        self, picks: list[Pick], type_name: str, alias: str, joins: list[str]
    ) -> tuple[str, Finish | None]:
        """The JSON object of the row `alias`; what it needs joined to that row goes to `joins`."""
        table = self.table_of(type_name)
        text, finish = Text().say("{"), Finish()
        for number, pick in enumerate(picks):
            text.say(("," if number else "") + f'"{pick.key}":')
            below = self._field(text, pick, type_name, table, alias, joins)
            if below is not None:
                finish.parts[pick.key] = below
        return text.say("}").sql(), finish if finish.parts else None

    def seen(
        self, table: Table, alias: str, above: Table | None = None, by: str | None = None
    ) -> str:
        """The viewer's scope over the row `alias`.

        Or what is left of it to ask when its column `by` is the id of a row of `above` in sight.
        """
        if above is None or by is None:
            predicate = table.scope.predicate(self._kind)
        else:
            predicate = table.scope.predicate_under(self._kind, above.scope, by)
        return f"({self.filled(predicate, alias)})"

    def filled(self, template: str, alias: str, value: str = "", slot: int | None = None) -> str:
        """A template with its holes filled: the alias, and bind values for all that is given.

        `slot` is the place of the field whose arguments `{arg.<name>}` means.
        """

        def hole(name: str) -> str:
            head, _, attribute = name.partition(".")
            if name == "t":
                return alias
            if name == "value":
                return value
            if name == "now":
                return self.binds.add("now", lambda request: request.now) + "::timestamptz"
            if head == "viewer":
                return self.binds.add(name, lambda request: getattr(request.viewer, attribute))
            if head == "arg" and slot is not None:
                return self.binds.add(
                    (slot, name), lambda request: request.calls[slot].arguments[attribute]
                )
            raise TypeError(f"no hole is called {name}")

        return fill(template, hole)

    def key(self, page: Paging, alias: str) -> str:
        """What orders the row `alias` of a list."""
        return self.filled(page.key_for(self._kind), alias)

    def alias(self) -> str:
        """A fresh alias."""
        self._aliases += 1
        return f"t{self._aliases}"

    def call(self, pick: Pick) -> Any:
        """The arguments of an argument-bearing field, as they were read."""
        assert pick.slot is not None
        return self._calls[pick.slot]

    def _field(
        self,
        text: Text,
        pick: Pick,
        type_name: str,
        table: Table,
        alias: str,
        joins: list[str],
    ) -> Part | None:
        source = pick.source
        if pick.name == "__typename":
            text.say(f'"{type_name}"')
            return None
        if pick.name == "id" and table.is_node and source is None:
            text.say(f'"{table.prefix}_').add(hex_of(f"{alias}.id")).say('"')
            return None
        if isinstance(source, Column):
            name = source.name or snake(pick.name)
            leaf(text, f"{alias}.{name}", pick.field.type, table.orm_field(name))
            return None
        if isinstance(source, Expression):
            leaf(text, f"({self.filled(source.template, alias)})", pick.field.type)
            return None
        if isinstance(source, Embedded):
            text.add(self._embedded(pick, source, alias))
            return None
        if isinstance(source, Computed):
            told = {name: self.filled(sql, alias) for name, sql in source.told.items()}
            text.add(finishing.columns_sql(source.columns, told, table, alias))
            return finishing.computing(pick, source, table)
        expression, finish = self._related(pick, source, table, alias, joins)
        text.add(expression)
        return finish

    def _embedded(self, pick: Pick, source: Embedded, alias: str) -> str:
        text = Text().say("{")
        for number, part in enumerate(pick.picks):
            text.say(("," if number else "") + f'"{part.key}":')
            if part.name == "__typename":
                text.say(f'"{pick.type.name}"')
            else:
                expression = self.filled(source.parts[part.name], alias)
                leaf(text, f"({expression})", part.field.type)
        whole = text.say("}").sql()
        if source.unless is None:
            return whole
        return f"case when {self.filled(source.unless, alias)} then 'null' else {whole} end"

    def _related(
        self, pick: Pick, source: Any, above: Table, alias: str, joins: list[str]
    ) -> tuple[str, Part | None]:
        if isinstance(source, One):
            return self._one(pick, source, alias, joins)
        if isinstance(source, Items):
            return self._items(pick, source, above, alias)
        if isinstance(source, Polymorphic):
            return self._polymorphic(pick, source, alias)
        if isinstance(source, Many):
            return pages.page(self, pick, source, node_type_name(pick.type), alias, above)
        raise TypeError(f"{pick.name} has no source that can be compiled")

    def _one(
        self, pick: Pick, source: One, alias: str, joins: list[str]
    ) -> tuple[str, Finish | None]:
        table, row = self.table_of(pick.type.name), self.alias()
        condition = (
            f"{row}.{source.match} = {alias}.{source.on}"
            f" and ({self.filled(source.where, row, slot=pick.slot)})"
        )
        if source.when != "true":
            condition += f" and ({self.filled(source.when, alias)})"
        if source.newest is not None:
            joins.append(
                f' left join lateral (select {row}.* from "{table.name}" {row}'
                f" where {condition} and {self.seen(table, row)}"
                f" order by {row}.{source.newest} desc, {row}.id desc limit 1) {row} on true"
            )
        elif source.match == "id":
            joins.append(
                f' left join "{table.name}" {row} on {condition} and {self.seen(table, row)}'
            )
        else:
            # Joined, a second match would double our row; so it fails, and is noticed.
            return self._row(pick.picks, pick.type.name, row, condition)
        whole, finish = self.object(pick.picks, pick.type.name, row, joins)
        return f"case when {row}.id is null then 'null' else {whole} end", finish

    def _row(
        self, picks: list[Pick], type_name: str, row: str, condition: str
    ) -> tuple[str, Finish | None]:
        whole, finish = self.row(picks, type_name, row, condition)
        return f"coalesce(({whole}), 'null')", finish

    def row(
        self, picks: list[Pick], type_name: str, row: str, condition: str
    ) -> tuple[str, Finish | None]:
        """A statement for the JSON of one row, if there is one that meets the condition."""
        table, joins = self.table_of(type_name), list[str]()
        whole, finish = self.object(picks, type_name, row, joins)
        return (
            f'select {whole} from "{table.name}" {row}{"".join(joins)}'
            f" where {condition} and {self.seen(table, row)}"
        ), finish

    def _items(
        self, pick: Pick, source: Items, above: Table, alias: str
    ) -> tuple[str, Finish | None]:
        table, row, joins = self.table_of(pick.type.name), self.alias(), list[str]()
        whole, finish = self.object(pick.picks, pick.type.name, row, joins)
        order = ", ".join(f"{row}.{part.strip()}" for part in source.order.split(","))
        return (
            f"(select '[' || coalesce(string_agg({whole}, ',' order by {order}), '') || ']'"
            f' from (select {row}.* from "{table.name}" {row} where {row}.{source.on} = {alias}.id'
            f" and ({self.filled(source.where, row)})"
            f" and {self.seen(table, row, above, source.on)}"
            f" order by {order} limit {source.limit}) {row}{''.join(joins)})"
        ), finish

    def _polymorphic(self, pick: Pick, source: Polymorphic, alias: str) -> tuple[str, Part | None]:
        cases: dict[str, str] = {}
        finishes: dict[str, Finish] = {}
        for value, type_name in source.types.items():
            row = self.alias()
            condition = f"{row}.id = {alias}.{source.on}"
            cases[value], finish = self._row(pick.kinds[type_name], type_name, row, condition)
            if finish is not None:
                finishes[value] = finish
        whens = " ".join(f"when '{value}' then {whole}" for value, whole in cases.items())
        whole = f"case {alias}.{source.by} {whens} else 'null' end"
        if not finishes:
            return whole, None
        # Which type it is must come along, for Python to know what is left to make.
        kind = f"coalesce(to_json({alias}.{source.by})::text, 'null')"
        return f"'[' || {kind} || ',' || {whole} || ']'", finishing.choosing(finishes)


def node_type_name(connection: Any) -> str:
    """The name of the type that a connection type's nodes have."""
    return str(get_named_type(connection.fields["nodes"].type).name)


def snake(name: str) -> str:
    """`createdAt` -> `created_at`."""
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name)
