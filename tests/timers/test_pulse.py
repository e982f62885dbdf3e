"""Every second everything is looked at, and nothing holds up anything else."""

import asyncio
from datetime import datetime

import pytest

from tests.conftest import Clock
from workers.pulse import Pulse


async def test_a_step_is_told_business_time(time: Clock) -> None:
    told: asyncio.Queue[datetime] = asyncio.Queue()

    async def step(*, now: datetime) -> None:
        told.put_nowait(now)

    Pulse({"step": step}).tell()

    assert await told.get() == time.now


async def test_a_step_that_fails_is_taken_again_and_the_log_knows(
    caplog: pytest.LogCaptureFixture,
) -> None:
    beats: list[datetime] = []

    async def fail(*, now: datetime) -> None:
        beats.append(now)
        raise ValueError("no such table")

    pulse = Pulse({"fail": fail})
    for _ in range(2):
        pulse.tell()
        await pulse.rest(within=10)

    assert len(beats) == 2
    assert caplog.messages == ["fail failed until the next beat: ValueError('no such table')"] * 2


async def test_a_step_that_has_more_to_do_is_taken_again_at_once() -> None:
    left = [3, 2, 1, 0]

    async def step(*, now: datetime) -> int:
        if len(left) == 1:
            done.set()
        return left.pop(0)

    done = asyncio.Event()
    Pulse({"step": step}).tell()
    await done.wait()

    assert left == []


async def test_a_step_that_always_has_more_to_do_ends_when_all_is_to_rest() -> None:
    calls: asyncio.Queue[None] = asyncio.Queue()
    tickets: asyncio.Queue[None] = asyncio.Queue()

    async def step(*, now: datetime) -> bool:
        calls.put_nowait(None)
        await tickets.get()
        return True

    pulse = Pulse({"step": step})
    pulse.tell()
    await calls.get()
    resting = asyncio.create_task(pulse.rest(within=5))
    await asyncio.sleep(0)
    tickets.put_nowait(None)
    await resting

    assert calls.empty()


async def test_a_slow_step_is_not_begun_again_and_holds_up_no_other() -> None:
    slow_beats: list[datetime] = []
    quick_beats: asyncio.Queue[datetime] = asyncio.Queue()
    gate = asyncio.Event()

    async def slow(*, now: datetime) -> None:
        slow_beats.append(now)
        await gate.wait()

    async def quick(*, now: datetime) -> None:
        quick_beats.put_nowait(now)

    pulse = Pulse({"slow": slow, "quick": quick})
    for _ in range(3):
        pulse.tell()
        await quick_beats.get()
        await asyncio.sleep(0)  # lets the quick one come to its end
    gate.set()
    await pulse.rest(within=10)

    assert len(slow_beats) == 1


async def test_while_nobody_tells_it_the_process_beats_by_itself() -> None:
    beats: asyncio.Queue[None] = asyncio.Queue()

    async def step(*, now: datetime) -> None:
        beats.put_nowait(None)

    watching = asyncio.create_task(Pulse({"step": step}).watch())
    async with asyncio.timeout(30):
        for _ in range(2):
            await beats.get()
    watching.cancel()


async def test_what_takes_too_long_to_end_is_cut_off() -> None:
    cut_off = asyncio.Event()

    async def stuck(*, now: datetime) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cut_off.set()

    pulse = Pulse({"stuck": stuck})
    pulse.tell()
    await pulse.rest(within=0.01)

    await asyncio.wait_for(cut_off.wait(), 10)
