"""What the answers of other systems mean to whoever has asked; decision 0004 tells how.

The domains above ask; here nobody knows them. At the composition root (`partner_center/effects.py`)
each says what an answer to its operations does, in the transaction that takes the answer in.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.upstream import System

# What is said in the place of a system that could not be reached, or was reached and never spoke.
UNREACHABLE = "UNREACHABLE"
NO_ANSWER = "NO_ANSWER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a system has said about a request: that it is done, or why it can't be.

    `reference` is the system's name for what it did, `code` its word for what went wrong; `facts`
    are whatever else it told. `payload` is what it was asked.
    """

    request_id: UUID
    system: System
    operation: str
    subject_type: str
    subject_id: UUID
    payload: Mapping[str, Any]
    ok: bool
    reference: str | None
    code: str | None
    facts: Mapping[str, Any]
    now: datetime


# By system and operation, called once for each distinct answer with the request held. A later one
# may take an earlier one back (an error after the fact), and may come when all is over.
ANSWERED: dict[tuple[System, str], Callable[[Answer], Awaitable[object]]] = {}
