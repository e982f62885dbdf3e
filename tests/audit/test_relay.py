"""Positions are given in order and without gaps, whoever commits late."""

import asyncio
import random
from contextvars import copy_context
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domain.audit import relay
from kit import database
from kit.ids import new_id
from kit.transaction import transaction
from tests.conftest import Servers

pytestmark = pytest.mark.usefixtures("database")

NOW = datetime(2030, 1, 31, 23, 30, tzinfo=UTC)


async def record(tenant_id: UUID, count: int = 1) -> list[UUID]:
    ids = [new_id() for _ in range(count)]
    await database.execute(
        """
        insert into event (id, created_at, tenant_id, name, subject_type, subject_id, actor_kind,
            actor_name, before, after, occurred_at)
        select id, $2, $3, 'thing.happened', 'thing', id, 'SYSTEM', 'system', '{}', '{}', $2
        from unnest($1::uuid[]) as id""",
        ids,
        NOW,
        tenant_id,
    )
    return ids


async def log_of(tenant_id: UUID, after: int = 0) -> list[dict[str, Any]]:
    return await database.rows(
        "select id, position from event where tenant_id = $1 and position > $2 order by position",
        tenant_id,
        after,
    )


async def test_each_tenant_counts_on_from_its_own_last_position() -> None:
    one, other = new_id(), new_id()
    first, second = await record(one, 2)
    [elsewhere] = await record(other)
    await relay.place_all(now=NOW)
    [third] = await record(one)

    assert await relay.place_all(now=NOW) == 1

    log = [(event["id"], event["position"]) for event in await log_of(one)]
    assert log == [(first, 1), (second, 2), (third, 3)]
    assert await log_of(other) == [{"id": elsewhere, "position": 1}]


async def test_placing_again_changes_nothing() -> None:
    tenant = new_id()
    await record(tenant, 3)
    await relay.place_all(now=NOW)
    before = await log_of(tenant)

    assert await relay.place_all(now=NOW) == 0
    assert await log_of(tenant) == before


async def test_a_batch_that_is_full_is_followed_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relay, "BATCH", 4)
    tenant = new_id()
    ids = await record(tenant, 10)

    assert await relay.place_all(now=NOW) == 10

    assert [(event["id"], event["position"]) for event in await log_of(tenant)] == [
        (id, position) for position, id in enumerate(ids, start=1)
    ]


async def test_a_reader_of_positions_misses_nothing_of_fifty_writers() -> None:
    tenants = [new_id() for _ in range(3)]
    chance = random.Random(7)
    seen: dict[UUID, list[dict[str, Any]]] = {tenant: [] for tenant in tenants}
    written: list[UUID] = []

    async def write(delays: list[float]) -> None:
        for delay in delays:
            async with transaction():
                ids = await record(chance.choice(tenants), 2)
                await asyncio.sleep(delay)  # the id is older than those of quicker transactions
            written.extend(ids)

    async def follow() -> None:
        for tenant, log in seen.items():
            log += await log_of(tenant, after=log[-1]["position"] if log else 0)

    writers = asyncio.gather(
        *(write([chance.uniform(0, 0.05) for _ in range(6)]) for _ in range(50))
    )
    while not writers.done():
        await asyncio.gather(relay.place_all(now=NOW), relay.place_all(now=NOW), follow())
    await relay.place_all(now=NOW)
    await follow()

    assert len(written) == 600
    assert sorted(event["id"] for log in seen.values() for event in log) == sorted(written)
    for log in seen.values():
        assert [event["position"] for event in log] == list(range(1, len(log) + 1))


async def test_who_listens_is_told_the_last_position_of_each_tenant_once(
    servers: Servers,
) -> None:
    one, other = new_id(), new_id()
    told: asyncio.Queue[str] = asyncio.Queue()
    listener = await asyncpg.connect(servers.database_url.replace("asyncpg:", "postgresql:"))
    await listener.add_listener("events", lambda *heard: told.put_nowait(heard[-1]))
    await record(one, 2)
    await record(other)

    await relay.place_all(now=NOW)
    async with asyncio.timeout(10):
        heard = {await told.get(), await told.get()}
    await listener.close()

    assert heard == {f"{one}:2", f"{other}:1"}
    assert told.empty()


async def test_nothing_is_placed_before_its_commit() -> None:
    elsewhere = copy_context()  # the relay must not join the transaction opened here

    async with transaction():
        await record(new_id())
        relaying = asyncio.create_task(relay.place_all(now=NOW), context=elsewhere)
        assert await relaying == 0

    assert await relay.place_all(now=NOW) == 1


async def test_where_another_relay_is_at_work_this_one_gives_way(servers: Servers) -> None:
    tenant = new_id()
    await record(tenant)
    other = await asyncpg.connect(servers.database_url.replace("asyncpg:", "postgresql:"))
    async with other.transaction():
        await other.execute("select pg_advisory_xact_lock($1)", relay._RELAY)

        assert await relay.place_all(now=NOW) == 0

    await other.close()
    assert await relay.place_all(now=NOW) == 1
