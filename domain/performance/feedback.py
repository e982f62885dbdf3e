"""Questions about sheets and lines (问题反馈, I-04): they hold nothing up."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.performance import guards, history
from domain.performance.policy import FEEDBACK, LINES, SHEETS
from kit import texts
from kit.guards import Guard, refuse
from kit.ids import new_id
from kit.transaction import transactional
from models.performance import (
    FeedbackState,
    PerformanceFeedback,
    PerformanceLine,
    PerformanceSheet,
    PerformanceState,
)

LONGEST = 1000


@transactional
async def ask_about_sheet(
    *, viewer: Viewer, sheet_id: UUID, text: str, now: datetime
) -> PerformanceFeedback:
    """Ask about a sheet. Raises AskedAlready while an earlier question isn't closed."""
    permissions.require(viewer, "performanceFeedbackOpen")
    text = texts.needed(text, longest=LONGEST, path=("input", "text"))
    sheet = await SHEETS.lock(PerformanceSheet, sheet_id, viewer=viewer, now=now, thing="sheet")
    refuse(guards.ask(sheet, viewer, now))
    return await _ask(viewer, sheet.partner_id, text, now, sheet_id=sheet.id)


@transactional
async def ask_about_line(
    *, viewer: Viewer, line_id: UUID, text: str, now: datetime
) -> PerformanceFeedback:
    """Ask about a line of a sheet; as `ask_about_sheet`. Raises WrongStatus for an estimate."""
    permissions.require(viewer, "performanceFeedbackOpen")
    text = texts.needed(text, longest=LONGEST, path=("input", "text"))
    line = await LINES.lock(PerformanceLine, line_id, viewer=viewer, now=now, thing="line")
    refuse(guards.ask(await _standing(line), viewer, now))
    return await _ask(viewer, line.partner_id, text, now, line_id=line.id)


@transactional
async def answer(
    *, viewer: Viewer, feedback_id: UUID, text: str, now: datetime
) -> PerformanceFeedback:
    """Answer a question; the platform's. Raises WrongStatus."""
    permissions.require(viewer, "performanceFeedbackAnswer")
    text = texts.needed(text, longest=LONGEST, path=("input", "answer"))
    feedback = await _held(viewer, feedback_id, guards.answer, now)
    feedback.answer = text
    feedback.answered_at = now
    await _move(feedback, FeedbackState.ANSWERED, "answered", viewer=viewer, reason=text, now=now)
    return feedback


@transactional
async def close(*, viewer: Viewer, feedback_id: UUID, now: datetime) -> PerformanceFeedback:
    """Put a question away, answered or not; who has asked. Raises WrongStatus."""
    permissions.require(viewer, "performanceFeedbackClose")
    feedback = await _held(viewer, feedback_id, guards.close, now)
    feedback.closed_at = now
    await _move(feedback, FeedbackState.CLOSED, "closed", viewer=viewer, now=now)
    return feedback


async def _ask(
    viewer: Viewer, partner_id: UUID, text: str, now: datetime, **about: UUID
) -> PerformanceFeedback:
    """Write it down; what it is about is held."""
    if await PerformanceFeedback.filter(**about, state__not=FeedbackState.CLOSED).exists():
        raise guards.AskedAlready()
    feedback = PerformanceFeedback(
        id=new_id(),
        created_at=now,
        partner_id=partner_id,
        text=text,
        asked_by=viewer.display_name,
        **about,
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


class _Standing:
    """A line with the state of its sheet, as guards read it."""

    def __init__(self, partner_id: UUID, state: PerformanceState) -> None:
        self.partner_id = partner_id
        self.state = state


async def _standing(line: PerformanceLine) -> _Standing:
    sheet = await PerformanceSheet.get_or_none(id=line.sheet_id)
    return _Standing(line.partner_id, sheet.state if sheet else PerformanceState.ESTIMATED)


async def _held(
    viewer: Viewer, feedback_id: UUID, guard: Guard, now: datetime
) -> PerformanceFeedback:
    feedback = await FEEDBACK.lock(
        PerformanceFeedback, feedback_id, viewer=viewer, now=now, thing="feedback"
    )
    refuse(guard(feedback, viewer, now))
    return feedback


async def _move(
    feedback: PerformanceFeedback,
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
