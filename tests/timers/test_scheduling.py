from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from kit import database, timers
from kit.ids import new_id
from kit.timers import Deadline
from kit.transaction import transaction, transactional

pytestmark = pytest.mark.usefixtures("database")

NOW = datetime(2030, 1, 31, 23, 30, tzinfo=UTC)
IN_A_WEEK = NOW + timedelta(days=7)
TENANT = new_id()


async def schedule(subject_id: UUID, *, due_at: datetime = IN_A_WEEK) -> None:
    async with transaction():
        await timers.schedule(
            "thing.expire",
            tenant_id=TENANT,
            subject_id=subject_id,
            due_at=due_at,
            on_timeout="EXPIRE",
            now=NOW,
        )


async def timers_of(subject_id: UUID) -> list[dict[str, Any]]:
    return await database.rows(
        "select generation, due_at, next_attempt_at, state, attempts, lease_token, last_error"
        " from timer where subject_id = $1 order by generation",
        subject_id,
    )


async def test_a_timer_is_live_with_its_deadline() -> None:
    thing = new_id()

    await schedule(thing)

    [timer] = await timers_of(thing)
    assert timer == {
        "generation": 1,
        "due_at": IN_A_WEEK,
        "next_attempt_at": IN_A_WEEK,
        "state": "SCHEDULED",
        "attempts": 0,
        "lease_token": None,
        "last_error": None,
    }


async def test_moving_the_deadline_raises_the_generation_and_frees_the_timer() -> None:
    thing = new_id()
    await schedule(thing)
    await database.execute(
        "update timer set attempts = 3, last_error = 'x', lease_token = $1, leased_until = $2,"
        " next_attempt_at = $2",
        new_id(),
        NOW,
    )

    await schedule(thing, due_at=IN_A_WEEK + timedelta(days=1))

    [timer] = await timers_of(thing)
    assert timer["generation"] == 2
    assert timer["due_at"] == timer["next_attempt_at"] == IN_A_WEEK + timedelta(days=1)
    assert (timer["attempts"], timer["lease_token"], timer["last_error"]) == (0, None, None)


async def test_a_cancelled_timer_stays_as_history_and_the_next_is_a_generation_on() -> None:
    thing = new_id()
    await schedule(thing)
    await schedule(thing)

    async with transaction():
        await timers.cancel("thing.expire", subject_id=thing)
    await schedule(thing)

    cancelled, live = await timers_of(thing)
    assert (cancelled["generation"], cancelled["state"]) == (2, "CANCELLED")
    assert (live["generation"], live["state"]) == (3, "SCHEDULED")


async def test_cancelling_touches_no_other_kind_and_no_other_subject() -> None:
    one, other = new_id(), new_id()
    await schedule(one)
    await schedule(other)

    async with transaction():
        await timers.cancel("thing.remind", subject_id=one)
        await timers.cancel("thing.expire", subject_id=other)

    assert [timer["state"] for timer in await timers_of(one)] == ["SCHEDULED"]
    assert [timer["state"] for timer in await timers_of(other)] == ["CANCELLED"]


async def test_many_are_scheduled_and_cancelled_at_once() -> None:
    things = [new_id() for _ in range(50)]
    await schedule(things[0])

    async with transaction():
        await timers.schedule_many(
            "thing.expire",
            [Deadline(TENANT, thing, IN_A_WEEK) for thing in reversed(things)],
            on_timeout="EXPIRE",
            now=NOW,
        )
    generations = await database.rows(
        "select generation, count(*) from timer group by 1 order by 1"
    )
    async with transaction():
        cancelled = await timers.cancel_many("thing.expire", subject_ids=things)

    assert generations == [{"generation": 1, "count": 49}, {"generation": 2, "count": 1}]
    assert cancelled == 50


async def test_a_timer_goes_with_its_transaction() -> None:
    thing = new_id()

    @transactional
    async def fail_after_scheduling() -> None:
        await schedule(thing)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_after_scheduling()

    assert await timers_of(thing) == []


async def test_outside_a_transaction_nothing_is_scheduled_or_cancelled() -> None:
    thing = new_id()
    await schedule(thing)

    with pytest.raises(AssertionError, match="only inside"):
        await timers.schedule_many("thing.expire", [], on_timeout="EXPIRE", now=NOW)
    with pytest.raises(AssertionError, match="only inside"):
        await timers.cancel("thing.expire", subject_id=thing)

    assert [timer["state"] for timer in await timers_of(thing)] == ["SCHEDULED"]
