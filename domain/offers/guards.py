"""What stands in the way of each action on an offer (domain.md 5.7). Pure functions."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from kit.status import WrongStatus
from models.offers import ApplicationStatus, OfferOrigin
from models.offers import OfferStatus as Status


class OfferOfAnotherPartner(Problem):
    """A distributor sees its resellers' offers, the platform all; only their partner acts."""

    en = "This offer belongs to another partner: you see it, but only that partner can change it."
    zh = "该专属优惠属于其他伙伴,您可以查看,但仅该伙伴可以操作。"


class OfferExpired(Problem):
    """The time of the offer is over."""

    en = "This offer ended at {expired_at:%Y-%m-%d %H:%M} UTC."
    zh = "专属优惠已于 {expired_at:%Y-%m-%d %H:%M}(UTC)失效。"
    about = {"expired_at": "When it ended."}
    expired_at: datetime


class MadeByAnOrder(Problem):
    """What the payment of an order has made is a part of that order (X-09)."""

    en = "An order made this offer when it was paid; it can't be changed by hand."
    zh = "该专属优惠由订单支付时系统自动创建,不支持人工操作。"


class OfferRow(Protocol):
    """The columns of an offer that guards read."""

    @property
    def partner_id(self) -> UUID: ...
    @property
    def status(self) -> str: ...
    @property
    def origin(self) -> str: ...
    @property
    def effective_at(self) -> datetime: ...
    @property
    def expires_at(self) -> datetime: ...


class ApplicationRow(Protocol):
    """The columns of a special commercial application that guards read."""

    @property
    def status(self) -> str: ...
    @property
    def expires_at(self) -> datetime: ...


def status_at(row: OfferRow, now: datetime) -> Status:
    """Where an offer stands at `now`: from its first instant on in force, over from its last on."""
    status = Status(row.status)
    if status is Status.SCHEDULED and row.effective_at <= now:
        status = Status.EFFECTIVE
    if status in (Status.EFFECTIVE, Status.MANUAL_REVIEW) and row.expires_at <= now:
        status = Status.EXPIRED
    return status


def edit(row: OfferRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Its partner's people, as long as it is a draft."""
    return _manages(row, viewer) or _is_a_draft(row, Status.DRAFT)


def submit(row: OfferRow, viewer: Viewer, now: datetime) -> Problem | None:
    """As to edit."""
    return _manages(row, viewer) or _is_a_draft(row, Status.SYSTEM_REVIEW)


def withdraw(row: OfferRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Its partner's people until it is over; what an order has made stays."""
    if problem := _manages(row, viewer):
        return problem
    if row.origin == OfferOrigin.AUTOMATIC:
        return MadeByAnOrder()
    status = status_at(row, now)
    if status is Status.EXPIRED:
        return OfferExpired(expired_at=row.expires_at)
    if status.is_final:
        return WrongStatus(status=status.value, wanted=Status.WITHDRAWN.value)
    return None


def take(row: ApplicationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, once."""
    return _decides(row, viewer, ApplicationStatus.IN_CRM, now)


def grant(row: ApplicationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, before the offer's end."""
    return _decides(row, viewer, ApplicationStatus.GRANTED, now)


def reject(row: ApplicationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """As to grant."""
    return _decides(row, viewer, ApplicationStatus.REJECTED, now)


def _manages(row: OfferRow, viewer: Viewer) -> Problem | None:
    if not viewer.may(Item.OFFER_MANAGE):
        return Forbidden(needs=Item.OFFER_MANAGE)
    if viewer.kind is not ViewerKind.SYSTEM and viewer.partner_id != row.partner_id:
        return OfferOfAnotherPartner()
    return None


def _is_a_draft(row: OfferRow, wanted: Status) -> Problem | None:
    if row.status != Status.DRAFT:
        return WrongStatus(status=str(row.status), wanted=wanted.value)
    return None


def _decides(
    row: ApplicationRow, viewer: Viewer, wanted: ApplicationStatus, now: datetime
) -> Problem | None:
    if not viewer.may(Item.OFFER_REVIEW):
        return Forbidden(needs=Item.OFFER_REVIEW)
    status = ApplicationStatus(row.status)
    if not status.is_final and row.expires_at <= now:
        return OfferExpired(expired_at=row.expires_at)
    if wanted not in status.arrows().get(status, frozenset()):
        return WrongStatus(status=status.value, wanted=wanted.value)
    return None


COLUMNS = ("partner_id", "status", "origin", "effective_at", "expires_at")
APPLICATION_COLUMNS = ("status", "expires_at")

# By the name of the mutation that does it.
ACTIONS: dict[str, Guard] = {
    "exclusiveOfferEdit": edit,
    "exclusiveOfferSubmit": submit,
    "exclusiveOfferWithdraw": withdraw,
}
APPLICATION_ACTIONS: dict[str, Guard] = {
    "specialApplicationTake": take,
    "specialApplicationGrant": grant,
    "specialApplicationReject": reject,
}
