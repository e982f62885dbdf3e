"""Whether a customer is bound to a partner (绑定): by association or by an earlier order (A-04).

A customer belongs to one partner at most, but may choose another as its service provider on an
order; from the first such order on it is bound to that one, too.
"""

from datetime import datetime
from uuid import UUID

from kit import database
from kit.ids import new_id


async def bind(*, customer_id: UUID, partner_id: UUID, now: datetime) -> None:
    """Remember that the customer has chosen the partner; harmless to call again.

    For the workflow that confirms the payment of an order which binds the partner, after
    `automatic.ensure`: the order that binds for the first time isn't an earlier one.
    """
    await database.execute(
        "insert into customer_binding (id, created_at, customer_id, partner_id)"
        " values ($1, $2, $3, $4) on conflict (customer_id, partner_id) do nothing",
        *(new_id(), now, customer_id, partner_id),
    )


async def is_bound(*, customer_id: UUID, partner_id: UUID) -> bool:
    """Whether it is, by an active association or a binding."""
    found = await database.row(
        "select exists (select from association where customer_id = $1 and partner_id = $2"
        " and state = 'ACTIVE') or exists (select from customer_binding"
        " where customer_id = $1 and partner_id = $2) as is_bound",
        customer_id,
        partner_id,
    )
    assert found is not None
    return bool(found["is_bound"])
