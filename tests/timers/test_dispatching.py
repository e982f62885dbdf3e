"""What is claimed and how it is handed out."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from arq.constants import job_key_prefix
from redis.asyncio import Redis

from kit import database
from tests.conftest import Clock, Servers
from tests.timers.subjects import EXPIRE, KIND, events_per_subject, pending, timer_states
from workers import dispatcher, queue, ticks
from workers.dispatcher import Dispatcher
from workers.effects import EFFECTS
from workers.jobs import JOBS
from workers.queue import QUEUE, Hint, Hints, connect

DUE = datetime(2030, 1, 31, 23, 30, tzinfo=UTC)
NOWHERE = "unix:///nowhere/valkey.sock"


@pytest.fixture(autouse=True)
def effect(database: object, time: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EFFECTS, KIND, EXPIRE)
    monkeypatch.setattr(ticks, "TIMETABLE", [])


@pytest.fixture
async def valkey(servers: Servers) -> AsyncIterator[Redis]:
    async with Redis.from_url(servers.redis_url, decode_responses=True) as client:
        await client.flushall()
        yield client


@pytest.fixture
async def on_duty(servers: Servers, valkey: Redis) -> AsyncIterator[Dispatcher]:
    """A dispatcher whose queue is there, and nobody to take from it."""
    hints = Hints(connect(servers.redis_url))
    yield Dispatcher(hints=hints, lease=timedelta(seconds=60))
    await hints.close()


@pytest.fixture
async def alone() -> AsyncIterator[Dispatcher]:
    """A dispatcher whose queue is away."""
    hints = Hints(connect(NOWHERE))
    yield Dispatcher(hints=hints, lease=timedelta(seconds=60))
    await hints.close()


async def queued(valkey: Redis, job: str) -> list[dict[str, Any]]:
    """The arguments of the hints of this job."""
    ids = [id for id in await valkey.zrange(QUEUE, 0, -1) if id.startswith(f"{job}:")]
    return [json.loads(await valkey.get(job_key_prefix + id) or "")["k"] for id in ids]


async def test_due_timers_travel_as_ids_in_batches_and_nothing_else_does(
    on_duty: Dispatcher, valkey: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "BATCH", 2)
    await pending(5, due_at=DUE)
    await pending(1, due_at=DUE + timedelta(microseconds=1))

    await on_duty.dispatch(now=DUE)

    hints = await queued(valkey, "fire")
    timers = await database.rows("select id, lease_token from timer where lease_token is not null")
    [token] = {timer["lease_token"].hex for timer in timers}
    assert [hint | {"ids": len(hint["ids"])} for hint in hints] == [
        {"kind": KIND, "token": token, "ids": size} for size in (2, 2, 1)
    ]
    assert {id for hint in hints for id in hint["ids"]} == {timer["id"].hex for timer in timers}


async def test_what_was_handed_out_fires(on_duty: Dispatcher, valkey: Redis) -> None:
    subjects = await pending(3, due_at=DUE)
    await on_duty.dispatch(now=DUE)

    for hint in await queued(valkey, "fire"):
        await JOBS["fire"]({}, **hint)

    assert await events_per_subject() == dict.fromkeys(subjects, 1)


async def test_a_full_claim_is_followed_by_the_next(
    on_duty: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "CLAIM", 2)
    await pending(5, due_at=DUE)

    await on_duty.dispatch(now=DUE)

    assert await database.row(
        "select count(*) as leased, count(distinct lease_token) as claims from timer"
        " where lease_token is not null"
    ) == {"leased": 5, "claims": 3}


async def test_no_more_is_claimed_than_the_workers_can_begin(
    on_duty: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "CLAIM", 1)
    monkeypatch.setattr(dispatcher, "MOST_WAITING", 3)
    await pending(5, due_at=DUE)

    await on_duty.dispatch(now=DUE)
    await on_duty.dispatch(now=DUE)

    waiting = await database.row("select count(*) from timer where lease_token is not null")
    assert waiting == {"count": 3}


async def test_a_kind_that_nobody_knows_is_dead_at_once_and_an_operator_is_told(
    on_duty: Dispatcher, valkey: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    await pending(2, due_at=DUE, kind="thing.forgotten")
    await pending(1, due_at=DUE)

    await on_duty.dispatch(now=DUE)

    assert await timer_states() == {"DEAD": 2, "SCHEDULED": 1}
    assert [len(hint["ids"]) for hint in await queued(valkey, "fire")] == [1]
    [error] = await database.rows("select distinct last_error from timer where state = 'DEAD'")
    assert error == {"last_error": "Nothing is known of this kind."}
    assert "2 timers are dead: nothing is known of thing.forgotten" in caplog.messages


async def test_without_a_queue_timers_fire_here_and_one_line_says_so(
    alone: Dispatcher, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "SHUNNED", 0)  # so that it is asked each time
    first = await pending(3, due_at=DUE)
    await alone.dispatch(now=DUE)
    second = await pending(3, due_at=DUE)
    await alone.dispatch(now=DUE)

    assert await events_per_subject() == dict.fromkeys(first + second, 1)
    assert len([line for line in caplog.messages if "the queue is away" in line]) == 1


async def test_a_hint_that_arrives_twice_is_one_job(on_duty: Dispatcher, valkey: Redis) -> None:
    hint = Hint(job="fire", id="fire:1", arguments={"kind": KIND, "token": "t", "ids": []})

    await on_duty.hints.send([hint])
    await on_duty.hints.send([hint])

    assert await on_duty.hints.waiting() == 1
