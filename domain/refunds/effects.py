"""What else happens when money has come back; decision 0004 tells how."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.identity.viewer import Viewer
from kit.effects import Effects

# What an effect did, JSON-ready; empty for nothing.
Done = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded:
    """A refund has just been given back; its customer and order are held."""

    refund_id: UUID
    viewer: Viewer
    now: datetime


REFUNDED: Effects[Refunded, Done] = Effects("a refund is given back")
