"""Rows as models, by statements that are written once: the ORM writes its own anew each time."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

from tortoise.models import Model

from kit import database

M = TypeVar("M", bound=Model)


@cache
def columns(table: type[Model], alias: str) -> str:
    """All columns of a table, as `models` takes them."""
    return ", ".join(f'{alias}."{column}"' for column in table._meta.fields_db_projection.values())


def as_models(table: type[M], rows: Iterable[dict[str, Any]]) -> list[M]:
    """What the ORM makes of rows that hold all columns."""
    return [table._init_from_db(**row) for row in rows]


@cache
def locking(table: type[Model], keys: tuple[tuple[str, bool], ...]) -> str:
    """Select and hold the rows where these fields have (True) the values given, or are null.

    "No key": rows that refer to a held one may still be inserted meanwhile.
    """
    names = table._meta.fields_db_projection
    given = iter(range(1, len(keys) + 1))
    conditions = " and ".join(
        f't."{names[field]}" ' + (f"= ${next(given)}" if has_value else "is null")
        for field, has_value in keys
    )
    return (
        f'select {columns(table, "t")} from "{table._meta.db_table}" t'
        f" where {conditions} limit 2 for no key update"
    )


async def insert(row: Model) -> None:
    """Write a new row, all of whose values are known: nothing is asked back."""
    statement, fields = _inserting(type(row))
    await database.execute(statement, *_values(row, fields))
    row._saved_in_db = True


async def insert_all(rows: Sequence[Model]) -> None:
    """Write new rows of one table likewise, in one round trip: all of them, or none."""
    if not rows:
        return
    statement, fields = _inserting(type(rows[0]))
    assert {type(row) for row in rows} == {type(rows[0])}, "rows of one table"
    await database.execute_many(statement, [_values(row, fields) for row in rows])
    for row in rows:
        row._saved_in_db = True


Fields = tuple[tuple[str, Callable[..., Any]], ...]


def _values(row: Model, fields: Fields) -> list[Any]:
    return [to_db_value(getattr(row, name), row) for name, to_db_value in fields]


@cache
def _inserting(table: type[Model]) -> tuple[str, Fields]:
    names = table._meta.fields_db_projection
    into = ", ".join(f'"{column}"' for column in names.values())
    values = ", ".join(f"${number}" for number in range(1, len(names) + 1))
    fields = tuple((name, table._meta.fields_map[name].to_db_value) for name in names)
    return f'insert into "{table._meta.db_table}" ({into}) values ({values})', fields
