"""Holding timed work: nothing of it runs, whatever a worker has in hand; later it comes late."""

import asyncio
from collections.abc import Sequence
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.identity.viewer import Viewer
from domain.operating import pausing
from domain.operating.pausing import WorkUnderWay
from kit import database, ids
from kit.transaction import transaction
from models.audit import Event
from models.members import MemberInvitation
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.operating.conftest import KIND, claim, fire_due, timer_of
from tests.races import until_waiting
from tests.timers.subjects import events_per_subject, expire, pending, timer_states
from workers import firing, ticks
from workers.dispatcher import Dispatcher
from workers.effects import EFFECTS, Effect
from workers.queue import Hint
from workers.ticks import TICKS, CatchUp, Periodic

pytestmark = pytest.mark.usefixtures("database")

DUE = datetime(2030, 1, 31, 23, 30, tzinfo=UTC)
PAUSE = """mutation($kind: String, $partnerId: ID, $reason: String! = "wrong rates") {
  opsPause(input: {kind: $kind, partnerId: $partnerId, reason: $reason}) {
    opsPause { id kind partner { id } reason begunBy endedAt } errors { code path } } }"""
RESUME = """mutation($id: ID!) { opsResume(input: {id: $id, reason: "rates are right"}) {
  opsPause { endedAt endedBy endReason history { nodes { name reason } } } errors { code } } }"""
ONE = "{ ops { timers(first: 5) { nodes { status isPaused isLate wasPaused } } } }"


async def paused(ask: Ask, by: Viewer, **what: str) -> str:
    """The pause's id."""
    answer = await ask(PAUSE, by=by, **what)
    assert answer["errors"] == []
    return str(answer["opsPause"]["id"])


async def partner_of(subject: UUID) -> UUID:
    return (await MemberInvitation.get(id=subject)).partner_id


async def named(by: str, subject: UUID) -> dict[str, str]:
    """What to pause, so that the subject's timer is held."""
    if by == "kind":
        return {"kind": KIND}
    return {"partnerId": ids.encode("ptn", await partner_of(subject))}


async def test_what_is_held_is_not_claimed_and_comes_late_when_it_is_let_go(
    ask: Ask, operator: Viewer, time: Clock
) -> None:
    subjects = await pending(3, due_at=DUE, kind=KIND)
    id = await paused(ask, operator, kind=KIND)
    time.forward(hours=5)

    assert (await claim(time.now))[1] == []
    assert await timer_states() == {"SCHEDULED": 3}
    [told, *_] = (await ask(ONE, by=operator))["timers"]["nodes"]
    assert told == {"status": "DUE", "isPaused": True, "isLate": True, "wasPaused": True}

    ended = await ask(RESUME, by=operator, id=id)
    assert ended["errors"] == []
    assert ended["opsPause"]["endedBy"] == operator.display_name
    assert ended["opsPause"]["history"]["nodes"] == [
        {"name": "pause.ended", "reason": "rates are right"},
        {"name": "pause.begun", "reason": "wrong rates"},
    ]
    assert await fire_due(time.now) == 3
    assert [(await timer_of(each))["lateness_ms"] for each in subjects] == [5 * 3600 * 1000] * 3
    fired = (
        "{ ops { firedTimers(filter: {isLate: true}) { nodes { wasPaused isLate isPaused } } } }"
    )
    answer = await ask(fired, by=operator)
    assert (
        answer["firedTimers"]["nodes"]
        == [{"wasPaused": True, "isLate": True, "isPaused": False}] * 3
    )


async def test_only_the_kind_is_held(ask: Ask, operator: Viewer, time: Clock) -> None:
    await pending(1, due_at=DUE, kind=KIND)
    await paused(ask, operator, kind="order.expire")

    assert await fire_due(time.now) == 1


async def test_all_timers_of_a_partner_are_held_and_nobody_elses(
    ask: Ask, operator: Viewer, time: Clock
) -> None:
    [here] = await pending(1, due_at=DUE, kind=KIND)
    [there] = await pending(1, due_at=DUE, kind=KIND)
    answer = await ask(PAUSE, by=operator, partnerId=ids.encode("ptn", await partner_of(here)))

    assert answer["opsPause"]["partner"] == {"id": ids.encode("ptn", await partner_of(here))}
    assert await fire_due(time.now) == 1
    assert (await timer_of(here))["state"] == "SCHEDULED"
    assert (await timer_of(there))["state"] == "FIRED"


async def test_let_go_the_longest_due_comes_first(ask: Ask, operator: Viewer, time: Clock) -> None:
    later = await pending(2, due_at=DUE, kind=KIND)
    earlier = await pending(2, due_at=DUE - timedelta(days=1), kind=KIND)
    id = await paused(ask, operator, kind=KIND)
    time.forward(hours=1)
    await ask(RESUME, by=operator, id=id)
    sent: list[Hint] = []

    class Ears:
        async def waiting(self) -> int:
            return 0

        async def send(self, hints: Sequence[Hint]) -> None:
            sent.extend(hints)

    await Dispatcher(hints=Ears(), lease=timedelta(seconds=60)).dispatch(now=time.now)  # type: ignore[arg-type]

    [hint] = [each for each in sent if each.job == "fire"]
    order = [
        (await database.row("select subject_id from timer where id = $1", UUID(hex=id)) or {})[
            "subject_id"
        ]
        for id in hint.arguments["ids"]
    ]
    assert (set(order[:2]), set(order[2:])) == (set(earlier), set(later))


@pytest.mark.parametrize("by", ["kind", "partner"])
async def test_what_a_worker_has_claimed_before_the_pause_does_not_fire_in_it(
    ask: Ask, operator: Viewer, time: Clock, by: str
) -> None:
    [subject] = await pending(1, due_at=DUE, kind=KIND)
    token, timer_ids = await claim(time.now)
    what = await named(by, subject)
    id = await paused(ask, operator, **what)

    assert await firing.fire(KIND, timer_ids, token=token, now=time.now) == 0
    assert (await timer_of(subject))["state"] == "SCHEDULED"

    await ask(RESUME, by=operator, id=id)
    assert await fire_due(time.now) == 1  # the lease of before holds nothing up


async def test_a_claim_that_saw_no_pause_yet_does_not_fire_in_it(
    ask: Ask, operator: Viewer, time: Clock
) -> None:
    [subject] = await pending(1, due_at=DUE, kind=KIND)
    await paused(ask, operator, kind=KIND)
    token = UUID(int=7)
    await database.execute("update timer set lease_token = $1", token)
    timer = await timer_of(subject)

    assert await firing.fire(KIND, [timer["id"]], token=token, now=time.now) == 0  # type: ignore[list-item]

    assert await events_per_subject() == {}


@pytest.mark.parametrize("by", ["kind", "partner"])
async def test_a_pause_waits_for_the_worker_that_is_at_it(
    ask: Ask, operator: Viewer, time: Clock, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    [subject] = await pending(1, due_at=DUE, kind=KIND)
    what = await named(by, subject)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def run(*, subject_ids: Sequence[UUID], now: datetime) -> None:
        begun.set()
        await go_on.wait()
        await expire(subject_ids=subject_ids, now=now)

    monkeypatch.setitem(EFFECTS, KIND, Effect(table="member_invitation", run=run))
    working = asyncio.create_task(fire_due(time.now))
    await begun.wait()
    stopping = asyncio.ensure_future(ask(PAUSE, by=operator, **what))
    await until_waiting(1)
    assert not stopping.done()
    go_on.set()

    assert await working == 1
    assert (await stopping)["errors"] == []
    assert await events_per_subject() == {subject: 1}


@pytest.mark.parametrize("by", ["kind", "partner"])
@pytest.mark.parametrize("claimed", ["before", "while"])
async def test_a_worker_waits_for_the_pause_that_is_being_made_and_then_fires_nothing(
    operator: Viewer, time: Clock, by: str, claimed: str
) -> None:
    [subject] = await pending(1, due_at=DUE, kind=KIND)
    elsewhere = copy_context()
    partner_id = await partner_of(subject)
    in_hand = await claim(time.now) if claimed == "before" else None

    async def work() -> int:
        token, timer_ids = in_hand or await claim(time.now)
        assert timer_ids
        return await firing.fire(KIND, timer_ids, token=token, now=time.now)

    async with transaction():
        await pausing.pause(
            viewer=operator,
            kind=KIND if by == "kind" else None,
            partner_id=None if by == "kind" else partner_id,
            reason="wrong rates",
            now=time.now,
        )
        working = asyncio.create_task(work(), context=elsewhere)
        await until_waiting(1)

    assert await working == 0
    assert await events_per_subject() == {}
    assert await timer_states() == {"SCHEDULED": 1}


async def test_a_pause_gives_up_on_a_worker_that_takes_too_long(
    operator: Viewer, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pausing, "PATIENCE", "20ms")
    await pending(1, due_at=DUE, kind=KIND)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def run(*, subject_ids: Sequence[UUID], now: datetime) -> None:
        begun.set()
        await go_on.wait()

    monkeypatch.setitem(EFFECTS, KIND, Effect(table="member_invitation", run=run))
    working = asyncio.create_task(fire_due(time.now))
    await begun.wait()

    with pytest.raises(WorkUnderWay):
        await pausing.pause(
            viewer=operator, kind=KIND, partner_id=None, reason="wrong rates", now=time.now
        )

    go_on.set()
    assert await working == 1
    assert await database.rows("select id from pause") == []


@pytest.fixture
def periodic(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Periodic work under the name of one that there is; the moments for which it ran."""
    ran: list[datetime] = []

    async def run(*, scheduled_for: datetime, now: datetime) -> None:
        ran.append(scheduled_for)

    entry = Periodic(
        name="ledger",
        moments=ticks.every(timedelta(hours=1)),
        catch_up=CatchUp.ALL,
        run=run,
    )
    monkeypatch.setattr(ticks, "TIMETABLE", [entry])
    return ran


async def run_ticks(now: datetime) -> int:
    """Plan, claim and run; how many were claimed."""
    await ticks.plan(now=now)
    due = await TICKS.claim(lease=timedelta(seconds=60), limit=10, now=now)
    for row in due.rows:
        await ticks.run(row["id"], token=due.token, now=now)
    return len(due.rows)


async def test_periodic_work_is_held_too_and_catches_up(
    ask: Ask, operator: Viewer, time: Clock, periodic: list[datetime]
) -> None:
    assert await run_ticks(time.now) == 1
    time.forward(hours=1)
    await ticks.plan(now=time.now)
    in_hand = await TICKS.claim(lease=timedelta(seconds=60), limit=10, now=time.now)
    id = await paused(ask, operator, kind="ledger")

    for row in in_hand.rows:
        await ticks.run(row["id"], token=in_hand.token, now=time.now)
    time.forward(hours=1)
    assert await run_ticks(time.now) == 0
    assert len(periodic) == 1

    await ask(RESUME, by=operator, id=id)
    assert await run_ticks(time.now) == 2
    assert periodic == sorted(periodic)
    assert len(periodic) == 3


async def test_a_tick_whose_claim_saw_no_pause_yet_does_not_run_in_it(
    ask: Ask, operator: Viewer, time: Clock, periodic: list[datetime]
) -> None:
    await ticks.plan(now=time.now)
    await paused(ask, operator, kind="ledger")
    token = UUID(int=7)
    await database.execute("update tick set lease_token = $1", token)
    [tick] = await database.rows("select id from tick")

    await ticks.run(tick["id"], token=token, now=time.now)

    assert periodic == []
    assert await database.rows("select state from tick") == [{"state": "SCHEDULED"}]


async def test_a_tick_waits_for_the_pause_that_is_being_made_and_then_does_not_run(
    operator: Viewer, time: Clock, periodic: list[datetime]
) -> None:
    elsewhere = copy_context()
    await ticks.plan(now=time.now)
    async with transaction():
        await pausing.pause(
            viewer=operator, kind="ledger", partner_id=None, reason="wrong sums", now=time.now
        )
        working = asyncio.create_task(run_ticks(time.now), context=elsewhere)
        await until_waiting(1)

    assert await working == 1  # claimed, and let alone
    assert periodic == []


async def test_one_pause_at_a_time_and_each_ends_once(ask: Ask, operator: Viewer) -> None:
    id = await paused(ask, operator, kind=KIND)

    again = await ask(PAUSE, by=operator, kind=KIND)
    assert [error["code"] for error in again["errors"]] == ["ALREADY_PAUSED"]
    assert (await ask(RESUME, by=operator, id=id))["errors"] == []
    assert (await ask(RESUME, by=operator, id=id))["errors"] == [{"code": "NOT_PAUSED"}]
    assert await paused(ask, operator, kind=KIND) != id
    events = await Event.filter(subject_type="pause").order_by("id")
    assert [event.name for event in events] == ["pause.begun", "pause.ended", "pause.begun"]


async def test_two_at_once_make_one_pause(ask: Ask, operator: Viewer) -> None:
    answers = await asyncio.gather(*(ask(PAUSE, by=operator, kind=KIND) for _ in "ab"))

    codes = sorted(error["code"] for answer in answers for error in answer["errors"])
    assert codes == ["ALREADY_PAUSED"]


async def test_what_there_is_not_can_not_be_held(ask: Ask, operator: Viewer) -> None:
    refused: list[Any] = [
        await ask(PAUSE, by=operator),
        await ask(PAUSE, by=operator, kind=KIND, partnerId=ids.encode("ptn", UUID(int=1))),
        await ask(PAUSE, by=operator, kind="thing.forgotten"),
        await ask(PAUSE, by=operator, partnerId=ids.encode("ptn", UUID(int=1))),
        await ask(PAUSE, by=operator, kind=KIND, reason=""),
    ]

    assert [each["errors"][0]["code"] for each in refused] == [
        *["INVALID_INPUT"] * 3,
        "NOT_FOUND",
        "INVALID_INPUT",
    ]
    assert await database.rows("select id from pause") == []


async def test_nobody_else_may(ask: Ask, operator: Viewer) -> None:
    id = await paused(ask, operator, kind=KIND)
    partner = await an_administrator(await a_partner())

    for by in (partner, await a_staff_viewer()):
        for question, variables in ((PAUSE, {"kind": KIND}), (RESUME, {"id": id}), (ONE, {})):
            with pytest.raises(Refused, match="FORBIDDEN"):
                await ask(question, by=by, **variables)

    assert await database.row("select count(*) from pause where ended_at is null") == {"count": 1}
