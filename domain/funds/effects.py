"""What else happens when money has come to a customer, or was paid back (decision 0004)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.identity.viewer import Viewer
from kit.effects import Effects

# What an effect did, JSON-ready, for the history; empty for nothing.
Done = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """A customer's recharge has been credited; perhaps late, perhaps more than once.

    `order_id` is the order for which it was made and `plan` what its maker wrote down for this
    moment. The money is on the customer's cash account, and stays there when the order can't be
    paid any more. The customer is held, its account too.
    """

    customer_id: UUID
    recharge_id: UUID
    order_id: UUID | None
    plan: Mapping[str, Any]
    amount: Decimal
    viewer: Viewer
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocated:
    """A partner has just given its agency customer money, which is held; so is the customer."""

    customer_id: UUID
    viewer: Viewer
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaid:
    """A customer has paid back a part of what it owes on credit, or all; the customer is held."""

    customer_id: UUID
    amount: Decimal
    owed: Decimal
    viewer: Viewer
    now: datetime


LANDED: Effects[Landed, Done] = Effects("a recharge has landed")
ALLOCATED: Effects[Allocated, Done] = Effects("a customer is given money")
REPAID: Effects[Repaid, Done] = Effects("a customer has repaid")
