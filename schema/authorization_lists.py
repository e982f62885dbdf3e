"""Filter and order of authorizations to act on behalf, and the enums in them."""

from enum import Enum

import strawberry

from domain.associations.commitment import Letter
from kit.reads import of_node, ordering, where, within
from models.associations import AuthorizationEnd, AuthorizationStatus, OnBehalfScope
from schema.enums import described
from schema.ranges import DateTimeRange
from schema.searching import search_customer

described(
    AuthorizationStatus,
    "Where an authorization stands.",
    DISTRIBUTOR_PENDING="待总经销商处理: a reseller has asked; its distributor decides first.",
    REQUESTED="待客户处理: the customer decides.",
    GRANTED="已授权: the partner may act.",
    REJECTED="已驳回: the distributor or the customer has refused it.",
    REVOKED="已取消: it is over; `endReason` tells why.",
)
described(
    OnBehalfScope,
    "What a partner may do on behalf of a customer.",
    ORDER="代客下单: place and manage orders.",
    OM="代客运维: operate resources.",
)
described(
    AuthorizationEnd,
    "Why an authorization was revoked.",
    WITHDRAWN="The partner gave it up.",
    REVOKED_BY_CUSTOMER="The customer took it back.",
    ASSOCIATION_ENDED="The customer has left the partner.",
    SWITCHED_TO_REFERRAL="The customer became a referral customer.",
    CUSTOMER_FROZEN="The customer was frozen.",
)
described(
    Letter,
    "The letters around acting on behalf.",
    name="OnBehalfLetterKind",
    COMMITMENT="承诺函: the partner accepts it once, with its first request.",
    CONSENT="授权书: the customer accepts it with every grant.",
)


@strawberry.input(description="Which authorizations a list is about; all conditions together.")
class OnBehalfAuthorizationFilter:
    """Conditions over indexed columns."""

    status: list[AuthorizationStatus] | None = where(
        "{t}.status = any({value})", "In any of these statuses."
    )
    scope: list[OnBehalfScope] | None = where(
        "{t}.scopes ?| {value}::text[]", "That include any of these scopes."
    )
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "Of this customer.")
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "For this partner.")
    search: str | None = search_customer(
        "A piece of the customer's name or account name, at least 2 characters."
    )
    created: DateTimeRange | None = within("created_at", "Asked for in this span.")


@strawberry.enum(description="What authorizations can be ordered by.")
class OnBehalfAuthorizationOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were asked for.")


OnBehalfAuthorizationOrder = ordering(
    "How authorizations are ordered.", OnBehalfAuthorizationOrderField.CREATED_AT
)
