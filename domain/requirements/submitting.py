"""Asking the merchant, taking it back, and wanting it no longer."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.requirements import checks, deadlines, guards, history, letters
from domain.requirements.policy import REQUIREMENTS
from kit import database, ratios, texts
from kit.guards import refuse
from kit.problems import Problem, VersionConflict
from kit.transaction import lock, transactional
from models.customers import Customer
from models.private_offers import PrivateOfferStatus
from models.requirements import CustomerRequirement
from models.requirements import RequirementStatus as Status


class RequirementHasOffer(Problem):
    """The merchant has made a private offer of it, which is a draft, or still to be used."""

    en = "There is a private offer for it already: {number}."
    zh = "该需求已有商家优惠:{number}。"
    about = {"number": "The number of the offer."}
    number: str


@transactional
async def submit(
    *, viewer: Viewer, requirement_id: UUID, expected_version: int, now: datetime
) -> CustomerRequirement:
    """Ask the merchant, who has five times 24 hours to answer (R-02, R-04).

    Raises RequirementCheckFailed with all that fails, VersionConflict, WrongStatus.
    """
    permissions.require(viewer, "customerRequirementSubmit")
    requirement, customer = await locked(viewer, requirement_id, now)
    refuse(guards.submit(requirement, viewer, now))
    if requirement.version != expected_version:
        raise VersionConflict(current=requirement.version, path=("input", "expectedVersion"))
    checks.refuse(await checks.failures(requirement, customer=customer, now=now))

    before = requirement.status
    requirement.status = before.to(Status.PENDING_MERCHANT)
    requirement.submitted_at = now
    requirement.expires_at = now + deadlines.LIFETIME
    requirement.version += 1
    await requirement.save(update_fields=["status", "submitted_at", "expires_at", "version"])
    await history.of_requirement(
        "submitted",
        requirement,
        viewer=viewer,
        before={"status": before.value},
        after={
            "status": requirement.status.value,
            "expected_ratio": ratios.written(requirement.expected_ratio),
        },
        now=now,
    )
    await deadlines.schedule(requirement, now=now)
    await letters.ask_merchant(requirement.id, now=now)
    return requirement


@transactional
async def cancel(
    *, viewer: Viewer, requirement_id: UUID, reason: str | None = None, now: datetime
) -> CustomerRequirement:
    """Give a draft up, or take it back before the merchant has answered.

    Raises RequirementExpired at and after the deadline, WrongStatus once it is answered.
    """
    permissions.require(viewer, "customerRequirementCancel")
    reason = texts.reason_if_any(reason)
    requirement = await REQUIREMENTS.lock(
        CustomerRequirement, requirement_id, viewer=viewer, now=now, thing="requirement"
    )
    refuse(guards.cancel(requirement, viewer, now))
    await deadlines.cancel(requirement)
    await _end(requirement, Status.CANCELLED, "cancelled", viewer=viewer, reason=reason, now=now)
    return requirement


@transactional
async def close(
    *, viewer: Viewer, requirement_id: UUID, reason: str | None = None, now: datetime
) -> CustomerRequirement:
    """The customer wants it no longer: no private offer can be made of it from now on.

    Raises RequirementHasOffer while there is one that is a draft or live, WrongStatus.
    """
    permissions.require(viewer, "customerRequirementClose")
    reason = texts.reason_if_any(reason)
    requirement = await REQUIREMENTS.lock(
        CustomerRequirement, requirement_id, viewer=viewer, now=now, thing="requirement"
    )
    refuse(guards.close(requirement, viewer, now))
    await refuse_a_second_offer(requirement.id, now=now)
    await _end(requirement, Status.CLOSED, "closed", viewer=viewer, reason=reason, now=now)
    return requirement


async def fulfil(requirement: CustomerRequirement, *, viewer: Viewer, now: datetime) -> None:
    """An order has used its private offer, so it is answered for good. The caller holds it."""
    await _end(requirement, Status.CLOSED, "fulfilled", viewer=viewer, reason=None, now=now)


async def refuse_a_second_offer(requirement_id: UUID, *, now: datetime) -> None:
    """Raise RequirementHasOffer if one is a draft or live at `now`. The caller holds it."""
    live = await database.row(
        "select number from private_offer where requirement_id = $1 and (status = $2"
        " or (status = any($3) and expires_at > $4)) limit 1",
        requirement_id,
        PrivateOfferStatus.DRAFT.value,
        [PrivateOfferStatus.PUBLISHED.value, PrivateOfferStatus.EFFECTIVE.value],
        now,
    )
    if live is not None:
        raise RequirementHasOffer(number=live["number"])


async def locked(
    viewer: Viewer, requirement_id: UUID, now: datetime
) -> tuple[CustomerRequirement, Customer]:
    """The requirement and its customer, held, if it exists for the viewer. Parent before child."""
    await REQUIREMENTS.require(
        CustomerRequirement, requirement_id, viewer=viewer, now=now, thing="requirement"
    )
    seen = await CustomerRequirement.get(id=requirement_id)
    customer = await lock(Customer, id=seen.customer_id)
    assert customer is not None
    requirement = await REQUIREMENTS.lock(
        CustomerRequirement, requirement_id, viewer=viewer, now=now, thing="requirement"
    )
    return requirement, customer


async def _end(
    requirement: CustomerRequirement,
    wanted: Status,
    happened: str,
    *,
    viewer: Viewer,
    reason: str | None,
    now: datetime,
) -> None:
    before = requirement.status
    requirement.status = before.to(wanted)
    requirement.ended_at = now
    requirement.version += 1
    await requirement.save(update_fields=["status", "ended_at", "version"])
    await history.of_requirement(
        happened,
        requirement,
        viewer=viewer,
        before={"status": before.value},
        after={"status": wanted.value},
        reason=reason,
        now=now,
    )
