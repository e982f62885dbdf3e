"""The queue may forget everything, or be gone: timers fire nevertheless, each once."""

import asyncio
import os
import signal
from datetime import timedelta

from redis.asyncio import Redis

from domain.members.deadlines import EXPIRE
from kit import clock
from partner_center.embedded import Embedded
from tests.faults.processes import (
    PATIENCE,
    Workers,
    until,
    until_nothing_is_due,
    what_is_wrong,
)
from tests.timers.subjects import pending
from workers.queue import QUEUE

# `FAULT_VALKEY_AWAY=20` for the long form.
AWAY = float(os.environ.get("FAULT_VALKEY_AWAY", "5"))


async def test_hints_that_are_flushed_away_are_given_again(workers: Workers, valkey: Redis) -> None:
    lost: set[bytes] = set()
    now = clock.wall()
    for batch in range(4):
        await pending(500, due_at=now + timedelta(seconds=2 + 0.2 * batch), kind=EXPIRE)
    workers.start()

    finishing = asyncio.create_task(until_nothing_is_due())
    while not finishing.done() and len(lost) < 8:
        lost |= {id for id in await valkey.zrange(QUEUE, 0, -1) if id.startswith(b"fire:")}
        await valkey.flushall()
        await asyncio.sleep(0.02)
    await finishing

    assert lost
    assert await what_is_wrong() == {}


async def test_without_a_queue_the_worker_fires_by_itself_and_takes_it_up_again(
    workers: Workers, valkey: Redis, valkey_server: Embedded
) -> None:
    workers.start()
    await _until_the_queue_is_served(valkey)
    await valkey.shutdown(nosave=True)

    now = clock.wall()
    for second in range(int(AWAY)):
        await pending(400, due_at=now + timedelta(seconds=second), kind=EXPIRE)
    await until_nothing_is_due()
    await _bring_back(valkey_server)
    await _until_the_queue_is_served(valkey)
    await pending(400, due_at=clock.wall(), kind=EXPIRE)
    await until_nothing_is_due()

    assert await what_is_wrong() == {}


async def test_a_queue_that_answers_nothing_does_not_hold_up_the_worker(
    workers: Workers, valkey: Redis
) -> None:
    workers.start()
    await _until_the_queue_is_served(valkey)
    server = (await valkey.info("server"))["process_id"]
    os.kill(server, signal.SIGSTOP)
    try:
        await pending(400, due_at=clock.wall(), kind=EXPIRE)
        await until_nothing_is_due()
    finally:
        os.kill(server, signal.SIGCONT)
    await _until_the_queue_is_served(valkey)
    await pending(400, due_at=clock.wall(), kind=EXPIRE)
    await until_nothing_is_due()

    assert await what_is_wrong() == {}


async def test_a_worker_starts_without_a_queue(
    workers: Workers, valkey: Redis, valkey_server: Embedded
) -> None:
    await pending(400, due_at=clock.wall(), kind=EXPIRE)
    await valkey.shutdown(nosave=True)

    workers.start()
    await until_nothing_is_due()
    await _bring_back(valkey_server)
    await _until_the_queue_is_served(valkey)

    assert await what_is_wrong() == {}


async def test_a_worker_whose_sessions_are_cut_off_goes_on(workers: Workers) -> None:
    now = clock.wall()
    for batch in range(10):
        await pending(200, due_at=now + timedelta(seconds=1 + batch * 0.4), kind=EXPIRE)
    workers.start()

    finishing = asyncio.create_task(until_nothing_is_due())
    while not finishing.done():
        await until(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity"
            " where application_name = 'partner-center' and datname = current_database()"
        )
        await asyncio.wait({finishing}, timeout=0.7)

    assert await what_is_wrong() == {}


async def _bring_back(valkey_server: Embedded) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await asyncio.to_thread(valkey_server.revive):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def _until_the_queue_is_served(valkey: Redis) -> None:
    """arq says every ten seconds that it is well, and first of all when it begins."""
    async with asyncio.timeout(PATIENCE):
        while not await valkey.exists(f"{QUEUE}:health-check"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
