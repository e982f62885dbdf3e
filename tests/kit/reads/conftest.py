from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from tortoise.context import TortoiseContext

from tests.kit.reads import world as worlds
from tests.kit.reads.asking import Ask
from tests.kit.reads.world import World


@pytest.fixture
async def world(database: TortoiseContext) -> World:
    """The house's rows, in an emptied database."""
    return await worlds.fill()


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
