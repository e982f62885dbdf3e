"""Real PostgreSQL, real Valkey, real commits; only the clock is ours."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import settings
from tortoise import Tortoise
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.config import TortoiseConfig
from tortoise.context import TortoiseContext
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from domain.audit.names import HAPPENS
from domain.upstream import ports
from domain.upstream.simulator import Simulator
from kit import clock, connections, migrations, pool, secrets, store
from kit.ids import new_id
from models import MODULES
from models.upstream import System
from partner_center import effects, exports

# What is generated is the same each time, so that a red is the change's;
# `make test args="--hypothesis-profile random"` looks for what nobody has seen yet.
settings.register_profile("fixed", derandomize=True, database=None)
settings.register_profile("random", derandomize=False, print_blob=True)
settings.load_profile("fixed")

# What takes longest begins first, each with servers and houses that its tests share.
TOGETHER = ("walls", "stories", "demo", "faults", "run")

# Every event that there is: what integrators can be told of, by docs/events.md.
EVENTS = {f"{thing}.{word}" for thing, words in HAPPENS.items() for word in words}

# Rows that the migrations have made, and that every test finds.
KEPT = {"ledger_account": " where kind <> 'BOOK'"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes share the tests, put what takes longest first."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: (*TOGETHER, _package(item.nodeid)).index(_package(item.nodeid)))


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """A file's tests go to one process, and those of a package whose houses take long to build."""

    def _split_scope(self, nodeid: str) -> str:
        package = _package(nodeid)
        return package if package in TOGETHER[:3] else nodeid.split("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """By ourselves: `loadgroup` writes the group where this pytest no longer reads it."""
    return Together(config, log)


def _package(nodeid: str) -> str:
    return nodeid.removeprefix("tests/").split("/")[0]


@dataclass(frozen=True)
class Servers:
    """Where the session's servers listen, in the forms that DATABASE_URL and REDIS_URL take."""

    database_url: str
    redis_url: str
    data_dir: Path


class Clock:
    """Business time that stands still until a test moves it; wall time goes on as ever."""

    def __init__(self) -> None:
        self.now = datetime(2030, 1, 31, 23, 30, tzinfo=UTC)

    def forward(self, **by: float) -> None:
        """Move by days, hours, seconds…"""
        self.now += timedelta(**by)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Freeze business time at 2030-01-31T23:30:00Z."""
    frozen = Clock()

    async def now() -> datetime:
        return frozen.now

    monkeypatch.setattr(clock, "now", now)
    return frozen


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """One embedded PostgreSQL and one Valkey for the whole run."""
    from partner_center.embedded import Embedded

    data_dir = tmp_path_factory.mktemp("servers")
    with Embedded(data_dir, durable=False) as embedded:
        yield Servers(embedded.database_url, embedded.redis_url, data_dir)


@pytest.fixture
async def fresh(servers: Servers) -> AsyncIterator[str]:
    """The URL of an empty database."""
    name = f"fresh_{new_id().hex}"
    dsn = servers.database_url.replace("asyncpg://", "postgresql://")
    connection = await asyncpg.connect(dsn)
    await connection.execute(f"create database {name}")
    path, query = servers.database_url.split("?")
    yield f"{path.rsplit('/', 1)[0]}/{name}?{query}"
    await connection.execute(f"drop database {name} with (force)")
    await connection.close()


@pytest.fixture(scope="session")
async def migrated(servers: Servers) -> AsyncIterator[TortoiseContext]:
    """The schema as the migrations make it, so that they are tested too."""
    config = {
        "connections": {
            "default": expand_db_url(servers.database_url + "&maxsize=20")
            | {"engine": connections.__name__}
        },
        "apps": {"models": {"models": MODULES, "migrations": "models.migrations"}},
    }
    await migrations.apply(config=config)
    await Tortoise.close_connections()
    context = await TortoiseContext().__aenter__()
    await context.init(config=TortoiseConfig.from_dict(config), _enable_global_fallback=True)
    await pool.open(servers.database_url, stop_after=60)  # for a busy machine
    secrets.configure("a key for tests, thirty-two characters or more")
    store.configure(folder=servers.data_dir / "objects")
    ports.use({system: Simulator() for system in System})
    effects.connect()
    exports.connect()
    yield context
    await pool.close()
    await context.__aexit__(None, None, None)


@pytest.fixture
def things(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let something happen to things, so that a test can tell of whatever it likes."""
    monkeypatch.setitem(HAPPENS, "thing", ("made",))


@pytest.fixture
async def database(migrated: TortoiseContext) -> AsyncIterator[TortoiseContext]:
    """Emptied by DELETE: TRUNCATE takes thirty times as long on tables of a few rows.

    What has happened in the end is in the list of what can; `thing.…` is what tests make up.
    """
    assert migrated.apps is not None
    tables = [model._meta.db_table for model in migrated.apps.get_models_iterable()]
    await migrated.db().execute_script(
        "set session_replication_role = replica;"  # no foreign keys, so in any order
        + "".join(f'delete from "{table}"{KEPT.get(table, "")};' for table in tables)
        + "set session_replication_role = default"
    )
    yield migrated
    told = await migrated.db().execute_query_dict(
        "select distinct name from event where name not like 'thing.%'"
    )
    assert {event["name"] for event in told} <= EVENTS
