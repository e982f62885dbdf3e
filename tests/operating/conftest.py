"""Somebody who operates the platform, and timed work that fails or waits."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from tortoise.context import TortoiseContext

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.members.deadlines import EXPIRE
from kit import database
from kit.timers import TIMERS
from tests.conftest import Clock
from tests.customers.conftest import ask
from tests.factories import a_staff_viewer
from tests.timers.subjects import pending
from workers import firing

KIND = EXPIRE
LEASE = timedelta(seconds=60)


@pytest.fixture
async def operator(database: TortoiseContext, time: Clock) -> Viewer:
    return await a_staff_viewer(Item.OPERATE)


async def claim(now: datetime) -> tuple[UUID, list[UUID]]:
    """As the dispatcher does; the token, and the timers in order."""
    taken = await TIMERS.claim(lease=LEASE, limit=100, now=now)
    return taken.token, [row["id"] for row in taken.rows]


async def fire_due(now: datetime, *, kind: str = KIND) -> int:
    """Claim and fire what is due; how many fired."""
    token, ids = await claim(now)
    return await firing.fire(kind, ids, token=token, now=now)


async def dead(
    count: int, *, due_at: datetime, error: str = "ValueError: no such rate"
) -> list[UUID]:
    """So many invitations whose expiry was given up; the invitations."""
    subjects = await pending(count, due_at=due_at, kind=KIND)
    await give_up(subjects, error=error)
    return subjects


async def give_up(subjects: Sequence[UUID], *, error: str = "ValueError: no such rate") -> None:
    """Let the timers of these subjects be dead."""
    await database.execute(
        "update timer set state = 'DEAD', attempts = 8, last_error = $2,"
        " next_attempt_at = due_at + interval '10 minutes' where subject_id = any($1)",
        list(subjects),
        error,
    )


async def timer_of(subject: UUID) -> dict[str, object]:
    """The newest timer of a subject."""
    [timer] = await database.rows(
        "select * from timer where subject_id = $1 order by generation desc limit 1", subject
    )
    return timer


__all__ = ["ask"]
