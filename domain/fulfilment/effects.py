"""What others have to say about what is being delivered; decision 0004 tells how."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.effects import Effects


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """The delivery of a line is to go a step further: does anything stand against it?"""

    line_id: UUID
    now: datetime


# Asked with the order held; each answers the numbers of what stands against it.
HELD: Effects[Moving, Sequence[str]] = Effects("a supervised delivery goes on")


async def held_up_by(line_id: UUID, *, now: datetime) -> list[str]:
    """The numbers of all that stands against it, as everybody answers."""
    answers = await HELD.run(Moving(line_id=line_id, now=now))
    return [number for found in answers.values() for number in found]
