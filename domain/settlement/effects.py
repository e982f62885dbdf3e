"""What else happens when statements have been made; decision 0004 tells how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kit.effects import Effects

# What an effect did, JSON-ready; empty for nothing.
Done = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """A partner's statements of a run have just been written, with all their lines."""

    statement_ids: Sequence[UUID]
    run_id: UUID
    now: datetime


GENERATED: Effects[Generated, Done] = Effects("statements are generated")
