"""What stands in the way of each action on a customer. Pure functions of (row, viewer, now)."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from models.customers import AssociationType, Freeze


class CustomerOfAnotherPartner(Problem):
    """A distributor sees its resellers' customers, the platform all; their partner manages them."""

    en = "It belongs to another partner: you see it, but only that partner manages it."
    zh = "该客户属于其他伙伴,您可以查看,但仅该伙伴可以管理。"


class NotAnAgencyCustomer(Problem):
    """A referral customer pays for itself, so its partner has nothing to freeze (C-01, C-24)."""

    en = "Only agency customers can be frozen by their partner."
    zh = "伙伴仅可冻结代售类客户。"


class AlreadyFrozen(Problem):
    """It is frozen to just this extent."""

    en = "The customer is frozen already ({freeze})."
    zh = "客户已处于冻结状态({freeze})。"
    about = {"freeze": "What of it is frozen."}
    freeze: str


class NotFrozen(Problem):
    """There is nothing to unfreeze."""

    en = "The customer isn't frozen."
    zh = "客户未被冻结。"


class FrozenByPlatform(Problem):
    """What the platform has frozen, only the platform unfreezes."""

    en = "The platform has frozen this customer; only the platform can unfreeze it."
    zh = "该客户由平台冻结,仅平台可以解冻。"


class CustomerRow(Protocol):
    """The columns of a customer that guards read."""

    @property
    def partner_id(self) -> UUID | None: ...
    @property
    def association_type(self) -> str | None: ...
    @property
    def freeze(self) -> str: ...
    @property
    def frozen_by_platform(self) -> bool: ...


def reveal(row: CustomerRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Its own partner's people and the platform's, with the right."""
    return _manages(row, viewer, Item.CUSTOMER_REVEAL, staff=True)


def tag(row: CustomerRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Its own partner's people."""
    return _manages(row, viewer, Item.CUSTOMER_EDIT)


def assign(row: CustomerRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Its own partner's people (C-13)."""
    return _manages(row, viewer, Item.CUSTOMER_ASSIGN)


def freeze(row: CustomerRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner of an agency customer, or the platform; what the platform froze stays its own."""
    return _freezes(row, viewer)


def unfreeze(row: CustomerRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Who could freeze it, and what the platform froze only the platform."""
    if problem := _freezes(row, viewer):
        return problem
    return NotFrozen() if row.freeze == Freeze.NONE else None


def rate(row: CustomerRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform."""
    return None if viewer.may(Item.CUSTOMER_LEVEL) else Forbidden(needs=Item.CUSTOMER_LEVEL)


def _freezes(row: CustomerRow, viewer: Viewer) -> Problem | None:
    if problem := _manages(row, viewer, Item.CUSTOMER_FREEZE, staff=True):
        return problem
    if viewer.kind is ViewerKind.OPERATOR and row.association_type != AssociationType.AGENCY:
        return NotAnAgencyCustomer()
    if viewer.kind is ViewerKind.OPERATOR and row.frozen_by_platform:
        return FrozenByPlatform()
    return None


def _manages(
    row: CustomerRow, viewer: Viewer, item: Item, *, staff: bool = False
) -> Problem | None:
    if not viewer.may(item):
        return Forbidden(needs=item)
    if viewer.kind is ViewerKind.SYSTEM or (staff and viewer.kind is ViewerKind.STAFF):
        return None
    if viewer.partner_id is None or viewer.partner_id != row.partner_id:
        return CustomerOfAnotherPartner()
    return None


COLUMNS = ("partner_id", "association_type", "freeze", "frozen_by_platform")

# By the name of the mutation that does it.
ACTIONS: dict[str, Guard] = {
    "customerReveal": reveal,
    "customerTagsSet": tag,
    "customerAssign": assign,
    "customerUnassign": assign,
    "customerFreeze": freeze,
    "customerUnfreeze": unfreeze,
    "customerLevelSet": rate,
    "customerSegmentSet": rate,
}
