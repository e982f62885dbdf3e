"""The primary of the queue is lost, and Sentinel makes another: everybody follows."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator

import pytest

from domain.identity.viewer import Viewer, ViewerKind
from domain.members.deadlines import EXPIRE
from kit import clock, valkey
from kit.ids import new_id
from partner_center import health
from partner_center import throttle as throttles
from partner_center.throttle import Throttle
from tests.conftest import Servers
from tests.faults.processes import Workers, until_nothing_is_due, what_is_wrong
from tests.faults.sentinels import Watched, until
from tests.timers.subjects import pending
from workers.queue import QUEUE, Hint, Hints, QueueAway, connect

SERVED = f"{QUEUE}:health-check"


@pytest.fixture
async def watched(servers: Servers) -> AsyncIterator[Watched]:
    """Apart from all others, since they don't come back as they were."""
    watched = Watched(servers)
    try:
        await watched.start()
        yield watched
    finally:
        watched.end()


@pytest.fixture
def followers(servers: Servers, database: object, watched: Watched) -> Iterator[Workers]:
    """Starts workers that know the Sentinels alone."""
    workers = Workers(servers, watched.url)
    yield workers
    workers.end()


async def lose(watched: Watched, how: str) -> None:
    """Return when the second is what the first was; that one is no more, or is its replica."""
    if how == "killed":
        watched.kill(watched.ports[0])
    else:
        await watched.exchange()
    await until(lambda: watched.is_primary(watched.ports[1]))
    if how == "exchanged":
        await until(lambda: watched.is_linked(watched.ports[0]))  # until then it is written to


async def until_served(watched: Watched, port: int) -> None:
    """Return when a worker says anew that it serves the queue of this one."""
    async with watched.client(port) as client:
        await client.delete(SERVED)  # may be a copy of what it told the other one
        await until(lambda: client.exists(SERVED))


@pytest.mark.parametrize("how", ["killed", "exchanged"])
async def test_a_worker_goes_on_with_the_queue_of_the_new_primary(
    followers: Workers, watched: Watched, how: str
) -> None:
    followers.start()
    await until_served(watched, watched.ports[0])
    await pending(300, due_at=clock.wall(), kind=EXPIRE)
    await until_nothing_is_due()

    losing = asyncio.create_task(lose(watched, how))
    await pending(300, due_at=clock.wall(), kind=EXPIRE)  # meanwhile, too
    await losing
    await until_served(watched, watched.ports[1])
    await pending(300, due_at=clock.wall(), kind=EXPIRE)
    await until_nothing_is_due()

    assert await what_is_wrong() == {}


@pytest.mark.parametrize("how", ["killed", "exchanged"])
async def test_hints_points_and_the_state_of_the_queue_come_from_the_new_primary(
    watched: Watched, how: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(throttles, "PATIENCE", 2.0)
    monkeypatch.setattr(throttles, "PAUSE", 0.0)
    monkeypatch.setattr("workers.queue.SHUNNED", 0.0)
    caplog.set_level(logging.ERROR)  # that it is away is told each time
    hints, queue = Hints(connect(watched.url)), valkey.client(watched.url)
    throttle = Throttle(watched.url, per_second=1, burst=100)
    ann = Viewer(kind=ViewerKind.PERSON, person_id=new_id())

    async def is_counted() -> bool:
        return await throttle.take(ann, "", 1) is not None

    async def is_queued() -> bool:
        try:
            await hints.send([Hint(job="fire", id=new_id().hex)])
        except QueueAway:
            return False
        return True

    async def is_ready() -> bool:
        return await health._queue(queue) == "ready"

    for ready in (is_counted, is_queued, is_ready):
        await until(ready)
    await lose(watched, how)
    async with watched.client(watched.ports[1]) as second:
        await second.flushall()
        for ready in (is_counted, is_queued, is_ready):
            await until(ready)
        keys = {key.decode().partition(":")[0] for key in await second.keys()}
    await hints.close()
    await throttle.close()
    await queue.aclose()

    assert keys == {"arq", "partner-center", "points"}, "it is the second that was written to"
