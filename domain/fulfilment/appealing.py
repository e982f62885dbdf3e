"""Where the platform has a say in a delivery: appeals (申诉), and reviews of its own (复核)."""

from datetime import datetime
from uuid import UUID

from domain.fulfilment import guards, waiting
from domain.fulfilment.supervising import held, move, write
from domain.identity import permissions
from domain.identity.viewer import Viewer
from kit import texts
from kit.transaction import transactional
from kit.workdays import SHANGHAI, WorkCalendar
from models.supervision import AppealState, ServiceSupervision
from models.supervision import SupervisionStep as Step

WORKDAYS = 3  # F48: for the platform to decide


@transactional
async def appeal(
    *, viewer: Viewer, supervision_id: UUID, reason: str, now: datetime
) -> ServiceSupervision:
    """Ask the platform to decide in the buyer's place, within three working days.

    Raises NothingToAppeal before the third rejection and before five days of silence (F48).
    """
    permissions.require(viewer, "serviceAppeal")
    reason = texts.reason(reason)
    _, row = await held(supervision_id, guards.appeal, viewer=viewer, now=now)

    row.appeal = AppealState.OPEN
    row.appeal_reason = reason
    row.appealed_at = now
    row.appeal_due_on = WorkCalendar().add_workdays(now.astimezone(SHANGHAI).date(), WORKDAYS).date
    row.appeal_decision = None
    await write(row, "appealed", viewer=viewer, before=row.step, reason=reason, now=now)
    await waiting.watch(row, now=now)
    return row


@transactional
async def decide(
    *, viewer: Viewer, supervision_id: UUID, granted: bool, reason: str, now: datetime
) -> ServiceSupervision:
    """Decide on an appeal: it counts as accepted, or the buyer has the last word still."""
    permissions.require(viewer, "serviceAppealDecide")
    reason = texts.reason(reason)
    order, row = await held(supervision_id, guards.decide_appeal, viewer=viewer, now=now)

    row.appeal = AppealState.GRANTED if granted else AppealState.REFUSED
    row.appeal_decision = reason
    if granted:
        wanted = Step.PLATFORM_REVIEW if row.needs_review else Step.DONE
        await move(order, row, wanted, "appeal_granted", viewer=viewer, reason=reason, now=now)
        return row
    # The buyer's days are counted anew, so that its silence can be appealed against again.
    row.step_since = now
    await write(row, "appeal_refused", viewer=viewer, before=row.step, reason=reason, now=now)
    await waiting.watch(row, now=now)
    return row


@transactional
async def require_review(
    *, viewer: Viewer, supervision_id: UUID, now: datetime
) -> ServiceSupervision:
    """Let the platform look at a delivery itself when it is accepted: subsidised ones."""
    permissions.require(viewer, "serviceReviewRequire")
    _, row = await held(supervision_id, guards.require_review, viewer=viewer, now=now)
    row.needs_review = True
    await write(row, "review_required", viewer=viewer, before=row.step, now=now)
    return row


@transactional
async def review(
    *,
    viewer: Viewer,
    supervision_id: UUID,
    passed: bool,
    reason: str | None = None,
    now: datetime,
) -> ServiceSupervision:
    """Confirm an accepted delivery, or send it back to its merchant, and say why."""
    permissions.require(viewer, "serviceReview")
    if not passed:
        reason = texts.reason(reason or "")
    order, row = await held(supervision_id, guards.review, viewer=viewer, now=now)
    wanted, happened = (Step.DONE, "reviewed") if passed else (Step.DELIVERING, "review_failed")
    await move(order, row, wanted, happened, viewer=viewer, reason=reason, now=now)
    return row
