"""Who asks: the one object that every workflow, policy and read is told."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from domain.identity.items import (
    CUSTOMERS,
    FUNDS,
    INCENTIVES,
    ORDERS,
    PERFORMANCE,
    QUOTAS,
    STATEMENTS,
    Item,
)
from kit.problems import Forbidden, Problem


class Unauthenticated(Problem):
    """Nobody is signed in, or what was shown as proof is no good (any more)."""

    en = "Sign in first: {reason}"
    zh = "请先登录:{reason_zh}"
    reason: str = "this needs a sign-in."
    reason_zh: str = "此操作需要登录。"


class ViewerKind(StrEnum):
    """The seat in which someone acts; it decides which rows they see."""

    STAFF = "STAFF"
    OPERATOR = "OPERATOR"
    CUSTOMER = "CUSTOMER"
    PERSON = "PERSON"
    ANONYMOUS = "ANONYMOUS"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Immutable, and complete: nothing is looked up about the viewer during a request.

    `partner_ids` are the partners whose rows an operator sees: the own one and, at a distributor,
    its resellers. Who doesn't `sees_all_customers` sees those of the account managers (operator
    seats) in `manager_ids`: an account manager his own, a supervisor also his managers'.
    `actor_id` is what events name: the person, or the API key. `on_behalf_of` is the customer for
    whom it acts, by a grant that `domain.associations.acting` has checked; events name it, too.
    Who `is_merchant` acts for one. Who is `trusted_only` asks for registered documents and nothing
    else.
    """

    kind: ViewerKind
    display_name: str = ""
    email: str | None = None
    locale: str | None = None
    person_id: UUID | None = None
    seat_id: UUID | None = None
    session_id: UUID | None = None
    api_key_id: UUID | None = None
    partner_id: UUID | None = None
    partner_ids: tuple[UUID, ...] = ()
    customer_id: UUID | None = None
    sees_all_customers: bool = False
    manager_ids: tuple[UUID, ...] = ()
    items: frozenset[Item] = field(default_factory=frozenset)
    is_administrator: bool = False
    on_behalf_of: UUID | None = None
    is_merchant: bool = False
    trusted_only: bool = False

    @property
    def actor_id(self) -> UUID | None:
        """The person or API key behind it."""
        return self.api_key_id or self.person_id

    @property
    def sight(self) -> str:
        """By which predicate of a scope it sees rows (see `kit.scope.sight_of`).

        OPERATOR.MANAGER sees his own customers, OPERATOR.SUPERVISOR those of several managers;
        OPERATOR.DISTRIBUTOR sees all of several partners, and a plain OPERATOR all of one.
        OPERATOR.MERCHANT sees what is its shop's; it has no customers that managers could share.
        """
        if self.kind is not ViewerKind.OPERATOR:
            return self.kind
        if self.is_merchant:
            return "OPERATOR.MERCHANT"
        if not self.sees_all_customers:
            return "OPERATOR.MANAGER" if len(self.manager_ids) == 1 else "OPERATOR.SUPERVISOR"
        return "OPERATOR.DISTRIBUTOR" if len(self.partner_ids) > 1 else self.kind

    @property
    def sees_personal_data(self) -> bool:
        """Whether phone numbers and mail addresses of others are shown in full."""
        return Item.PERSONAL_DATA_VIEW in self.items

    @property
    def manages_api_keys(self) -> bool:
        """Whether it may know of the keys of others."""
        return Item.API_KEY_MANAGE in self.items

    @property
    def operates(self) -> bool:
        """Whether it looks after what runs by itself."""
        return self.may(Item.OPERATE)

    @property
    def manages_webhooks(self) -> bool:
        """Whether where events are sent is its business."""
        return Item.WEBHOOK_MANAGE in self.items

    @property
    def sees_members(self) -> bool:
        """Whether members and invitations of its partners, or of all, are its business."""
        return self.may(Item.MEMBER_VIEW, Item.MEMBER_MANAGE, Item.SPECIALIST_REVIEW)

    @property
    def reviews_programmes(self) -> bool:
        """Whether what partners hand in for programmes and certifications is its to judge."""
        return self.may(Item.PROGRAMME_REVIEW)

    @property
    def sees_business_information(self) -> bool:
        """Whether bank and tax facts of its partner, or of all, are its business."""
        return self.may(Item.BUSINESS_INFORMATION_MANAGE, Item.PROGRAMME_REVIEW)

    @property
    def sees_customers(self) -> bool:
        """Whether customers, and what is about them, are its business at all."""
        return not self.items.isdisjoint(CUSTOMERS)

    @property
    def sees_orders(self) -> bool:
        """Whether orders are its business at all."""
        return not self.items.isdisjoint(ORDERS)

    @property
    def sees_quotas(self) -> bool:
        """Whether voucher quota is its business at all."""
        return not self.items.isdisjoint(QUOTAS)

    @property
    def makes_private_offers(self) -> bool:
        """Whether what customers want of its shop, and its prices for them, are its business."""
        return self.may(Item.PRIVATE_OFFER_MANAGE)

    @property
    def sees_funds(self) -> bool:
        """Whether the money of its partners, and of their agency customers, is its business."""
        return not self.items.isdisjoint(FUNDS)

    @property
    def sees_statements(self) -> bool:
        """Whether what its partner, or any, is paid for its sales is its business."""
        return not self.items.isdisjoint(STATEMENTS)

    @property
    def sees_performance(self) -> bool:
        """Whether what its partner, or any, has sold is its business."""
        return not self.items.isdisjoint(PERFORMANCE)

    @property
    def sees_incentives(self) -> bool:
        """Whether what its partner, or any, earns by performance is its business."""
        return not self.items.isdisjoint(INCENTIVES)

    def may(self, *items: Item) -> bool:
        """Whether it holds any one of the items."""
        return self.kind is ViewerKind.SYSTEM or not self.items.isdisjoint(items)

    def require(self, *items: Item) -> None:
        """Raise Forbidden unless it holds any one of the items; Unauthenticated for nobody."""
        self.require_sign_in()
        if not self.may(*items):
            raise Forbidden(needs=", ".join(items))

    def require_sign_in(self) -> None:
        """Raise Unauthenticated unless somebody is there, a system's key included."""
        if self.kind is ViewerKind.ANONYMOUS:
            raise Unauthenticated()

    def require_operator(self) -> None:
        """Raise Forbidden unless it acts for a partner, the platform or the system itself."""
        self.require_sign_in()
        if self.kind in (ViewerKind.PERSON, ViewerKind.CUSTOMER):
            raise Forbidden(needs="OPERATOR")


SYSTEM = Viewer(kind=ViewerKind.SYSTEM, display_name="system")
ANONYMOUS = Viewer(kind=ViewerKind.ANONYMOUS)
