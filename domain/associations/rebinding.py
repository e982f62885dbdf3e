"""From when on a partner earns incentives by a customer that came from another partner (I-13).

The newly bound partner's sales to the customer are performance, and count to the threshold; they
earn no incentive for a while (换绑:新绑定的伙伴6个月内不计算业绩激励). Decided when the customer is
bound, by the policy and the customer's segment of that moment: what is set later changes nothing.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit import database
from kit.transaction import assert_open
from kit.workdays import SHANGHAI, months_after
from models.customers import Customer, CustomerSegment


@dataclass(frozen=True, slots=True)
class Policy:
    """Who is bound from `since` on waits for so many calendar months in Beijing."""

    since: datetime
    segments: Set[CustomerSegment]
    months: int


# In the order of their time; the last that has begun holds.
POLICIES = (
    Policy(
        since=datetime(2026, 1, 1, tzinfo=SHANGHAI),
        segments=frozenset({CustomerSegment.MID_LONG_TAIL}),
        months=6,
    ),
)


async def earns_from(customer: Customer, partner_id: UUID, *, now: datetime) -> datetime | None:
    """From when on the partner earns by the customer that is bound to it now; None is at once.

    Re-bound is who was another partner's before, however long ago. A distributor earns what its
    resellers sell, so that a customer who goes from one of them to another stays where it was; who
    comes back to its last partner goes on where that was. The caller holds the customer.
    """
    assert_open()
    last = await database.row(_LAST, customer.id, partner_id)
    if last is None:
        return None
    if last["is_same"]:
        running: datetime | None = last["incentives_from"]
        return running if running is not None and running > now else None
    policy = next((each for each in reversed(POLICIES) if each.since <= now), None)
    if policy is None or customer.segment not in policy.segments:
        return None
    return months_after(now, policy.months)


_LAST = """
select held.incentives_from,
  coalesce(holder.distributor_id, holder.id) = coalesce(taker.distributor_id, taker.id) as is_same
from association held join partner holder on holder.id = held.partner_id
join partner taker on taker.id = $2
where held.customer_id = $1
order by held.started_at desc, held.id desc limit 1
"""
