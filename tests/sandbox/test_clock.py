"""Moving business time forward where that is allowed, and what falls due on the way."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from domain.audit.events import PLATFORM_TENANT
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.sandbox import clock as sandbox
from domain.sandbox.clock import SandboxOnly
from kit import clock
from kit.problems import Forbidden, InvalidInput
from models.audit import Event
from models.clock import ClockOffset
from models.members import MemberInvitation, MemberInvitationStatus
from tests.factories import a_partner, a_staff_viewer, an_invitation
from workers.dispatcher import Dispatcher
from workers.queue import Hints, connect

pytestmark = pytest.mark.usefixtures("database")

WEEK = timedelta(days=7)


@pytest.fixture
def in_a_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_offset", sandbox.offset)


@pytest.fixture
async def dispatcher() -> AsyncIterator[Dispatcher]:
    """One that does everything itself, for want of a queue."""
    hints = Hints(connect("unix:///nowhere/valkey.sock"))
    yield Dispatcher(hints=hints, lease=timedelta(seconds=60))
    await hints.close()


async def a_time_keeper() -> Viewer:
    return await a_staff_viewer(Item.SANDBOX_CLOCK)


@pytest.mark.usefixtures("in_a_sandbox")
async def test_business_time_goes_forward_and_wall_time_does_not() -> None:
    viewer, wall = await a_time_keeper(), clock.wall()

    for _ in range(2):
        now = await clock.now()
        assert await sandbox.advance(viewer=viewer, by=WEEK, now=now) == now + WEEK

    assert 2 * WEEK <= await clock.now() - wall < 2 * WEEK + timedelta(minutes=10)
    assert clock.wall() - wall < timedelta(minutes=10)


@pytest.mark.usefixtures("in_a_sandbox")
async def test_the_log_says_who_moved_it_and_how_far() -> None:
    viewer, now = await a_time_keeper(), clock.wall()

    await sandbox.advance(viewer=viewer, by=WEEK, now=now)

    [event] = await Event.filter(name="clock.advanced")
    assert (event.tenant_id, event.actor_id) == (PLATFORM_TENANT, viewer.actor_id)
    assert (event.occurred_at, event.after) == (now, {"advanced_by_seconds": 604_800})


@pytest.mark.usefixtures("in_a_sandbox")
async def test_an_invitation_lapses_when_its_week_is_skipped(dispatcher: Dispatcher) -> None:
    viewer, now = await a_time_keeper(), await clock.now()
    invitation = await an_invitation(of=await a_partner(), now=now)
    await dispatcher.dispatch(now=await clock.now())
    await invitation.refresh_from_db()
    assert invitation.status is MemberInvitationStatus.PENDING

    await sandbox.advance(viewer=viewer, by=WEEK, now=now)
    await dispatcher.dispatch(now=await clock.now())

    lapsed = await MemberInvitation.get(id=invitation.id)
    assert lapsed.status is MemberInvitationStatus.EXPIRED
    assert await Event.filter(name="member_invitation.expired").count() == 1


async def test_outside_a_sandbox_nobody_moves_time() -> None:
    viewer = await a_time_keeper()

    with pytest.raises(SandboxOnly):
        await sandbox.advance(viewer=viewer, by=WEEK, now=clock.wall())

    assert not await ClockOffset.exists()
    assert not await Event.exists()


@pytest.mark.usefixtures("in_a_sandbox")
async def test_it_takes_a_right_of_its_own() -> None:
    viewer = await a_staff_viewer(Item.OPERATE)

    with pytest.raises(Forbidden):
        await sandbox.advance(viewer=viewer, by=WEEK, now=clock.wall())

    assert not await ClockOffset.exists()


@pytest.mark.usefixtures("in_a_sandbox")
@pytest.mark.parametrize(
    "by",
    [
        timedelta(0),
        timedelta(seconds=-1),
        timedelta(days=400, seconds=1),
        timedelta(seconds=1, microseconds=1),
    ],
)
async def test_it_goes_forward_by_whole_seconds_and_at_most_400_days(by: timedelta) -> None:
    viewer = await a_time_keeper()

    with pytest.raises(InvalidInput):
        await sandbox.advance(viewer=viewer, by=by, now=clock.wall())

    assert not await ClockOffset.exists()
    assert not await Event.exists()


@pytest.mark.usefixtures("in_a_sandbox")
async def test_the_clock_stays_within_ten_years() -> None:
    viewer, now = await a_time_keeper(), clock.wall()
    await ClockOffset.create(id=1, seconds=3649 * 86_400)

    with pytest.raises(InvalidInput):
        await sandbox.advance(viewer=viewer, by=timedelta(days=1, seconds=1), now=now)
    assert await sandbox.offset() == timedelta(days=3649)

    await sandbox.advance(viewer=viewer, by=timedelta(days=1), now=now)
    assert await sandbox.offset() == timedelta(days=3650)
