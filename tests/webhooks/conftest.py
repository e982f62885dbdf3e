"""A partner with an endpoint, a receiver behind it, a courier, and real time that can be moved."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Self

import pytest
from tortoise.context import TortoiseContext

from domain.identity.viewer import Viewer
from domain.webhooks import targets
from domain.webhooks.sending import Wire
from kit import clock
from tests.conftest import Clock
from tests.customers.conftest import ask
from tests.factories import a_partner, an_administrator
from tests.receiver import Receiver, receiving
from tests.webhooks.house import House
from workers.webhooks import Courier


class WallClock:
    """Real time, with a jump in it."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self._real = clock.wall

    def wall(self) -> datetime:
        """What the product takes for real."""
        return self._real() + self.ahead

    def forward(self, **by: float) -> None:
        """Jump by days, hours, seconds…"""
        self.ahead += timedelta(**by)


@pytest.fixture(autouse=True)
def _things_happen(things: None) -> None:
    """In every test of webhooks."""


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> WallClock:
    moved = WallClock()

    class Datetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromtimestamp(moved.wall().timestamp(), tz)

    monkeypatch.setattr(clock, "wall", moved.wall)
    monkeypatch.setattr("standardwebhooks.webhooks.datetime", Datetime)  # theirs goes along
    return moved


@pytest.fixture(autouse=True)
def _to_loopback() -> Iterator[None]:
    targets.configure(to_loopback=True)
    yield
    targets.configure(to_loopback=False)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with Wire() as wire:
        yield wire


@pytest.fixture
async def administrator(database: TortoiseContext) -> Viewer:
    return await an_administrator(await a_partner("Acme"))


@pytest.fixture
async def house(administrator: Viewer, receiver: Receiver, wire: Wire, time: Clock) -> House:
    house = House(administrator, receiver, wire, Courier(), time)
    await house.endpoint()
    return house


__all__ = ["ask"]
