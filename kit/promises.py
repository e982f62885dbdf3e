"""What tables promise to the code that uses them, and which promises a newer schema breaks.

While a release replaces another, the old code runs on the new tables (docs/deploying.md). So from
one release to the next tables are only added to: whatever the old code reads is still there, and
whatever it writes is still taken.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import asyncpg

_COLUMNS = """
select 'column' as kind, c.relname as "table", a.attname as name,
  format_type(a.atttypid, a.atttypmod) as told, a.attnotnull as is_required,
  a.atthasdef or a.attidentity <> '' as has_default, array[a.attname]::text[] as columns
from pg_attribute a join pg_class c on c.oid = a.attrelid
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0
  and not a.attisdropped and c.relname <> 'tortoise_migrations'
"""
_CONSTRAINTS = """
select case contype when 'c' then 'check' when 'f' then 'foreign key' else 'unique' end as kind,
  conrelid::regclass::text as "table", conname as name, pg_get_constraintdef(k.oid) as told,
  false as is_required, false as has_default,
  array(select a.attname::text from pg_attribute a
        where a.attrelid = conrelid and a.attnum = any(conkey) order by a.attname) as columns
from pg_constraint k
where connamespace = 'public'::regnamespace and contype in ('c', 'f', 'p', 'u', 'x')
"""
_UNIQUE_INDEXES = """
select 'unique' as kind, i.indrelid::regclass::text as "table", c.relname as name,
  regexp_replace(pg_get_indexdef(c.oid), '^.* USING ', '') as told,
  false as is_required, false as has_default,
  array(select a.attname::text from pg_attribute a
        where a.attrelid = i.indrelid and a.attnum = any(i.indkey) order by a.attname) as columns
from pg_index i join pg_class c on c.oid = i.indexrelid
where c.relnamespace = 'public'::regnamespace and i.indisunique
  and not exists (select from pg_constraint k where k.conindid = c.oid and k.contype <> 'f')
"""
_TRIGGERS = """
select 'trigger' as kind, tgrelid::regclass::text as "table", tgname as name,
  pg_get_triggerdef(t.oid) as told, false as is_required, false as has_default,
  array[]::text[] as columns
from pg_trigger t join pg_class c on c.oid = tgrelid
where c.relnamespace = 'public'::regnamespace and not tgisinternal
"""

_TEXT = re.compile(r"character varying(?:\((\d+)\))?|text")


@dataclass(frozen=True)
class Promise:
    """A column, or a rule over columns. `told` is its type, or the rule as PostgreSQL writes it."""

    kind: str
    table: str
    name: str
    told: str
    is_required: bool = False  # of a column: it can't be null
    has_default: bool = False  # and the database has a value for those who give none
    columns: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[str, str, str]:
        """What it is called."""
        return self.kind, self.table, self.name


async def of_database(connection: asyncpg.Connection) -> list[Promise]:
    """All that this database promises, sorted; of the schema `public`."""
    found = []
    for sql in (_COLUMNS, _CONSTRAINTS, _UNIQUE_INDEXES, _TRIGGERS):
        for row in await connection.fetch(sql):
            known = dict(row)
            known["table"] = known["table"].strip('"')
            known["columns"] = tuple(known["columns"])
            found.append(Promise(**known))
    return sorted(found, key=lambda promise: promise.place)


def written(promises: Iterable[Promise]) -> str:
    """A line each, to keep: the promises of a release."""
    return "".join(
        json.dumps([*each.place, each.told, each.is_required, each.has_default, each.columns])
        + "\n"
        for each in promises
    )


def read(text: str) -> list[Promise]:
    """What `written` wrote; lines that begin with # are for people."""
    found = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            kind, table, name, told, is_required, has_default, columns = json.loads(line)
            found.append(Promise(kind, table, name, told, is_required, has_default, tuple(columns)))
    return found


def broken(before: Iterable[Promise], after: Iterable[Promise]) -> list[str]:
    """What code that was written for `before` could stumble over, in a line each, sorted.

    Not seen from here: what a migration does to rows, and new values that only new code writes.
    """
    old = {each.place: each for each in before}
    new = {each.place: each for each in after}
    tables = {each.table for each in old.values()}
    kept = {each.table for each in new.values()}
    columns = {(each.table, each.name) for each in old.values() if each.kind == "column"}
    found = [f"table {table} is gone" for table in tables - kept]
    for each in old.values():
        if each.table in kept:
            found += _unkept(each, new.get(each.place))
    for each in new.values():
        if each.table in tables and each.place not in old:
            found += _asked(each, columns, new)
    return sorted(found)


def _unkept(was: Promise, now: Promise | None) -> list[str]:
    name = f"{was.kind} {was.table}.{was.name}"
    if now is None:
        # Who writes may ask `on conflict` for a unique rule; nobody leans on the others.
        return [f"{name} is gone"] if was.kind in ("column", "unique") else []
    if was.kind != "column":
        return [] if was.told == now.told else [f"{name} is another"]
    found = []
    if was.told != now.told and not _is_longer_text(was.told, now.told):
        found.append(f"{name} was {was.told} and is {now.told}")
    if was.is_required and not now.is_required:
        found.append(f"{name} may be null")
    if not was.is_required and now.is_required:
        found.append(f"{name} can't be null any more")
    if was.has_default and not now.has_default:
        found.append(f"{name} has no default any more")
    return found


def _is_longer_text(was: str, now: str) -> bool:
    old, new = _TEXT.fullmatch(was), _TEXT.fullmatch(now)
    if not old or not new:
        return False
    return new[1] is None or (old[1] is not None and int(new[1]) >= int(old[1]))


def _asked(
    each: Promise,
    columns: set[tuple[str, str]],
    new: Mapping[tuple[str, str, str], Promise],
) -> list[str]:
    name = f"{each.kind} {each.table}.{each.name}"
    if each.kind == "column":
        is_left_out = each.is_required and not each.has_default
        return [f"{name} is new, can't be null, and has no default"] if is_left_out else []
    fresh = [
        new["column", each.table, column]
        for column in each.columns
        if (each.table, column) not in columns
    ]
    # Old code leaves new columns alone: a rule over these alone never meets a row of its.
    is_untouched = bool(fresh) and len(fresh) == len(each.columns)
    if each.kind == "unique":  # but it does where they have a default, the same for every row
        is_untouched = any(not one.is_required and not one.has_default for one in fresh)
    return [] if is_untouched else [f"{name} is new, and what was written so far may break it"]
