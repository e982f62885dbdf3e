"""What others have to say about an offer; decision 0004 tells how.

Orders come above and know offers; here nobody knows them. Each says at the composition root
(`partner_center/effects.py`) what it does about the fact below, with the offer held, in the
transaction that withdraws it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.effects import Effects


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """An offer is to be withdrawn: who still counts on it?"""

    offer_id: UUID
    customer_id: UUID
    partner_id: UUID
    now: datetime


# Asked before an offer is withdrawn; each answers the numbers of what is pending and uses it.
HOLDS: Effects[Withdrawal, Sequence[str]] = Effects("an offer is withdrawn")
