"""Workers side by side, and a worker that is told to go."""

import asyncio
import signal
from datetime import timedelta

from domain.members.deadlines import EXPIRE
from kit import clock, database
from kit.transaction import transaction
from tests.faults.processes import Workers, ended, until, until_nothing_is_due, what_is_wrong
from tests.timers.subjects import pending


async def test_two_dispatchers_at_once_fire_each_timer_once(workers: Workers) -> None:
    now = clock.wall()
    workers.start()
    workers.start()
    for second in range(5):
        await pending(1_200, due_at=now + timedelta(seconds=second), kind=EXPIRE)

    await until_nothing_is_due()

    assert await what_is_wrong() == {}


async def test_told_to_stop_a_worker_ends_what_it_has_begun_and_begins_nothing(
    workers: Workers,
) -> None:
    begun, *_ = await pending(300, due_at=clock.wall(), kind=EXPIRE)
    elsewhere: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def hold_up() -> None:
        async with transaction():
            await database.row("select id from member_invitation where id = $1 for update", begun)
            await elsewhere

    holding = asyncio.create_task(hold_up())
    worker = workers.start()
    await until("select 1 from pg_locks where not granted")
    worker.send_signal(signal.SIGTERM)
    later = await pending(300, due_at=clock.wall(), kind=EXPIRE)
    await until("select 1 from timer where kind = $1 and lease_token is not null", EXPIRE)
    elsewhere.set_result(None)
    await holding

    assert await ended(worker) == 0
    assert await database.rows(
        """
        select state, lease_token, subject_id = any($2) as later, count(*) from timer
        where kind = $1 group by 1, 2, 3 order by 1""",
        EXPIRE,
        later,
    ) == [
        {"state": "FIRED", "lease_token": None, "later": False, "count": 300},
        {"state": "SCHEDULED", "lease_token": None, "later": True, "count": 300},
    ]
