"""What else happens when a customer is frozen; said by the domains above (decision 0004)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.identity.viewer import Viewer
from kit.effects import Effects
from models.customers import Freeze


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A customer has just been frozen, or to another extent than before; it is held."""

    customer_id: UUID
    partner_id: UUID | None
    extent: Freeze
    viewer: Viewer
    now: datetime


FROZEN: Effects[Frozen, Mapping[str, Any]] = Effects("a customer is frozen")
