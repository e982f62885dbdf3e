"""What stands in the way of each action on a private offer (domain.md 5.8). Pure functions."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from kit.status import WrongStatus
from models.private_offers import PrivateOfferStatus as Status


class PrivateOfferExpired(Problem):
    """Its time is over, whether or not a worker has come by."""

    en = "This private offer ended at {expired_at:%Y-%m-%d %H:%M} UTC."
    zh = "该商家优惠已于 {expired_at:%Y-%m-%d %H:%M}(UTC)失效。"
    about = {"expired_at": "When it ended."}
    expired_at: datetime


class PrivateOfferNotEffective(Problem):
    """It is published, and its time is still to come."""

    en = "This private offer begins at {effective_at:%Y-%m-%d %H:%M} UTC."
    zh = "该商家优惠将于 {effective_at:%Y-%m-%d %H:%M}(UTC)生效。"
    about = {"effective_at": "From when on it can be used."}
    effective_at: datetime


class PrivateOfferUsed(Problem):
    """One order uses it up."""

    en = "Another order has used this private offer."
    zh = "该商家优惠已被其他订单使用。"


class PrivateOfferWithdrawn(Problem):
    """The merchant has taken it back."""

    en = "The merchant has withdrawn this private offer."
    zh = "商家已撤回该优惠。"


class PrivateOfferOfAnotherMerchant(Problem):
    """The merchant who made it manages it; the partner and the platform look on."""

    en = "Only the merchant who made it does this."
    zh = "仅创建该优惠的商家可以操作。"


class OnlyVersion(Problem):
    """Nothing of the offer would be left without its first draft."""

    en = "It has never been published, so that this draft is all there is: delete the offer."
    zh = "该优惠尚未发布,请直接删除。"


class PrivateOfferRow(Protocol):
    """The columns of a private offer that guards read."""

    @property
    def merchant_id(self) -> UUID: ...
    @property
    def status(self) -> str: ...
    @property
    def effective_at(self) -> datetime: ...
    @property
    def expires_at(self) -> datetime: ...


def status_at(row: PrivateOfferRow, now: datetime) -> Status:
    """Where it stands at `now`: in force from its moment on and over at its end, worker or not."""
    status = Status(row.status)
    if status in (Status.PUBLISHED, Status.EFFECTIVE) and row.expires_at <= now:
        return Status.EXPIRED
    if status is Status.PUBLISHED and row.effective_at <= now:
        return Status.EFFECTIVE
    return status


def open_draft(row: PrivateOfferRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The merchant, while it is published and not over; a draft may be open already."""
    return _makes(row, viewer) or _is_in(_LIVE, row, Status.PUBLISHED, now)


def edit_draft(row: PrivateOfferRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The merchant, until it is over; there may be no draft."""
    return _makes(row, viewer) or _is_in((Status.DRAFT, *_LIVE), row, Status.DRAFT, now)


def discard_draft(row: PrivateOfferRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The merchant, when there is something published beside it."""
    if problem := _makes(row, viewer):
        return problem
    if row.status == Status.DRAFT:
        return OnlyVersion()
    return _is_in(_LIVE, row, Status.PUBLISHED, now)


def publish(row: PrivateOfferRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The merchant, until it is over; the goods are looked at when it is done."""
    return _makes(row, viewer) or _is_in((Status.DRAFT, *_LIVE), row, Status.PUBLISHED, now)


def withdraw(row: PrivateOfferRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The merchant, until an order has used it or it is over."""
    return _makes(row, viewer) or _is_in(_LIVE, row, Status.WITHDRAWN, now)


def delete(row: PrivateOfferRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The merchant, what nobody else has ever seen: published ones are withdrawn."""
    return _makes(row, viewer) or _is_in((Status.DRAFT,), row, Status.DRAFT, now)


def clone(row: PrivateOfferRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The merchant, whatever became of it."""
    return _makes(row, viewer)


def use(row: PrivateOfferRow, now: datetime) -> Problem | None:
    """An order, while it is in force."""
    status = status_at(row, now)
    if status is Status.EXPIRED:
        return PrivateOfferExpired(expired_at=row.expires_at)
    if status is Status.PUBLISHED:
        return PrivateOfferNotEffective(effective_at=row.effective_at)
    if status is Status.USED:
        return PrivateOfferUsed()
    if status is Status.WITHDRAWN:
        return PrivateOfferWithdrawn()
    if status is not Status.EFFECTIVE:
        return WrongStatus(status=status.value, wanted=Status.USED.value)
    return None


def _makes(row: PrivateOfferRow, viewer: Viewer) -> Problem | None:
    if not viewer.may(Item.PRIVATE_OFFER_MANAGE):
        return Forbidden(needs=Item.PRIVATE_OFFER_MANAGE)
    if viewer.kind is not ViewerKind.SYSTEM and viewer.partner_id != row.merchant_id:
        return PrivateOfferOfAnotherMerchant()
    return None


def _is_in(
    needed: tuple[Status, ...], row: PrivateOfferRow, wanted: Status, now: datetime
) -> Problem | None:
    status = status_at(row, now)
    if status is Status.EXPIRED:
        return PrivateOfferExpired(expired_at=row.expires_at)
    if status not in needed:
        return WrongStatus(status=status.value, wanted=wanted.value)
    return None


_LIVE = (Status.PUBLISHED, Status.EFFECTIVE)

COLUMNS = ("merchant_id", "status", "effective_at", "expires_at")

# By the name of the mutation that does it.
ACTIONS: dict[str, Guard] = {
    "privateOfferDraftOpen": open_draft,
    "privateOfferDraftEdit": edit_draft,
    "privateOfferDraftDiscard": discard_draft,
    "privateOfferPublish": publish,
    "privateOfferWithdraw": withdraw,
    "privateOfferDelete": delete,
    "privateOfferClone": clone,
}
