"""What probes and monitors are told."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
import redis.asyncio as redis
from starlette.applications import Starlette
from starlette.routing import Route
from tortoise.context import TortoiseContext

from kit import database as sql
from kit.ids import new_id
from kit.leases import LONGEST_WAIT
from kit.timers import TickState, TimerState
from models.timers import Tick, Timer
from partner_center import health
from tests.conftest import Clock, Servers


@pytest.fixture
async def queue(servers: Servers) -> AsyncIterator[redis.Redis]:
    queue = redis.Redis.from_url(servers.redis_url)
    yield queue
    await queue.aclose()


@pytest.fixture
async def monitor(queue: redis.Redis) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(
        routes=[
            Route("/livez", health.livez),
            Route("/readyz", health.readyz),
            Route("/healthz/jobs", health.jobs),
        ]
    )
    app.state.redis = queue
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api.example") as client:
        yield client


async def a_timer(
    time: Clock, *, due: timedelta, state: TimerState = TimerState.SCHEDULED
) -> Timer:
    """`due` from now."""
    return await Timer.create(
        created_at=time.now,
        tenant_id=uuid4(),
        kind="thing.lapse",
        subject_id=uuid4(),
        due_at=time.now + due,
        next_attempt_at=time.now + due,
        on_timeout="EXPIRE",
        state=state,
    )


async def a_tick(time: Clock, *, due: timedelta, state: TickState = TickState.SCHEDULED) -> Tick:
    """`due` from now; done when it was due, if it is done."""
    return await Tick.create(
        id=new_id(),
        name=f"work {new_id()}",
        scheduled_for=time.now + due,
        next_attempt_at=time.now + due,
        state=state,
        finished_at=time.now + due if state is TickState.DONE else None,
    )


async def test_a_process_that_answers_is_alive(monitor: httpx.AsyncClient) -> None:
    response = await monitor.get("/livez")

    assert (response.status_code, response.json()) == (200, {"alive": True})


@pytest.mark.usefixtures("database")
async def test_ready_with_a_migrated_database(monitor: httpx.AsyncClient) -> None:
    response = await monitor.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"ready": True, "database": "ready", "queue": "ready"}


@pytest.mark.usefixtures("database")
async def test_not_ready_while_a_migration_is_missing(monitor: httpx.AsyncClient) -> None:
    await sql.execute("update tortoise_migrations set name = '?' || name where name like '0001%'")
    try:
        response = await monitor.get("/readyz")
    finally:
        await sql.execute("update tortoise_migrations set name = ltrim(name, '?')")

    assert response.status_code == 503
    assert response.json() == {"ready": False, "database": "migrating", "queue": "ready"}


@pytest.mark.usefixtures("database")
async def test_ready_without_the_queue(monitor: httpx.AsyncClient, tmp_path: str) -> None:
    away = redis.Redis.from_url(f"unix://{tmp_path}/nobody.sock")
    transport: httpx.ASGITransport = monitor._transport  # type: ignore[assignment]
    transport.app.state.redis = away  # type: ignore[attr-defined]

    response = await monitor.get("/readyz")
    await away.aclose()

    assert response.status_code == 200
    assert response.json() == {"ready": True, "database": "ready", "queue": "unreachable"}


async def test_not_ready_without_a_database(monitor: httpx.AsyncClient, tmp_path: str) -> None:
    nowhere = {
        "connections": {"default": f"asyncpg://nobody@/nothing?host={tmp_path}"},
        "apps": {"models": {"models": ["models.clock"]}},
    }
    async with TortoiseContext() as context:
        await context.init(config=nowhere, init_connections=False)
        ready, jobs = await monitor.get("/readyz"), await monitor.get("/healthz/jobs")

    assert ready.status_code == jobs.status_code == 503
    assert ready.json()["database"] == "unreachable"
    assert jobs.json() == {"well": False, "database": "unreachable"}


@pytest.mark.usefixtures("database")
async def test_jobs_are_well_when_nothing_is_due(monitor: httpx.AsyncClient, time: Clock) -> None:
    await a_timer(time, due=timedelta(seconds=1))
    await a_timer(time, due=timedelta(days=-9), state=TimerState.FIRED)
    await a_timer(time, due=timedelta(days=-9), state=TimerState.CANCELLED)
    await a_tick(time, due=timedelta(minutes=-7), state=TickState.DONE)
    await a_tick(time, due=timedelta(minutes=-2), state=TickState.DONE)

    response = await monitor.get("/healthz/jobs")

    assert response.status_code == 200
    assert response.json() == {
        "well": True,
        "late_after_seconds": 120.0,
        "oldest_due_timer_seconds": None,
        "oldest_due_tick_seconds": None,
        "oldest_due_mail_seconds": None,
        "oldest_unplaced_event_seconds": None,
        "oldest_due_webhook_seconds": None,
        "oldest_due_export_seconds": None,
        "due_timers": 0,
        "due_ticks": 0,
        "due_mails": 0,
        "unplaced_events": 0,
        "due_webhooks": 0,
        "due_exports": 0,
        "running_exports": 0,
        "dead_timers": 0,
        "dead_ticks": 0,
        "faulty_webhooks": 0,
        "last_tick_at": "2030-01-31T23:28:00+00:00",
    }


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(("seconds", "status"), [(120, 200), (121, 503)])
async def test_a_timer_is_late_after_two_minutes(
    monitor: httpx.AsyncClient, time: Clock, seconds: int, status: int
) -> None:
    await a_timer(time, due=timedelta(seconds=-5))
    await a_timer(time, due=timedelta(seconds=-seconds))

    response = await monitor.get("/healthz/jobs")

    assert response.status_code == status
    assert response.json()["oldest_due_timer_seconds"] == seconds
    assert response.json()["due_timers"] == 2


@pytest.mark.usefixtures("database")
async def test_a_timer_that_failed_and_waits_for_its_next_attempt_is_late_all_the_same(
    monitor: httpx.AsyncClient, time: Clock
) -> None:
    timer = await a_timer(time, due=timedelta(minutes=-10))
    timer.attempts, timer.next_attempt_at = 7, time.now + LONGEST_WAIT
    await timer.save(update_fields=["attempts", "next_attempt_at"])

    response = await monitor.get("/healthz/jobs")

    assert response.status_code == 503
    assert response.json()["oldest_due_timer_seconds"] == 600


@pytest.mark.usefixtures("database")
async def test_a_tick_is_late_after_two_minutes(monitor: httpx.AsyncClient, time: Clock) -> None:
    await a_tick(time, due=timedelta(seconds=-121))

    response = await monitor.get("/healthz/jobs")

    assert response.status_code == 503
    assert response.json()["oldest_due_tick_seconds"] == 121


@pytest.mark.usefixtures("database")
async def test_whatever_was_given_up_is_unwell(monitor: httpx.AsyncClient, time: Clock) -> None:
    await a_timer(time, due=timedelta(days=-1), state=TimerState.DEAD)
    timer = await monitor.get("/healthz/jobs")
    await sql.execute("delete from timer")
    await a_tick(time, due=timedelta(days=-1), state=TickState.DEAD)
    tick = await monitor.get("/healthz/jobs")

    assert timer.status_code == tick.status_code == 503
    assert (timer.json()["dead_timers"], timer.json()["dead_ticks"]) == (1, 0)
    assert (tick.json()["dead_timers"], tick.json()["dead_ticks"]) == (0, 1)
