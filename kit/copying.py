"""COPY of a query with values: the rows as PostgreSQL writes them, in pieces, as fast as read."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg

Take = Callable[[bytes], Awaitable[None]]

_PLACE = re.compile(r"\$(\d+)\b")


async def literals(connection: asyncpg.Connection, sql: str, values: Sequence[Any]) -> list[str]:
    """The values of the statement's places `$1` … as SQL; COPY and EXPLAIN take no others."""
    prepared = await connection.prepare(sql)
    types = [
        f'"{type_.schema}"."{"_" + type_.name[:-2] if type_.name.endswith("[]") else type_.name}"'
        for type_ in prepared.get_parameters()
    ]
    if not types:
        return []
    quoted = ", ".join(f"quote_literal(${n}::{type_}::text)" for n, type_ in enumerate(types, 1))
    row = await connection.fetchrow(f"select {quoted}", *values)
    return [
        f"{'null' if text is None else text}::{type_}"
        for text, type_ in zip(row, types, strict=True)
    ]


def inlined(sql: str, values: Sequence[str]) -> str:
    """The statement with these in their places."""
    return _PLACE.sub(lambda match: values[int(match[1]) - 1], sql)


async def copy(connection: asyncpg.Connection, sql: str, take: Take, **form: str) -> int:
    """Give what the statement writes to `take`, piece by piece, and how many rows there were.

    Nothing more is read while `take` is busy.
    """
    status: str = await connection.copy_from_query(sql, output=take, encoding="utf8", **form)
    return int(status.rpartition(" ")[2])
