"""One log, three ways to follow it: asked for, live, and sent; each tells the same, and all."""

import asyncio
import json
import random
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.audit import events, relay
from domain.identity.viewer import SYSTEM
from kit import database, ids
from kit.ids import new_id
from kit.transaction import transaction
from partner_center import graphql
from partner_center.logs import Requests
from partner_center.view import View
from resolvers import events as resolvers
from tests.api.sse import streaming
from tests.customers.conftest import Ask
from tests.node import installed, run
from tests.plans import most_rows, plan_of
from tests.webhooks.followers import FOLLOW, over_socket, over_sse, serving
from tests.webhooks.house import House
from workers.webhooks import Courier

pytestmark = pytest.mark.usefixtures("database")

BEHIND = """query ($partner: ID!, $after: Int!, $types: [String!]) { events(first: 7,
    filter: {partnerId: $partner, afterPosition: $after, types: $types},
    orderBy: {field: POSITION, direction: ASC}) { nodes { id position name } } }"""
MANY = 200


@pytest.fixture
def app(house: House, monkeypatch: pytest.MonkeyPatch) -> Requests:
    """The API, where everybody is the house's administrator, and nobody rings a bell."""

    async def authenticate(_: str | None) -> Any:
        return house.viewer

    monkeypatch.setattr(resolvers, "POLL", 0.02)
    return Requests(View(graphql.schema(), authenticate=authenticate, max_body_bytes=10_000))


async def test_of_fifty_writers_every_way_tells_the_same_and_misses_nothing(
    house: House, app: Requests, ask: Ask
) -> None:
    """They commit in another order than they took their ids; each way is broken off often."""
    begin = await _end(house)
    stop = asyncio.Event()
    couriers = [asyncio.create_task(Courier().run(stop)) for _ in range(2)]
    writers = asyncio.gather(*(_write(house, random.Random(seed)) for seed in range(50)))

    async with asyncio.timeout(90):
        async with serving(app) as address:
            asked, streamed, framed, *_ = await asyncio.gather(
                _poll(house, ask, begin),
                over_sse(address, begin, MANY),
                over_socket(address, begin, MANY),
                _place(house, writers),
                house.receiver.until(MANY),
            )
    stop.set()
    await asyncio.gather(*couriers)

    assert [position for _, position in streamed] == list(range(begin + 1, begin + MANY + 1))
    assert framed == streamed
    assert [id for id, _ in streamed] == asked
    assert sorted(house.receiver.ids) == sorted(asked)


@pytest.mark.parametrize("kind", ["sse", "ws"])
async def test_clients_that_others_have_written_go_on_where_they_broke_off(
    house: House, app: Requests, tmp_path: Path, kind: str
) -> None:
    clients = await installed(tmp_path)
    begin = await _end(house)
    told = [await house.happens() for _ in range(100)]

    async with serving(app) as address:
        asked = (f"http://{address}/graphql", str(begin), str(len(told)))
        code, output = await run("node", "follow.js", kind, *asked, within=clients)

    assert code == 0, output
    followed = [json.loads(line) for line in output.splitlines()]
    assert [event["id"] for event in followed] == told
    assert [event["position"] for event in followed] == list(range(begin + 1, begin + 101))


async def _write(house: House, chance: random.Random) -> None:
    for _ in range(MANY // 50):
        async with transaction():
            await events.record(
                "thing.made",
                actor=SYSTEM,
                subject_type="thing",
                subject_id=new_id(),
                tenant_id=_partner_id(house),
                at=house.time.now,
            )
            await asyncio.sleep(chance.uniform(0, 0.05))


async def _place(house: House, writers: asyncio.Future[Any]) -> None:
    while not writers.done():
        await asyncio.gather(
            relay.place_all(now=house.time.now), relay.place_all(now=house.time.now)
        )
        await asyncio.sleep(0)
    await relay.place_all(now=house.time.now)


async def _poll(house: House, ask: Ask, after: int) -> list[str]:
    told: list[str] = []
    while len(told) < MANY:
        partner = ids.encode("ptn", _partner_id(house))
        found = await ask(BEHIND, by=house.viewer, partner=partner, after=after)
        for node in found["nodes"]:
            assert node["position"] == after + 1
            after = node["position"]
            told.append(node["id"])
        await asyncio.sleep(0)
    return told


def _partner_id(house: House) -> UUID:
    assert house.viewer.partner_id is not None
    return house.viewer.partner_id


async def test_types_choose_alike_when_asked_and_live(
    house: House, app: Requests, ask: Ask
) -> None:
    begin = await _end(house)
    wanted = [
        id
        for name in ("order.paid", "goods.created", "order.placed", "goods.edited")
        if (id := await house.happens(name)) and name != "order.placed"
    ]
    types = ["order.paid", "goods.*"]

    partner = ids.encode("ptn", _partner_id(house))
    found = await ask(BEHIND, by=house.viewer, partner=partner, after=begin, types=types)
    async with streaming(app, FOLLOW, authorization="x", after=begin, types=types) as stream:
        live = [(await stream.data())["events"]["id"] for _ in range(3)]

    assert [node["id"] for node in found["nodes"]] == wanted
    assert live == wanted


async def test_what_is_behind_a_position_is_read_from_the_index(house: House, ask: Ask) -> None:
    await database.execute(
        """
        insert into event (id, created_at, tenant_id, position, name, subject_type, subject_id,
            actor_kind, actor_name, before, after, occurred_at)
        select uuidv7(), $2, $1, 100 + n, 'thing.made', 'thing', $1, 'SYSTEM', 'system', '{}', '{}',
            $2 from generate_series(1, 20000) n""",
        house.viewer.partner_id,
        house.time.now,
    )
    await database.execute("analyze event")

    partner = ids.encode("ptn", _partner_id(house))
    plan = await plan_of(ask, BEHIND, by=house.viewer, partner=partner, after=15_000)

    assert "event_position_once" in plan
    assert most_rows(plan) < 50


async def _end(house: House) -> int:
    row = await database.row(
        "select last_position from event_counter where id = $1", house.viewer.partner_id
    )
    assert row is not None
    return int(row["last_position"])
