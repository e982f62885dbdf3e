"""Questions about incentives, while they are to be confirmed (5.14): they hold nothing up."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.incentives import guards, history
from domain.incentives.policy import INCENTIVES
from domain.performance.feedback import LONGEST
from domain.performance.guards import AskedAlready
from kit import texts
from kit.guards import Guard, refuse
from kit.ids import new_id
from kit.transaction import transactional
from models.incentives import Incentive, IncentiveFeedback
from models.performance import FeedbackState


@transactional
async def ask(*, viewer: Viewer, incentive_id: UUID, text: str, now: datetime) -> IncentiveFeedback:
    """Ask about an incentive. Raises AskedAlready, IncentiveIsConfirmed, WrongStatus."""
    permissions.require(viewer, "incentiveFeedbackOpen")
    text = texts.needed(text, longest=LONGEST, path=("input", "text"))
    incentive = await INCENTIVES.lock(
        Incentive, incentive_id, viewer=viewer, now=now, thing="incentive"
    )
    refuse(guards.ask(incentive, viewer, now))
    open_already = IncentiveFeedback.filter(
        incentive_id=incentive.id, state__not=FeedbackState.CLOSED
    )
    if await open_already.exists():
        raise AskedAlready()
    feedback = IncentiveFeedback(
        id=new_id(),
        created_at=now,
        partner_id=incentive.partner_id,
        incentive_id=incentive.id,
        text=text,
        asked_by=viewer.display_name,
    )
    await feedback.insert()
    await history.of(
        "opened",
        feedback,
        viewer=viewer,
        after={"state": feedback.state.value},
        reason=text[:500],
        now=now,
    )
    return feedback


@transactional
async def answer(
    *, viewer: Viewer, feedback_id: UUID, text: str, now: datetime
) -> IncentiveFeedback:
    """Answer a question; the platform's. Raises WrongStatus."""
    permissions.require(viewer, "incentiveFeedbackAnswer")
    text = texts.needed(text, longest=LONGEST, path=("input", "answer"))
    feedback = await _held(viewer, feedback_id, guards.answer, now)
    feedback.answer = text
    feedback.answered_at = now
    await _move(feedback, FeedbackState.ANSWERED, "answered", viewer=viewer, reason=text, now=now)
    return feedback


@transactional
async def close(*, viewer: Viewer, feedback_id: UUID, now: datetime) -> IncentiveFeedback:
    """Put a question away, answered or not; who has asked. Raises WrongStatus."""
    permissions.require(viewer, "incentiveFeedbackClose")
    feedback = await _held(viewer, feedback_id, guards.close, now)
    feedback.closed_at = now
    await _move(feedback, FeedbackState.CLOSED, "closed", viewer=viewer, now=now)
    return feedback


async def _held(
    viewer: Viewer, feedback_id: UUID, guard: Guard, now: datetime
) -> IncentiveFeedback:
    feedback = await INCENTIVES.lock(
        IncentiveFeedback, feedback_id, viewer=viewer, now=now, thing="feedback"
    )
    refuse(guard(feedback, viewer, now))
    return feedback


async def _move(
    feedback: IncentiveFeedback,
    wanted: FeedbackState,
    happened: str,
    *,
    viewer: Viewer,
    reason: str | None = None,
    now: datetime,
) -> None:
    before: FeedbackState = feedback.state
    feedback.state = before.to(wanted)
    feedback.version += 1
    await feedback.save(update_fields=["state", "answer", "answered_at", "closed_at", "version"])
    await history.of(
        happened,
        feedback,
        viewer=viewer,
        before={"state": before.value},
        after={"state": wanted.value},
        reason=reason[:500] if reason else None,
        now=now,
    )
