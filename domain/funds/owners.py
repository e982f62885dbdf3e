"""Whose money a workflow is about: a customer's or a partner's, held in the order of all locks."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.customers.policy import CUSTOMERS
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.ledger import accounts
from domain.partners.policy import PARTNERS
from kit.problems import Forbidden, InvalidInput, NotFound, Problem
from models.customers import AssociationType, Customer
from models.ledger import AccountKind, LedgerAccount
from models.partners import Partner


class OnlyForItself(Problem):
    """A partner brings in and takes out its own money; a customer does so for itself."""

    en = "Only the owner of an account recharges it and withdraws from it."
    zh = "仅账户所有者可以充值和提现。"


class MoneyOfThePartner(Problem):
    """What an agency customer has, its partner has given it (F-02): it goes back to the partner."""

    en = "An agency customer's money comes from its partner, and goes back to it."
    zh = "代售类客户的资金由伙伴拨付,请联系伙伴处理。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Exactly one of the two; a customer is held."""

    partner_id: UUID | None = None
    customer: Customer | None = None

    @property
    def customer_id(self) -> UUID | None:
        """The customer's id, if it is one."""
        return self.customer.id if self.customer else None

    @property
    def is_agency_customer(self) -> bool:
        """Whether its money is its partner's."""
        return (
            self.customer is not None and self.customer.association_type == AssociationType.AGENCY
        )

    async def account(self, kind: AccountKind, *, now: datetime) -> LedgerAccount:
        """The owner's account of this kind."""
        if self.customer is not None:
            return await accounts.of_customer(self.customer.id, kind, now=now)
        assert self.partner_id is not None
        return await accounts.of_partner(self.partner_id, kind, now=now)


async def own(viewer: Viewer, item: Item, *, now: datetime) -> Owner:
    """The viewer's own partner, or customer, which is held. Raises Forbidden, OnlyForItself."""
    viewer.require_sign_in()
    if viewer.kind is ViewerKind.CUSTOMER and viewer.customer_id is not None:
        customer = await CUSTOMERS.lock(
            Customer, viewer.customer_id, viewer=viewer, now=now, thing="customer"
        )
        return Owner(customer=customer)
    return _partner(viewer, item)


async def reading(viewer: Viewer, item: Item) -> Owner:
    """As `own`, for a question: nothing is held."""
    viewer.require_sign_in()
    if viewer.kind is ViewerKind.CUSTOMER and viewer.customer_id is not None:
        return Owner(customer=await Customer.get(id=viewer.customer_id))
    return _partner(viewer, item)


def _partner(viewer: Viewer, item: Item) -> Owner:
    if viewer.kind is not ViewerKind.OPERATOR or viewer.partner_id is None:
        raise OnlyForItself()
    if not viewer.may(item):
        raise Forbidden(needs=item)
    return Owner(partner_id=viewer.partner_id)


async def named(
    viewer: Viewer, *, partner_id: UUID | None, customer_id: UUID | None, now: datetime
) -> Owner:
    """Whom somebody of the platform names. Raises NotFound, InvalidInput."""
    if (partner_id is None) == (customer_id is None):
        raise InvalidInput(
            reason="Name either a partner or a customer.",
            reason_zh="请指定伙伴或客户中的一个。",
            path=("input", "partnerId"),
        )
    if customer_id is not None:
        customer = await CUSTOMERS.lock(
            Customer, customer_id, viewer=viewer, now=now, thing="customer"
        )
        return Owner(customer=customer)
    assert partner_id is not None
    if not await PARTNERS.sees(Partner, partner_id, viewer=viewer, now=now):
        raise NotFound(thing="partner", path=("input", "partnerId"))
    return Owner(partner_id=partner_id)


async def of_account(viewer: Viewer, account_id: UUID, *, now: datetime) -> tuple[Owner, UUID]:
    """The owner of an account that somebody of the platform names, and the account's id."""
    account = await LedgerAccount.get_or_none(id=account_id)
    if account is None or account.kind is AccountKind.BOOK:
        raise NotFound(thing="account")
    owner = await named(
        viewer, partner_id=account.partner_id, customer_id=account.customer_id, now=now
    )
    return owner, account.id
