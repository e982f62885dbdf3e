"""A connection in SQL: the page is cut by keyset first, its JSON aggregated over the rows left."""

from typing import TYPE_CHECKING, Any

from kit.reads import cursors
from kit.reads.connections import COUNT_MOST
from kit.reads.fields import Many
from kit.reads.finishing import Finish
from kit.reads.leaves import Text
from kit.reads.paging import Paging
from kit.reads.selection import Pick

if TYPE_CHECKING:
    from kit.reads.statement import Compiler

Written = tuple[str, Finish | None]


def page(
    compiler: "Compiler", pick: Pick, source: Many, type_name: str, parent: str | None
) -> Written:
    """The JSON of a connection as a scalar subquery; `parent` is the alias it hangs on, if any."""
    return _Page(compiler, pick, source, type_name, parent).write()


class _Page:
    """One connection: `row` is the alias of its rows, `page` that of the rows cut and numbered."""

    def __init__(
        self, compiler: "Compiler", pick: Pick, source: Many, type_name: str, parent: str | None
    ) -> None:
        self._compiler, self._pick, self._type_name = compiler, pick, type_name
        self._slot, self._paging = pick.slot, compiler.call(pick)
        self._table = compiler.table_of(type_name)
        self._row, self._page = compiler.alias(), compiler.alias()
        slot = pick.slot
        self._size = compiler.binds.add(("size", slot), lambda r: r.calls[slot].size) + "::int"
        self._matching = self._conditions(source, parent)
        self._columns: list[str] = []
        self._cursor: str | None = None

    def write(self) -> Written:
        """The subquery. Rows come in the order of the page; backwards they come last first."""
        text, finish = Text().say("{"), Finish()
        for number, pick in enumerate(self._pick.picks):
            text.say(("," if number else "") + f'"{pick.key}":')
            if pick.name == "__typename":
                text.say(f'"{self._pick.type.name}"')
            elif pick.name == "pageInfo":
                text.add(self._page_info(pick))
            elif pick.name == "totalCount":
                text.add(self._total(pick))
            else:
                below = self._list(text, pick)
                if below is not None:
                    finish.parts[pick.key] = below
        whole = text.say("}").sql()
        columns = "".join(f"{column}, " for column in self._columns)
        return (
            f"(select {whole} from (select {columns}row_number() over () as n"
            f" from ({self._rows()}) {self._row}) {self._page})"
        ), finish if finish.parts else None

    def _rows(self) -> str:
        row, paging = self._row, self._paging
        direction = "desc" if paging.descending is not paging.backward else "asc"
        # One row more than asked for tells whether another page follows.
        return (
            f'select {row}.* from "{self._table.name}" {row} where {self._matching}'
            f"{self._beyond_the_cursor()} order by {row}.{paging.column} {direction},"
            f" {row}.id {direction} limit {self._size} + 1"
        )

    def _conditions(self, source: Many, parent: str | None) -> str:
        compiler, row, slot = self._compiler, self._row, self._slot
        parts = [compiler.seen(self._table, row)]
        if parent is not None:
            parts.insert(0, f"{row}.{source.on} = {parent}.id")
        if source.where != "true":
            parts.append(f"({compiler.filled(source.where, row)})")
        for key, template in self._paging.conditions:

            def value_of(request: Any, key: str = key) -> Any:
                return request.calls[slot].values[key]

            value = compiler.binds.add((slot, key), value_of)
            parts.append(f"({compiler.filled(template, row, value)})")
        return " and ".join(parts)

    def _beyond_the_cursor(self) -> str:
        paging: Paging = self._paging
        if paging.place is None:
            return ""
        slot, row, binds = self._slot, self._row, self._compiler.binds
        key = binds.add(("key", slot), lambda request: request.calls[slot].place.key)
        id = binds.add(("id", slot), lambda request: request.calls[slot].place.id)
        comparison = "<" if paging.descending is not paging.backward else ">"
        return (
            f" and ({row}.{paging.column}, {row}.id) {comparison}"
            f" ({key}::text::{paging.cast}, {id}::uuid)"
        )

    def _list(self, text: Text, pick: Pick) -> Finish | None:
        if pick.name == "nodes":
            whole, finish = self._compiler.object(pick.picks, self._type_name, self._row)
        else:
            whole, finish = self._edge(pick)
        name = self._add(whole)
        order = f" order by {self._page}.n desc" if self._paging.backward else ""
        text.say("[").add(
            f"coalesce(string_agg({name}, ','{order})"
            f" filter (where {self._page}.n <= {self._size}), '')"
        ).say("]")
        return finish

    def _edge(self, edge: Pick) -> Written:
        text, finish = Text().say("{"), Finish()
        for number, pick in enumerate(edge.picks):
            text.say(("," if number else "") + f'"{pick.key}":')
            if pick.name == "__typename":
                text.say(f'"{edge.type.name}"')
            elif pick.name == "cursor":
                text.say('"').add(self._cursor_sql()).say('"')
            else:
                whole, below = self._compiler.object(pick.picks, self._type_name, self._row)
                text.add(whole)
                if below is not None:
                    finish.parts[pick.key] = below
        return text.say("}").sql(), finish if finish.parts else None

    def _page_info(self, info: Pick) -> str:
        paging, size = self._paging, self._size
        more, given = f"(count(*) > {size})::text", "'true'" if paging.place else "'false'"
        text = Text().say("{")
        for number, pick in enumerate(info.picks):
            text.say(("," if number else "") + f'"{pick.key}":')
            if pick.name == "__typename":
                text.say('"PageInfo"')
            elif pick.name in ("hasNextPage", "hasPreviousPage"):
                ahead = (pick.name == "hasNextPage") is not paging.backward
                text.add(more if ahead else given)
            else:
                last = (pick.name == "endCursor") is not paging.backward
                text.add(self._end(" desc" if last else ""))
        return text.say("}").sql()

    def _end(self, direction: str) -> str:
        if self._cursor is None:
            self._cursor = self._add(self._cursor_sql())
        return (
            f"coalesce('\"' || (array_agg({self._cursor} order by {self._page}.n{direction})"
            f" filter (where {self._page}.n <= {self._size}))[1] || '\"', 'null')"
        )

    def _total(self, count: Pick) -> str:
        text = Text().say("{")
        for number, pick in enumerate(count.picks):
            text.say(("," if number else "") + f'"{pick.key}":')
            if pick.name == "__typename":
                text.say('"Count"')
            elif pick.name == "value":
                text.add(f"least(count(*), {COUNT_MOST})::text")
            else:
                text.say('"').add(
                    f"case when count(*) > {COUNT_MOST} then 'AT_LEAST' else 'EXACT' end"
                ).say('"')
        return (
            f'(select {text.say("}").sql()} from (select from "{self._table.name}" {self._row}'
            f" where {self._matching} limit {COUNT_MOST + 1}) counted)"
        )

    def _cursor_sql(self) -> str:
        slot, row = self._slot, self._row
        mark = self._compiler.binds.add(("mark", slot), lambda r: r.calls[slot].fingerprint)
        return cursors.SQL.format(
            fingerprint=f"{mark}::text",
            id=f"replace({row}.id::text, '-', '')",
            key=f"{row}.{self._paging.column}::text",
        )

    def _add(self, expression: str) -> str:
        name = f"c{len(self._columns)}"
        self._columns.append(f"{expression} as {name}")
        return f"{self._page}.{name}"
