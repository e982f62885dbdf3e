"""Customers, their tags and their account managers as the API shows them."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from domain.associations import authorization_guards, change_guards
from domain.associations.change_checks import FACTS
from domain.customers import guards
from domain.customers.policy import ASSIGNMENTS, CUSTOMERS, TAGS
from kit.masking import EMAIL, PHONE
from kit.reads import Connection, Node, column, connection, items, one, sql, table
from models import customers as models
from models.customers import (
    AssociationType,
    CustomerKind,
    CustomerLevel,
    CustomerSegment,
    EnterpriseRole,
    Freeze,
    Verification,
)
from models.partners import Site
from schema import customer_lists  # noqa: F401 -- the enums must be known first
from schema.actions import AvailableAction, available
from schema.association_change_lists import AssociationChangeFilter, AssociationChangeOrder
from schema.authorization_lists import OnBehalfAuthorizationFilter, OnBehalfAuthorizationOrder
from schema.customer_invitation_lists import CustomerInvitationFilter, CustomerInvitationOrder
from schema.events import Event, happened
from schema.identity import Operator
from schema.offer_lists import ExclusiveOfferFilter, OfferOrder
from schema.partners import PartnerRef
from schema.references import AccountRef, CouponRef
from schema.scalars import DateTime
from schema.voucher_lists import CouponFilter, CouponOrder

if TYPE_CHECKING:
    from schema.association_changes import AssociationChange
    from schema.associations import Association
    from schema.authorizations import OnBehalfAuthorization
    from schema.customer_invitations import CustomerInvitation
    from schema.offers import ExclusiveOffer

AssociationChangeRef = Annotated["AssociationChange", strawberry.lazy("schema.association_changes")]
AuthorizationRef = Annotated["OnBehalfAuthorization", strawberry.lazy("schema.authorizations")]
AssociationRef = Annotated["Association", strawberry.lazy("schema.associations")]
CustomerInvitationRef = Annotated[
    "CustomerInvitation", strawberry.lazy("schema.customer_invitations")
]
OfferRef = Annotated["ExclusiveOffer", strawberry.lazy("schema.offers")]


def _contact(column: str, mask: str, description: str) -> Any:
    """Contact data: the customer sees its own, everybody else a mask."""
    return sql(
        f"case when {{t}}.id = {{viewer.customer_id}} then {{t}}.{column}"
        f" else {mask.format('{t}.' + column)} end",
        f"{description} Masked for all but the customer itself; `customerReveal` tells it in full.",
    )


@table(
    models.CustomerTag,
    prefix="tag",
    scope=TAGS,
    description="A word that the partner's people have put on a customer (标签).",
)
class CustomerTag:
    """For the partner's own eyes."""

    tag: str = column("The word.")
    created_at: DateTime = column("When it was put on.")


@table(
    models.CustomerAssignment,
    prefix="csa",
    scope=ASSIGNMENTS,
    description="That an account manager looked after a customer, from when until when.",
)
class CustomerAssignment:
    """O-06, O-07: what counts for a manager follows from these spans."""

    manager: Operator | None = one("manager_id", "The account manager's seat.")
    started_at: DateTime = column("When the customer was given to the manager.", "from_at")
    ended_at: DateTime | None = column("When it was taken away; null while it lasts.", "to_at")


@table(
    models.Customer,
    prefix="cus",
    scope=CUSTOMERS,
    description="A cloud account that buys, associated with a partner or not.",
)
class Customer(Node):
    """What a partner may know of it."""

    name: str = column("Its name, the verified one if it is verified.")
    account_name: str = column("The name of its cloud account.")
    kind: CustomerKind = column("What kind of account it is.")
    verification: Verification = column("How far its real-name verification has come.")
    site: Site = column("The site that it is registered at.")
    email: str | None = _contact("email", EMAIL, "Mail address.")
    phone: str | None = _contact("phone", PHONE, "Phone number.")
    registered_at: DateTime = column("When the account was registered.")
    level: CustomerLevel = column("The platform's level of it.")
    segment: CustomerSegment = column("How the platform serves it.")
    freeze: Freeze = column("What of it is frozen.")
    freeze_reason: str | None = column("Why it is frozen; null while it isn't.")
    frozen_by_platform: bool = column("Whether it is the platform that has frozen it.")
    has_debt: bool = column(
        "Whether it owes for usage (欠费); money that comes pays that first, unless it was paid"
        " online for an order."
    )
    enterprise_role: EnterpriseRole = column("Where it stands in an enterprise.")
    association_type: AssociationType | None = column(
        "How it belongs to its partner; null while it has none."
    )
    listed_at: DateTime = column(
        "When it was associated with its present partner; when it was made known if it has none."
    )
    partner: PartnerRef | None = one("partner_id", "The partner that it is associated with.")
    manager: Operator | None = one(
        "manager_id", "The account manager's seat; null for nobody, and for who may not see it."
    )
    accounts: list[AccountRef] = items(
        "customer_id",
        "What it has; of customers, a partner sees its agency customers' alone.",
        order="kind",
        limit=10,
    )
    association: AssociationRef | None = one(
        "association_id", "The association that lasts; null while there is none."
    )
    associations: Connection[AssociationRef] = connection(
        "customer_id",
        "Its associations, the latest first, past ones too, as far as you may see them.",
        default_order="started_at",
    )
    invitations: Connection[CustomerInvitationRef] = connection(
        "customer_id",
        "Invitations that were mailed to it, as far as you may see them, the latest first.",
        filter=CustomerInvitationFilter,
        order=CustomerInvitationOrder,
    )
    association_changes: Connection[AssociationChangeRef] = connection(
        "customer_id",
        "Wishes to switch or end its associations, as far as you may see them, the latest first.",
        filter=AssociationChangeFilter,
        order=AssociationChangeOrder,
    )
    on_behalf_authorizations: Connection[AuthorizationRef] = connection(
        "customer_id",
        "Who may act on its behalf or has asked to, as far as you may see it, the latest first.",
        filter=OnBehalfAuthorizationFilter,
        order=OnBehalfAuthorizationOrder,
    )
    tags: list[CustomerTag] = items(
        "customer_id",
        "The tags that its partner has put on it, at most 20.",
        order="created_at, id",
        limit=20,
        where="exists (select from customer tagged where tagged.id = {t}.customer_id"
        " and tagged.partner_id = {t}.partner_id)",
    )
    assignments: Connection[CustomerAssignment] = connection(
        "customer_id",
        "Who looked after it, the latest first.",
        default_order="from_at",
        where="exists (select from customer assigned where assigned.id = {t}.customer_id"
        " and assigned.partner_id = {t}.partner_id)",
    )
    exclusive_offers: Connection[OfferRef] = connection(
        "customer_id",
        "Discounts that partners have granted it, as far as you see them.",
        filter=ExclusiveOfferFilter,
        order=OfferOrder,
    )
    coupons: Connection[CouponRef] = connection(
        "customer_id",
        "Its vouchers, cash coupons and stored-value cards, as far as you see them.",
        filter=CouponFilter,
        order=CouponOrder,
    )
    version: int = column("Rises with every change.")
    available_actions: list[AvailableAction] = available(
        guards.ACTIONS | change_guards.CUSTOMER_ACTIONS | authorization_guards.CUSTOMER_ACTIONS,
        tuple(dict.fromkeys((*guards.COLUMNS, "id", *FACTS))),
    )
    history: Connection[Event] = happened()
