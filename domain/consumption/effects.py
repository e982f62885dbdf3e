"""What else happens when usage is charged, or paid that was debt; decision 0004 tells how."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kit.effects import Effects

# What an effect did, JSON-ready; empty for nothing.
Done = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """Usage of goods has just been charged to a customer, who is held: the record says how much.

    `corrects_id` is the record that it takes back from, below zero.
    """

    record_id: UUID
    corrects_id: UUID | None = None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtPaid:
    """A transfer has just paid so much of usage that was debt when it was charged."""

    record_id: UUID
    transfer_id: UUID
    amount: Decimal
    now: datetime


CHARGED: Effects[Charged, Done] = Effects("usage is charged")
DEBT_PAID: Effects[DebtPaid, Done] = Effects("debt for usage is paid")
