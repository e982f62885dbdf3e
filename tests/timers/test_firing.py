"""What a claimed batch does, and what it leaves when something goes wrong."""

import asyncio
from collections.abc import Sequence
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from kit import database, leases, timers
from kit.ids import new_id
from kit.timers import TIMERS
from kit.transaction import transaction
from tests.timers.subjects import EXPIRE, KIND, events_per_subject, expire, pending, timer_states
from workers import firing
from workers.effects import EFFECTS, Effect

DUE = datetime(2030, 1, 31, 23, 30, tzinfo=UTC)
LEASE = timedelta(seconds=60)


@pytest.fixture(autouse=True)
def effect(database: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EFFECTS, KIND, EXPIRE)


async def claim(now: datetime = DUE) -> tuple[UUID, list[UUID]]:
    taken = await TIMERS.claim(lease=LEASE, limit=100, now=now)
    return taken.token, [row["id"] for row in taken.rows]


async def the_timer() -> dict[str, Any]:
    [timer] = await database.rows("select * from timer")
    return timer


def failing(with_: BaseException, *, for_: Sequence[UUID]) -> Effect:
    async def run(*, subject_ids: Sequence[UUID], now: datetime) -> None:
        if set(subject_ids) & set(for_):
            raise with_
        await expire(subject_ids=subject_ids, now=now)

    return Effect(table="member_invitation", run=run)


async def test_a_batch_has_its_effect_once_and_tells_how_late_it_was() -> None:
    subjects = await pending(3, due_at=DUE)
    token, ids = await claim()

    fired = await firing.fire(KIND, ids, token=token, now=DUE + timedelta(milliseconds=1500))

    assert fired == 3
    assert await events_per_subject() == dict.fromkeys(subjects, 1)
    for timer in await database.rows("select * from timer"):
        assert timer["state"] == "FIRED"
        assert timer["fired_at"] == DUE + timedelta(milliseconds=1500)
        assert (timer["due_at"], timer["lateness_ms"]) == (DUE, 1500)
        assert (timer["lease_token"], timer["leased_until"], timer["leased_by"]) == (None,) * 3


async def test_a_hint_that_comes_twice_fires_once() -> None:
    [subject] = await pending(1, due_at=DUE)
    token, ids = await claim()

    results = await asyncio.gather(*(firing.fire(KIND, ids, token=token, now=DUE) for _ in "abc"))

    assert sorted(results) == [0, 0, 1]
    assert await events_per_subject() == {subject: 1}


async def test_a_hint_whose_timer_was_claimed_anew_does_nothing() -> None:
    [subject] = await pending(1, due_at=DUE)
    old_token, ids = await claim()
    await database.execute("update timer set leased_until = now() - interval '1 second'")
    token, again = await claim()

    assert await firing.fire(KIND, ids, token=old_token, now=DUE) == 0
    assert await events_per_subject() == {}
    assert await firing.fire(KIND, again, token=token, now=DUE) == 1
    assert await events_per_subject() == {subject: 1}


async def test_a_leased_timer_is_not_claimed_again() -> None:
    await pending(2, due_at=DUE)
    _, first = await claim()

    _, second = await claim()

    assert (len(first), second) == (2, [])


async def test_what_is_not_due_is_not_claimed_and_not_fired() -> None:
    await pending(1, due_at=DUE)
    _, early = await claim(DUE - timedelta(microseconds=1))
    token, ids = await claim()

    # A worker whose clock is behind gets the hint.
    fired = await firing.fire(KIND, ids, token=token, now=DUE - timedelta(microseconds=1))

    assert (early, fired) == ([], 0)
    assert await timer_states() == {"SCHEDULED": 1}
    assert await events_per_subject() == {}


async def test_a_timer_that_was_cancelled_or_moved_meanwhile_does_nothing() -> None:
    cancelled, moved = await pending(2, due_at=DUE)
    token, ids = await claim()
    async with transaction():
        await timers.cancel(KIND, subject_id=cancelled)
        await timers.schedule(
            KIND,
            tenant_id=new_id(),
            subject_id=moved,
            due_at=DUE + LEASE,
            on_timeout="EXPIRE",
            now=DUE,
        )

    assert await firing.fire(KIND, ids, token=token, now=DUE) == 0
    assert await timer_states() == {"CANCELLED": 1, "SCHEDULED": 1}
    assert await events_per_subject() == {}


async def test_whoever_has_the_subject_first_decides() -> None:
    [subject] = await pending(1, due_at=DUE)
    token, ids = await claim()

    elsewhere = copy_context()  # the firing must not join the transaction opened here

    async with transaction():  # a mutation: subject first, then its timer
        await database.row("select id from member_invitation where id = $1 for update", subject)
        firing_now = asyncio.create_task(
            firing.fire(KIND, ids, token=token, now=DUE), context=elsewhere
        )
        await _until_someone_waits()
        # What waits for the subject must not have the timer already: that would be a deadlock.
        await database.row("select id from timer where subject_id = $1 for update nowait", subject)
        await timers.cancel(KIND, subject_id=subject)

    assert await firing_now == 0
    assert await timer_states() == {"CANCELLED": 1}
    assert await events_per_subject() == {}


async def test_one_that_fails_does_not_hold_up_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good, bad, fine = await pending(3, due_at=DUE)
    monkeypatch.setitem(EFFECTS, KIND, failing(ValueError("no such tax rate"), for_=[bad]))
    token, ids = await claim()

    assert await firing.fire(KIND, ids, token=token, now=DUE) == 2

    assert await events_per_subject() == {good: 1, fine: 1}
    [timer] = await database.rows("select * from timer where subject_id = $1", bad)
    assert (timer["state"], timer["attempts"]) == ("SCHEDULED", 1)
    assert timer["last_error"] == "ValueError: no such tax rate"
    assert timer["due_at"] == DUE
    assert DUE <= timer["next_attempt_at"] <= DUE + timedelta(seconds=1)
    assert timer["lease_token"] is None


async def test_after_eight_attempts_it_is_dead_and_an_operator_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    [bad] = await pending(1, due_at=DUE)
    monkeypatch.setitem(EFFECTS, KIND, failing(ValueError("no such tax rate"), for_=[bad]))
    now, waits = DUE, []

    for attempt in range(1, 9):
        token, ids = await claim(now)
        await firing.fire(KIND, ids, token=token, now=now)
        timer = await the_timer()
        assert timer["attempts"] == attempt
        waits.append(timer["next_attempt_at"] - now)
        now = timer["next_attempt_at"]

    assert timer["state"] == "DEAD"
    assert all(wait <= timedelta(seconds=2**n) for n, wait in enumerate(waits))
    assert (await claim(now + timedelta(days=1)))[1] == []
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        f"timer tmr_{timer['id'].hex} ({KIND}) is dead: ValueError('no such tax rate')"
    ]


@pytest.mark.parametrize(
    "error", [asyncpg.DeadlockDetectedError("x"), asyncpg.InterfaceError("x"), ConnectionError("x")]
)
async def test_a_lost_connection_or_a_deadlock_is_not_counted(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = await pending(2, due_at=DUE)
    monkeypatch.setitem(EFFECTS, KIND, failing(error, for_=[first]))
    token, ids = await claim()

    assert await firing.fire(KIND, ids, token=token, now=DUE) == 0

    found = await database.rows("select state, attempts, lease_token from timer")
    assert found == [{"state": "SCHEDULED", "attempts": 0, "lease_token": None}] * 2
    assert await events_per_subject() == {}


async def test_what_passes_is_tried_ever_less_often_and_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever it needs may be away for an hour; asking each second would help nobody."""
    [subject] = await pending(1, due_at=DUE)
    monkeypatch.setitem(EFFECTS, KIND, failing(ConnectionError("gone"), for_=[subject]))
    # As long as it may be, so that it isn't left to luck.
    monkeypatch.setattr(leases, "JITTER", "1")
    now, waits = DUE, []

    for _ in range(12):
        token, ids = await claim(now)
        await firing.fire(KIND, ids, token=token, now=now)
        timer = await the_timer()
        waits.append((timer["next_attempt_at"] - now).total_seconds())
        now = timer["next_attempt_at"]

    assert waits == [1, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]
    assert (timer["state"], timer["attempts"], timer["due_at"]) == ("SCHEDULED", 0, DUE)


async def test_what_passes_after_an_outage_is_tried_again_within_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    [subject] = await pending(1, due_at=DUE)
    monkeypatch.setitem(EFFECTS, KIND, failing(ConnectionError("gone"), for_=[subject]))
    now = DUE + timedelta(hours=1)
    token, ids = await claim(now)

    await firing.fire(KIND, ids, token=token, now=now)

    assert (await the_timer())["next_attempt_at"] <= now + timedelta(seconds=1)


@pytest.mark.parametrize("held", [0, 1, 2])
async def test_one_that_somebody_holds_does_not_hold_up_the_others(
    held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firing, "_PATIENCE", "10ms")
    subjects = await pending(3, due_at=DUE)
    token, ids = await claim()
    elsewhere = copy_context()

    async with transaction():  # as a workflow that takes its time
        await database.row(
            "select id from member_invitation where id = $1 for update", subjects[held]
        )
        fired = await asyncio.create_task(
            firing.fire(KIND, ids, token=token, now=DUE), context=elsewhere
        )

    assert fired == 2
    assert await events_per_subject() == dict.fromkeys(set(subjects) - {subjects[held]}, 1)
    [timer] = await database.rows("select * from timer where subject_id = $1", subjects[held])
    assert (timer["state"], timer["attempts"], timer["lease_token"]) == ("SCHEDULED", 0, None)
    assert timer["last_error"].startswith("LockNotAvailableError: ")
    token, ids = await claim(DUE + timedelta(minutes=1))
    assert await firing.fire(KIND, ids, token=token, now=DUE + timedelta(minutes=1)) == 1


async def test_where_many_are_held_the_rest_is_left_to_a_later_attempt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or one batch would take longer than its lease, for nothing."""
    monkeypatch.setattr(firing, "_PATIENCE", "10ms")
    monkeypatch.setattr(firing, "_MOST_HELD", 2)
    await pending(4, due_at=DUE)
    calls: list[int] = []

    async def run(*, subject_ids: Sequence[UUID], now: datetime) -> None:
        calls.append(len(subject_ids))
        raise asyncpg.LockNotAvailableError("held")

    monkeypatch.setitem(EFFECTS, KIND, Effect(table="member_invitation", run=run))
    token, ids = await claim()

    assert await firing.fire(KIND, ids, token=token, now=DUE) == 0

    assert calls == [4, 1, 1]
    found = await database.rows("select state, attempts, lease_token from timer")
    assert found == [{"state": "SCHEDULED", "attempts": 0, "lease_token": None}] * 4


async def test_many_that_take_too_long_together_are_done_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    subjects = await pending(3, due_at=DUE)

    async def run(*, subject_ids: Sequence[UUID], now: datetime) -> None:
        if len(subject_ids) > 1:
            raise asyncpg.QueryCanceledError("canceling statement due to statement timeout")
        await expire(subject_ids=subject_ids, now=now)

    monkeypatch.setitem(EFFECTS, KIND, Effect(table="member_invitation", run=run))
    token, ids = await claim()

    assert await firing.fire(KIND, ids, token=token, now=DUE) == 3
    assert await events_per_subject() == dict.fromkeys(subjects, 1)


async def test_when_the_connection_goes_while_they_fire_one_by_one_the_rest_is_put_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await pending(3, due_at=DUE)
    calls: list[int] = []

    async def run(*, subject_ids: Sequence[UUID], now: datetime) -> None:
        calls.append(len(subject_ids))
        raise ValueError("too many") if len(subject_ids) > 1 else ConnectionError("gone")

    monkeypatch.setitem(EFFECTS, KIND, Effect(table="member_invitation", run=run))
    token, ids = await claim()

    assert await firing.fire(KIND, ids, token=token, now=DUE) == 0

    assert calls == [3, 1]
    found = await database.rows("select state, attempts, lease_token from timer")
    assert found == [{"state": "SCHEDULED", "attempts": 0, "lease_token": None}] * 3


async def test_an_effect_that_fails_leaves_no_half(monkeypatch: pytest.MonkeyPatch) -> None:
    await pending(2, due_at=DUE)
    token, ids = await claim()

    async def half(*, subject_ids: Sequence[UUID], now: datetime) -> None:
        await expire(subject_ids=subject_ids, now=now)
        raise ValueError("after the deed")

    monkeypatch.setitem(EFFECTS, KIND, Effect(table="member_invitation", run=half))
    await firing.fire(KIND, ids, token=token, now=DUE)

    assert await events_per_subject() == {}
    statuses = await database.rows("select distinct status from member_invitation")
    assert statuses == [{"status": "PENDING"}]


_WAITING = "select 1 from pg_locks where not granted"


async def _until_someone_waits() -> None:
    async with asyncio.timeout(10):
        while not await database.row(_WAITING):  # noqa: ASYNC110 -- PostgreSQL can't call us
            await asyncio.sleep(0.01)
