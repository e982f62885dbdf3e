"""What else happens when an association begins, is switched or ends; decision 0004 tells how.

Vouchers, funds, offers and orders come above and know associations; here nobody knows them. Each
says at the composition root (`partner_center/effects.py`) what it does about the four facts below.
All run with the customer held, in the transaction that changes the association.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.associations.change_checks import FailedChangeCheck
from domain.identity.viewer import Viewer
from kit.effects import Effects
from models.associations import ChangeKind
from models.customers import AssociationType, Customer

# What an effect did, JSON-ready, for the history: `{"revoked": 1}`; empty for nothing.
Done = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A customer has come to a partner; both the association and the customer's row say so."""

    customer_id: UUID
    partner_id: UUID
    association_id: UUID
    type: AssociationType
    viewer: Viewer
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """The type has changed: the association `ended_id` is over, `association_id` goes on."""

    customer_id: UUID
    partner_id: UUID
    ended_id: UUID
    association_id: UUID
    from_type: AssociationType
    to_type: AssociationType
    viewer: Viewer
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A customer leaves; its row still names the partner, and won't once all effects have run."""

    customer_id: UUID
    partner_id: UUID
    association_id: UUID
    type: AssociationType
    reason: str
    viewer: Viewer
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Somebody would have an association switched to `to_type`, or ended: what forbids it?"""

    customer: Customer
    kind: ChangeKind
    to_type: AssociationType | None
    now: datetime


MADE: Effects[Made, Done] = Effects("an association is made")
SWITCHED: Effects[Switched, Done] = Effects("an association is switched")
ENDING: Effects[Ending, Done] = Effects("an association ends")

# Asked when a change is wished for, approved and done; answers together, change nothing (C-19).
CHECKS: Effects[Wish, Sequence[FailedChangeCheck]] = Effects("a change is checked")
