"""What stands in the way of each action on an export. Pure functions."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from domain.exports.lists import LISTS
from domain.exports.policy import is_administrator, is_creator
from domain.exports.viewing import covers
from domain.identity.viewer import Viewer
from kit.guards import Guard
from kit.problems import Problem
from kit.status import WrongStatus
from models.exports import ExportState as State


class ExportOfAnother(Problem):
    """Its creator has it done, and with the administrator may have the file."""

    en = "Only whoever made the export, or the administrator, can do this."
    zh = "仅导出任务的创建人或管理员可以操作。"


class ExportRightLost(Problem):
    """What is in the file is no longer the creator's business."""

    en = "You no longer have the right to this list."
    zh = "您已不再拥有查看该列表的权限。"


class ExportBeyondSight(Problem):
    """The file has what its creator, or the administrator, no longer sees."""

    en = "The file has more in it than you may see by now. Make the export anew."
    zh = "该文件包含您现已无权查看的内容,请重新导出。"


class ExportRow(Protocol):
    """The columns of an export that guards read."""

    @property
    def tenant_id(self) -> UUID: ...
    @property
    def created_by(self) -> UUID: ...
    @property
    def listing(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def seen_as(self) -> Any: ...


def cancel(row: ExportRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Creator or administrator, before it is done."""
    if not (is_creator(row, viewer) or is_administrator(row, viewer)):
        return ExportOfAnother()
    if row.state in (State.QUEUED, State.RUNNING):
        return None
    return WrongStatus(status=state_at(row, now).value, wanted=State.CANCELLED.value)


def retry(row: ExportRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The creator, since it is made by its right; once there is no file."""
    if not is_creator(row, viewer):
        return ExportOfAnother()
    if not may_list(row.listing, viewer):
        return ExportRightLost()
    state = state_at(row, now)
    if state in (State.FAILED, State.CANCELLED, State.EXPIRED):
        return None
    return WrongStatus(status=state.value, wanted=State.QUEUED.value)


def download(row: ExportRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Creator or administrator, while there is a file, and nothing in it is beyond them now."""
    if not (is_creator(row, viewer) or is_administrator(row, viewer)):
        return ExportOfAnother()
    if not may_list(row.listing, viewer):
        return ExportRightLost()
    state = state_at(row, now)
    if state is not State.DONE:
        return WrongStatus(status=state.value, wanted=State.DONE.value)
    return None if covers(viewer, row.seen_as) else ExportBeyondSight()


def withheld(row: ExportRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Why the viewer can't have a file that is there; None when it can, or there is none."""
    return download(row, viewer, now) if state_at(row, now) is State.DONE else None


def state_at(row: ExportRow, now: datetime) -> State:
    """Where it stands, to the microsecond of its end."""
    if row.state == State.DONE and row.expires_at is not None and row.expires_at <= now:
        return State.EXPIRED
    return State(row.state)


def may_list(listing: str, viewer: Viewer) -> bool:
    """Whether the viewer may still ask for the list at all."""
    known = LISTS.get(listing)
    if known is None:
        return False
    try:
        known.guard(viewer)
    except Problem:
        return False
    return True


COLUMNS = ("tenant_id", "created_by", "listing", "state", "expires_at", "seen_as")
ACTIONS: dict[str, Guard] = {"exportCancel": cancel, "exportRetry": retry}
