"""What else happens when a customer is frozen, and no longer (decision 0004)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.identity.viewer import Viewer
from kit.effects import Effects
from models.customers import Freeze

# What an effect did, JSON-ready; empty for nothing.
Done = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A customer has just been frozen, or to another extent than before; it is held."""

    customer_id: UUID
    partner_id: UUID | None
    extent: Freeze
    before: Freeze
    viewer: Viewer
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfrozen:
    """A customer may go on, which was frozen to the extent `before`; it is held."""

    customer_id: UUID
    before: Freeze
    viewer: Viewer
    now: datetime


FROZEN: Effects[Frozen, Done] = Effects("a customer is frozen")
UNFROZEN: Effects[Unfrozen, Done] = Effects("a customer is unfrozen")
