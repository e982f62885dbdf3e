"""Questions about sheets and lines (问题反馈, I-04): they hold nothing up."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.performance import guards, questions
from domain.performance.policy import FEEDBACK, LINES, SHEETS
from domain.performance.questions import LONGEST
from kit import texts
from kit.guards import Guard, refuse
from kit.transaction import transactional
from models.feedback import PerformanceFeedback
from models.performance import PerformanceLine, PerformanceSheet, PerformanceState


@transactional
async def ask_about_sheet(
    *, viewer: Viewer, sheet_id: UUID, text: str, now: datetime
) -> PerformanceFeedback:
    """Ask about a sheet. Raises AskedAlready while an earlier question isn't closed."""
    permissions.require(viewer, "performanceFeedbackOpen")
    text = texts.needed(text, longest=LONGEST, path=("input", "text"))
    sheet = await SHEETS.lock(PerformanceSheet, sheet_id, viewer=viewer, now=now, thing="sheet")
    refuse(guards.ask(sheet, viewer, now))
    return await questions.ask(
        PerformanceFeedback,
        viewer=viewer,
        partner_id=sheet.partner_id,
        text=text,
        now=now,
        sheet_id=sheet.id,
    )


@transactional
async def ask_about_line(
    *, viewer: Viewer, line_id: UUID, text: str, now: datetime
) -> PerformanceFeedback:
    """Ask about a line of a sheet; as `ask_about_sheet`. Raises WrongStatus for an estimate."""
    permissions.require(viewer, "performanceFeedbackOpen")
    text = texts.needed(text, longest=LONGEST, path=("input", "text"))
    line = await LINES.lock(PerformanceLine, line_id, viewer=viewer, now=now, thing="line")
    refuse(guards.ask(await _standing(line), viewer, now))
    return await questions.ask(
        PerformanceFeedback,
        viewer=viewer,
        partner_id=line.partner_id,
        text=text,
        now=now,
        line_id=line.id,
    )


@transactional
async def answer(
    *, viewer: Viewer, feedback_id: UUID, text: str, now: datetime
) -> PerformanceFeedback:
    """Answer a question; the platform's. Raises WrongStatus."""
    permissions.require(viewer, "performanceFeedbackAnswer")
    text = texts.needed(text, longest=LONGEST, path=("input", "answer"))
    feedback = await _held(viewer, feedback_id, guards.answer, now)
    return await questions.answer(feedback, text, viewer=viewer, now=now)


@transactional
async def close(*, viewer: Viewer, feedback_id: UUID, now: datetime) -> PerformanceFeedback:
    """Put a question away, answered or not; who has asked. Raises WrongStatus."""
    permissions.require(viewer, "performanceFeedbackClose")
    feedback = await _held(viewer, feedback_id, guards.close, now)
    return await questions.close(feedback, viewer=viewer, now=now)


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
