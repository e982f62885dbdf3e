"""What becomes of a question (问题反馈), whatever it is about: written down, answered, put away."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from domain.identity.viewer import Viewer
from domain.performance import history
from domain.performance.guards import AskedAlready
from kit.ids import new_id
from models.feedback import FeedbackState, IncentiveFeedback, PerformanceFeedback

LONGEST = 1000

Q = TypeVar("Q", PerformanceFeedback, IncentiveFeedback)


async def ask(
    kind: type[Q], *, viewer: Viewer, partner_id: UUID, text: str, now: datetime, **about: UUID
) -> Q:
    """Write down a question about what the caller holds: one at a time. Raises AskedAlready."""
    if await kind.filter(**about, state__not=FeedbackState.CLOSED).exists():
        raise AskedAlready()
    question = kind(
        id=new_id(),
        created_at=now,
        partner_id=partner_id,
        text=text,
        asked_by=viewer.display_name,
        **about,
    )
    await question.insert()
    await history.of(
        "opened",
        question,
        viewer=viewer,
        after={"state": question.state.value},
        reason=text[:500],
        now=now,
    )
    return question


async def answer(question: Q, text: str, *, viewer: Viewer, now: datetime) -> Q:
    """Answer a held question."""
    question.answer = text
    question.answered_at = now
    return await _move(
        question, FeedbackState.ANSWERED, "answered", viewer=viewer, reason=text[:500], now=now
    )


async def close(question: Q, *, viewer: Viewer, now: datetime) -> Q:
    """Put a held question away."""
    question.closed_at = now
    return await _move(question, FeedbackState.CLOSED, "closed", viewer=viewer, now=now)


async def _move(
    question: Q,
    wanted: FeedbackState,
    happened: str,
    *,
    viewer: Viewer,
    reason: str | None = None,
    now: datetime,
) -> Q:
    before: FeedbackState = question.state
    question.state = before.to(wanted)
    question.version += 1
    await question.save(update_fields=["state", "answer", "answered_at", "closed_at", "version"])
    await history.of(
        happened,
        question,
        viewer=viewer,
        before={"state": before.value},
        after={"state": wanted.value},
        reason=reason,
        now=now,
    )
    return question
