"""Work that reads what deadlines decide comes after those that fell due before its moment."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from kit import database
from kit.timers import TIMERS
from tests.conftest import Clock
from tests.timers.subjects import EXPIRE, KIND, pending
from workers import firing, ticks
from workers.dispatcher import Dispatcher
from workers.effects import EFFECTS
from workers.queue import Hints, connect
from workers.ticks import TICKS, CatchUp, Periodic, every

pytestmark = pytest.mark.usefixtures("database")

MOMENT = datetime(2030, 1, 31, 12, tzinfo=UTC)
AFTERWARDS = MOMENT + timedelta(days=1)
SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=60)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many were pending yet when the daily work ran, which is all that the timetable has."""
    counts: list[int] = []

    async def count(*, scheduled_for: datetime, now: datetime) -> None:
        row = await database.row(
            "select count(*) as pending from member_invitation where status = 'PENDING'"
        )
        assert row is not None
        counts.append(row["pending"])

    daily = Periodic(
        name="daily",
        moments=every(timedelta(hours=12)),
        catch_up=CatchUp.LAST,
        run=count,
        after_deadlines=True,
    )
    monkeypatch.setattr(ticks, "TIMETABLE", [daily])
    monkeypatch.setitem(EFFECTS, KIND, EXPIRE)
    return counts


async def run_due(now: datetime) -> None:
    await ticks.plan(now=now)
    claim = await TICKS.claim(lease=LEASE, limit=100, now=now)
    for row in claim.rows:
        await ticks.run(row["id"], token=claim.token, now=now)


async def fire_due(now: datetime) -> None:
    claim = await TIMERS.claim(lease=LEASE, limit=100, now=now)
    ids: list[UUID] = [row["id"] for row in claim.rows]
    await firing.fire(KIND, ids, token=claim.token, now=now)


async def test_one_look_after_an_outage_does_both_in_order(seen: list[int], time: Clock) -> None:
    await pending(3, due_at=MOMENT)
    time.now = AFTERWARDS - SECOND
    hints = Hints(connect("unix:///nowhere/valkey.sock"))

    await Dispatcher(hints=hints, lease=LEASE).dispatch(now=time.now)

    await hints.close()
    assert seen == [0]


async def test_the_tick_that_comes_first_waits_for_the_timers(seen: list[int]) -> None:
    await pending(3, due_at=MOMENT)

    await run_due(MOMENT)
    assert seen == []
    await fire_due(MOMENT)
    assert seen == []
    await run_due(MOMENT)

    assert seen == [0]


async def test_the_timers_that_come_first_hold_up_no_tick(seen: list[int]) -> None:
    await pending(3, due_at=MOMENT)

    await fire_due(MOMENT)
    await run_due(MOMENT)

    assert seen == [0]


async def test_timers_that_another_worker_has_in_hand_are_waited_for(seen: list[int]) -> None:
    await pending(1, due_at=MOMENT)
    claim = await TIMERS.claim(lease=LEASE, limit=100, now=MOMENT)

    await run_due(MOMENT)
    assert seen == []
    await firing.fire(KIND, [row["id"] for row in claim.rows], token=claim.token, now=MOMENT)
    await run_due(MOMENT)

    assert seen == [0]


async def test_what_falls_due_after_its_moment_is_not_waited_for(seen: list[int]) -> None:
    await pending(1, due_at=MOMENT + SECOND)

    await run_due(MOMENT + 2 * SECOND)

    assert seen == [1]


async def test_a_timer_that_fails_holds_nothing_up_for_ever(
    seen: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*, subject_ids: object, now: datetime) -> None:
        raise ValueError("no such table")

    monkeypatch.setitem(EFFECTS, KIND, type(EXPIRE)(table="member_invitation", run=fail))
    await pending(1, due_at=MOMENT)

    await run_due(MOMENT)
    assert seen == []
    await fire_due(MOMENT)
    await run_due(MOMENT)

    assert seen == [1]
