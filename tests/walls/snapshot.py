"""The whole database at a moment: what is in it, what belongs to whom, and taking a part away."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson
from tortoise.transactions import in_transaction

from kit import database

Rows = dict[str, dict[str, dict[str, Any]]]

# What a look over the wall may leave behind without anything having happened.
NOT_BUSINESS = ("idempotency_record", "sign_in_failure")

TELLING = 6  # a text shorter than this stands in any answer by chance


async def tables() -> list[str]:
    """All tables of the product."""
    rows = await database.rows(
        "select tablename as name from pg_tables where schemaname = 'public'"
        " and tablename <> 'tortoise_migrations' order by 1"
    )
    return [row["name"] for row in rows]


async def taken() -> Rows:
    """Every row of every table, by table and primary key."""
    found: Rows = {}
    for table in await tables():
        rows = await database.rows(f'select to_jsonb(t)::text as row from "{table}" t')
        each = [orjson.loads(row["row"]) for row in rows]
        found[table] = {str(row.get("id", row)): row for row in each}
    return found


async def keep_only(wanted: Rows) -> None:
    """Delete whatever wasn't there when `wanted` was taken, with no foreign key in the way."""
    async with in_transaction():
        await database.execute("set local session_replication_role = replica")
        for table, rows in wanted.items():
            if all("id" in row for row in rows.values()):
                await database.execute(
                    f'delete from "{table}" where not (id::text = any($1::text[]))', list(rows)
                )


async def take_away(rows: Rows) -> None:
    """Delete these rows, with no foreign key in the way."""
    async with in_transaction():
        await database.execute("set local session_replication_role = replica")
        for table, each in rows.items():
            if all("id" in row for row in each.values()):
                sql = f'delete from "{table}" where id::text = any($1::text[])'
                await database.execute(sql, list(each))
            else:
                sql = f'delete from "{table}" t where to_jsonb(t) = any($1::jsonb[])'
                await database.execute(sql, [orjson.dumps(row).decode() for row in each.values()])


def hanging_on(roots: Iterable[str], all: Rows) -> Rows:
    """The rows with these ids, all that name one of them by id, all that name those, and so on."""
    naming: dict[str, list[tuple[str, str]]] = {}
    for table, rows in all.items():
        for key, row in rows.items():
            for value in row.values():
                if isinstance(value, str) and len(value) == 36:
                    naming.setdefault(value, []).append((table, key))
    found: Rows = {table: {} for table in all}
    waiting, seen = list(roots), set(roots)
    while waiting:
        for table, key in naming.get(waiting.pop(), ()):
            row = found[table][key] = all[table][key]
            id = row.get("id")
            if id is not None and id not in seen:
                seen.add(id)
                waiting.append(id)
    return found


def minus(all: Rows, some: Rows) -> Rows:
    """The rows of the first that the second lacks."""
    return {
        table: {key: row for key, row in rows.items() if key not in some[table]}
        for table, rows in all.items()
    }


def of_partner(all: Rows, partner_id: str) -> Rows:
    """The rows that name this partner, and it itself."""
    return {
        table: {
            key: row
            for key, row in rows.items()
            if partner_id in (row.get("partner_id"), row.get("tenant_id"), row.get("id"))
        }
        for table, rows in all.items()
    }


def secrets(foreign: Rows, own: Rows) -> set[str]:
    """Every id and every text of the first that doesn't stand in the second as well."""
    known = set(_texts(own))
    return {text.lower() for text in _texts(foreign) if text not in known}


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    if not isinstance(value, str) or len(value) < TELLING or _is_time(value):
        return []
    try:
        return [value, UUID(value).hex]
    except ValueError:
        return [value]


def _is_time(text: str) -> bool:
    return len(text) >= 10 and text[4] == "-" and text[7] == "-" and text[:4].isdigit()
