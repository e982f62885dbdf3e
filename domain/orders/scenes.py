"""By which policy a sale earns incentives (政策场景, G-06): decided when it is ordered."""

from datetime import datetime
from uuid import UUID

from kit import database
from models.customers import Customer
from models.order_states import PolicyScene


async def scene_of(customer: Customer, seller_id: UUID | None, *, now: datetime) -> PolicyScene:
    """The scene of what the customer orders now through this partner.

    The operations base comes first (A-06): either partner has a report of the customer on that
    track, live or come to an association. Who sells to its own customer, or to its reseller's,
    earns by the distributors' policy (S-08); who sells to another's, or to nobody's, as a customer
    service provider.
    """
    if seller_id is None:
        return PolicyScene.NONE
    found = await database.row(_FACTS, customer.id, customer.partner_id, seller_id, now)
    assert found is not None
    if found["is_base"]:
        return PolicyScene.OPERATIONS_BASE
    return PolicyScene.DISTRIBUTOR if found["is_own"] else PolicyScene.CSP


_FACTS = """
select exists (
    select from customer_report told
    where told.customer_id = $1 and told.partner_id in ($2, $3) and told.track = 'OPERATIONS_BASE'
      and (told.status = 'ASSOCIATED' or told.status = 'REPORTED' and told.expires_at > $4)
  ) as is_base,
  exists (
    select from partner own where own.id = $2 and $3 in (own.id, own.distributor_id)
  ) as is_own
"""
