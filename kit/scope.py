"""Who sees which rows: one SQL predicate per kind of viewer, for reads and workflows alike."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from tortoise.models import Model

from kit import database
from kit.problems import NotFound
from kit.templates import Binds, fill


class Sees(Protocol):
    """What a scope has to know of a viewer: its kind; predicates name further attributes."""

    @property
    def kind(self) -> str: ...


class Scope:
    """Predicates by viewer kind, over the alias `{t}`; a kind that isn't named sees nothing.

    `Scope(STAFF="true", OPERATOR="{t}.partner_id = any({viewer.partner_ids})")`. Holes:
    `{t}`, `{now}`, `{viewer.<attribute>}`. Write what a later domain needs to see with `also`.
    """

    def __init__(self, **by_kind: str) -> None:
        self._by_kind = {"SYSTEM": "true"} | by_kind

    def predicate(self, kind: str) -> str:
        """The template for this kind of viewer."""
        return self._by_kind.get(kind, "false")

    async def sees(self, model: type[Model], id: UUID, *, viewer: Sees, now: datetime) -> bool:
        """Whether the row exists for this viewer. Reads in the open transaction, locks nothing."""
        sql, values = one_off(
            f'select 1 as found from "{model._meta.db_table}" t '
            f"where t.id = {{id}} and ({self.predicate(viewer.kind)})",
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


class Inherited(Scope):
    """Rows without an own scope: seen exactly where the row they belong to is seen.

    A type with this scope can't be a root, a node or a count; it is reached through a relation.
    """

    def predicate(self, kind: str) -> str:
        return "true"


INHERITED = Inherited()


def one_off(template: str, *, viewer: Any, now: datetime, **more: Any) -> tuple[str, list[Any]]:
    """Fill a template for a single run: the statement and its bind values."""
    binds = Binds()

    def hole(name: str) -> str:
        if name == "t":
            return "t"
        if name == "now":
            return binds.add(name, lambda _: now) + "::timestamptz"
        head, _, attribute = name.partition(".")
        if head == "viewer":
            return binds.add(name, lambda _: getattr(viewer, attribute))
        return binds.add(name, lambda _: more[name])

    sql = fill(template, hole)
    return sql, binds.values(None)
