"""What else happens when orders are paid or cancelled; decision 0004 tells how.

Fulfilment comes above and knows orders; here nobody knows it. Both facts run in the transaction
that makes them true, with the customer (of one order) and the orders held.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.identity.viewer import Viewer
from kit.effects import Effects
from models.order_states import CancelReason

# What an effect did, JSON-ready: `{"asked": 2}`; empty for nothing.
Done = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """An order has just been paid, by whomever; its lines wait to be delivered."""

    order_id: UUID
    customer_id: UUID
    viewer: Viewer
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """Orders that will never be paid: one that somebody cancelled, or all whose time is over."""

    order_ids: Sequence[UUID]
    reason: CancelReason
    now: datetime


PAID: Effects[Paid, Done] = Effects("an order is paid")
CANCELLED: Effects[Cancelled, Done] = Effects("orders are cancelled")
