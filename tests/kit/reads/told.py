"""What the database says about the rows of one table: each question one statement, asked once."""

from asyncio import shield
from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from asyncpg import DataError
from tortoise.exceptions import BaseORMException
from tortoise.models import Model

from kit import database
from kit.reads.tables import Table
from kit.scope import one_off
from kit.templates import holes


class Told:
    """Rows, and what expressions give for them; remembered, since rows stay.

    Who asked may be cancelled meanwhile; the statement is not, which could lose its connection.
    """

    def __init__(self) -> None:
        self._rows: dict[type[Model], list[Any]] = {}
        self._by: dict[tuple[type[Model], str], dict[Any, list[Any]]] = {}
        self._values: dict[Any, Mapping[UUID, Any]] = {}

    async def rows(self, table: Table) -> list[Any]:
        """All rows of a table."""
        if table.model not in self._rows:
            self._rows[table.model] = await shield(_all(table.model))
        return self._rows[table.model]

    async def rows_by(self, table: Table, column: str, wanted: Any) -> list[Any]:
        """The rows whose column has this value; none for null, as in SQL."""
        if (table.model, column) not in self._by:
            rows = await self.rows(table)  # who asks meanwhile, or gives up here, finds none yet
            found = self._by[table.model, column] = defaultdict(list)
            for row in rows:
                found[getattr(row, column)].append(row)
        return [] if wanted is None else self._by[table.model, column].get(wanted, [])

    async def holds(self, context: Any, row: Any, template: str, **more: Any) -> bool:
        """Whether a condition is true of the row: not false, not null."""
        return template == "true" or await self.value(context, row, template, **more) is True

    async def value(self, context: Any, row: Any, template: str, **more: Any) -> Any:
        """What an expression gives for the row."""
        value = (await self.values(context, type(row), template, **more))[row.id]
        if isinstance(value, Exception):
            raise value
        return value

    async def values(
        self, context: Any, model: type[Model], template: str, **more: Any
    ) -> Mapping[UUID, Any]:
        """What an expression gives for every row; where it has none, the error."""
        asked = [_value(name, context, more) for name in holes(template) if name != "t"]
        known = model, template, repr(asked)
        if known not in self._values:
            self._values[known] = await shield(self._ask(context, model, template, more))
        return self._values[known]

    async def _ask(
        self, context: Any, model: type[Model], template: str, more: Mapping[str, Any]
    ) -> Mapping[UUID, Any]:
        about = {"viewer": context.viewer, "now": context.now}
        whole = f'select t.id, ({template}) as v from "{model._meta.db_table}" t'
        sql, values = one_off(whole, **about, **more)
        try:
            return {row["id"]: row["v"] for row in await database.rows(sql, *values)}
        except (DataError, BaseORMException):
            pass  # for some row
        found: dict[UUID, Any] = {}
        for row in await database.rows(f'select id from "{model._meta.db_table}"'):
            sql, values = one_off(whole + " where t.id = {id}", **about, **more, id=row["id"])
            try:
                [told] = await database.rows(sql, *values)
                found[row["id"]] = told["v"]
            except (DataError, BaseORMException) as error:
                found[row["id"]] = error
        return found


async def _all(model: type[Model]) -> list[Any]:
    return await model.all()


def _value(name: str, context: Any, more: Mapping[str, Any]) -> Any:
    head, _, attribute = name.partition(".")
    if head == "viewer":
        return getattr(context.viewer, attribute)
    return context.now if name == "now" else more[name]
