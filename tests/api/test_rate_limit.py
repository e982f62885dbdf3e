"""What a client may still spend, asked of the API; and what an operator sees when nobody counts."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from domain.identity.viewer import Viewer, ViewerKind
from kit import clock, metrics
from kit.ids import new_id
from partner_center import graphql
from partner_center import throttle as throttles
from partner_center.embedded import Embedded
from partner_center.throttle import Throttle
from partner_center.view import View
from tests.api.edge import Client
from tests.conftest import Servers

ASK = "{ viewer { rateLimit { requested capacity available used restorePerSecond resetAt } } }"
COST = 11  # ten for what is worked out and not just read, one for the object


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a busy machine, on which an answer may take longer than the throttle would wait."""
    monkeypatch.setattr(throttles, "PATIENCE", 30.0)


@asynccontextmanager
async def client_of(redis_url: str | None) -> AsyncIterator[Client]:
    """Of the real schema, somebody with a hundred points of which one comes back a second."""
    ann = Viewer(kind=ViewerKind.OPERATOR, person_id=new_id(), partner_id=new_id())
    throttle = Throttle(redis_url, per_second=1, burst=100) if redis_url else None

    async def authenticate(_: str | None) -> Viewer:
        return ann

    view = View(
        graphql.schema(), authenticate=authenticate, max_body_bytes=10_000, throttle=throttle
    )
    async with Client(view) as client:
        yield client
    if throttle is not None:
        await throttle.close()


def outcomes() -> dict[str, float]:
    return {
        sample.labels["outcome"]: sample.value
        for family in metrics.THROTTLE.collect()
        for sample in family.samples
        if sample.name.endswith("_total")
    }


def since(before: dict[str, float]) -> dict[str, float]:
    return {outcome: count - before[outcome] for outcome, count in outcomes().items()}


def points(root: str) -> tuple[float, float]:
    """How many operations were counted, and their points together."""
    measured = {
        sample.name.rpartition("_")[2]: sample.value
        for family in metrics.OPERATION_POINTS.collect()
        for sample in family.samples
        if sample.labels["operation"] == root
    }
    return measured.get("count", 0), measured.get("sum", 0)


async def test_a_client_can_ask_what_it_may_still_spend(servers: Servers) -> None:
    asked = clock.wall()
    async with client_of(servers.redis_url) as client:
        first = (await client.ask(ASK)).json()
        second = (await client.ask(ASK)).json()

    told = first["data"]["viewer"]["rateLimit"]
    resets_at = datetime.fromisoformat(told.pop("resetAt"))
    assert told == {
        "requested": COST,
        "capacity": 100,
        "available": 100 - COST,
        "used": COST,
        "restorePerSecond": 1,
    }
    assert timedelta(seconds=COST - 1) < resets_at - asked < timedelta(seconds=COST + 60)
    for answer in (first, second):
        cost = answer["extensions"]["cost"]
        left = answer["data"]["viewer"]["rateLimit"]
        assert cost.pop("limit") == 5000
        assert cost == {name: left[name] for name in cost}, "the same words for the same things"


async def test_what_is_left_is_less_where_all_clients_of_a_partner_have_less(
    servers: Servers,
) -> None:
    partner = new_id()
    throttle = Throttle(servers.redis_url, per_second=1, burst=100)
    for _ in range(throttles.TENANT - 1):
        other = Viewer(kind=ViewerKind.OPERATOR, person_id=new_id(), partner_id=partner)
        await throttle.take(other, "", 100)
    mine = Viewer(kind=ViewerKind.OPERATOR, person_id=new_id(), partner_id=partner)
    last = Viewer(kind=ViewerKind.OPERATOR, person_id=new_id(), partner_id=partner)

    await throttle.take(mine, "", 60)
    left = await throttle.take(last, "", 10)
    await throttle.close()

    assert left is not None
    assert 30 <= left.available < 90, "as many as the partner has left"
    # The partner's bucket holds five times as much and fills five times as fast.
    assert timedelta(seconds=60) < left.full_in <= timedelta(seconds=94)


async def test_where_nobody_counts_there_is_no_limit_to_tell() -> None:
    before = outcomes()
    async with client_of(None) as client:
        answer = (await client.ask(ASK)).json()

    assert answer == {
        "data": {"viewer": {"rateLimit": None}},
        "extensions": {"cost": {"requested": COST, "limit": 5000}},
    }
    assert set(since(before).values()) == {0}


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Embedded]:
    """One that may be stopped."""
    with Embedded(tmp_path, postgres=False, durable=False) as server:
        yield server


async def test_while_valkey_is_away_requests_go_through_and_the_metrics_say_so(
    valkey: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttles, "PAUSE", 0.0)
    before = outcomes()
    async with client_of(valkey.redis_url) as client:
        counted = await client.ask(ASK)
        await _stop(valkey)
        free = [await client.ask(ASK) for _ in range(20)]
        went_through = since(before)
        valkey.revive()
        again: Any = await client.ask(ASK)
        refused = [await client.ask(ASK) for _ in range(20)][-1]

    assert counted.json()["extensions"]["cost"]["available"] == 100 - COST
    assert {answer.status_code for answer in free} == {200}, "more than a hundred points"
    assert [answer.json()["data"]["viewer"]["rateLimit"] for answer in free] == [None] * 20
    assert went_through == {"passed": 1, "refused": 0, "failed_open": 20}
    assert again.json()["data"]["viewer"]["rateLimit"] is not None
    assert refused.status_code == 429
    after = since(before)
    assert after["failed_open"] == 20
    assert after["refused"] >= 1


async def _stop(valkey: Embedded) -> None:
    async with Redis.from_url(valkey.redis_url) as client:
        await client.shutdown(nosave=True)


async def test_what_operations_cost_is_told_to_prometheus_unless_they_are_refused(
    servers: Servers,
) -> None:
    count, total = points("viewer")
    async with client_of(servers.redis_url) as client:
        answers = [await client.ask(ASK) for _ in range(12)]

    let_in = [answer for answer in answers if answer.status_code == 200]
    assert 9 <= len(let_in) < 12
    assert points("viewer") == (count + len(let_in), total + COST * len(let_in))
