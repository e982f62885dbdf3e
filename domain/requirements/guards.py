"""What stands in the way of each action on a requirement (domain.md 5.8). Pure functions."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from kit.status import WrongStatus
from models.requirements import Rejection
from models.requirements import RequirementStatus as Status


class RequirementExpired(Problem):
    """Five times 24 hours went by without an answer, which is a no (R-04)."""

    en = "The merchant was silent until {expired_at:%Y-%m-%d %H:%M} UTC, which counts as a refusal."
    zh = "商家在 {expired_at:%Y-%m-%d %H:%M}(UTC)前未接收,视为拒绝。"
    about = {"expired_at": "When the five days were over."}
    expired_at: datetime


class RequirementOfAnotherPartner(Problem):
    """Its own partner's people ask, edit and take back; others look on."""

    en = "Only the partner whose customer it is does this."
    zh = "仅该需求所属的伙伴可以操作。"


class RequirementOfAnotherMerchant(Problem):
    """The merchant who was asked answers."""

    en = "Only the merchant who was asked does this."
    zh = "仅该需求所属的商家可以操作。"


class RequirementRow(Protocol):
    """The columns of a requirement that guards read."""

    @property
    def partner_id(self) -> UUID: ...
    @property
    def merchant_id(self) -> UUID: ...
    @property
    def status(self) -> str: ...
    @property
    def rejection(self) -> str | None: ...
    @property
    def expires_at(self) -> datetime | None: ...


def edit(row: RequirementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner, while it is a draft."""
    return _asks(row, viewer) or _is_in((Status.DRAFT,), row, Status.DRAFT, now)


def submit(row: RequirementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner, while it is a draft; the goods are looked at when it is done."""
    return _asks(row, viewer) or _is_in((Status.DRAFT,), row, Status.PENDING_MERCHANT, now)


def cancel(row: RequirementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner, until the merchant has answered."""
    open_ones = (Status.DRAFT, Status.PENDING_MERCHANT)
    return _asks(row, viewer) or _is_in(open_ones, row, Status.CANCELLED, now)


def close(row: RequirementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner, once it is accepted; a live private offer may still stand in the way."""
    return _asks(row, viewer) or _is_in((Status.ACCEPTED,), row, Status.CLOSED, now)


def accept(row: RequirementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The merchant, before the deadline: at it, it is too late."""
    pending = (Status.PENDING_MERCHANT,)
    return _answers(row, viewer) or _is_in(pending, row, Status.ACCEPTED, now)


def reject(row: RequirementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """As to accept."""
    pending = (Status.PENDING_MERCHANT,)
    return _answers(row, viewer) or _is_in(pending, row, Status.REJECTED, now)


def offer(row: RequirementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The merchant makes a private offer of what it has accepted; there may be one already."""
    return _answers(row, viewer) or _is_in((Status.ACCEPTED,), row, Status.ACCEPTED, now)


def _asks(row: RequirementRow, viewer: Viewer) -> Problem | None:
    if not viewer.may(Item.REQUIREMENT_MANAGE):
        return Forbidden(needs=Item.REQUIREMENT_MANAGE)
    if viewer.kind is not ViewerKind.SYSTEM and viewer.partner_id != row.partner_id:
        return RequirementOfAnotherPartner()
    return None


def _answers(row: RequirementRow, viewer: Viewer) -> Problem | None:
    if not viewer.may(Item.PRIVATE_OFFER_MANAGE):
        return Forbidden(needs=Item.PRIVATE_OFFER_MANAGE)
    if viewer.kind is not ViewerKind.SYSTEM and viewer.partner_id != row.merchant_id:
        return RequirementOfAnotherMerchant()
    return None


def _is_in(
    needed: tuple[Status, ...], row: RequirementRow, wanted: Status, now: datetime
) -> Problem | None:
    is_over = row.expires_at is not None and row.expires_at <= now
    was_silent = row.rejection == Rejection.TIMEOUT
    if was_silent or (row.status == Status.PENDING_MERCHANT and is_over):
        assert row.expires_at is not None
        return RequirementExpired(expired_at=row.expires_at)
    if row.status not in needed:
        return WrongStatus(status=str(row.status), wanted=wanted.value)
    return None


COLUMNS = ("partner_id", "merchant_id", "status", "rejection", "expires_at")

# By the name of the mutation that does it.
ACTIONS: dict[str, Guard] = {
    "customerRequirementEdit": edit,
    "customerRequirementSubmit": submit,
    "customerRequirementCancel": cancel,
    "customerRequirementClose": close,
    "customerRequirementAccept": accept,
    "customerRequirementReject": reject,
    "privateOfferCreate": offer,
}
