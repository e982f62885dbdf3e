"""What stands in the way of each action on a withdrawal. Pure functions of (row, viewer, now)."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.funds.owners import OnlyForItself
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from kit.status import WrongStatus
from models.funds import WithdrawalStatus as Status


class WithdrawalRow(Protocol):
    """The columns of a withdrawal that guards read."""

    @property
    def partner_id(self) -> UUID | None: ...
    @property
    def customer_id(self) -> UUID | None: ...
    @property
    def status(self) -> str: ...


def approve(row: WithdrawalRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, once."""
    return _decides(row, viewer, Status.APPROVED)


def reject(row: WithdrawalRow, viewer: Viewer, now: datetime) -> Problem | None:
    """As to approve."""
    return _decides(row, viewer, Status.REJECTED)


def delete(row: WithdrawalRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Who has applied, once it is rejected."""
    if viewer.kind is ViewerKind.CUSTOMER:
        mine = viewer.customer_id is not None and viewer.customer_id == row.customer_id
    else:
        mine = viewer.partner_id is not None and viewer.partner_id == row.partner_id
        if mine and not viewer.may(Item.FUNDS_WITHDRAW):
            return Forbidden(needs=Item.FUNDS_WITHDRAW)
    if not mine:
        return OnlyForItself()
    if row.status != Status.REJECTED:
        return WrongStatus(status=str(row.status), wanted="DELETED")
    return None


def _decides(row: WithdrawalRow, viewer: Viewer, wanted: Status) -> Problem | None:
    if not viewer.may(Item.FUNDS_REVIEW):
        return Forbidden(needs=Item.FUNDS_REVIEW)
    status = Status(row.status)
    if wanted not in status.arrows().get(status, frozenset()):
        return WrongStatus(status=status.value, wanted=wanted.value)
    return None


COLUMNS = ("partner_id", "customer_id", "status")

# By the name of the mutation that does it.
ACTIONS: dict[str, Guard] = {
    "withdrawalApprove": approve,
    "withdrawalReject": reject,
    "withdrawalDelete": delete,
}
