"""Authorizations to act on behalf, and the letters around them, as the API shows them."""

import strawberry

from domain.associations import authorization_guards as guards
from domain.associations.commitment import Letter
from domain.associations.policy import ASSOCIATIONS
from kit.reads import Connection, Node, column, one, sql, table
from models import associations as models
from models.associations import AuthorizationEnd, AuthorizationStatus, OnBehalfScope
from schema import authorization_lists  # noqa: F401 -- the enums must be known first
from schema.actions import AvailableAction, available
from schema.customers import Customer
from schema.events import Event, happened
from schema.identity import Person
from schema.names import name_of
from schema.partners import PartnerRef
from schema.scalars import DateTime


@strawberry.type(description="A letter that has to be accepted, in the version in force.")
class OnBehalfLetter:
    letter: Letter = strawberry.field(description="Which letter.")
    version: str = strawberry.field(description="Its version; pass it when you accept the letter.")
    text: str = strawberry.field(
        description="Its text, in the language of `Accept-Language`, one paragraph a line."
    )


@table(
    models.OnBehalfAuthorization,
    prefix="oba",
    scope=ASSOCIATIONS,
    description="That a partner may order or operate for an agency customer (代客授权), or wants"
    " to. What it does then is recorded with the customer's name.",
)
class OnBehalfAuthorization(Node):
    """C-10, C-11, C-23."""

    customer: Customer | None = one(
        "customer_id", "Who authorizes; null once it isn't your customer any more."
    )
    customer_name: str = sql(
        name_of("customer", "customer_id"),
        "How the customer is called, also once it has left.",
    )
    partner: PartnerRef | None = one("partner_id", "The partner that may act, or wants to.")
    scopes: list[OnBehalfScope] = sql("{t}.scopes", "What the partner may do, or wants to.")
    status: AuthorizationStatus = column("Where it stands.")
    requester: Person | None = one("requested_by", "Who asked for it; null for a system.")
    refusal: str | None = column("Why it was refused.")
    end_reason: AuthorizationEnd | None = column("Why it was revoked.")
    created_at: DateTime = column("When it was asked for.")
    granted_at: DateTime | None = column("When the customer gave it.")
    ended_at: DateTime | None = column("When it was refused or revoked.")
    version: int = column("Rises with every change.")
    available_actions: list[AvailableAction] = available(guards.ACTIONS, guards.COLUMNS)
    history: Connection[Event] = happened()
