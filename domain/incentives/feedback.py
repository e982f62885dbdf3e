"""Questions about incentives, while they are to be confirmed (5.14): they hold nothing up."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.incentives import guards
from domain.incentives.policy import INCENTIVES
from domain.performance import questions
from domain.performance.questions import LONGEST
from kit import texts
from kit.guards import Guard, refuse
from kit.transaction import transactional
from models.feedback import IncentiveFeedback
from models.incentives import Incentive


@transactional
async def ask(*, viewer: Viewer, incentive_id: UUID, text: str, now: datetime) -> IncentiveFeedback:
    """Ask about an incentive. Raises AskedAlready, IncentiveIsConfirmed, WrongStatus."""
    permissions.require(viewer, "incentiveFeedbackOpen")
    text = texts.needed(text, longest=LONGEST, path=("input", "text"))
    incentive = await INCENTIVES.lock(
        Incentive, incentive_id, viewer=viewer, now=now, thing="incentive"
    )
    refuse(guards.ask(incentive, viewer, now))
    return await questions.ask(
        IncentiveFeedback,
        viewer=viewer,
        partner_id=incentive.partner_id,
        text=text,
        now=now,
        incentive_id=incentive.id,
    )


@transactional
async def answer(
    *, viewer: Viewer, feedback_id: UUID, text: str, now: datetime
) -> IncentiveFeedback:
    """Answer a question; the platform's. Raises WrongStatus."""
    permissions.require(viewer, "incentiveFeedbackAnswer")
    text = texts.needed(text, longest=LONGEST, path=("input", "answer"))
    feedback = await _held(viewer, feedback_id, guards.answer, now)
    return await questions.answer(feedback, text, viewer=viewer, now=now)


@transactional
async def close(*, viewer: Viewer, feedback_id: UUID, now: datetime) -> IncentiveFeedback:
    """Put a question away, answered or not; who has asked. Raises WrongStatus."""
    permissions.require(viewer, "incentiveFeedbackClose")
    feedback = await _held(viewer, feedback_id, guards.close, now)
    return await questions.close(feedback, viewer=viewer, now=now)


async def _held(
    viewer: Viewer, feedback_id: UUID, guard: Guard, now: datetime
) -> IncentiveFeedback:
    feedback = await INCENTIVES.lock(
        IncentiveFeedback, feedback_id, viewer=viewer, now=now, thing="feedback"
    )
    refuse(guard(feedback, viewer, now))
    return feedback
