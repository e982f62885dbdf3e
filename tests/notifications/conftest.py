"""Events that happen, and the planner that makes messages of them."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from domain.audit import events, relay
from domain.identity.viewer import SYSTEM
from domain.notifications import planning
from kit.ids import new_id
from kit.transaction import transactional
from models.audit import Event
from models.inbox import InboxMessage
from tests.conftest import Clock
from tests.customers.conftest import ask, wall

Happen = Callable[..., Awaitable[UUID]]

__all__ = ["ask", "wall"]


@pytest.fixture
def happen(time: Clock) -> Happen:
    """Record an event at a tenant, place it, and let the planner tell it; the event's id."""

    async def happen(name: str, *, at: UUID, plan: bool = True, **more: Any) -> UUID:
        await recorded(name, at=at, now=time.now, **more)
        if plan:
            await tell(time)
        return (await Event.filter(name=name).order_by("-id").limit(1))[0].id

    return happen


@transactional
async def recorded(name: str, *, at: UUID, now: Any, **more: Any) -> None:
    given: dict[str, Any] = {
        "actor": SYSTEM,
        "subject_type": name.split(".")[0],
        "subject_id": new_id(),
    } | more
    await events.record(name, tenant_id=at, at=now, **given)


async def tell(time: Clock) -> None:
    """Everything that has happened gets its position and is told."""
    await relay.place_all(now=time.now)
    while await planning.plan(now=time.now):
        pass


async def told() -> list[tuple[str, UUID]]:
    """Which messages there are: the event's name, and the seat."""
    return [(each.name, each.seat_id) for each in await InboxMessage.all().order_by("id")]
