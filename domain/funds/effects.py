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
class Replenished:
    """A customer has more cash to spend than before, otherwise than by a recharge (`Landed`).

    Its partner or the platform has just given it some, an order was refunded, or a withdrawal came
    to nothing. The customer is held.
    """

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Debtors:
    """A partner's agency customers: how much do they owe for what they have used?"""

    partner_id: UUID


LANDED: Effects[Landed, Done] = Effects("a recharge has landed")
REPLENISHED: Effects[Replenished, Done] = Effects("a customer has more to spend")
REPAID: Effects[Repaid, Done] = Effects("a customer has repaid")

# Asked before a partner takes money out; each answers an amount, and changes nothing (F-07).
DEBTS: Effects[Debtors, Decimal] = Effects("it is asked what agency customers owe")
