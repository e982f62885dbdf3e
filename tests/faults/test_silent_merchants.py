"""Requirements fall due while a worker is killed and the queue forgets: each is refused once."""

import asyncio
import os
import signal
from datetime import datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from domain.requirements.deadlines import EXPIRE, LIFETIME
from kit import clock, database, timers
from kit.ids import new_id
from kit.timers import Deadline
from kit.transaction import transactional
from models.requirements import CustomerRequirement
from models.requirements import RequirementStatus as Status
from tests.faults.processes import Workers, ended, until
from tests.requirements.factories import Sale, a_sale
from workers.queue import QUEUE

# `FAULT_REQUIREMENTS=10000` for the long form.
MANY = int(os.environ.get("FAULT_REQUIREMENTS", "1000"))


@pytest.mark.parametrize("step", ["effect.before_commit", "effect.after_commit"])
async def test_killed_and_flushed_each_requirement_is_rejected_once(
    step: str, workers: Workers, valkey: Redis
) -> None:
    sale = await a_sale()
    await pending(MANY // 2, sale, due_at=clock.wall())
    dying = asyncio.create_task(ended(workers.start(FAULT_AT=step)))
    lost = await forgetting(valkey, while_going_on=dying)
    for batch in range(2):
        due_at = clock.wall() + timedelta(seconds=0.3 * batch)
        await pending(MANY // 4, sale, due_at=due_at)
    workers.start()
    lost |= await forgetting(valkey, while_going_on=asyncio.create_task(until_nobody_waits()))

    assert await dying == -signal.SIGKILL
    assert lost
    assert await what_is_wrong() == {}


async def forgetting(valkey: Redis, *, while_going_on: asyncio.Task[Any]) -> set[bytes]:
    """Flush the queue until a few hints were lost, and see the task to its end."""
    lost: set[bytes] = set()
    while not while_going_on.done() and len(lost) < 4:
        lost |= {id for id in await valkey.zrange(QUEUE, 0, -1) if id.startswith(b"fire:")}
        await valkey.flushall()
        await asyncio.wait({while_going_on}, timeout=0.02)
    await while_going_on
    return lost


@transactional
async def pending(number: int, sale: Sale, *, due_at: datetime) -> None:
    """So many that wait for the merchant until then, who was reminded long since."""
    asked_at = due_at - LIFETIME
    requirements = [
        CustomerRequirement(
            id=(id := new_id()),
            created_at=asked_at,
            number=id.hex,
            partner_id=sale.partner.id,
            customer_id=sale.customer.id,
            merchant_id=sale.merchant.id,
            expected_ratio="0.1",
            status=Status.PENDING_MERCHANT,
            created_by=sale.by.person_id,
            submitted_at=asked_at,
            expires_at=due_at,
            reminded_at=asked_at,
        )
        for _ in range(number)
    ]
    await CustomerRequirement.bulk_create(requirements)
    deadlines = [Deadline(sale.partner.id, row.id, due_at) for row in requirements]
    await timers.schedule_many(EXPIRE, deadlines, on_timeout="REJECT", now=asked_at)


async def until_nobody_waits() -> None:
    """Return when no timer is live, and no worker is in the middle of one."""
    await until(
        "select 1 where not exists (select from timer where kind = $1 and state = 'SCHEDULED')",
        EXPIRE,
    )


async def what_is_wrong() -> dict[str, int]:
    """The oracle: of each requirement one refusal by silence, one fired timer, one event in either
    log and one mail. Else a count."""
    row = await database.row(
        """
        select
            count(*) filter (where status <> 'REJECTED' or rejection <> 'TIMEOUT') as unrejected,
            count(*) filter (where version <> 2) as changed_not_once,
            count(*) filter (where 1 <> (
                select count(*) from timer where subject_id = asked.id and kind = $1
                    and state = 'FIRED' and lease_token is null)) as fired_not_once,
            count(*) filter (where 2 <> (
                select count(distinct tenant_id) from event where subject_id = asked.id
                    and name = 'customer_requirement.timed_out')) as told_not_both,
            count(*) filter (where 2 <> (
                select count(*) from event where subject_id = asked.id
                    and name = 'customer_requirement.timed_out')) as told_not_once,
            (select count(*) from customer_requirement) - (
                select count(*) from mail where template = 'customer_requirement_answered')
                as mails_missing
        from customer_requirement asked""",
        EXPIRE,
    )
    assert row is not None
    return {what: count for what, count in row.items() if count}
