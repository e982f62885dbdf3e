"""What stands in the way of each action on an incentive (5.14). Pure functions."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.performance.guards import FeedbackRow, is_open
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from kit.status import WrongStatus
from models.feedback import FeedbackState as Feedback
from models.incentives import IncentiveState as State


class IncentiveOfAnotherPartner(Problem):
    """Whose incentive it is confirms it, asks about it and applies for it."""

    en = "Only the partner that earns it does this."
    zh = "仅该激励所属伙伴可以操作。"


class IncentiveIsConfirmed(Problem):
    """Its days are over, which counts as a confirmation (I-14)."""

    en = "Since {confirm_by:%Y-%m-%d %H:%M} UTC it counts as confirmed."
    zh = "确认期限已于 {confirm_by:%Y-%m-%d %H:%M}(UTC)截止,系统已自动确认。"
    about = {"confirm_by": "The instant from which silence is a confirmation."}
    confirm_by: datetime


class IncentiveRow(Protocol):
    """The columns of an incentive that guards read."""

    @property
    def partner_id(self) -> UUID: ...
    @property
    def state(self) -> str: ...
    @property
    def confirm_by(self) -> datetime | None: ...


def confirm(row: IncentiveRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Its partner, in time: at the deadline it is confirmed."""
    return is_theirs(row.partner_id, viewer) or _waits(row, State.CONFIRMED, now)


def ask(row: IncentiveRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Its partner, as long as it is to confirm it."""
    return is_theirs(row.partner_id, viewer) or _waits(row, State.TO_CONFIRM, now)


def answer(row: FeedbackRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, once."""
    if not viewer.may(Item.INCENTIVE_POLICY):
        return Forbidden(needs=Item.INCENTIVE_POLICY)
    return is_open(row, Feedback.ANSWERED)


def close(row: FeedbackRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Who has asked, whether or not it is answered."""
    return is_theirs(row.partner_id, viewer) or is_open(row, Feedback.CLOSED)


def is_theirs(partner_id: UUID, viewer: Viewer) -> Problem | None:
    """Whether the viewer is of the partner and may manage its incentives."""
    if viewer.kind is not ViewerKind.OPERATOR or viewer.partner_id != partner_id:
        return IncentiveOfAnotherPartner()
    needed = Item.INCENTIVE_MANAGE
    return None if viewer.may(needed) else Forbidden(needs=needed)


def _waits(row: IncentiveRow, wanted: State, now: datetime) -> Problem | None:
    if row.state != State.TO_CONFIRM:
        return WrongStatus(status=str(row.state), wanted=wanted.value)
    if row.confirm_by is not None and row.confirm_by <= now:
        return IncentiveIsConfirmed(confirm_by=row.confirm_by)
    return None


COLUMNS = ("partner_id", "state", "confirm_by")
FEEDBACK_COLUMNS = ("partner_id", "state")

# By the name of the mutation that does it.
ACTIONS: dict[str, Guard] = {"incentiveConfirm": confirm, "incentiveFeedbackOpen": ask}
FEEDBACK_ACTIONS: dict[str, Guard] = {
    "incentiveFeedbackAnswer": answer,
    "incentiveFeedbackClose": close,
}
