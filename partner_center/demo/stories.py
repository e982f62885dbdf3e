"""What happened between the demo's partners and people, each thing at its time.

A story is one person's, and says how long it waits before it goes on. The stories are told side by
side in the order of their times, up to this moment: a story that isn't over by then is one that
people can go on with. What falls due is fired by the worker's own code, at the instant it is due.
"""

from collections.abc import AsyncGenerator, Callable, Iterable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count, groupby
from typing import Protocol

from domain.members.deadlines import LIFETIME, REMINDER
from kit import database
from kit.timers import TIMERS
from models.identity import Person
from models.partners import Site
from partner_center.demo.names import (
    CANCEL_REASONS,
    REJECTIONS,
    REVOCATIONS,
    UNLINK_REASONS,
)
from partner_center.demo.people import Cast, House
from partner_center.demo.scenes import Scene
from workers import firing

Story = AsyncGenerator[timedelta, None]

DAY = timedelta(days=1)


class Timed(Protocol):
    """Something with a time of its own, which the telling moves on."""

    now: datetime


async def tell(cast: Cast, *, now: datetime) -> None:
    """Let everything happen, from the first invitation to this moment."""
    await play(await _all(cast, now), now=now)


async def play(stories: Iterable[tuple[Story, Timed]], *, now: datetime) -> None:
    """Tell stories side by side, each from the time of its scene on, up to this moment."""
    order = count()
    going_on: list[tuple[datetime, int, Story, Timed]] = []
    for story, scene in stories:
        heappush(going_on, (scene.now, next(order), story, scene))
    while going_on:
        scene_time, number, story, scene = heappop(going_on)
        scene.now = scene_time
        try:
            pause = await anext(story)
        except StopAsyncIteration:
            continue
        if scene_time + pause <= now:
            heappush(going_on, (scene_time + pause, number, story, scene))
    await let_time_pass(now)


async def let_time_pass(until: datetime) -> None:
    """Fire what is due, in order, each at its own instant."""
    claim = await TIMERS.claim(lease=timedelta(minutes=5), limit=10_000, now=until)
    due = await database.rows(
        "select id, kind, due_at from timer where lease_token = $1 order by due_at, kind, id",
        claim.token,
    )
    for (due_at, kind), together in groupby(
        due, key=lambda timer: (timer["due_at"], timer["kind"])
    ):
        timer_ids = [timer["id"] for timer in together]
        fired = await firing.fire(kind, timer_ids, token=claim.token, now=due_at)
        assert fired == len(timer_ids)


async def _joins(scene: Scene) -> Story:
    await scene.invite()
    yield scene.between(0.05, 5.5)
    await scene.accept()
    for _ in range(scene.choose((0, 0, 0, 1, 1, 2))):
        yield scene.between(0.5, 20)
        await scene.record_a_project()


async def _becomes_a_specialist(scene: Scene) -> Story:
    async for pause in _joins(scene):
        yield pause
    yield scene.between(5, 40)
    await scene.apply()
    yield scene.between(1, 6)
    await scene.approve()


async def _applies_in_vain(scene: Scene) -> Story:
    async for pause in _joins(scene):
        yield pause
    yield scene.between(5, 40)
    await scene.apply()
    yield scene.between(1, 6)
    await scene.reject_application("项目履历不足。")


async def _waits_for_the_platform(scene: Scene) -> Story:
    async for pause in _joins(scene):
        yield pause
    yield scene.between(5, 40)
    await scene.apply()


async def _stops_being_a_specialist(scene: Scene) -> Story:
    async for pause in _becomes_a_specialist(scene):
        yield pause
    yield scene.between(5, 30)
    await scene.cancel(scene.choose(CANCEL_REASONS))


async def _leaves(scene: Scene) -> Story:
    async for pause in _joins(scene):
        yield pause
    yield scene.between(20, 60)
    await scene.unlink(scene.choose(UNLINK_REASONS))


async def _says_nothing(scene: Scene) -> Story:
    await scene.invite()
    yield LIFETIME - REMINDER
    await let_time_pass(scene.now)
    yield REMINDER
    await let_time_pass(scene.now)


async def _is_asked_twice(scene: Scene) -> Story:
    async for pause in _says_nothing(scene):
        yield pause
    yield scene.between(0.5, 3)
    await scene.resend()
    yield scene.between(0.5, 3)
    await scene.accept()


async def _says_no(scene: Scene) -> Story:
    await scene.invite()
    yield scene.between(0.05, 5.5)
    await scene.reject(scene.choose(REJECTIONS))


async def _is_disinvited(scene: Scene) -> Story:
    await scene.invite()
    yield scene.between(0.05, 3)
    await scene.revoke(scene.choose(REVOCATIONS))


Plot = Callable[[Scene], Story]

# How the people of a partner came to be members, in turn.
_MEMBERS: tuple[Plot, ...] = (
    *(_joins,) * 13,
    _becomes_a_specialist,
    _becomes_a_specialist,
    _waits_for_the_platform,
    _becomes_a_specialist,
    _stops_being_a_specialist,
    _is_asked_twice,
    _applies_in_vain,
)

# Besides them: one, and one more for so many members; begun so many days ago.
_OTHERS: tuple[tuple[Plot, int, float, float], ...] = (
    (_says_nothing, 15, 0, 6.5),
    (_says_nothing, 25, 8, 150),
    (_says_no, 25, 7, 200),
    (_is_disinvited, 30, 5, 200),
    (_leaves, 25, 250, 500),
)


async def _all(cast: Cast, now: datetime) -> list[tuple[Story, Scene]]:
    stories: list[tuple[Story, Scene]] = []

    async def add(plot: Plot, house: House, days_ago: float, *, email: str | None = None) -> None:
        begin = now - timedelta(days=days_ago)
        scene = Scene(cast, house, await _somebody(cast, house, email, begin), begin)
        stories.append((plot(scene), scene))

    for house in cast.houses:
        size = house.company.members
        for number in range(size):
            await add(_MEMBERS[number % len(_MEMBERS)], house, cast.random.uniform(120, 700))
        for plot, per, latest, earliest in _OTHERS:
            for _ in range(1 + size // per):
                await add(plot, house, cast.random.uniform(latest, earliest))

    first = cast.houses[0]
    await add(_becomes_a_specialist, first, 300, email="member@mail.example")
    await add(_says_nothing, first, 2, email="invited@mail.example")
    # Lapses before the eyes of whoever has just started the demo.
    await add(_says_nothing, first, 7 - 3 / (24 * 60))
    return stories


async def _somebody(cast: Cast, house: House, email: str | None, begin: datetime) -> Person:
    return await cast.a_person(
        site=Site(house.partner.site), email=email, joined=begin - timedelta(days=30)
    )
