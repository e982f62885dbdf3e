"""What the models promise, the migrated database keeps: nothing forgotten, nothing changed."""

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from tortoise.context import TortoiseContext
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from kit import database as sql
from kit.transaction import transaction

ROOT = Path(__file__).parent.parent

_CHECK = """
select pg_get_constraintdef(oid) as told from pg_constraint
where conname = $1 and conrelid = $2::text::regclass
"""
_INDEX = """
select pg_get_indexdef(i.indexrelid) as told from pg_index i
join pg_class c on c.oid = i.indexrelid
where c.relname = $1 and i.indrelid = $2::text::regclass and i.indisunique = $3
"""


def models(context: TortoiseContext) -> Iterator[tuple[type[Model], str]]:
    assert context.apps is not None
    for model in context.apps.get_models_iterable():
        yield model, model._meta.db_table


def columns(model: type[Model], names: tuple[str, ...]) -> str:
    fields = model._meta.fields_db_projection
    return ", ".join(f'"{fields.get(name, name)}"' for name in names)


async def told(query: str, *values: object) -> str | None:
    """As PostgreSQL writes it, without its name."""
    row = await sql.row(query, *values)
    if row is None:
        return None
    return re.sub(r"(INDEX) \S+ (ON)", r"\1 \2", row["told"]).replace(" NOT VALID", "")


async def as_it_would_be(model: type[Model], table: str, wanted: object) -> str | None:
    """Make it anew under another name and look."""
    if isinstance(wanted, CheckConstraint):
        await sql.execute(
            f'alter table "{table}" add constraint anew check ({wanted.check}) not valid'
        )
        return await told(_CHECK, "anew", f'"{table}"')
    assert isinstance(wanted, UniqueConstraint)
    where = f" where {wanted.condition}" if wanted.condition else ""
    await sql.execute(
        f'create unique index anew on "{table}" ({columns(model, wanted.fields)}){where}'
    )
    return await told(_INDEX, "anew", f'"{table}"', True)


class _Undone(Exception):
    pass


async def found_and_wanted(
    model: type[Model], table: str, wanted: CheckConstraint | UniqueConstraint
) -> tuple[str | None, str | None]:
    """What there is, and what the model says, of which nothing stays."""
    is_check = isinstance(wanted, CheckConstraint)
    try:
        async with transaction():
            anew = await as_it_would_be(model, table, wanted)
            query, more = (_CHECK, ()) if is_check else (_INDEX, (True,))
            there = await told(query, wanted.name, f'"{table}"', *more)
            raise _Undone
    except _Undone:
        return there, anew


async def test_every_constraint_of_a_model_is_in_the_database_as_it_says(
    database: TortoiseContext,
) -> None:
    compared = {
        wanted.name: await found_and_wanted(model, table, wanted)
        for model, table in models(database)
        for wanted in getattr(model._meta, "constraints", ())
    }

    assert {name: pair for name, pair in compared.items() if pair[0] != pair[1]} == {}
    assert len(compared) > 200


async def test_every_index_column_and_reference_of_a_model_is_in_the_database(
    database: TortoiseContext,
) -> None:
    left_out = dict(import_module("models.migrations.0003_indexes").UNCHECKED)
    missing = []
    for model, table in models(database):
        for index in model._meta.indexes:
            assert isinstance(index, Index)
            if not await told(_INDEX, index.name, f'"{table}"', False):
                missing.append(f"index {index.name}")
        kept = {
            row["column_name"]: row["is_nullable"] == "YES"
            for row in await sql.rows(
                "select column_name, is_nullable from information_schema.columns"
                " where table_schema = 'public' and table_name = $1",
                table,
            )
        }
        for name, column in model._meta.fields_db_projection.items():
            if kept.get(column) != model._meta.fields_map[name].null:
                missing.append(f"column {table}.{column}")
        references = {
            row["told"]
            for row in await sql.rows(
                "select pg_get_constraintdef(oid) as told from pg_constraint"
                " where contype = 'f' and conrelid = $1::text::regclass",
                f'"{table}"',
            )
        }
        for name in model._meta.fk_fields | model._meta.o2o_fields:
            field = model._meta.fields_map[name]
            assert isinstance(field, ForeignKeyFieldInstance)
            assert field.source_field is not None
            is_left_out = table == "settlement_line" and field.source_field in left_out
            is_there = any(f"FOREIGN KEY ({field.source_field})" in each for each in references)
            if is_there == is_left_out:
                missing.append(f"reference {table}.{field.source_field}")
    assert missing == []


def test_a_build_can_ask_whether_a_migration_is_missing() -> None:
    command = [sys.executable, "-m", "partner_center", "pending"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "no change is without its migration\n")
