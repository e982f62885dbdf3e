"""Revealing, tagging, assigning, freezing and rating customers: inputs and payloads."""

import strawberry

from domain.customers.assignments import NotYourManager
from domain.customers.guards import (
    AlreadyFrozen,
    CustomerOfAnotherPartner,
    FrozenByPlatform,
    NotAnAgencyCustomer,
    NotFrozen,
)
from domain.customers.revealing import ContactField
from domain.customers.tags import TooManyTags
from models.customers import CustomerLevel, CustomerSegment, Freeze
from schema.customers import Customer
from schema.enums import described
from schema.inputs import idempotency_key
from schema.payloads import ItemResult, made, payload, per_item, told

described(
    ContactField,
    "What of a customer is masked.",
    PHONE="The phone number.",
    EMAIL="The mail address.",
)

_CUSTOMER = "The customer as it stands now."
_WHICH = "The customer."
_WHICH_MANY = "The customers, 1 to 100; one named twice counts once."
_OUTCOMES = "What became of each, in the order given."


@strawberry.input(description="What to see in full of which customer, and why.")
class CustomerRevealInput:
    """For `customerReveal`."""

    id: strawberry.ID = strawberry.field(description=_WHICH)
    fields: list[ContactField] = strawberry.field(description="What to see, at least one.")
    reason: str = strawberry.field(
        description="Why, 1 to 500 characters; the history keeps it with your name."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="All tags that a customer is to have.")
class CustomerTagsSetInput:
    """For `customerTagsSet`."""

    id: strawberry.ID = strawberry.field(description=_WHICH)
    tags: list[str] = strawberry.field(
        description="At most 20 words of 1 to 64 characters; none to take all away."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A tag of a customer.")
class CustomerTagInput:
    """For `customerTagAdd` and `customerTagRemove`."""

    id: strawberry.ID = strawberry.field(description=_WHICH)
    tag: str = strawberry.field(description="The word, 1 to 64 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which customers to give to which account manager.")
class CustomerAssignInput:
    """For `customerAssign`."""

    customer_ids: list[strawberry.ID] = strawberry.field(description=_WHICH_MANY)
    manager_id: strawberry.ID = strawberry.field(
        description="The account manager: an operator's id."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which customers to leave without an account manager.")
class CustomerUnassignInput:
    """For `customerUnassign`."""

    customer_ids: list[strawberry.ID] = strawberry.field(description=_WHICH_MANY)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What of which customer to freeze, and why.")
class CustomerFreezeInput:
    """For `customerFreeze`."""

    id: strawberry.ID = strawberry.field(description=_WHICH)
    freeze: Freeze = strawberry.field(description="How far: ACCOUNT or ACCOUNT_AND_RESOURCES.")
    reason: str = strawberry.field(description="Why, 1 to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which customer to unfreeze.")
class CustomerUnfreezeInput:
    """For `customerUnfreeze`."""

    id: strawberry.ID = strawberry.field(description=_WHICH)
    reason: str | None = strawberry.field(default=None, description="Why, for the history.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which level a customer is to have.")
class CustomerLevelSetInput:
    """For `customerLevelSet`."""

    id: strawberry.ID = strawberry.field(description=_WHICH)
    level: CustomerLevel = strawberry.field(description="The level.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which segment a customer is to have, and why.")
class CustomerSegmentSetInput:
    """For `customerSegmentSet`."""

    id: strawberry.ID = strawberry.field(description=_WHICH)
    segment: CustomerSegment = strawberry.field(description="The segment.")
    reason: str = strawberry.field(description="Why, 1 to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@payload(errors=(CustomerOfAnotherPartner,))
class CustomerRevealPayload:
    customer: Customer | None = made(_CUSTOMER)
    phone: str | None = told("The phone number, if it was asked for and is known. Told once.")
    email: str | None = told("The mail address, if it was asked for and is known. Told once.")


_TAGGING = (CustomerOfAnotherPartner, TooManyTags)


@payload(errors=_TAGGING)
class CustomerTagsSetPayload:
    customer: Customer | None = made(_CUSTOMER)


@payload(errors=_TAGGING)
class CustomerTagAddPayload:
    customer: Customer | None = made(_CUSTOMER)


@payload(errors=_TAGGING)
class CustomerTagRemovePayload:
    customer: Customer | None = made(_CUSTOMER)


@payload(errors=(NotYourManager,))
class CustomerAssignPayload:
    results: list[ItemResult] = per_item(_OUTCOMES, prefix="cus")


@payload()
class CustomerUnassignPayload:
    results: list[ItemResult] = per_item(_OUTCOMES, prefix="cus")


_FREEZING = (CustomerOfAnotherPartner, NotAnAgencyCustomer, FrozenByPlatform)


@payload(errors=(*_FREEZING, AlreadyFrozen))
class CustomerFreezePayload:
    customer: Customer | None = made(_CUSTOMER)


@payload(errors=(*_FREEZING, NotFrozen))
class CustomerUnfreezePayload:
    customer: Customer | None = made(_CUSTOMER)


@payload()
class CustomerLevelSetPayload:
    customer: Customer | None = made(_CUSTOMER)


@payload()
class CustomerSegmentSetPayload:
    customer: Customer | None = made(_CUSTOMER)
