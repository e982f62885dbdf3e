"""The ports to other systems: what an adapter has to do, and which one serves which system."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from models.upstream import System


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request on its way out. A system that is asked twice with one id does the thing once."""

    id: UUID
    system: System
    operation: str
    subject_type: str
    subject_id: UUID
    payload: Mapping[str, Any]
    now: datetime


class Unreachable(Exception):
    """The system did not take the request: it is tried again."""


class Adapter(Protocol):
    """The way to one system. Its answer comes later, through `answering.answered`."""

    async def send(self, asked: Asked) -> None:
        """Hand the request over. Raises Unreachable, or whatever the way there raises."""


_adapters: dict[System, Adapter] = {}


def use(adapters: Mapping[System, Adapter]) -> None:
    """Say by which adapter each system is reached; for the start of a process.

    What is asked of a system without an adapter waits, for everybody of the platform to see and to
    answer by hand (A-25).
    """
    _adapters.clear()
    _adapters.update(adapters)


def adapters() -> Mapping[System, Adapter]:
    """The adapters there are."""
    return _adapters
