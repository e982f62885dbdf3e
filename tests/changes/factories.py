"""Both sides of an association, and changes of it; name only what the test is about."""

from datetime import datetime
from typing import Any

from domain.associations import change_deadlines, changes, deciding, executing
from domain.identity.viewer import Viewer
from kit import ids
from kit.transaction import transactional
from models.associations import AssociationChange
from models.audit import Event
from models.customers import AssociationType, Customer
from models.partners import Partner
from tests.customers.factories import a_customer, a_user_of
from tests.factories import a_partner, an_administrator

REFERRAL, AGENCY = AssociationType.REFERRAL, AssociationType.AGENCY


class Sides:
    """A partner and its administrator, a customer of it, and the customer's user."""

    house: Partner
    customer: Customer
    partner: Viewer
    buyer: Viewer

    async def fresh(self) -> Customer:
        """The customer as it stands now."""
        return await Customer.get(id=self.customer.id)

    async def are_as_before(self) -> bool:
        """Whether nothing of the customer has changed."""
        columns = ("version", "partner_id", "association_id", "association_type", "freeze")
        fresh = await self.fresh()
        return all(getattr(fresh, name) == getattr(self.customer, name) for name in columns)


async def both_sides(type: AssociationType = REFERRAL, **facts: Any) -> Sides:
    """A customer of a new partner."""
    sides = Sides()
    sides.house = await a_partner()
    sides.partner = await an_administrator(sides.house)
    sides.customer = await a_customer(of=sides.house, type=type, **facts)
    sides.buyer = await a_user_of(sides.customer)
    return sides


async def a_switch(
    sides: Sides, *, now: datetime, by: Viewer | None = None, to: AssociationType | None = None
) -> AssociationChange:
    """PENDING, asked for by the partner unless told otherwise, to the other type."""
    other = AGENCY if sides.customer.association_type is REFERRAL else REFERRAL
    return await changes.request_switch(
        viewer=by or sides.partner,
        customer_id=sides.customer.id,
        to_type=to or other,
        understood=True,
        now=now,
    )


async def an_end(sides: Sides, *, now: datetime, by: Viewer | None = None) -> AssociationChange:
    """Asked for by the partner unless told otherwise; PRE_REVIEW for an agency customer."""
    return await changes.request_end(
        viewer=by or sides.partner,
        customer_id=sides.customer.id,
        reason="We part as friends.",
        understood=True,
        now=now,
    )


async def approved(change: AssociationChange, *, by: Viewer, now: datetime) -> AssociationChange:
    """Agreed on by the other side."""
    return await deciding.approve(viewer=by, change_id=change.id, now=now)


@transactional
async def execute(customer: Customer, now: datetime) -> None:
    """As the worker does it: the customer first, then what both have agreed on."""
    await Customer.select_for_update(no_key=True).get(id=customer.id)
    await executing.execute(subject_ids=[customer.id], now=now)


@transactional
async def expire(change: AssociationChange, now: datetime) -> None:
    """As the worker does it: the row first, then its end."""
    await AssociationChange.select_for_update(no_key=True).get(id=change.id)
    await change_deadlines.expire(subject_ids=[change.id], now=now)


async def history(subject_id: object) -> list[str]:
    """What happened to it, without the kind of thing that it is."""
    events = await Event.filter(subject_id=subject_id).order_by("id")
    return [event.name.partition(".")[2] for event in events]


def ach(change: AssociationChange) -> str:
    """The id of a change as the API writes it."""
    return ids.encode("ach", change.id)
