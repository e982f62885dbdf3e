"""Periodic work: which moments are written down, and that each runs once."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from kit import database
from workers import ticks
from workers.ticks import TICKS, CatchUp, Periodic, Work, daily, every

pytestmark = pytest.mark.usefixtures("database")

NOON = datetime(2030, 1, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEASE = timedelta(seconds=60)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The moments for which an hourly job ran, which is all that the timetable has."""
    moments: list[datetime] = []

    async def note(*, scheduled_for: datetime, now: datetime) -> None:
        moments.append(scheduled_for)

    use(monkeypatch, note)
    return moments


def use(monkeypatch: pytest.MonkeyPatch, run: Work, *, catch_up: CatchUp = CatchUp.ALL) -> None:
    hourly = Periodic(name="hourly", moments=every(HOUR), catch_up=catch_up, run=run)
    monkeypatch.setattr(ticks, "TIMETABLE", [hourly])


async def run_due(now: datetime) -> None:
    await ticks.plan(now=now)
    claim = await TICKS.claim(lease=LEASE, limit=100, now=now)
    for row in claim.rows:
        await ticks.run(row["id"], token=claim.token, now=now)


async def test_new_work_begins_with_its_latest_moment(ran: list[datetime]) -> None:
    await run_due(NOON + timedelta(minutes=59))

    assert ran == [NOON]


async def test_each_moment_runs_once_and_is_told_which_it_is(ran: list[datetime]) -> None:
    for minutes in range(0, 150, 7):
        await run_due(NOON + timedelta(minutes=minutes))

    assert ran == [NOON, NOON + HOUR, NOON + 2 * HOUR]


async def test_after_an_outage_every_missed_run_is_made_up_for_in_order(
    ran: list[datetime],
) -> None:
    await run_due(NOON)

    await run_due(NOON + 5 * HOUR)

    assert ran == [NOON + n * HOUR for n in range(6)]


async def test_work_of_which_only_the_last_run_matters_skips_what_was_missed(
    ran: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def note(*, scheduled_for: datetime, now: datetime) -> None:
        ran.append(scheduled_for)

    use(monkeypatch, note, catch_up=CatchUp.LAST)
    await run_due(NOON)

    await run_due(NOON + 5 * HOUR)

    assert ran == [NOON, NOON + 5 * HOUR]


async def test_five_schedulers_make_one_run(ran: list[datetime]) -> None:
    await asyncio.gather(*(run_due(NOON) for _ in range(5)))

    assert ran == [NOON]
    assert await database.rows("select name, scheduled_for, state, finished_at from tick") == [
        {"name": "hourly", "scheduled_for": NOON, "state": "DONE", "finished_at": NOON}
    ]


async def test_a_scheduler_that_dies_after_planning_loses_nothing(ran: list[datetime]) -> None:
    await ticks.plan(now=NOON)
    await TICKS.claim(lease=-LEASE, limit=100, now=NOON)  # a lease that is over already

    await run_due(NOON + timedelta(seconds=1))

    assert ran == [NOON]


async def test_a_tick_that_was_claimed_anew_or_is_done_does_not_run(ran: list[datetime]) -> None:
    await ticks.plan(now=NOON)
    old = await TICKS.claim(lease=-LEASE, limit=100, now=NOON)
    new = await TICKS.claim(lease=LEASE, limit=100, now=NOON)
    [id] = [row["id"] for row in old.rows]

    await ticks.run(id, token=old.token, now=NOON)
    assert ran == []
    await ticks.run(id, token=new.token, now=NOON)
    await ticks.run(id, token=new.token, now=NOON)
    assert ran == [NOON]


async def test_work_that_fails_leaves_nothing_half_and_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(*, scheduled_for: datetime, now: datetime) -> None:
        await database.execute("insert into clock_offset (id, seconds) values (1, 1)")
        raise ValueError("no such file")

    use(monkeypatch, fail)
    await run_due(NOON)

    [tick] = await database.rows("select state, attempts, last_error, next_attempt_at from tick")
    assert (tick["state"], tick["attempts"]) == ("SCHEDULED", 1)
    assert tick["last_error"] == "ValueError: no such file"
    assert NOON <= tick["next_attempt_at"] <= NOON + timedelta(seconds=1)
    assert await database.rows("select seconds from clock_offset") == []


async def test_work_that_takes_too_long_says_so_and_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def hang(*, scheduled_for: datetime, now: datetime) -> None:
        await database.execute("insert into clock_offset (id, seconds) values (1, 1)")
        await asyncio.Event().wait()

    monkeypatch.setattr(ticks, "LONGEST", 0.1)
    use(monkeypatch, hang)
    await run_due(NOON)

    [tick] = await database.rows("select state, attempts, last_error, lease_token from tick")
    assert tick == {
        "state": "SCHEDULED",
        "attempts": 0,
        "last_error": "TimeoutError: not done in 0.1 s",
        "lease_token": None,
    }
    assert await database.rows("select seconds from clock_offset") == []


async def test_a_day_begins_where_people_live() -> None:
    at_three = daily(time(3), ZoneInfo("Asia/Shanghai"))

    assert at_three(NOON, NOON + timedelta(days=2)) == [
        datetime(2030, 1, 31, 19, tzinfo=UTC),
        datetime(2030, 2, 1, 19, tzinfo=UTC),
    ]


async def test_the_clock_going_back_makes_no_day_run_twice() -> None:
    at_three = daily(time(2, 30), ZoneInfo("Europe/Berlin"))  # 2:30 comes twice on 27 October

    assert at_three(
        datetime(2030, 10, 26, 12, tzinfo=UTC), datetime(2030, 10, 28, 12, tzinfo=UTC)
    ) == [datetime(2030, 10, 27, 0, 30, tzinfo=UTC), datetime(2030, 10, 28, 1, 30, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("after", "until", "expected"),
    [
        (NOON, NOON, []),
        (NOON - timedelta(seconds=1), NOON, [NOON]),
        (NOON, NOON + HOUR, [NOON + HOUR]),
        (NOON + HOUR, NOON, []),
    ],
)
async def test_a_moment_belongs_to_the_span_that_it_ends(
    after: datetime, until: datetime, expected: list[datetime]
) -> None:
    assert every(HOUR)(after, until) == expected
    assert daily(time(12), UTC)(after, until) == [at for at in expected if at == NOON]
