"""What stands in the way of each action on a refund (domain.md 5.9). Pure functions."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from kit.status import WrongStatus
from models.refunds import RefundStatus as Status


class RefundOfAnotherMerchant(Problem):
    """Whose goods they are decides: the merchant, or the platform on its own."""

    en = "Only whoever sold it decides: its merchant, or the platform on its own goods."
    zh = "仅该商品的商家(自营商品为平台)可以审批退订。"


class RefundOfAnotherCustomer(Problem):
    """Whoever has paid asks for its money."""

    en = "Only the customer who bought it does this."
    zh = "仅购买该商品的客户可以操作。"


class RefundIsAccepted(Problem):
    """Fifteen days went by without a decision, which is a yes (F16)."""

    en = "The time to decide was over at {decide_by:%Y-%m-%d %H:%M} UTC: it counts as accepted."
    zh = "审批期限已于 {decide_by:%Y-%m-%d %H:%M}(UTC)截止,视为同意退订。"
    about = {"decide_by": "The instant from which silence is a yes."}
    decide_by: datetime


class RefundRow(Protocol):
    """The columns of a refund that guards read."""

    @property
    def customer_id(self) -> UUID: ...
    @property
    def merchant_id(self) -> UUID | None: ...
    @property
    def status(self) -> str: ...
    @property
    def decide_by(self) -> datetime | None: ...


def accept(row: RefundRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Whoever sold it, in time."""
    return _sold(row, viewer) or _is_open(row, Status.REFUNDED, now)


def reject(row: RefundRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Whoever sold it, in time: at the deadline it is too late."""
    return _sold(row, viewer) or _is_open(row, Status.REJECTED, now)


def cancel(row: RefundRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The customer, as long as nothing is decided."""
    if viewer.kind is not ViewerKind.CUSTOMER or viewer.customer_id != row.customer_id:
        return RefundOfAnotherCustomer()
    return _is_open(row, Status.CANCELLED, now)


def override(row: RefundRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform: over a merchant's no, or before it has said anything."""
    if not viewer.may(Item.ORDER_REVIEW):
        return Forbidden(needs=Item.ORDER_REVIEW)
    if row.status == Status.REJECTED:
        return None
    return _is_open(row, Status.REFUNDED, now)


def _sold(row: RefundRow, viewer: Viewer) -> Problem | None:
    if row.merchant_id is None:
        return None if viewer.may(Item.ORDER_REVIEW) else RefundOfAnotherMerchant()
    if viewer.kind is not ViewerKind.OPERATOR or viewer.partner_id != row.merchant_id:
        return RefundOfAnotherMerchant()
    return None if viewer.may(Item.REFUND_DECIDE) else Forbidden(needs=Item.REFUND_DECIDE)


def _is_open(row: RefundRow, wanted: Status, now: datetime) -> Problem | None:
    if row.status != Status.MERCHANT_REVIEW:
        return WrongStatus(status=str(row.status), wanted=wanted.value)
    if row.decide_by is not None and row.decide_by <= now:
        return RefundIsAccepted(decide_by=row.decide_by)
    return None


COLUMNS = ("customer_id", "merchant_id", "status", "decide_by")

# By the name of the mutation that does it.
ACTIONS: dict[str, Guard] = {
    "refundAccept": accept,
    "refundReject": reject,
    "refundCancel": cancel,
    "refundOverride": override,
}
