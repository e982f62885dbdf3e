"""What else happens when usage is charged; decision 0004 tells how."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kit.effects import Effects

# What an effect did, JSON-ready; empty for nothing.
Done = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """Usage of goods has just been charged to a customer, who is held: the record says how much."""

    record_id: UUID
    now: datetime


CHARGED: Effects[Charged, Done] = Effects("usage is charged")
