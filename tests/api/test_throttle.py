"""How fast points may be spent, against a real Valkey."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import redis.asyncio as redis

from domain.identity.viewer import ANONYMOUS, Viewer, ViewerKind
from kit import metrics
from kit.graphql.refusals import Throttled
from kit.ids import new_id
from partner_center import throttle as throttles
from partner_center.throttle import TENANT, Throttle, parties
from partner_center.view import View
from schema.context import Allowance
from tests.api.edge import GRAPHQL_JSON, Client, codes, small_schema
from tests.conftest import Servers

HERE = "192.0.2.7"


def somebody(partner: Any = None) -> Viewer:
    return Viewer(kind=ViewerKind.OPERATOR, person_id=new_id(), partner_id=partner or new_id())


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a busy machine, on which an answer may take longer than the throttle would wait."""
    monkeypatch.setattr(throttles, "PATIENCE", 30.0)


@pytest.fixture
async def throttle(servers: Servers) -> AsyncIterator[Throttle]:
    """A hundred points, of which one comes back each second."""
    made = Throttle(servers.redis_url, per_second=1, burst=100)
    yield made
    await made.close()


async def test_points_are_spent_until_there_are_too_few(throttle: Throttle) -> None:
    ann = somebody()

    first = await throttle.take(ann, HERE, 60)
    with pytest.raises(Throttled) as refused:
        await throttle.take(ann, HERE, 60)
    rest = await throttle.take(ann, HERE, 40)

    assert first == Allowance(
        requested=60,
        capacity=100,
        available=40,
        restore_per_second=1,
        full_in=timedelta(seconds=60),
    )
    assert refused.value.cost == 60
    assert 18 <= refused.value.seconds <= 20
    assert rest is not None
    assert rest.available <= 1, "the refused 60 were not taken"
    assert timedelta(seconds=98) < rest.full_in <= timedelta(seconds=100)


async def test_points_come_back(servers: Servers) -> None:
    throttle = Throttle(servers.redis_url, per_second=1_000, burst=100)
    ann = somebody()
    refused = 0

    async with asyncio.timeout(30):
        for _ in range(5):
            while True:  # until it is let through
                try:
                    await throttle.take(ann, HERE, 100)
                    break
                except Throttled:
                    refused += 1
    await throttle.close()

    assert refused >= 1


async def test_one_client_does_not_spend_anothers_points(throttle: Throttle) -> None:
    partner = new_id()

    await throttle.take(somebody(partner), HERE, 100)
    other = await throttle.take(somebody(partner), HERE, 90)

    assert other is not None
    assert other.available == 10


async def test_all_clients_of_a_tenant_share_its_bucket_and_no_other_tenant_does(
    throttle: Throttle,
) -> None:
    partner = new_id()
    for _ in range(TENANT):
        await throttle.take(somebody(partner), HERE, 100)

    with pytest.raises(Throttled):
        await throttle.take(somebody(partner), HERE, 100)
    assert await throttle.take(somebody(), HERE, 100) is not None


async def test_strangers_are_told_apart_by_their_address(throttle: Throttle) -> None:
    mine, yours = new_id().hex, new_id().hex
    await throttle.take(ANONYMOUS, mine, 100)

    with pytest.raises(Throttled):
        await throttle.take(ANONYMOUS, mine, 10)
    assert await throttle.take(ANONYMOUS, yours, 100) is not None


async def test_who_asks_at_the_same_moment_is_served_together_and_in_turn(
    throttle: Throttle,
) -> None:
    ann = somebody()

    told = await asyncio.gather(
        *(throttle.take(ann, HERE, 10) for _ in range(25)), return_exceptions=True
    )

    assert [isinstance(each, Throttled) for each in told] == [False] * 10 + [True] * 15


async def test_without_valkey_everything_passes_and_is_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failed_open = metrics.THROTTLE.labels("failed_open")._value.get
    before = failed_open()
    throttle = Throttle("redis://127.0.0.1:1", per_second=1, burst=100)
    ann = somebody()

    told = [await throttle.take(ann, HERE, 100) for _ in range(5)]
    await throttle.close()

    assert told == [None] * 5
    assert failed_open() - before == 5
    assert len([each for each in caplog.records if "Valkey is away" in each.getMessage()]) == 1


async def test_it_throttles_again_when_valkey_is_back(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttles, "PAUSE", 0.0)
    throttle = Throttle("redis://127.0.0.1:1", per_second=1, burst=100)
    ann = somebody()
    assert await throttle.take(ann, HERE, 100) is None

    back = Throttle(servers.redis_url, per_second=1, burst=100)
    throttle._valkey, throttle._script = back._valkey, back._script

    await throttle.take(ann, HERE, 100)
    with pytest.raises(Throttled):
        await throttle.take(ann, HERE, 100)
    await throttle.close()


async def test_a_forgetful_valkey_only_forgets_what_was_spent(
    servers: Servers, throttle: Throttle
) -> None:
    ann = somebody()
    await throttle.take(ann, HERE, 100)
    async with redis.Redis.from_url(servers.redis_url) as valkey:
        await valkey.flushall()
        await valkey.script_flush()

    assert await throttle.take(ann, HERE, 100) is not None


async def test_buckets_are_gone_when_they_are_full(servers: Servers, throttle: Throttle) -> None:
    ann = somebody()
    await throttle.take(ann, HERE, 50)
    tenant, client = parties(ann, HERE)

    async with redis.Redis.from_url(servers.redis_url) as valkey:
        ends = await valkey.pttl(f"points:{tenant}:{client}")

    assert 40_000 < ends <= 50_001


async def test_a_clock_that_was_put_back_costs_no_more_than_all_points(
    servers: Servers, throttle: Throttle
) -> None:
    ann = somebody()
    tenant, client = parties(ann, HERE)
    an_hour_later = (time.time() + 3600) * 1000
    async with redis.Redis.from_url(servers.redis_url) as valkey:
        for key in (f"points:{tenant}", f"points:{tenant}:{client}"):
            await valkey.set(key, f"{an_hour_later:.3f}")

    with pytest.raises(Throttled) as refused:
        await throttle.take(ann, HERE, 10)

    assert refused.value.seconds <= 10
    assert refused.value.available == 0


def test_a_bucket_is_the_tenants_and_the_persons_or_keys() -> None:
    partner, person, key = new_id(), new_id(), new_id()
    at_work = Viewer(kind=ViewerKind.OPERATOR, person_id=person, partner_id=partner)
    at_home = Viewer(kind=ViewerKind.PERSON, person_id=person)
    staff = Viewer(kind=ViewerKind.STAFF, person_id=person)

    assert parties(at_work, HERE) == (partner.hex, person.hex)
    assert parties(replace(at_work, api_key_id=key), HERE) == (partner.hex, key.hex)
    assert parties(at_home, HERE) == (person.hex, person.hex)
    assert parties(staff, HERE) == ("platform", person.hex)
    assert parties(ANONYMOUS, HERE) == (f"@{HERE}", "nobody")


@pytest.fixture
async def client(throttle: Throttle) -> AsyncIterator[Client]:
    """Of the small API, somebody whose points can run out."""
    ann = somebody()

    async def authenticate(authorization: str | None) -> Viewer:
        return ann

    view = View(small_schema(), authenticate=authenticate, max_body_bytes=10_000, throttle=throttle)
    async with Client(view) as client:
        yield client


async def test_each_answer_tells_what_it_cost_and_what_is_left(client: Client) -> None:
    response = await client.ask("{ a: child { name } b: child { child { name } } }")

    assert response.json()["extensions"] == {
        "cost": {
            "requested": 3,
            "limit": 5000,
            "capacity": 100,
            "restorePerSecond": 1,
            "available": 97,
        }
    }


@pytest.mark.parametrize("accept", [GRAPHQL_JSON, "text/event-stream"])
async def test_a_read_that_was_stopped_costs_a_thousand_more(servers: Servers, accept: str) -> None:
    ann = somebody()
    throttle = Throttle(servers.redis_url, per_second=1, burst=5_000)

    async def authenticate(authorization: str | None) -> Viewer:
        return ann

    view = View(small_schema(), authenticate=authenticate, max_body_bytes=10_000, throttle=throttle)
    async with Client(view) as client:
        stopped = await client.ask("{ slow }", accept=accept)
        left = (await client.ask("{ hello }")).json()["extensions"]["cost"]["available"]
    await throttle.close()

    assert "READ_TOO_SLOW" in stopped.text
    assert 3_998 <= left <= 4_010


async def test_who_has_no_points_left_is_told_when_to_come_again(client: Client) -> None:
    await client.ask("{ broken }" + " " * 10)  # a value: the least, one point
    for _ in range(9):
        await client.ask("{ there is no such field }")

    refused = await client.ask("{ " + " ".join(f"a{n}: child {{ name }}" for n in range(20)) + " }")

    assert refused.status_code == 429
    [error] = refused.json()["errors"]
    extensions = error["extensions"]
    assert extensions["code"] == "THROTTLED"
    assert extensions["retryable"] is True
    assert extensions["retryAfterSeconds"] == int(refused.headers["retry-after"])
    assert 1 <= extensions["retryAfterSeconds"] <= 11
    assert extensions["availableAt"].endswith("Z")
    cost = refused.json()["extensions"]["cost"]
    assert 9 <= cost.pop("available") <= 19
    assert cost == {"requested": 20, "capacity": 100, "restorePerSecond": 1}
    assert "data" not in refused.json()


async def test_what_costs_too_much_is_refused_before_it_is_done(client: Client) -> None:
    client_schema = small_schema()
    client_schema.limits = replace(client_schema.limits, cost=2)

    async def authenticate(authorization: str | None) -> Viewer:
        return ANONYMOUS

    view = View(client_schema, authenticate=authenticate, max_body_bytes=10_000)
    async with Client(view) as other:
        dear = await other.ask("{ child { child { child { name } } } }")
        fine = await other.ask("{ child { child { name } } }")
        older = await other.ask("{ child { child { child { name } } } }", accept="*/*")

    assert (dear.status_code, fine.status_code, older.status_code) == (400, 200, 200)
    assert codes(dear) == ["TOO_EXPENSIVE"]
    assert dear.json()["extensions"] == {"cost": {"requested": 3, "limit": 2}}
    assert "data" not in dear.json()
    assert fine.json()["extensions"] == {"cost": {"requested": 2, "limit": 2}}
