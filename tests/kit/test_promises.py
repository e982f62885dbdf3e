"""Old code on new tables: what it would stumble over is found, and what it wouldn't is let be."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tortoise.context import TortoiseContext

from kit import migrations, promises
from kit.promises import Promise

OLD = """
create table house (id int primary key, name varchar(40) not null, floors int not null default 1,
  note text, alias varchar(20),
  code char(4) not null default 'none', constraint house_named check (name <> ''));
create unique index house_once on house (name) where floors > 0;
create table room (id int primary key, house_id int not null references house (id));
create function nothing() returns trigger language plpgsql as 'begin return new; end';
"""


@pytest.fixture
async def old(fresh: str) -> AsyncIterator[asyncpg.Connection]:
    """A database as some release has left it."""
    connection = await asyncpg.connect(fresh.replace("asyncpg://", "postgresql://"))
    await connection.execute(OLD)
    yield connection
    await connection.close()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("drop table room", "table room is gone"),
        ("alter table room rename to chamber", "table room is gone"),
        ("alter table house drop note", "column house.note is gone"),
        ("alter table house rename note to remark", "column house.note is gone"),
        (
            "alter table house alter floors type bigint",
            "column house.floors was integer and is bigint",
        ),
        (
            "alter table house alter name type varchar(20)",
            "column house.name was character varying(40) and is character varying(20)",
        ),
        ("alter table house alter note set not null", "column house.note can't be null any more"),
        ("alter table house alter name drop not null", "column house.name may be null"),
        (
            "alter table house alter floors drop default",
            "column house.floors has no default any more",
        ),
        (
            "alter table house add city text not null",
            "column house.city is new, can't be null, and has no default",
        ),
        (
            "alter table house add constraint house_low check (floors < 9)",
            "check house.house_low is new, and what was written so far may break it",
        ),
        (
            "alter table house drop constraint house_named,"
            " add constraint house_named check (length(name) > 1)",
            "check house.house_named is another",
        ),
        (
            "alter table house add city text default 'Guiyang',"
            " add constraint one_a_city unique (city)",
            "unique house.one_a_city is new, and what was written so far may break it",
        ),
        (
            "create unique index house_code on house (lower(code))",
            "unique house.house_code is new, and what was written so far may break it",
        ),
        ("drop index house_once", "unique house.house_once is gone"),
        (
            "drop index house_once; create unique index house_once on house (name)",
            "unique house.house_once is another",
        ),
        (
            "alter table room add foreign key (id) references house (id)",
            "foreign key room.room_id_fkey is new, and what was written so far may break it",
        ),
        (
            "create trigger watch before insert on room for each row execute function nothing()",
            "trigger room.watch is new, and what was written so far may break it",
        ),
    ],
)
async def test_what_old_code_would_stumble_over_is_found(
    old: asyncpg.Connection, change: str, expected: str
) -> None:
    before = await promises.of_database(old)

    await old.execute(change)

    found = promises.broken(before, await promises.of_database(old))
    assert expected in found
    # A table or column that goes takes its rules along, and says so.
    assert all(line == expected or "is gone" in expected for line in found), found


@pytest.mark.parametrize(
    "change",
    [
        "create table garden (id int primary key, house_id int not null references house (id),"
        " size int not null check (size > 0), unique (size))",
        "alter table house add city text",
        "alter table house add city text not null default ''",
        "alter table house add number int generated always as identity",
        "alter table house add heir int references house (id), add check (heir > 0)",
        "alter table house add tag text unique",
        "alter table house alter name type varchar(80)",
        "alter table house alter alias type text",
        "alter table house drop constraint house_named",
        "alter table room drop constraint room_house_id_fkey",
        "alter table house alter note set default ''",
        "create index house_by_floors on house (floors)",
        "create view low as select id from house where floors = 1",
    ],
)
async def test_what_only_adds_is_let_be(old: asyncpg.Connection, change: str) -> None:
    before = await promises.of_database(old)

    await old.execute(change)

    assert promises.broken(before, await promises.of_database(old)) == []


async def test_what_is_kept_in_a_file_is_what_was_promised(old: asyncpg.Connection) -> None:
    found = await promises.of_database(old)

    assert promises.read("# why\n\n" + promises.written(found)) == found
    assert Promise("column", "house", "note", "text", columns=("note",)) in found
    assert [each.name for each in found if each.kind == "unique"] == [
        *("house_once", "house_pkey"),
        "room_pkey",
    ]


MODELS = """
from tortoise import fields
from tortoise.models import Model

class House(Model):
    id = fields.IntField(primary_key=True)
    title = fields.CharField(max_length=40)
    city = fields.CharField(max_length=40)
"""

FIRST = """
from tortoise import fields, migrations
from tortoise.migrations import operations as ops

class Migration(migrations.Migration):
    initial = True
    operations = [ops.CreateModel(name="House", fields=[
        ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
        ("name", fields.CharField(max_length=40)),
    ], options={"table": "house", "app": "models", "pk_attr": "id"}, bases=["Model"])]
"""

SECOND = """
from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint

class Migration(migrations.Migration):
    dependencies = [("models", "0001_first")]
    operations = [
        ops.RenameField("House", "name", "title"),
        ops.AddField("House", "city", fields.CharField(max_length=40, default="Guiyang")),
        ops.AddConstraint("House", CheckConstraint(check="title <> ''", name="house_named")),
    ]
"""


async def test_a_migration_that_renames_and_asks_for_more_is_refused(
    fresh: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A default of the ORM's is none of the database's: old code gives no city at all."""
    package = f"app_{tmp_path.name}"
    folder = tmp_path / package / "steps"
    folder.mkdir(parents=True)
    for file, text in (("../__init__", ""), ("../tables", MODELS), ("__init__", "")):
        (folder / f"{file}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    connection = await asyncpg.connect(fresh.replace("asyncpg://", "postgresql://"))
    config: dict[str, Any] = {
        "connections": {"default": fresh},
        "apps": {"models": {"models": [f"{package}.tables"], "migrations": f"{package}.steps"}},
    }
    found = []

    for name, text in (("0001_first", FIRST), ("0002_second", SECOND)):
        (folder / f"{name}.py").write_text(text)
        async with TortoiseContext():
            await migrations.apply(config=config)
        found.append(await promises.of_database(connection))
    await connection.close()

    assert [re.sub(r" is new.*", " is new", line) for line in promises.broken(*found)] == [
        "column house.city is new",
        "column house.name is gone",
        "column house.title is new",
    ]
