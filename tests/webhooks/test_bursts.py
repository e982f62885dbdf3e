"""What happens thousands of times at one tenant delays nobody else's webhooks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.audit import relay
from domain.webhooks import claims, delivering, planning, repeating, resting
from domain.webhooks.claims import OF_A_TENANT
from domain.webhooks.endpoints import MOST
from domain.webhooks.sending import Wire
from kit import clock, database
from models.webhooks import WebhookDelivery
from tests.conftest import Clock
from tests.factories import a_partner, an_administrator
from tests.plans import most_rows
from tests.receiver import Receiver
from tests.webhooks.house import House
from workers.webhooks import CAPACITY, Courier

BURST = 5_000
PATIENCE = 60.0


@pytest.fixture
async def other(house: House, receiver: Receiver, wire: Wire, time: Clock) -> House:
    """Another partner, whose endpoint came later."""
    other = House(await an_administrator(await a_partner("Other")), receiver, wire, Courier(), time)
    await other.endpoint(path="/other")
    return other


async def burst(house: House) -> None:
    """Much happens at once."""
    await database.execute(
        """
        insert into event (id, created_at, tenant_id, name, subject_type, subject_id, actor_kind,
            actor_name, before, after, occurred_at)
        select uuidv7(), $2, $1, 'thing.made', 'thing', $1, 'SYSTEM', 'system', '{}', '{}', $2
        from generate_series(1, $3)""",
        *(house.viewer.partner_id, house.time.now, BURST),
    )
    await relay.place_all(now=house.time.now)


async def test_what_happens_after_a_burst_goes_out_with_its_first(
    house: House, other: House
) -> None:
    await burst(house)
    await other.happens()

    await planning.plan(now=house.time.now)
    _, rows = await claims.claim(limit=CAPACITY)

    assert [row["endpoint_id"] for row in rows].count(other.endpoint_id) == 1
    assert await WebhookDelivery.all().count() <= 1 + planning.BATCH


async def test_a_burst_at_many_endpoints_goes_out_between_its_batches(
    house: House, other: House
) -> None:
    for _ in range(MOST - 1):
        await house.endpoint()
    await burst(house)

    await planning.plan(now=house.time.now)
    assert 0 < await WebhookDelivery.all().count() <= planning.BATCH
    await other.happens()
    await planning.plan(now=house.time.now)

    assert await WebhookDelivery.filter(endpoint_id=other.endpoint_id).count() == 1
    while await planning.plan(now=house.time.now):
        pass
    assert await WebhookDelivery.all().count() == 1 + MOST * BURST


async def test_what_waits_at_an_endpoint_that_rests_is_not_looked_at_again_and_again(
    house: House, other: House
) -> None:
    """Claims come twice a second, one at a time: what takes long there delays everybody."""
    await burst(house)
    while await planning.plan(now=house.time.now):
        pass
    await resting.pause(viewer=house.viewer, endpoint_id=house.endpoint_id, now=house.time.now)
    trial = await repeating.trial(
        viewer=house.viewer, endpoint_id=house.endpoint_id, now=house.time.now
    )
    await other.happens()
    await planning.plan(now=house.time.now)
    await database.execute("analyze webhook_delivery")
    wall = clock.wall()

    told = await database.rows(
        f"explain (analyze, costs off) {claims._CLAIM}",
        *(wall, uuid4(), wall + claims.LEASE, "test", CAPACITY),
    )

    assert most_rows("\n".join(row["QUERY PLAN"] for row in told)) < 100
    claimed = await WebhookDelivery.filter(leased_by="test")
    assert {each.id for each in claimed} == {
        trial.id,
        (await WebhookDelivery.get(endpoint_id=other.endpoint_id)).id,
    }


async def test_ten_endpoints_that_never_answer_leave_room_for_others(
    house: House, other: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck: set[UUID] = set()
    full, arrived, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def deliver(row: Any, *, token: UUID, wire: object) -> None:
        if row["endpoint_id"] == other.endpoint_id:
            arrived.set()
            return
        stuck.add(row["id"])
        if len(stuck) == OF_A_TENANT:
            full.set()
        await go_on.wait()

    monkeypatch.setattr(delivering, "deliver", deliver)
    for _ in range(MOST - 1):
        await house.endpoint()
    for _ in range(MOST):
        await house.happens()

    async with working():
        await asyncio.wait_for(full.wait(), PATIENCE)
        await other.happens()
        await asyncio.wait_for(arrived.wait(), PATIENCE)
        assert len(stuck) == OF_A_TENANT
        go_on.set()


async def test_tenants_take_turns_however_many_endpoints_they_have(
    house: House, other: House
) -> None:
    for _ in range(MOST - 1):
        await house.endpoint()
    for _ in range(4):
        await house.happens()
        await other.happens()
    while await planning.plan(now=house.time.now):
        pass

    _, rows = await claims.claim(limit=6)

    theirs = [row["endpoint_id"] for row in rows if row["endpoint_id"] == other.endpoint_id]
    ours = [row["endpoint_id"] for row in rows if row["endpoint_id"] != other.endpoint_id]
    assert (len(theirs), len(ours), len(set(ours))) == (3, 3, 3)


@asynccontextmanager
async def working() -> AsyncIterator[None]:
    """A courier, until the block ends."""
    stop = asyncio.Event()
    work = asyncio.create_task(Courier().run(stop))
    try:
        yield
    finally:
        stop.set()
        await work
