"""A connection in SQL: the page is cut by keyset first, its JSON aggregated over the rows left."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from kit.reads import cursors
from kit.reads.connections import COUNT_MOST, PAGE_MOST
from kit.reads.fields import Many
from kit.reads.finishing import Finish
from kit.reads.leaves import Text, hex_of
from kit.reads.paging import Paging
from kit.reads.selection import Pick
from kit.reads.tables import Table

if TYPE_CHECKING:
    from kit.reads.statement import Compiler

COMMA = "','"

Written = tuple[str, Finish | None]


def page(
    compiler: "Compiler",
    pick: Pick,
    source: Many,
    type_name: str,
    parent: str | None = None,
    above: Table | None = None,
) -> Written:
    """The JSON of a connection as a scalar subquery.

    `parent` is the alias it hangs on, `above` the table of that, if there is one.
    """
    return _Page(compiler, pick, source, type_name, parent, above).write()


class _Page:
    """One connection. `row` is the alias of its rows, first in the table, then cut to the page."""

    def __init__(
        self,
        compiler: "Compiler",
        pick: Pick,
        source: Many,
        type_name: str,
        parent: str | None,
        above: Table | None,
    ) -> None:
        self._compiler, self._pick, self._type_name = compiler, pick, type_name
        self._source, self._parent, self._above = source, parent, above
        self._slot, self._paging = pick.slot, compiler.call(pick)
        self._table = compiler.table_of(type_name)
        self._row = compiler.alias()
        self._joins: list[str] = []
        self._aggregates = False
        # Whether more rows follow is known by one row more than asked for, which is not shown.
        self._looks_ahead = any(
            part.name == ("hasPreviousPage" if self._paging.backward else "hasNextPage")
            for each in pick.picks
            if each.name == "pageInfo"
            for part in each.picks
        )

    def write(self) -> Written:
        """The subquery."""
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
        rows = f" from {self._rows()}{''.join(self._joins)}" if self._aggregates else ""
        return f"(select {whole}{rows})", finish if finish.parts else None

    @cached_property
    def _size(self) -> str:
        slot = self._slot
        return self._compiler.binds.add(("size", slot), lambda r: r.calls[slot].size) + "::int"

    def _aggregate(self, function: str, *arguments: str) -> str:
        """Over the rows of the page, in its order."""
        self._aggregates = True
        shown = f" filter (where {self._row}.nth <= {self._size})" if self._looks_ahead else ""
        order = self._order(self._paging.descending)
        return f"{function}({', '.join(arguments)} order by {order}){shown}"

    def _rows(self) -> str:
        row, paging = self._row, self._paging
        order = self._order(paging.descending is not paging.backward)
        # The planner can't know `size`; told a number, it joins row by row and not whole tables.
        cut = (
            f'(select {row}.* from "{self._table.name}" {row} where {self._matching}'
            f"{self._beyond_the_cursor()} order by {order} limit {PAGE_MOST + 1}) {row}"
        )
        if not self._looks_ahead:
            return f"(select {row}.* from {cut} order by {order} limit {self._size}) {row}"
        return (
            f"(select {row}.*, row_number() over () as nth from (select {row}.* from {cut}"
            f" order by {order} limit {self._size} + 1) {row}) {row}"
        )

    def _key_of(self, row: str) -> str:
        return self._compiler.key(self._paging, row)

    def _order(self, descending: bool) -> str:
        direction = "desc" if descending else "asc"
        return f"{self._key_of(self._row)} {direction}, {self._row}.id {direction}"

    @cached_property
    def _matching(self) -> str:
        compiler, source, row, slot = self._compiler, self._source, self._row, self._slot
        parts = [compiler.seen(self._table, row, self._above, source.on)]
        if self._parent is not None:
            parts.insert(0, f"{row}.{source.on} = {self._parent}.id")
        if source.where != "true":
            parts.append(f"({compiler.filled(source.where, row, slot=slot)})")
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
            f" and ({self._key_of(row)}, {row}.id) {comparison}"
            f" ({key}::text::{paging.cast}, {id}::uuid)"
        )

    def _list(self, text: Text, pick: Pick) -> Finish | None:
        if pick.name == "nodes":
            whole, finish = self._compiler.object(
                pick.picks, self._type_name, self._row, self._joins
            )
        else:
            whole, finish = self._edge(pick)
        text.say("[").add(f"coalesce({self._aggregate('string_agg', whole, COMMA)}, '')").say("]")
        return finish

    def _edge(self, edge: Pick) -> Written:
        text, finish = Text().say("{"), Finish()
        for number, pick in enumerate(edge.picks):
            text.say(("," if number else "") + f'"{pick.key}":')
            if pick.name == "__typename":
                text.say(f'"{edge.type.name}"')
            elif pick.name == "cursor":
                row = self._row
                text.say('"').add(self._cursor(self._key_of(row), f"{row}.id"))
                text.say('"')
            else:
                whole, below = self._compiler.object(
                    pick.picks, self._type_name, self._row, self._joins
                )
                text.add(whole)
                if below is not None:
                    finish.parts[pick.key] = below
        return text.say("}").sql(), finish if finish.parts else None

    def _page_info(self, info: Pick) -> str:
        backward, text = self._paging.backward, Text().say("{")
        for number, pick in enumerate(info.picks):
            text.say(("," if number else "") + f'"{pick.key}":')
            if pick.name == "__typename":
                text.say('"PageInfo"')
            elif pick.name in ("hasNextPage", "hasPreviousPage"):
                if (pick.name == "hasNextPage") is backward:
                    text.say("true" if self._paging.place else "false")
                else:
                    self._aggregates = True
                    text.add(f"(count(*) > {self._size})::text")
            else:
                text.add(self._end(is_start=pick.name == "startCursor"))
        return text.say("}").sql()

    def _end(self, *, is_start: bool) -> str:
        nth = "1" if is_start else f"least(count(*), {self._size})"
        key, id = (
            f"({self._aggregate('array_agg', each)})[{nth}]"
            for each in (self._key_of(self._row), f"{self._row}.id")
        )
        return f"coalesce('\"' || {self._cursor(key, id)} || '\"', 'null')"

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
        whole = text.say("}").sql()
        if all(pick.name == "__typename" for pick in count.picks):
            return whole
        return (
            f'(select {whole} from (select from "{self._table.name}" {self._row}'
            f" where {self._matching} limit {COUNT_MOST + 1}) counted)"
        )

    def _cursor(self, key: str, id: str) -> str:
        slot = self._slot
        mark = self._compiler.binds.add(("mark", slot), lambda r: r.calls[slot].fingerprint)
        return cursors.SQL.format(fingerprint=f"{mark}::text", id=hex_of(id), key=f"({key})::text")
