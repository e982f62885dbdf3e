"""An offer that is held, brought to where it stands by now: a worker may be late, nobody else."""

from datetime import datetime
from uuid import UUID

from domain.identity.viewer import SYSTEM, Viewer
from domain.private_offers import deadlines, guards, history
from domain.private_offers.policy import PRIVATE_OFFERS
from domain.requirements import submitting
from kit import database
from kit.guards import Guard, refuse
from kit.transaction import lock
from models.customers import Customer
from models.private_offers import PrivateOffer
from models.private_offers import PrivateOfferStatus as Status
from models.requirements import CustomerRequirement


async def locked(viewer: Viewer, offer_id: UUID, guard: Guard, *, now: datetime) -> PrivateOffer:
    """The offer, held and brought up to `now`, if it exists for the viewer and the guard agrees."""
    offer = await PRIVATE_OFFERS.lock(
        PrivateOffer, offer_id, viewer=viewer, now=now, thing="private offer"
    )
    refuse(guard(offer, viewer, now))
    await catch_up(offer, now=now)
    return offer


async def locked_with_customer(
    viewer: Viewer, offer_id: UUID, guard: Guard, *, now: datetime
) -> tuple[PrivateOffer, Customer]:
    """As `locked`, with the customer held first. Parent before child."""
    await PRIVATE_OFFERS.require(
        PrivateOffer, offer_id, viewer=viewer, now=now, thing="private offer"
    )
    seen = await PrivateOffer.get(id=offer_id)
    customer = await lock(Customer, id=seen.customer_id)
    assert customer is not None
    return await locked(viewer, offer_id, guard, now=now), customer


async def catch_up(offer: PrivateOffer, *, now: datetime) -> None:
    """Put a held offer into force whose moment has come, so that its history says so.

    Not by the timer's own statement: PostgreSQL's event ids and ours, which come after, need not be
    in order when they are made in the same instant.
    """
    status = guards.status_at(offer, now)
    if offer.status is Status.PUBLISHED and status is Status.EFFECTIVE:
        await begin(offer, viewer=SYSTEM, now=now)
        await offer.save(update_fields=["status", "version"])


async def begin(offer: PrivateOffer, *, viewer: Viewer, now: datetime) -> None:
    """PUBLISHED -> EFFECTIVE, told; the caller saves it."""
    before = offer.status
    offer.status = before.to(Status.EFFECTIVE)
    offer.version += 1
    await history.of_offer(
        "started",
        offer,
        viewer=viewer,
        before={"status": before.value},
        after={"status": offer.status.value},
        now=now,
    )


async def free(requirement: CustomerRequirement, *, now: datetime) -> None:
    """Make sure that a held requirement has no live offer; what is over is let go first.

    Raises RequirementHasOffer.
    """
    await submitting.refuse_a_second_offer(requirement.id, now=now)
    over = await database.rows(
        "select id from private_offer where requirement_id = $1 and status = any($2)"
        " and expires_at <= $3 order by id for no key update",
        requirement.id,
        [Status.PUBLISHED.value, Status.EFFECTIVE.value],
        now,
    )
    await deadlines.end(subject_ids=[row["id"] for row in over], now=now)
