"""Something that asks another system, and keeps what it is told."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest

from domain.upstream.asking import ask
from domain.upstream.effects import ANSWERED, Answer
from kit import clock
from kit.ids import new_id
from kit.transaction import transactional
from models.upstream import Behaviour, System, UpstreamBehaviour, UpstreamRequest
from tests.conftest import Clock

OPERATION = "test"


@dataclass
class Asker:
    """Asks the CRM for something, and writes down what it heard."""

    clock: Clock
    heard: list[Answer] = field(default_factory=list)

    @transactional
    async def asks(self) -> UUID:
        """In a transaction of its own."""
        return await ask(
            system=System.CRM,
            operation=OPERATION,
            subject_type="test",
            subject_id=new_id(),
            payload={"what": "it"},
            now=self.clock.now,
        )

    async def request(self, id: UUID) -> UpstreamRequest:
        """As it stands."""
        return await UpstreamRequest.get(id=id)

    @property
    def told(self) -> list[tuple[bool, str | None]]:
        """Of each answer, whether it was a yes, and the code."""
        return [(answer.ok, answer.code) for answer in self.heard]


@pytest.fixture
def asker(time: Clock) -> Iterator[Asker]:
    asker = Asker(time)

    async def hear(answer: Answer) -> None:
        asker.heard.append(answer)

    ANSWERED[System.CRM, OPERATION] = hear
    yield asker
    del ANSWERED[System.CRM, OPERATION]


@pytest.fixture
def sandbox() -> Iterator[None]:
    """Where the clock and the simulator can be told what to do."""

    async def offset() -> timedelta:
        return timedelta()

    clock.use_offset(offset)
    yield
    clock.use_offset(None)


async def crm_is(behaviour: Behaviour, *, after: int = 0, system: System = System.CRM) -> None:
    """Let the simulator behave so in the place of the CRM."""
    await UpstreamBehaviour.filter(system=system).delete()
    await UpstreamBehaviour.create(
        created_at=Clock().now, system=system, behaviour=behaviour, after_seconds=after
    )
