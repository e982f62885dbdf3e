"""Asking merchants for what customers want, and answering: inputs and payloads."""

import strawberry

from domain.customers.guards import CustomerOfAnotherPartner
from domain.requirements.checks import RequirementCheck, RequirementCheckFailed
from domain.requirements.guards import (
    RequirementExpired,
    RequirementOfAnotherMerchant,
    RequirementOfAnotherPartner,
)
from domain.requirements.submitting import RequirementHasOffer
from kit.status import WrongStatus
from schema.enums import described
from schema.inputs import expected_version, idempotency_key
from schema.payloads import made, payload
from schema.requirements import CustomerRequirement
from schema.scalars import Decimal

described(
    RequirementCheck,
    "What can stand against asking a merchant, or against the merchant's yes.",
    PROGRAMME_NOT_JOINED="The partner isn't in the customer service provider programme.",
    CUSTOMER_NOT_ASSOCIATED="The customer isn't associated with the partner.",
    MERCHANT_MISSING="Goods of the platform's own have no merchant to ask.",
    SEVERAL_MERCHANTS="The goods are of several merchants.",
    GOODS_NOT_ON_SALE="Goods are not on sale.",
    SKU_NOT_ON_SALE="SKUs are not on sale.",
    POLICY_MISSING="No policy is in force for goods.",
    RATIO_ABOVE_MAXIMUM="The expected ratio is above the maximum of goods.",
)

_REQUIREMENT = "The requirement as it stands now."
_RATIO = "The share of the sale that the partner expects: 0 to 1, at most six decimals."
_LINES = "What is wanted: 1 to 50 lines, goods of one merchant."
_NOTE = "Anything to add, at most 1000 characters."


@strawberry.input(description="Goods that a customer wants, and how many.")
class RequirementLineInput:
    """Part of a requirement."""

    goods_id: strawberry.ID = strawberry.field(description="Which goods.")
    sku_id: strawberry.ID | None = strawberry.field(
        default=None, description="Which way of buying them; any if left out."
    )
    quantity: int = strawberry.field(default=1, description="How many, 1 to 1,000,000.")


@strawberry.input(description="Who wants what, and what the partner expects of it.")
class CustomerRequirementCreateInput:
    """For `customerRequirementCreate`."""

    customer_id: strawberry.ID = strawberry.field(description="A customer of your partner's.")
    expected_ratio: Decimal = strawberry.field(description=_RATIO)
    lines: list[RequirementLineInput] = strawberry.field(description=_LINES)
    note: str | None = strawberry.field(default=None, description=_NOTE)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What is to be in the draft from now on.")
class CustomerRequirementEditInput:
    """For `customerRequirementEdit`."""

    id: strawberry.ID = strawberry.field(description="The requirement.")
    expected_version: int = expected_version()
    expected_ratio: Decimal = strawberry.field(description=_RATIO)
    lines: list[RequirementLineInput] = strawberry.field(description=_LINES)
    note: str | None = strawberry.field(default=None, description=_NOTE)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which draft to submit.")
class CustomerRequirementSubmitInput:
    """For `customerRequirementSubmit`."""

    id: strawberry.ID = strawberry.field(description="The requirement.")
    expected_version: int = expected_version()
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which requirement, and why.")
class CustomerRequirementEndInput:
    """For `customerRequirementCancel` and `customerRequirementClose`."""

    id: strawberry.ID = strawberry.field(description="The requirement.")
    reason: str | None = strawberry.field(default=None, description="Why, at most 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which requirement.")
class CustomerRequirementAcceptInput:
    """For `customerRequirementAccept`."""

    id: strawberry.ID = strawberry.field(description="The requirement.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which requirement to reject, and why.")
class CustomerRequirementRejectInput:
    """For `customerRequirementReject`."""

    id: strawberry.ID = strawberry.field(description="The requirement.")
    reason: str = strawberry.field(description="Why, for the partner, 1 to 500 characters.")
    idempotency_key: str | None = idempotency_key()


_ASKS = (RequirementOfAnotherPartner, WrongStatus)
_ANSWERS = (RequirementOfAnotherMerchant, RequirementExpired, WrongStatus)


@payload(errors=(RequirementCheckFailed, CustomerOfAnotherPartner))
class CustomerRequirementCreatePayload:
    customer_requirement: CustomerRequirement | None = made(_REQUIREMENT)


@payload(errors=(RequirementCheckFailed, RequirementExpired, *_ASKS), versioned=True)
class CustomerRequirementEditPayload:
    customer_requirement: CustomerRequirement | None = made(_REQUIREMENT)


@payload(errors=(RequirementCheckFailed, RequirementExpired, *_ASKS), versioned=True)
class CustomerRequirementSubmitPayload:
    customer_requirement: CustomerRequirement | None = made(_REQUIREMENT)


@payload(errors=(RequirementExpired, *_ASKS))
class CustomerRequirementCancelPayload:
    customer_requirement: CustomerRequirement | None = made(_REQUIREMENT)


@payload(errors=(RequirementHasOffer, RequirementExpired, *_ASKS))
class CustomerRequirementClosePayload:
    customer_requirement: CustomerRequirement | None = made(_REQUIREMENT)


@payload(errors=(RequirementCheckFailed, *_ANSWERS))
class CustomerRequirementAcceptPayload:
    customer_requirement: CustomerRequirement | None = made(_REQUIREMENT)


@payload(errors=_ANSWERS)
class CustomerRequirementRejectPayload:
    customer_requirement: CustomerRequirement | None = made(_REQUIREMENT)
