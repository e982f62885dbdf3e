"""A bank that the tests can pull the plug of, and that remembers under which ids it was asked."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.upstream import ports, sending
from domain.upstream.ports import Adapter, Asked, Unreachable
from models.upstream import RequestState, System, UpstreamRequest
from tests.conftest import Clock


class Bank(Adapter):
    """Takes what it is asked, unless it is away; it never answers by itself."""

    def __init__(self, time: Clock) -> None:
        self.time = time
        self.is_away = True
        self.asked: list[UUID] = []

    async def send(self, asked: Asked) -> None:
        """Raises Unreachable."""
        self.asked.append(asked.id)
        if self.is_away:
            raise Unreachable("nobody opens")

    async def is_given_up(self, subject_id: UUID) -> UpstreamRequest:
        """Let workers try in vain until they give up what was asked last for this subject."""
        while True:
            self.time.now += timedelta(hours=6)
            await sending.send_due(now=self.time.now)
            request = (await UpstreamRequest.filter(subject_id=subject_id).order_by("-id"))[0]
            if request.state is RequestState.DEAD:
                return request

    async def is_back(self) -> None:
        """It takes what waits for it."""
        self.is_away = False
        await sending.send_due(now=self.time.now)


@pytest.fixture
def bank(time: Clock, monkeypatch: pytest.MonkeyPatch) -> Bank:
    """In the place of the simulator; it is away."""
    bank = Bank(time)
    monkeypatch.setitem(ports._adapters, System.BANK, bank)
    return bank
