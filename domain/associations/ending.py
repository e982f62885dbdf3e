"""The end of an association, and its going on as another type; both with all that hangs on them.

For workflows that hold the customer. What vouchers, funds and orders do about it comes through
`effects`; in the end nothing of the old association is left in force.
"""

from datetime import datetime
from typing import Any

from domain.associations.effects import ENDING, SWITCHED, Ending, Switched
from domain.customers import assignments, history
from domain.identity.viewer import Viewer
from kit.ids import new_id
from kit.transaction import assert_open
from models.customers import Association, AssociationState, AssociationType, Customer

SWITCHED_REASON = "SWITCHED"


async def end(customer: Customer, *, reason: str, viewer: Viewer, now: datetime) -> dict[str, Any]:
    """Part the customer from its partner; what the effects did, by their names.

    `reason` is a code for the history. The customer keeps nothing of its partner's: no manager,
    no place in the list; tags and assignments stay as the former partner's memory.
    """
    assert_open()
    association = await _active(customer)
    effects = await ENDING.run(
        Ending(
            customer_id=customer.id,
            partner_id=association.partner_id,
            association_id=association.id,
            type=association.type,
            reason=reason,
            viewer=viewer,
            now=now,
        )
    )
    await _close(association, reason, now)
    await history.of_customer(
        "disassociated",
        customer,
        viewer=viewer,
        before={"type": association.type.value},
        reason=reason,
        now=now,
    )
    await assignments.close(customer_ids=[customer.id], now=now)
    customer.partner_id = None
    customer.association_id = None
    customer.association_type = None  # type: ignore[assignment]
    customer.manager_id = None
    customer.listed_at = customer.created_at
    customer.version += 1
    await customer.save(
        update_fields=[
            "partner_id",
            "association_id",
            "association_type",
            "manager_id",
            "listed_at",
            "version",
        ]
    )
    return {name: dict(done) for name, done in effects.items() if done}


async def switch(
    customer: Customer, *, to_type: AssociationType, viewer: Viewer, now: datetime
) -> dict[str, Any]:
    """End the association and begin one of the other type; what the effects did, by their names.

    The partner, the account manager, the place in the partner's list and how it came to be stay.
    """
    assert_open()
    before = await _active(customer)
    await _close(before, SWITCHED_REASON, now)
    after = await Association.create(
        id=new_id(),
        created_at=now,
        customer_id=customer.id,
        partner_id=before.partner_id,
        type=to_type,
        started_at=now,
        tag=before.tag,
        incentives_from=before.incentives_from,
        invitation_id=before.invitation_id,
    )
    customer.association_id = after.id
    customer.association_type = to_type
    customer.version += 1
    await customer.save(update_fields=["association_id", "association_type", "version"])
    effects = await SWITCHED.run(
        Switched(
            customer_id=customer.id,
            partner_id=before.partner_id,
            ended_id=before.id,
            association_id=after.id,
            from_type=before.type,
            to_type=to_type,
            viewer=viewer,
            now=now,
        )
    )
    await history.of_customer(
        "association_switched",
        customer,
        viewer=viewer,
        before={"type": before.type.value},
        after={"type": to_type.value},
        now=now,
    )
    return {name: dict(done) for name, done in effects.items() if done}


async def _active(customer: Customer) -> Association:
    association = await Association.select_for_update(no_key=True).get(id=customer.association_id)
    assert association.state is AssociationState.ACTIVE
    return association


async def _close(association: Association, reason: str, now: datetime) -> None:
    association.state = AssociationState.ENDED
    association.ended_at = now
    association.end_reason = reason
    association.version += 1
    await association.save(update_fields=["state", "ended_at", "end_reason", "version"])
