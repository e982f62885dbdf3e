"""Who sees which rows: one SQL predicate per kind of viewer, for reads and workflows alike."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol, TypeVar
from uuid import UUID

from tortoise.models import Model

from kit import database, rows
from kit.problems import NotFound
from kit.templates import Binds, fill
from kit.transaction import assert_open

M = TypeVar("M", bound=Model)


class Sees(Protocol):
    """What a scope has to know of a viewer: its kind; predicates name further attributes."""

    @property
    def kind(self) -> str: ...


def sight_of(viewer: Sees) -> str:
    """By which predicate the viewer sees rows: its kind, or a finer `sight` that it tells.

    `OPERATOR.MANAGER` is an operator for every scope that doesn't name OPERATOR__MANAGER. That way
    a restriction that most don't have is no "or" in everybody's statements, which no index serves.
    """
    sight: str = getattr(viewer, "sight", viewer.kind)
    return sight


def of_partners(plain: str, several: str) -> dict[str, str]:
    """One partner's operators see rows by `plain`, and who may act for several by `several`.

    For a scope: one id is compared by `=`, since only then an index gives a page of a list in its
    order; with `= any(…)` all rows are sorted for the first fifty.
    """
    return {
        "OPERATOR": plain,
        "OPERATOR__DISTRIBUTOR": several,
        "OPERATOR__MANAGER": several,
        "OPERATOR__SUPERVISOR": several,
    }


class Scope:
    """Predicates by viewer kind, over the alias `{t}`; a kind that isn't named sees nothing.

    `Scope(STAFF="true", OPERATOR="{t}.partner_id = any({viewer.partner_ids})")`. Holes:
    `{t}`, `{now}`, `{viewer.<attribute>}`. Write what a later domain needs to see with `also`.
    """

    def __init__(self, **by_kind: str) -> None:
        self._by_kind = {"SYSTEM": "true"} | by_kind

    def predicate(self, kind: str) -> str:
        """The template for this kind of viewer, or for the kind before its dot."""
        return self._by_kind.get(self._named(kind), "false")

    def predicate_under(self, kind: str, above: "Scope", by: str) -> str:
        """The same, for rows whose column `by` is the id of a row that is seen by `above`."""
        return self.predicate(kind)

    def _named(self, kind: str) -> str:
        kind, _, finer = kind.partition(".")
        return f"{kind}__{finer}" if f"{kind}__{finer}" in self._by_kind else kind

    async def sees(self, model: type[Model], id: UUID, *, viewer: Sees, now: datetime) -> bool:
        """Whether the row exists for this viewer. Reads in the open transaction, locks nothing."""
        sql, values = one_off(
            f'select 1 as found from "{model._meta.db_table}" t '
            f"where t.id = {{id}} and ({self.predicate(sight_of(viewer))})",
            viewer=viewer,
            now=now,
            id=id,
        )
        return await database.row(sql, *values) is not None

    async def require(
        self, model: type[Model], id: UUID, *, viewer: Sees, now: datetime, thing: str
    ) -> None:
        """Raise NotFound(thing) unless the row exists for this viewer: foreign is unknown."""
        if not await self.sees(model, id, viewer=viewer, now=now):
            raise NotFound(thing=thing)

    async def locked(
        self, model: type[M], ids: Iterable[UUID], *, viewer: Sees, now: datetime
    ) -> list[M]:
        """Hold those of the rows that exist for this viewer, in the order of their ids.

        A row that left the viewer's sight while we waited for it is not among them.
        """
        wanted = sorted(set(ids))
        return await self._hold(model, "= any({ids})", viewer=viewer, now=now, ids=wanted)

    async def lock(self, model: type[M], id: UUID, *, viewer: Sees, now: datetime, thing: str) -> M:
        """Hold the row, or raise NotFound(thing) if it doesn't exist for this viewer (any more)."""
        # Not "any" of one: PostgreSQL would make a new plan each time.
        found = await self._hold(model, "= {id}", viewer=viewer, now=now, id=id)
        if not found:
            raise NotFound(thing=thing)
        return found[0]

    async def _hold(
        self, model: type[M], which: str, *, viewer: Sees, now: datetime, **wanted: Any
    ) -> list[M]:
        assert_open()
        sql, values = one_off(
            f'select {rows.columns(model, "t")} from "{model._meta.db_table}" t '
            f"where t.id {which} and ({self.predicate(sight_of(viewer))}) "
            "order by t.id for no key update of t",
            viewer=viewer,
            now=now,
            **wanted,
        )
        return rows.as_models(model, await database.rows(sql, *values))


class Under(Scope):
    """Rows that are seen where the row is seen that they are a part of, by their column `by`.

    `table` is that row's, `above` its scope; kinds that see the part otherwise are named. In a list
    of a row that is itself in the answer nothing is asked again.
    """

    def __init__(self, above: Scope, table: str, *, by: str, **otherwise: str) -> None:
        def part(predicate: str) -> str:
            if predicate == "true":
                return predicate
            whole = predicate.replace("{t}", "whole")
            return f"exists (select from {table} whole where whole.id = {{t}}.{by} and {whole})"

        super().__init__(**{kind: part(p) for kind, p in above._by_kind.items()} | otherwise)
        self._above, self._by = above, by
        self._no_more = above._by_kind.keys() - otherwise.keys()

    def predicate_under(self, kind: str, above: Scope, by: str) -> str:
        """`true` where it says no more than that the row above is seen."""
        is_told = above is self._above and by == self._by and self._named(kind) in self._no_more
        return "true" if is_told else self.predicate(kind)


class Inherited(Scope):
    """Rows without an own scope: seen exactly where the row they belong to is seen.

    A type with this scope can't be a root, a node or a count; it is reached through a relation.
    """

    def predicate(self, kind: str) -> str:
        return "true"


INHERITED = Inherited()


def one_off(template: str, *, viewer: Any, now: datetime, **more: Any) -> tuple[str, list[Any]]:
    """Fill a template for a single run: the statement and its bind values."""
    sql, names = _numbered(template)

    def value(name: str) -> Any:
        head, _, attribute = name.partition(".")
        if head == "viewer":
            return getattr(viewer, attribute)
        return now if name == "now" else more[name]

    return sql, [value(name) for name in names]


def together(conditions: Sequence[tuple[str, Any]]) -> tuple[str, dict[str, Any]]:
    """Conditions (templates with `{value}`) as one, for `one_off`, and the values of its holes."""
    # Holes have names of letters alone.
    names = [f"value_{'i' * number}" for number in range(1, len(conditions) + 1)]
    values = {name: value for name, (_, value) in zip(names, conditions, strict=True)}
    wanted = [
        f"({template.replace('{value}', f'{{{name}}}')})"
        for name, (template, _) in zip(names, conditions, strict=True)
    ]
    return " and ".join(wanted) or "true", values


@lru_cache(maxsize=1000)
def _numbered(template: str) -> tuple[str, tuple[str, ...]]:
    """The statement, and what its bind values are called; written once for all runs."""
    binds = Binds()

    def hole(name: str) -> str:
        if name == "t":
            return "t"
        number = binds.add(name, lambda _: name)
        return f"{number}::timestamptz" if name == "now" else number

    sql = fill(template, hole)
    return sql, tuple(binds.values(None))
