"""The compiler: a selection becomes one SQL expression that is its JSON, as text.

Every relation is a correlated subquery, so the parts nest as the selection does; pages are cut to
their rows first, and what is joined is joined to those rows only.
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
from kit.reads.leaves import Text, leaf
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

    def object(self, picks: list[Pick], type_name: str, alias: str) -> tuple[str, Finish | None]:
        """The JSON object of the row `alias`."""
        table = self.table_of(type_name)
        text, finish = Text().say("{"), Finish()
        for number, pick in enumerate(picks):
            text.say(("," if number else "") + f'"{pick.key}":')
            below = self._field(text, pick, type_name, table, alias)
            if below is not None:
                finish.parts[pick.key] = below
        return text.say("}").sql(), finish if finish.parts else None

    def seen(self, table: Table, alias: str) -> str:
        """The viewer's scope over the row `alias`."""
        return f"({self.filled(table.scope.predicate(self._kind), alias)})"

    def filled(self, template: str, alias: str, value: str = "") -> str:
        """A template with its holes filled: the alias, and bind values for all that is given."""

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
            raise TypeError(f"no hole is called {name}")

        return fill(template, hole)

    def alias(self) -> str:
        """A fresh alias."""
        self._aliases += 1
        return f"t{self._aliases}"

    def call(self, pick: Pick) -> Any:
        """The arguments of an argument-bearing field, as they were read."""
        assert pick.slot is not None
        return self._calls[pick.slot]

    def _field(
        self, text: Text, pick: Pick, type_name: str, table: Table, alias: str
    ) -> Part | None:
        source = pick.source
        if pick.name == "__typename":
            text.say(f'"{type_name}"')
            return None
        if pick.name == "id" and table.is_node and source is None:
            text.say(f'"{table.prefix}_').add(f"replace({alias}.id::text, '-', '')").say('"')
            return None
        if isinstance(source, Column):
            name = source.name or snake(pick.name)
            text.add(leaf(f"{alias}.{name}", pick.field.type, table.orm_field(name)))
            return None
        if isinstance(source, Expression):
            text.add(leaf(f"({self.filled(source.template, alias)})", pick.field.type))
            return None
        if isinstance(source, Embedded):
            text.add(self._embedded(pick, source, alias))
            return None
        if isinstance(source, Computed):
            text.add(finishing.columns_sql(source.columns, table, alias))
            return finishing.computing(pick, source, table)
        expression, finish = self._related(pick, source, alias)
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
                text.add(leaf(f"({expression})", part.field.type))
        whole = text.say("}").sql()
        if source.unless is None:
            return whole
        return f"case when {self.filled(source.unless, alias)} then 'null' else {whole} end"

    def _related(self, pick: Pick, source: Any, alias: str) -> tuple[str, Finish | None]:
        if isinstance(source, One):
            row = self.alias()
            newest = f" order by {row}.{source.newest} desc limit 1" if source.newest else ""
            condition = f"{row}.{source.match} = {alias}.{source.on}"
            return self._row(pick.picks, pick.type.name, row, condition, source.where, newest)
        if isinstance(source, Items):
            return self._items(pick, source, alias)
        if isinstance(source, Polymorphic):
            return self._polymorphic(pick, source, alias)
        if isinstance(source, Many):
            return pages.page(self, pick, source, node_type_name(pick.type), alias)
        raise TypeError(f"{pick.name} has no source that can be compiled")

    def _row(
        self, picks: list[Pick], type_name: str, row: str, condition: str, where: str, newest: str
    ) -> tuple[str, Finish | None]:
        table = self.table_of(type_name)
        whole, finish = self.object(picks, type_name, row)
        return (
            f'coalesce((select {whole} from "{table.name}" {row} where {condition}'
            f" and ({self.filled(where, row)}) and {self.seen(table, row)}{newest}), 'null')"
        ), finish

    def _items(self, pick: Pick, source: Items, alias: str) -> tuple[str, Finish | None]:
        table, row = self.table_of(pick.type.name), self.alias()
        whole, finish = self.object(pick.picks, pick.type.name, row)
        order = ", ".join(f"{row}.{part.strip()}" for part in source.order.split(","))
        return (
            f"(select '[' || coalesce(string_agg(x.j, ','), '') || ']' from (select {whole} as j"
            f' from "{table.name}" {row} where {row}.{source.on} = {alias}.id'
            f" and ({self.filled(source.where, row)}) and {self.seen(table, row)}"
            f" order by {order} limit {source.limit}) x)"
        ), finish

    def _polymorphic(
        self, pick: Pick, source: Polymorphic, alias: str
    ) -> tuple[str, Finish | None]:
        cases = []
        for value, type_name in source.types.items():
            row = self.alias()
            condition = f"{row}.id = {alias}.{source.on}"
            whole, below = self._row(pick.kinds[type_name], type_name, row, condition, "true", "")
            cases.append(f"when '{value}' then {whole}")
            if below is not None:
                raise TypeError(f"{type_name} has computed fields; select them by its own id")
        return f"case {alias}.{source.by} {' '.join(cases)} else 'null' end", None


def node_type_name(connection: Any) -> str:
    """The name of the type that a connection type's nodes have."""
    return str(get_named_type(connection.fields["nodes"].type).name)


def snake(name: str) -> str:
    """`createdAt` -> `created_at`."""
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name)
