"""Types that are tables: which model, which id prefix, which scope."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import strawberry
from tortoise import fields as orm
from tortoise.models import Model

from kit.scope import Scope

C = TypeVar("C", bound=type)

TABLE = "__reads_table__"


@strawberry.interface(description="Anything with an id; fetch it again with `node`.")
class Node:
    """Relay's Node."""

    id: strawberry.ID = strawberry.field(
        description="Opaque and stable; the letters before `_` tell the kind of object."
    )


_CASTS: dict[type, str] = {
    orm.DatetimeField: "timestamptz",
    orm.DateField: "date",
    orm.UUIDField: "uuid",
    orm.relational.ForeignKeyFieldInstance: "uuid",
    orm.BigIntField: "bigint",  # to Python it is an IntField too, so it comes first
    orm.IntField: "int",
    orm.DecimalField: "numeric",
    orm.CharField: "text",
    orm.TextField: "text",
}


# What stands for no moment in an order by moments: it comes behind all others.
_NEVER = {"timestamptz", "date"}


@dataclass(frozen=True)
class Table:
    """What the compiler has to know of a type's table."""

    model: type[Model]
    prefix: str
    scope: Scope
    is_node: bool
    veils: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The table's name in the database."""
        return self.model._meta.db_table

    def orm_field(self, column: str) -> Any:
        """The ORM's field behind a column. Raises TypeError when there is no such column."""
        known = self.model._meta.fields_map
        found = known.get(column)
        if found is not None and not isinstance(found, orm.relational.RelationalField):
            return found
        # Until the ORM has been initialised, the column of a foreign key is not listed.
        relation = known.get(column.removesuffix("_id"))
        if column.endswith("_id") and isinstance(relation, orm.relational.ForeignKeyFieldInstance):
            return relation
        raise TypeError(f"{self.model.__name__} has no column {column}")

    def is_nullable(self, column: str) -> bool:
        """Whether the column may be null."""
        return bool(self.orm_field(column).null)

    def cast(self, column: str) -> str:
        """The SQL type of a column, for casting a cursor's text back.

        Raises TypeError for a column whose text can't be cast back.
        """
        found = self.orm_field(column)
        for kind, cast in _CASTS.items():
            if isinstance(found, kind):
                return cast
        raise TypeError(f"{self.model.__name__} can't be ordered by {column}")

    def order_key(self, column: str, where: str) -> str | None:
        """What rows are ordered by, with `{t}`; `where` is what all of them meet.

        That is the column; a moment that may be null counts as later than all others, so that a
        page has a place for it. None for another column that may be null.
        """
        if not self.is_nullable(column) or f"{{t}}.{column} is not null" in where:
            return f"{{t}}.{column}"
        cast = self.cast(column)
        return f"coalesce({{t}}.{column}, 'infinity'::{cast})" if cast in _NEVER else None


def table(
    model: type[Model],
    *,
    prefix: str,
    scope: Scope,
    description: str,
    veils: Mapping[str, Mapping[str, str]] | None = None,
) -> Callable[[C], C]:
    """Make the class a GraphQL type that is read from the model's table.

    `veils` say by column what rows are ordered by instead, over `{t}`, for those kinds of viewers
    that aren't told the column of all of them: by their place, and by cursors, they would learn it.
    """

    def decorate(cls: C) -> C:
        setattr(cls, TABLE, Table(model, prefix, scope, issubclass(cls, Node), veils or {}))
        return strawberry.type(cls, description=description)

    return decorate
