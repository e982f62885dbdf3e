from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import asyncpg
import pytest
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext

from tests.kit.reads import world as worlds
from tests.kit.reads.asking import Ask
from tests.kit.reads.world import World


@dataclass
class Kept:
    """The world as it was made first, and its tables as PostgreSQL copies them."""

    world: World | None = None
    tables: dict[str, bytes] = field(default_factory=dict)


@pytest.fixture(scope="session")
def kept() -> Kept:
    return Kept()


@pytest.fixture
async def world(database: TortoiseContext, kept: Kept) -> World:
    """The house's rows, in an emptied database."""
    async with get_connection("default").acquire_connection() as connection:
        if kept.world is None:
            world = await worlds.fill()
            for model in world.rows:
                copy = BytesIO()
                name = model._meta.db_table
                await connection.copy_from_table(name, output=copy, format="binary")
                kept.tables[name] = copy.getvalue()
            kept.world = world
        else:
            for name, rows in kept.tables.items():
                await connection.copy_to_table(name, source=BytesIO(rows), format="binary")
    return kept.world


@pytest.fixture
def ask(world: World) -> Ask:
    return Ask(world)


@dataclass
class Sent:
    """What was sent to PostgreSQL: texts and bind values."""

    statements: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)


@pytest.fixture
def sent(world: World, monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Every statement from here on, on whatever connection."""
    sent = Sent()

    def spied(name: str) -> Any:
        original = getattr(asyncpg.Connection, name)

        async def method(self: Any, sql: str, *values: Any, **more: Any) -> Any:
            sent.statements.append((sql, values))
            return await original(self, sql, *values, **more)

        return method

    for name in ("fetch", "fetchval", "fetchrow", "execute"):
        monkeypatch.setattr(asyncpg.Connection, name, spied(name))
    return sent
