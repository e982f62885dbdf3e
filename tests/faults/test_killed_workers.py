"""A worker may die, or fall asleep, at any step between claim and fire."""

import signal
from datetime import timedelta

import pytest

from domain.members.deadlines import EXPIRE
from kit import clock
from tests.faults.processes import (
    Workers,
    ended,
    paused,
    until_nothing_is_due,
    until_stopped,
    what_is_wrong,
)
from tests.timers.subjects import pending

JUST_NOW = timedelta(seconds=1)


@pytest.mark.parametrize(
    "step",
    [
        "claim.before_commit",
        "claim.after_commit",
        "hint.sent",
        "effect.locked",
        "effect.before_commit",
        "effect.after_commit",
        # Of three batches the second: some are done, some not.
        "effect.before_commit:2",
        "effect.after_commit:2",
    ],
)
async def test_killed_at_any_step_each_invitation_lapses_once(step: str, workers: Workers) -> None:
    await pending(2_500, due_at=clock.wall() - JUST_NOW, kind=EXPIRE)

    assert await ended(workers.start(FAULT_AT=step)) == -signal.SIGKILL
    workers.start()
    await until_nothing_is_due()

    assert await what_is_wrong() == {}


async def test_a_worker_that_slept_over_its_lease_does_nothing_twice(workers: Workers) -> None:
    await pending(1_500, due_at=clock.wall() - JUST_NOW, kind=EXPIRE)

    sleeper = workers.start(FAULT_AT="claim.after_commit", FAULT_SIGNAL="SIGSTOP")
    with paused(sleeper):
        await until_stopped(sleeper)
        workers.start()
        await until_nothing_is_due()
    sleeper.send_signal(signal.SIGTERM)

    assert await ended(sleeper) == 0
    assert await what_is_wrong() == {}
