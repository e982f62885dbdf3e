"""The merchant's answer, in time: yes, or no and why (R-03, R-04)."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.requirements import checks, deadlines, guards, history, letters
from domain.requirements.policy import REQUIREMENTS
from domain.requirements.submitting import locked
from kit import texts
from kit.guards import refuse
from kit.transaction import transactional
from models.requirements import CustomerRequirement, Rejection
from models.requirements import RequirementStatus as Status


@transactional
async def accept(*, viewer: Viewer, requirement_id: UUID, now: datetime) -> CustomerRequirement:
    """Promise the partner the ratio it expects; a private offer can be made of it now.

    Raises RequirementExpired at and after the deadline, and RequirementCheckFailed when what held
    at the submission holds no longer: the merchant can only reject it then, and the partner ask
    anew for what is possible.
    """
    permissions.require(viewer, "customerRequirementAccept")
    requirement, customer = await locked(viewer, requirement_id, now)
    refuse(guards.accept(requirement, viewer, now))
    checks.refuse(await checks.failures(requirement, customer=customer, now=now))

    await _answer(requirement, Status.ACCEPTED, "accepted", viewer=viewer, now=now)
    return requirement


@transactional
async def reject(
    *, viewer: Viewer, requirement_id: UUID, reason: str, now: datetime
) -> CustomerRequirement:
    """Say no, and why. Raises RequirementExpired at and after the deadline, WrongStatus."""
    permissions.require(viewer, "customerRequirementReject")
    reason = texts.reason(reason)
    requirement = await REQUIREMENTS.lock(
        CustomerRequirement, requirement_id, viewer=viewer, now=now, thing="requirement"
    )
    refuse(guards.reject(requirement, viewer, now))

    requirement.rejection = Rejection.EXPLICIT
    requirement.refusal = reason
    requirement.ended_at = now
    await _answer(requirement, Status.REJECTED, "rejected", viewer=viewer, reason=reason, now=now)
    return requirement


async def _answer(
    requirement: CustomerRequirement,
    wanted: Status,
    happened: str,
    *,
    viewer: Viewer,
    reason: str | None = None,
    now: datetime,
) -> None:
    before = requirement.status
    requirement.status = before.to(wanted)
    requirement.decided_at = now
    requirement.version += 1
    await requirement.save(
        update_fields=["status", "rejection", "refusal", "decided_at", "ended_at", "version"]
    )
    after = {"status": wanted.value}
    if requirement.rejection is not None:
        after["rejection"] = requirement.rejection.value
    await history.of_requirement(
        happened,
        requirement,
        viewer=viewer,
        before={"status": before.value},
        after=after,
        reason=reason,
        now=now,
    )
    await deadlines.cancel(requirement)
    await letters.tell_answer(requirement.id, now=now)
