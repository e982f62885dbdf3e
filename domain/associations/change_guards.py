"""What stands in the way of each action on a change of an association (domain.md 5.5).

Pure functions of (row, viewer, now). What other rows decide, as an open change or the three months
between two, is found out when a change is asked for.
"""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.associations.change_checks import Account, ChangeCheckFailed, failures
from domain.customers.guards import CustomerOfAnotherPartner
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from kit.status import WrongStatus
from models.associations import ChangeInitiator, ChangeKind
from models.associations import ChangeStatus as Status
from models.customers import AssociationType


class NotAssociated(Problem):
    """The customer belongs to no partner."""

    en = "The customer isn't associated with a partner."
    zh = "客户未关联伙伴。"


class OnlyTheTwoSides(Problem):
    """An association is a matter between its partner and its customer."""

    en = "Only the partner and the customer themselves can do this."
    zh = "仅伙伴与客户双方可以执行此操作。"


class OtherSideDecides(Problem):
    """Who asked can only take it back."""

    en = "You have asked for this change, so the other side decides; you can cancel it."
    zh = "该变更由您方发起,须由对方处理,您可以取消。"


class OnlyInitiatorCancels(Problem):
    """Who was asked can only decide."""

    en = "The other side has asked for this change; you can approve or reject it."
    zh = "该变更由对方发起,您可以同意或驳回。"


class ChangeTimedOut(Problem):
    """Nobody decided in time, where the platform has set a time for it (A-10)."""

    en = "Nobody decided until {expired_at:%Y-%m-%d %H:%M} UTC, so this change is off."
    zh = "该变更已于 {expired_at:%Y-%m-%d %H:%M}(UTC)超时失效。"
    about = {"expired_at": "When the time to decide was over."}
    expired_at: datetime


class ChangeRow(Protocol):
    """The columns of a change that guards read."""

    @property
    def partner_id(self) -> UUID: ...
    @property
    def customer_id(self) -> UUID: ...
    @property
    def initiator(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def expires_at(self) -> datetime | None: ...


class CustomerRow(Account, Protocol):
    """The columns of a customer that guards read."""

    @property
    def id(self) -> UUID: ...
    @property
    def partner_id(self) -> UUID | None: ...
    @property
    def association_type(self) -> str | None: ...


def initiator(viewer: Viewer) -> ChangeInitiator:
    """On which side somebody acts whom a guard has let pass."""
    is_customer = viewer.kind is ViewerKind.CUSTOMER
    return ChangeInitiator.CUSTOMER if is_customer else ChangeInitiator.PARTNER


def request(row: CustomerRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Either side of an association."""
    if problem := _is_side(viewer, row.partner_id, row.id):
        return problem
    return NotAssociated() if row.partner_id is None else None


def request_switch(row: CustomerRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Either side, if the account lets it be switched to the other type."""
    is_referral = row.association_type == AssociationType.REFERRAL
    to_type = AssociationType.AGENCY if is_referral else AssociationType.REFERRAL
    return request(row, viewer, now) or _checked(row, ChangeKind.SWITCH, to_type)


def request_end(row: CustomerRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Either side, if the account lets it go."""
    return request(row, viewer, now) or _checked(row, ChangeKind.DISASSOCIATE, None)


def approve(row: ChangeRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The side that was asked, in time."""
    return _decides(row, viewer, Status.APPROVED, now)


def reject(row: ChangeRow, viewer: Viewer, now: datetime) -> Problem | None:
    """As to approve."""
    return _decides(row, viewer, Status.REJECTED, now)


def cancel(row: ChangeRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The side that asked, until somebody has decided."""
    if problem := _is_side(viewer, row.partner_id, row.customer_id):
        return problem
    if initiator(viewer) != row.initiator:
        return OnlyInitiatorCancels()
    if row.status == Status.PRE_REVIEW:
        return None
    return _pending(row, Status.CANCELLED, now)


def review_pass(row: ChangeRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, while it waits for that."""
    return _reviews(row, viewer, Status.PENDING)


def review_fail(row: ChangeRow, viewer: Viewer, now: datetime) -> Problem | None:
    """As to let it pass."""
    return _reviews(row, viewer, Status.PRE_REVIEW_FAILED)


def _is_side(viewer: Viewer, partner_id: UUID | None, customer_id: UUID) -> Problem | None:
    if viewer.kind is ViewerKind.CUSTOMER and viewer.customer_id == customer_id:
        return None
    if viewer.kind is not ViewerKind.OPERATOR:
        return OnlyTheTwoSides()
    if not viewer.may(Item.ASSOCIATION_CHANGE):
        return Forbidden(needs=Item.ASSOCIATION_CHANGE)
    return CustomerOfAnotherPartner() if partner_id not in (None, viewer.partner_id) else None


def _checked(row: CustomerRow, kind: ChangeKind, to_type: AssociationType | None) -> Problem | None:
    failed = failures(row, kind=kind, to_type=to_type)
    return ChangeCheckFailed(checks=failed) if failed else None


def _decides(row: ChangeRow, viewer: Viewer, wanted: Status, now: datetime) -> Problem | None:
    if problem := _is_side(viewer, row.partner_id, row.customer_id):
        return problem
    if initiator(viewer) == row.initiator:
        return OtherSideDecides()
    return _pending(row, wanted, now)


def _pending(row: ChangeRow, wanted: Status, now: datetime) -> Problem | None:
    is_over = row.status == Status.PENDING and row.expires_at is not None and row.expires_at <= now
    if is_over or row.status == Status.TIMED_OUT:
        assert row.expires_at is not None
        return ChangeTimedOut(expired_at=row.expires_at)
    if row.status != Status.PENDING:
        return WrongStatus(status=str(row.status), wanted=wanted.value)
    return None


def _reviews(row: ChangeRow, viewer: Viewer, wanted: Status) -> Problem | None:
    if not viewer.may(Item.ASSOCIATION_REVIEW):
        return Forbidden(needs=Item.ASSOCIATION_REVIEW)
    if row.status != Status.PRE_REVIEW:
        return WrongStatus(status=str(row.status), wanted=wanted.value)
    return None


COLUMNS = ("partner_id", "customer_id", "initiator", "status", "expires_at")

# By the name of the mutation that does it.
ACTIONS: dict[str, Guard] = {
    "associationChangeApprove": approve,
    "associationChangeReject": reject,
    "associationChangeCancel": cancel,
    "associationChangeReviewPass": review_pass,
    "associationChangeReviewFail": review_fail,
}

# On the customer.
CUSTOMER_ACTIONS: dict[str, Guard] = {
    "associationSwitchRequest": request_switch,
    "associationEndRequest": request_end,
}
