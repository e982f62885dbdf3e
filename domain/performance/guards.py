"""What stands in the way of each action on performance (5.13). Pure functions."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from kit.status import WrongStatus
from models.feedback import FeedbackState as Feedback
from models.performance import PerformanceState as State


class AskedAlready(Problem):
    """There is a question about it that isn't closed; one at a time."""

    en = "There is a question about it already that isn't closed."
    zh = "该业绩已有未关闭的问题反馈。"


class OnlyPartnersAsk(Problem):
    """Whose performance it is asks about it; the platform answers."""

    en = "Only the partner whose performance it is asks about it."
    zh = "仅业绩所属伙伴可以提交或关闭问题反馈。"


class SheetRow(Protocol):
    """The columns of a sheet that guards read."""

    @property
    def partner_id(self) -> UUID: ...
    @property
    def state(self) -> str: ...


class FeedbackRow(SheetRow, Protocol):
    """Those of a question."""


def approve(row: SheetRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, once."""
    if not viewer.may(Item.PERFORMANCE_REVIEW):
        return Forbidden(needs=Item.PERFORMANCE_REVIEW)
    if row.state != State.DRAFT:
        return WrongStatus(status=str(row.state), wanted=State.FINAL.value)
    return None


def ask(row: SheetRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner itself, about a draft or what is final; estimates still move."""
    if refused := is_theirs(row, viewer, Item.PERFORMANCE_VIEW):
        return refused
    if row.state == State.ESTIMATED:
        return WrongStatus(status=str(row.state), wanted=Feedback.OPEN.value)
    return None


def adjust(row: object, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, at any time: it is a line of the month that runs."""
    needed = Item.PERFORMANCE_REVIEW
    return None if viewer.may(needed) else Forbidden(needs=needed)


def answer(row: FeedbackRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, once."""
    if not viewer.may(Item.PERFORMANCE_REVIEW):
        return Forbidden(needs=Item.PERFORMANCE_REVIEW)
    return is_open(row, Feedback.ANSWERED)


def close(row: FeedbackRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Who has asked, whether or not it is answered."""
    return is_theirs(row, viewer, Item.PERFORMANCE_VIEW) or is_open(row, Feedback.CLOSED)


def is_theirs(row: SheetRow, viewer: Viewer, needed: Item) -> Problem | None:
    """Whether the viewer is of the partner and may do this for it."""
    if viewer.kind is not ViewerKind.OPERATOR or viewer.partner_id != row.partner_id:
        return OnlyPartnersAsk()
    return None if viewer.may(needed) else Forbidden(needs=needed)


def is_open(row: FeedbackRow, wanted: Feedback) -> Problem | None:
    """Whether a question can become this."""
    if wanted not in Feedback.arrows().get(row.state, frozenset()):
        return WrongStatus(status=str(row.state), wanted=wanted.value)
    return None


COLUMNS = ("partner_id", "state")

# By the name of the mutation that does it.
SHEET_ACTIONS: dict[str, Guard] = {
    "performanceSheetApprove": approve,
    "performanceFeedbackOpen": ask,
}
LINE_ACTIONS: dict[str, Guard] = {
    "performanceAdjustmentEnter": adjust,
    "performanceFeedbackOpen": ask,
}
FEEDBACK_ACTIONS: dict[str, Guard] = {
    "performanceFeedbackAnswer": answer,
    "performanceFeedbackClose": close,
}
