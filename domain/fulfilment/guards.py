"""What stands in the way of each step of a supervised delivery (domain.md 5.9). Pure functions."""

from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from kit.status import WrongStatus
from models.supervision import AppealState
from models.supervision import SupervisionStep as Step

PATIENCE = 5 * timedelta(hours=24)  # F48: how long a merchant waits for the buyer
REJECTIONS = 3  # F48


class DeliveryOfAnotherCustomer(Problem):
    """The buyer says what it needs and whether it has got it."""

    en = "Only the customer who bought it does this."
    zh = "仅购买该商品的客户可以操作。"


class DeliveryOfAnotherMerchant(Problem):
    """Whose goods they are delivers them: the merchant, or the platform its own."""

    en = "Only whoever delivers it does this: its merchant, or the platform for its own goods."
    zh = "仅该商品的交付方(商家,或自营商品的平台)可以操作。"


class AppealIsOpen(Problem):
    """The platform is deciding; until then nothing moves."""

    en = "The merchant has appealed: the platform decides first."
    zh = "商家已申诉,须待平台裁决。"


class NothingToAppeal(Problem):
    """An appeal needs three rejections, or five days of silence (F48)."""

    en = (
        "There is nothing to appeal against yet: the buyer has rejected it {rejection_count} times,"
        " and three or five days of silence are needed."
    )
    zh = "暂不满足申诉条件:买家已驳回 {rejection_count} 次,须驳回满 3 次或验收超过 5 天未处理。"
    about = {"rejection_count": "How often the buyer has rejected it."}
    rejection_count: int


class SupervisionRow(Protocol):
    """The columns of a supervised delivery that guards read."""

    @property
    def customer_id(self) -> UUID: ...
    @property
    def partner_id(self) -> UUID | None: ...
    @property
    def merchant_id(self) -> UUID | None: ...
    @property
    def step(self) -> str: ...
    @property
    def step_since(self) -> datetime: ...
    @property
    def rejections(self) -> int: ...
    @property
    def appeal(self) -> str: ...
    @property
    def needs_review(self) -> bool: ...


def submit_requirement(row: SupervisionRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The buyer, or its partner on behalf of it."""
    is_home = viewer.kind is ViewerKind.OPERATOR and viewer.partner_id == row.partner_id
    buyer = None if is_home and viewer.may(Item.ORDER_PLACE) else _buys(row, viewer)
    return buyer or _is_at(row, (Step.SUBMIT_REQUIREMENT,), Step.MERCHANT_CONFIRM)


def confirm(row: SupervisionRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Whoever delivers."""
    return _delivers(row, viewer) or _is_at(row, (Step.MERCHANT_CONFIRM,), Step.DELIVERING)


def send_back(row: SupervisionRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Whoever delivers, to whom the requirement doesn't say enough."""
    return _delivers(row, viewer) or _is_at(row, (Step.MERCHANT_CONFIRM,), Step.SUBMIT_REQUIREMENT)


def deliver(row: SupervisionRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Whoever delivers."""
    return _delivers(row, viewer) or _is_at(row, (Step.DELIVERING,), Step.BUYER_ACCEPT)


def accept(row: SupervisionRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The buyer alone: nobody accepts on behalf."""
    return _buys(row, viewer) or _is_at(row, (Step.BUYER_ACCEPT,), Step.DONE)


def reject(row: SupervisionRow, viewer: Viewer, now: datetime) -> Problem | None:
    """As to accept."""
    return _buys(row, viewer) or _is_at(row, (Step.BUYER_ACCEPT,), Step.DELIVERING)


def appeal(row: SupervisionRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Whoever delivers, once the buyer has rejected it three times or been silent for five days."""
    if problem := _delivers(row, viewer):
        return problem
    if problem := _is_at(row, (Step.DELIVERING, Step.BUYER_ACCEPT), Step.DONE):
        return problem
    is_waiting = row.step == Step.BUYER_ACCEPT and row.step_since + PATIENCE <= now
    is_stuck = row.rejections >= REJECTIONS and row.appeal == AppealState.NONE
    if not is_waiting and not is_stuck:
        return NothingToAppeal(rejection_count=row.rejections)
    return None


def decide_appeal(row: SupervisionRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform."""
    if not viewer.may(Item.ORDER_REVIEW):
        return Forbidden(needs=Item.ORDER_REVIEW)
    if row.appeal != AppealState.OPEN:
        return WrongStatus(status=str(row.appeal), wanted=AppealState.GRANTED.value)
    return None


def require_review(row: SupervisionRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, which looks at subsidised deliveries itself once they are accepted."""
    if not viewer.may(Item.ORDER_REVIEW):
        return Forbidden(needs=Item.ORDER_REVIEW)
    is_over = row.step in (Step.PLATFORM_REVIEW, Step.DONE, Step.CANCELLED)
    if is_over or row.needs_review:
        return WrongStatus(status=str(row.step), wanted=Step.PLATFORM_REVIEW.value)
    return None


def review(row: SupervisionRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, once the buyer has accepted."""
    if not viewer.may(Item.ORDER_REVIEW):
        return Forbidden(needs=Item.ORDER_REVIEW)
    return _is_at(row, (Step.PLATFORM_REVIEW,), Step.DONE)


def _buys(row: SupervisionRow, viewer: Viewer) -> Problem | None:
    if viewer.kind is ViewerKind.CUSTOMER and viewer.customer_id == row.customer_id:
        return None
    return DeliveryOfAnotherCustomer()


def _delivers(row: SupervisionRow, viewer: Viewer) -> Problem | None:
    if row.merchant_id is None:
        return None if viewer.may(Item.ORDER_REVIEW) else DeliveryOfAnotherMerchant()
    if viewer.kind is not ViewerKind.OPERATOR or viewer.partner_id != row.merchant_id:
        return DeliveryOfAnotherMerchant()
    return None if viewer.may(Item.DELIVERY_MANAGE) else Forbidden(needs=Item.DELIVERY_MANAGE)


def _is_at(row: SupervisionRow, needed: tuple[Step, ...], wanted: Step) -> Problem | None:
    if row.step not in needed:
        return WrongStatus(status=str(row.step), wanted=wanted.value)
    return AppealIsOpen() if row.appeal == AppealState.OPEN else None


COLUMNS = (
    "customer_id",
    "partner_id",
    "merchant_id",
    "step",
    "step_since",
    "rejections",
    "appeal",
    "needs_review",
)

# By the name of the mutation that does it.
ACTIONS: dict[str, Guard] = {
    "serviceRequirementSubmit": submit_requirement,
    "serviceRequirementConfirm": confirm,
    "serviceRequirementReturn": send_back,
    "serviceDeliver": deliver,
    "serviceAccept": accept,
    "serviceReject": reject,
    "serviceAppeal": appeal,
    "serviceAppealDecide": decide_appeal,
    "serviceReviewRequire": require_review,
    "serviceReview": review,
}
