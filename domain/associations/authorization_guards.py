"""What stands in the way of each action on an authorization to act on behalf (domain.md 5.6).

Pure functions of (row, viewer, now).
"""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.associations.change_guards import NotAssociated
from domain.customers.guards import CustomerOfAnotherPartner
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from kit.status import WrongStatus
from models.associations import AuthorizationStatus as Status
from models.customers import AssociationType, Freeze


class OnlyForAgencyCustomers(Problem):
    """Referral customers act for themselves (C-10, C-11)."""

    en = "Partners act on behalf of agency customers only."
    zh = "仅支持代代售类客户操作。"


class CustomerIsFrozen(Problem):
    """For a frozen customer there is nothing to order or operate."""

    en = "The customer is frozen; it has to be unfrozen first."
    zh = "客户已冻结,请先解冻。"


class OnlyTheCustomerDecides(Problem):
    """Nobody but the customer gives leave to act on its behalf, or takes it."""

    en = "Only the customer itself decides who acts on its behalf."
    zh = "仅客户本人可以处理代客授权。"


class OnlyTheDistributorDecides(Problem):
    """What a reseller asks for goes to its distributor first (C-23)."""

    en = "The reseller's distributor has to decide first."
    zh = "须先由云经销商所属总经销商处理。"


class AuthorizationRow(Protocol):
    """The columns of an authorization that guards read."""

    @property
    def partner_id(self) -> UUID: ...
    @property
    def customer_id(self) -> UUID: ...
    @property
    def status(self) -> str: ...


class CustomerRow(Protocol):
    """The columns of a customer that guards read."""

    @property
    def partner_id(self) -> UUID | None: ...
    @property
    def association_type(self) -> str | None: ...
    @property
    def freeze(self) -> str: ...


def request(row: CustomerRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner of an agency customer that isn't frozen."""
    if not viewer.may(Item.ON_BEHALF_REQUEST):
        return Forbidden(needs=Item.ON_BEHALF_REQUEST)
    if row.partner_id is None:
        return NotAssociated()
    if viewer.partner_id != row.partner_id:
        return CustomerOfAnotherPartner()
    return usable(row)


def usable(row: CustomerRow) -> Problem | None:
    """What of the customer forbids acting for it, whoever wants to."""
    if row.association_type != AssociationType.AGENCY:
        return OnlyForAgencyCustomers()
    return CustomerIsFrozen() if row.freeze != Freeze.NONE else None


def endorse(row: AuthorizationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The reseller's distributor, as the first of two."""
    if row.status != Status.DISTRIBUTOR_PENDING:
        return WrongStatus(status=str(row.status), wanted=Status.REQUESTED.value)
    return _is_distributor(row, viewer)


def grant(row: AuthorizationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The customer, once the distributor has said yes."""
    if problem := _is_customer(row, viewer):
        return problem
    if row.status == Status.DISTRIBUTOR_PENDING:
        return OnlyTheDistributorDecides()
    if row.status != Status.REQUESTED:
        return WrongStatus(status=str(row.status), wanted=Status.GRANTED.value)
    return None


def reject(row: AuthorizationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Whose turn it is: the distributor's, then the customer's."""
    if row.status == Status.DISTRIBUTOR_PENDING:
        return _is_distributor(row, viewer)
    if problem := _is_customer(row, viewer):
        return problem
    if row.status != Status.REQUESTED:
        return WrongStatus(status=str(row.status), wanted=Status.REJECTED.value)
    return None


def revoke(row: AuthorizationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The customer, at any time."""
    if problem := _is_customer(row, viewer):
        return problem
    if row.status != Status.GRANTED:
        return WrongStatus(status=str(row.status), wanted=Status.REVOKED.value)
    return None


def withdraw(row: AuthorizationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner that has asked, at any time."""
    if not viewer.may(Item.ON_BEHALF_REQUEST):
        return Forbidden(needs=Item.ON_BEHALF_REQUEST)
    if viewer.partner_id != row.partner_id:
        return CustomerOfAnotherPartner()
    if row.status in (Status.REJECTED, Status.REVOKED):
        return WrongStatus(status=str(row.status), wanted=Status.REVOKED.value)
    return None


def _is_customer(row: AuthorizationRow, viewer: Viewer) -> Problem | None:
    is_it = viewer.kind is ViewerKind.CUSTOMER and viewer.customer_id == row.customer_id
    return None if is_it else OnlyTheCustomerDecides()


def _is_distributor(row: AuthorizationRow, viewer: Viewer) -> Problem | None:
    """Somebody who sees a reseller's business from above sits at its distributor."""
    is_above = viewer.partner_id != row.partner_id and row.partner_id in viewer.partner_ids
    if viewer.kind is not ViewerKind.OPERATOR or not is_above:
        return OnlyTheDistributorDecides()
    if not viewer.may(Item.ON_BEHALF_REQUEST):
        return Forbidden(needs=Item.ON_BEHALF_REQUEST)
    return None


COLUMNS = ("partner_id", "customer_id", "status")

# By the name of the mutation that does it.
ACTIONS: dict[str, Guard] = {
    "onBehalfAuthorizationEndorse": endorse,
    "onBehalfAuthorizationGrant": grant,
    "onBehalfAuthorizationReject": reject,
    "onBehalfAuthorizationRevoke": revoke,
    "onBehalfAuthorizationWithdraw": withdraw,
}

# On the customer.
CUSTOMER_ACTIONS: dict[str, Guard] = {"onBehalfAuthorizationRequest": request}
