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
