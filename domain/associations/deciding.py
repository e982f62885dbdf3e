"""The other side's decision on a change, its being taken back, the platform's pre-review (C-09)."""

from datetime import datetime
from uuid import UUID

from domain.associations import (
    change_checks,
    change_deadlines,
    change_guards,
    change_history,
    notices,
)
from domain.associations.changes import failures, put_before_the_other_side
from domain.associations.policy import ASSOCIATIONS
from domain.identity.permissions import require
from domain.identity.steps import require_step_up
from domain.identity.viewer import Viewer
from kit import texts, timers
from kit.guards import refuse
from kit.problems import NotFound
from kit.transaction import lock, transactional
from models.associations import AssociationChange
from models.associations import ChangeStatus as Status
from models.customers import Customer

LONGEST_CONTACT = 320


@transactional
async def approve(
    *, viewer: Viewer, change_id: UUID, step_up_code: str | None = None, now: datetime
) -> AssociationChange:
    """Agree; it is done within a second or two, unless a check fails by then.

    Raises ChangeCheckFailed when one fails now: the change stays open. WrongStatus, ChangeTimedOut,
    OtherSideDecides for who has asked.
    """
    require(viewer, "associationChangeApprove")
    await require_step_up(viewer, "associationChangeApprove", step_up_code, now)
    customer, change = await _locked(viewer, change_id, now)
    refuse(change_guards.approve(change, viewer, now))
    change_checks.refuse(await failures(customer, change.kind, change.to_type, now))

    before = change.status
    change.status = before.to(Status.APPROVED)
    change.decided_at = now
    await _save(change, "decided_at")
    await timers.cancel(change_deadlines.EXPIRE, subject_id=change.id)
    await change_deadlines.schedule_execution(change, now=now)
    await change_history.of_change("approved", change, viewer=viewer, before=before.value, now=now)
    return change


@transactional
async def reject(
    *,
    viewer: Viewer,
    change_id: UUID,
    reason: str,
    step_up_code: str | None = None,
    now: datetime,
) -> AssociationChange:
    """Refuse, and say why; all stays as it is. Raises as `approve`, but for the checks."""
    require(viewer, "associationChangeReject")
    reason = texts.reason(reason)
    await require_step_up(viewer, "associationChangeReject", step_up_code, now)
    _, change = await _locked(viewer, change_id, now)
    refuse(change_guards.reject(change, viewer, now))

    before = change.status
    change.status = before.to(Status.REJECTED)
    change.decided_at = now
    change.refusal = reason
    await _save(change, "decided_at", "refusal")
    await timers.cancel(change_deadlines.EXPIRE, subject_id=change.id)
    await change_history.of_change(
        "rejected", change, viewer=viewer, before=before.value, reason=reason, now=now
    )
    return change


@transactional
async def cancel(*, viewer: Viewer, change_id: UUID, now: datetime) -> AssociationChange:
    """Take back what one's own side has asked for; it counts for the three months all the same.

    Raises WrongStatus once it is decided, OnlyInitiatorCancels for the other side.
    """
    require(viewer, "associationChangeCancel")
    _, change = await _locked(viewer, change_id, now)
    refuse(change_guards.cancel(change, viewer, now))

    before = change.status
    change.status = before.to(Status.CANCELLED)
    change.decided_at = now
    await _save(change, "decided_at")
    await timers.cancel(change_deadlines.EXPIRE, subject_id=change.id)
    await change_history.of_change("cancelled", change, viewer=viewer, before=before.value, now=now)
    return change


@transactional
async def review_pass(*, viewer: Viewer, change_id: UUID, now: datetime) -> AssociationChange:
    """Let a wish pass the pre-review (预评审): now the other side decides. Raises WrongStatus."""
    require(viewer, "associationChangeReviewPass")
    customer, change = await _locked(viewer, change_id, now)
    refuse(change_guards.review_pass(change, viewer, now))

    before = change.status
    change.status = before.to(Status.PENDING)
    change.reviewer = viewer.email
    await put_before_the_other_side(change, now=now)
    await _save(change, "reviewer", "expires_at")
    await change_history.of_change(
        "review_passed", change, viewer=viewer, before=before.value, now=now
    )
    await notices.change_waits(change, customer=customer, now=now)
    return change


@transactional
async def review_fail(
    *,
    viewer: Viewer,
    change_id: UUID,
    reason: str,
    contact: str | None = None,
    now: datetime,
) -> AssociationChange:
    """End a wish in the pre-review, and say why and whom to turn to (C-22). Raises WrongStatus.

    `contact` is by default the reviewer's own mail address.
    """
    require(viewer, "associationChangeReviewFail")
    reason = texts.reason(reason)
    contact = texts.optional(contact, longest=LONGEST_CONTACT, path=("input", "contact"))
    _, change = await _locked(viewer, change_id, now)
    refuse(change_guards.review_fail(change, viewer, now))

    before = change.status
    change.status = before.to(Status.PRE_REVIEW_FAILED)
    change.decided_at = now
    change.refusal = reason
    change.reviewer = contact or viewer.email
    await _save(change, "decided_at", "refusal", "reviewer")
    await change_history.of_change(
        "review_failed", change, viewer=viewer, before=before.value, reason=reason, now=now
    )
    return change


async def _locked(
    viewer: Viewer, change_id: UUID, now: datetime
) -> tuple[Customer, AssociationChange]:
    """The change as far as the viewer sees it, and before it its customer, as everyone locks."""
    thing = "association_change"
    await ASSOCIATIONS.require(AssociationChange, change_id, viewer=viewer, now=now, thing=thing)
    seen = await AssociationChange.get(id=change_id)
    customer = await lock(Customer, id=seen.customer_id)
    if customer is None:
        raise NotFound(thing="customer")
    change = await ASSOCIATIONS.lock(
        AssociationChange, change_id, viewer=viewer, now=now, thing=thing
    )
    return customer, change


async def _save(change: AssociationChange, *columns: str) -> None:
    change.version += 1
    await change.save(update_fields=["status", *columns, "version"])
