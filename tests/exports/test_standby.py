"""Exports that are read on a standby: nothing is missing, whatever it lacks or breaks off."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from domain.exports import sources
from kit import copying, database, metrics, standby
from models.exports import Export
from models.exports import ExportState as State
from tests.conftest import Clock, Servers
from tests.customers.conftest import Ask
from tests.exports.factories import lines, made, objects, requested
from tests.exports.standbys import PATIENCE, Standby
from tests.orders.factories import Shop, place

pytestmark = pytest.mark.usefixtures("database")

ORDERS: dict[str, Any] = {"list": {"orders": {}}, "columns": ["number"]}
IS_STANDBY = "select pg_is_in_recovery()"


@pytest.fixture(scope="module")
async def follower(migrated: object, servers: Servers) -> AsyncIterator[Standby]:
    """One standby for all these tests."""
    made = await asyncio.to_thread(Standby(servers).copy)
    await made.start()
    yield made
    made.remove()


@pytest.fixture
def named(follower: Standby, monkeypatch: pytest.MonkeyPatch) -> Standby:
    """Told to the exports; one that lags gets as long as a busy machine may take."""
    monkeypatch.setattr(sources, "PATIENCE", PATIENCE)
    monkeypatch.setattr(standby, "CONNECT_WITHIN", PATIENCE)
    monkeypatch.setattr(standby, "_address", None)
    standby.configure(follower.database_url)
    return follower


@pytest.fixture
def read_there(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each read of an export, whether it was begun on a standby."""
    began: list[bool] = []
    real = copying.copy

    async def copy(connection: asyncpg.Connection, *args: Any, **more: Any) -> int:
        began.append(await connection.fetchval(IS_STANDBY))
        return await real(connection, *args, **more)

    monkeypatch.setattr(copying, "copy", copy)
    return began


@pytest.fixture
async def hasty(follower: Standby) -> AsyncIterator[None]:
    """It replays whatever comes at once, and ends what reads the rows that are removed so."""
    await _configure(follower, "set max_standby_streaming_delay = 0")
    yield
    await _configure(follower, "reset max_standby_streaming_delay")


async def _configure(standby: Standby, change: str) -> None:
    session = await standby.connect()
    await session.execute(f"alter system {change}")
    await session.execute("select pg_reload_conf()")
    await session.close()


@pytest.fixture
def outcomes() -> Callable[[], dict[str, float]]:
    """What has been counted since the test began."""

    def now() -> dict[str, float]:
        return {
            outcome: metrics.EXPORT_READS.labels(outcome)._value.get()
            for outcome in ("standby", "lagging", "away", "broken_off")
        }

    before = now()
    return lambda: {
        outcome: count - before[outcome]
        for outcome, count in now().items()
        if count > before[outcome]
    }


async def state(export: Export) -> tuple[State, int]:
    export = await Export.get(id=export.id)
    return export.state, export.attempts


@pytest.fixture
async def held(follower: Standby) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Make the standby lag: it receives, and replays nothing until the test is over."""
    session = await follower.connect()

    async def hold() -> None:
        await session.execute("select pg_wal_replay_pause()")
        async with asyncio.timeout(PATIENCE):
            while await session.fetchval("select pg_get_wal_replay_pause_state()") != "paused":
                # It takes notice with the next record.
                await database.execute("select pg_logical_emit_message(true, 'tests', 'wake up')")
                await asyncio.sleep(0.05)

    yield hold
    await session.execute("select pg_wal_replay_resume()")
    await session.close()


@pytest.mark.parametrize("format", ["CSV", "JSONL"])
async def test_an_export_has_what_was_committed_the_moment_before(
    shop: Shop,
    time: Clock,
    ask: Ask,
    named: Standby,
    read_there: list[bool],
    outcomes: Callable[[], dict[str, float]],
    format: str,
) -> None:
    for count in range(1, 6):
        order = await place(shop, now=time.now)
        export = await requested(ask, by=shop.by, format=format, **ORDERS)
        await made(time.now)

        if format == "CSV":
            rows = await lines(export)
            assert len(rows) == count + 1
            assert rows[1] == [order.number]
        else:
            assert (await objects(export))[0] == {"number": order.number}

    assert read_there == [True] * 5
    assert outcomes() == {"standby": 5}


async def test_one_that_lags_is_waited_for_and_what_was_asked_for_is_there(
    shop: Shop,
    time: Clock,
    ask: Ask,
    named: Standby,
    read_there: list[bool],
    held: Callable[[], Awaitable[None]],
) -> None:
    await held()
    order = await place(shop, now=time.now)
    export = await requested(ask, by=shop.by, **ORDERS)

    making = asyncio.create_task(made(time.now))
    await asyncio.wait({making}, timeout=1)
    assert read_there == [], "nothing is read of what it shows yet"
    session = await named.connect()
    await session.execute("select pg_wal_replay_resume()")
    await session.close()
    await making

    assert await lines(export) == [["Number"], [order.number]]
    assert read_there == [True]


async def test_one_that_lags_too_long_leaves_it_to_the_primary(
    shop: Shop,
    time: Clock,
    ask: Ask,
    named: Standby,
    read_there: list[bool],
    outcomes: Callable[[], dict[str, float]],
    held: Callable[[], Awaitable[None]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(sources, "PATIENCE", 0.3)
    await held()
    order = await place(shop, now=time.now)
    export = await requested(ask, by=shop.by, **ORDERS)
    await made(time.now)

    assert await lines(export) == [["Number"], [order.number]]
    assert await state(export) == (State.DONE, 1)
    assert read_there == [False]
    assert outcomes() == {"lagging": 1}
    assert "the standby lags by 0.3 s" in caplog.text


async def test_what_it_breaks_off_to_replay_is_begun_anew_and_then_on_the_primary(
    shop: Shop,
    time: Clock,
    ask: Ask,
    named: Standby,
    outcomes: Callable[[], dict[str, float]],
    hasty: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    orders = [await place(shop, now=time.now) for _ in range(3)]
    export = await requested(ask, by=shop.by, **ORDERS)
    real, began = copying.copy, []

    async def copy(connection: asyncpg.Connection, *args: Any, **more: Any) -> int:
        began.append(there := await connection.fetchval(IS_STANDBY))
        if there:  # a part of the file is written by then
            await real(connection, *args, **more)
            await _conflict(named)
        return await real(connection, *args, **more)

    monkeypatch.setattr(copying, "copy", copy)
    await made(time.now)

    assert began == [True, True, False]
    assert await lines(export) == [["Number"], *([order.number] for order in reversed(orders))]
    assert await state(export) == (State.DONE, 1)
    assert outcomes() == {"broken_off": 2}


async def _conflict(named: Standby) -> None:
    """Remove rows that an open snapshot of the standby may still see."""
    session = await named.connect()
    counted = "select confl_snapshot from pg_stat_database_conflicts where datname = 'partner'"
    before = await session.fetchval(counted)
    async with asyncio.timeout(PATIENCE):
        while await session.fetchval(counted) == before:
            await database.execute("create table if not exists removed (n int)")
            await database.execute("insert into removed select generate_series(1, 1000)")
            await database.execute("delete from removed")
            await database.execute("vacuum removed")
            await asyncio.sleep(0.1)
    await database.execute("drop table removed")
    await session.close()


async def test_one_that_is_away_is_done_without_and_asked_again_by_the_next(
    shop: Shop,
    time: Clock,
    ask: Ask,
    named: Standby,
    read_there: list[bool],
    outcomes: Callable[[], dict[str, float]],
) -> None:
    await place(shop, now=time.now)
    await asyncio.to_thread(named.stop)
    without = await requested(ask, by=shop.by, **ORDERS)
    await made(time.now)
    await named.start()
    again = await requested(ask, by=shop.by, **ORDERS)
    await made(time.now)

    assert await lines(without) == await lines(again)
    assert read_there == [False, True]
    assert outcomes() == {"away": 1, "standby": 1}


async def test_another_database_by_mistake_is_never_read(
    shop: Shop,
    time: Clock,
    ask: Ask,
    fresh: str,
    named: Standby,
    read_there: list[bool],
    outcomes: Callable[[], dict[str, float]],
) -> None:
    standby.configure(fresh)  # it answers, and has no such table
    order = await place(shop, now=time.now)
    export = await requested(ask, by=shop.by, **ORDERS)
    await made(time.now)

    assert await lines(export) == [["Number"], [order.number]]
    assert read_there == [False]
    assert outcomes() == {"away": 1}
