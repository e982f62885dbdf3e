"""Migrating quickly makes what migrating as Tortoise does makes, step by step."""

from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tortoise.context import TortoiseContext
from tortoise.migrations.api import migrate as migrate_as_tortoise_does

from kit import migrations

MODELS = """
from tortoise import fields
from tortoise.models import Model

class House(Model):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=40)

class Room(Model):
    id = fields.IntField(primary_key=True)
    house = fields.ForeignKeyField("models.House", related_name="rooms")
    size = fields.IntField(null=True)

class Door(Model):
    id = fields.IntField(primary_key=True)
    room = fields.ForeignKeyField("models.Room", related_name="doors")
    color = fields.CharField(max_length=9)
"""

FIRST = """
from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

class Migration(migrations.Migration):
    initial = True
    operations = [
        ops.CreateModel(name="House", fields=[
            ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
            ("name", fields.CharField(max_length=20)),
        ], options={"table": "house", "app": "models", "pk_attr": "id"}, bases=["Model"]),
        ops.CreateModel(name="Room", fields=[
            ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
            ("house", fields.ForeignKeyField("models.House", source_field="house_id",
             related_name="rooms", to_field="id")),
        ], options={"table": "room", "app": "models", "pk_attr": "id"}, bases=["Model"]),
        ops.CreateModel(name="Door", fields=[
            ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
            ("room", fields.ForeignKeyField("models.Room", source_field="room_id",
             related_name="doors", to_field="id")),
        ], options={"table": "door", "app": "models", "pk_attr": "id"}, bases=["Model"]),
        ops.AddConstraint("House", UniqueConstraint(fields=("name",), name="house_once")),
        ops.AddConstraint("House", CheckConstraint(check="name <> ''", name="house_named")),
    ]
"""

SECOND = """
from tortoise import fields, migrations
from tortoise.migrations import operations as ops

async def furnish(apps, editor):
    house = await apps.get_model("models.House").create(name="home", using_db=editor.client)
    rooms = apps.get_model("models.Room")
    await rooms.create(house_id=house.id, size=12, using_db=editor.client)
    [found] = await rooms.filter(house__name="home").using_db(editor.client)
    await rooms.create(house_id=house.id, size=found.size + 1, using_db=editor.client)
    doors = apps.get_model("models.Door")
    await doors.create(room_id=found.id, color="red", using_db=editor.client)
    assert await rooms.filter(doors__color="red").using_db(editor.client)

class Migration(migrations.Migration):
    dependencies = [("models", "0001_first")]
    operations = [
        ops.AddField("Room", "size", fields.IntField(null=True)),
        ops.DeleteModel("Door"),
        ops.CreateModel(name="Door", fields=[
            ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
            ("room", fields.ForeignKeyField("models.Room", source_field="room_id",
             related_name="doors", to_field="id")),
            ("color", fields.CharField(max_length=9)),
        ], options={"table": "door", "app": "models", "pk_attr": "id"}, bases=["Model"]),
        ops.RunPython(furnish),
        ops.RemoveConstraint("House", name="house_once"),
        ops.AlterField("House", "name", fields.CharField(max_length=40)),
    ]
"""

COLUMNS = """
select table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
from information_schema.columns where table_schema = 'public' order by 1, ordinal_position
"""
CONSTRAINTS = """
select conrelid::regclass::text, conname, pg_get_constraintdef(oid)
from pg_constraint where connamespace = 'public'::regnamespace order by 1, 2
"""
ROOMS = "select name, size from room join house on house.id = house_id order by size"


@pytest.fixture
def config(fresh: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Two migrations of an app of their own, and an empty database."""
    package = f"app_{tmp_path.name}"
    folder = tmp_path / package / "steps"
    folder.mkdir(parents=True)
    for file, text in (("../__init__", ""), ("../tables", MODELS), ("__init__", "")):
        (folder / f"{file}.py").write_text(text)
    (folder / "0001_first.py").write_text(FIRST)
    (folder / "0002_second.py").write_text(SECOND)
    monkeypatch.syspath_prepend(tmp_path)
    return {
        "connections": {"default": fresh},
        "apps": {"models": {"models": [f"{package}.tables"], "migrations": f"{package}.steps"}},
    }


async def made(config: dict[str, Any]) -> list[list[tuple[Any, ...]]]:
    url = config["connections"]["default"].replace("asyncpg://", "postgresql://")
    connection = await asyncpg.connect(url)
    rows = [
        [tuple(row) for row in await connection.fetch(sql)] for sql in (COLUMNS, CONSTRAINTS, ROOMS)
    ]
    await connection.execute("drop schema public cascade; create schema public")
    await connection.close()
    return rows


async def test_the_same_comes_of_it_as_with_tortoise_itself(config: dict[str, Any]) -> None:
    async with TortoiseContext():
        await migrate_as_tortoise_does(config=config)
    slowly = await made(config)

    async with TortoiseContext():
        await migrations.apply(config=config)

    assert await made(config) == slowly
    assert slowly[2] == [("home", 12), ("home", 13)]
    assert ("house", "name", "character varying", 40, "NO", None) in slowly[0]
    names = [name for _, name, _ in slowly[1]]
    assert "house_named" in names
    assert "house_once" not in names


async def test_a_later_migration_is_applied_to_what_is_there(config: dict[str, Any]) -> None:
    async with TortoiseContext():
        await migrate_as_tortoise_does(config=config, target="models.0001_first")
    told: list[tuple[str, ...]] = []

    for _ in range(2):
        async with TortoiseContext():
            await migrations.apply(config=config, progress=lambda *what: told.append(what))

    assert told == [
        ("apply_start", "models", "0002_second"),
        ("apply_done", "models", "0002_second"),
    ]
    _, _, rooms = await made(config)
    assert rooms == [("home", 12), ("home", 13)]
