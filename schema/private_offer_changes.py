"""Making private offers, publishing and withdrawing them: inputs and payloads."""

import strawberry

from domain.private_offers.checks import PrivateOfferCheck, PrivateOfferCheckFailed
from domain.private_offers.guards import (
    OnlyVersion,
    PrivateOfferExpired,
    PrivateOfferOfAnotherMerchant,
)
from domain.private_offers.versions import DraftAlreadyOpen, NoDraftOpen
from domain.requirements.guards import RequirementExpired, RequirementOfAnotherMerchant
from domain.requirements.submitting import RequirementHasOffer
from kit.status import WrongStatus
from schema.enums import described
from schema.inputs import idempotency_key
from schema.payloads import made, payload, told
from schema.private_offers import PrivateOffer
from schema.scalars import DateTime, Decimal

described(
    PrivateOfferCheck,
    "What can stand against publishing terms.",
    PROGRAMME_NOT_JOINED="The partner isn't in the customer service provider programme.",
    CUSTOMER_NOT_ASSOCIATED="The customer isn't associated with the partner.",
    GOODS_NOT_ON_SALE="Goods are not on sale.",
    SKU_NOT_ON_SALE="SKUs are not on sale.",
    POLICY_MISSING="No policy is in force for goods.",
    RATIO_ABOVE_MAXIMUM="The ratio is above the maximum of goods.",
    GOODS_NOT_ASKED_FOR="The requirement doesn't ask for goods.",
    PRICE_MISSING="SKUs have no list price.",
    PRICE_ABOVE_LIST="SKUs would cost more than their list price.",
    ENDS_IN_THE_PAST="The terms would be over already.",
    BEGINS_LATER="Earlier terms are in force, so newer ones can't begin later.",
)

_OFFER = "The offer as it stands now."


@strawberry.input(description="A SKU at the merchant's price.")
class PrivateOfferLineInput:
    """Part of the terms."""

    sku_id: strawberry.ID = strawberry.field(description="One of your SKUs.")
    unit_price: Decimal = strawberry.field(
        description="What each costs in CNY, tax included: more than 0, at most two decimals, and"
        " at most the list price once it is published."
    )
    quantity: int = strawberry.field(default=1, description="How many, 1 to 1,000,000.")


@strawberry.input(description="What is offered to whom, as a draft.")
class PrivateOfferCreateInput:
    """For `privateOfferCreate`."""

    name: str = strawberry.field(description="What to call it, 1 to 160 characters.")
    requirement_id: strawberry.ID | None = strawberry.field(
        default=None, description="The requirement that it answers: accepted, and answered by none."
    )
    customer_name: str | None = strawberry.field(
        default=None,
        description="Without a requirement: the name of a partner's customer, exactly.",
    )
    customer_account_name: str | None = strawberry.field(
        default=None, description="Without a requirement: that customer's cloud account."
    )
    ratio: Decimal = strawberry.field(
        description="The partner's share of what is paid: 0 to 1, at most six decimals."
    )
    effective_at: DateTime = strawberry.field(
        description="From when on it is good; a moment that is past when it is published is then."
    )
    expires_at: DateTime = strawberry.field(
        description="The first instant at which it is good no longer."
    )
    lines: list[PrivateOfferLineInput] = strawberry.field(description="1 to 50 prices.")
    note: str | None = strawberry.field(
        default=None, description="Anything to add, at most 1000 characters."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What is to be in the open draft from now on.")
class PrivateOfferDraftEditInput:
    """For `privateOfferDraftEdit`."""

    id: strawberry.ID = strawberry.field(description="The offer.")
    expected_version: int = strawberry.field(
        description="The `version` of its `draft` that you have read; refused when it has changed."
    )
    ratio: Decimal = strawberry.field(
        description="The partner's share of what is paid: 0 to 1, at most six decimals."
    )
    effective_at: DateTime = strawberry.field(
        description="From when on it is good; a moment that is past when it is published is then."
    )
    expires_at: DateTime = strawberry.field(
        description="The first instant at which it is good no longer."
    )
    lines: list[PrivateOfferLineInput] = strawberry.field(description="1 to 50 prices.")
    note: str | None = strawberry.field(
        default=None, description="Anything to add, at most 1000 characters; none if left out."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which private offer.")
class PrivateOfferInput:
    """For the mutations that need nothing else."""

    id: strawberry.ID = strawberry.field(description="The offer.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Whose draft to publish.")
class PrivateOfferPublishInput:
    """For `privateOfferPublish`."""

    id: strawberry.ID = strawberry.field(description="The offer.")
    expected_version: int = strawberry.field(
        description="The `version` of its `draft` that you have read; refused when it has changed."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which offer to withdraw, and why.")
class PrivateOfferWithdrawInput:
    """For `privateOfferWithdraw`."""

    id: strawberry.ID = strawberry.field(description="The offer.")
    reason: str = strawberry.field(description="Why, for the partner, 1 to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which offer to begin a new one with.")
class PrivateOfferCloneInput:
    """For `privateOfferClone`."""

    id: strawberry.ID = strawberry.field(description="The offer.")
    without_requirement: bool = strawberry.field(
        default=False,
        description="Whether the new one stands alone. Otherwise it answers the same requirement,"
        " if there is one, which no other offer may answer then.",
    )
    idempotency_key: str | None = idempotency_key()


_OF_REQUIREMENT = (
    RequirementHasOffer,
    RequirementOfAnotherMerchant,
    RequirementExpired,
    WrongStatus,
)
_LIVE = (PrivateOfferOfAnotherMerchant, PrivateOfferExpired, WrongStatus)


@payload(errors=_OF_REQUIREMENT)
class PrivateOfferCreatePayload:
    private_offer: PrivateOffer | None = made(_OFFER)


@payload(errors=(DraftAlreadyOpen, *_LIVE))
class PrivateOfferDraftOpenPayload:
    private_offer: PrivateOffer | None = made(_OFFER)


@payload(errors=(NoDraftOpen, *_LIVE), versioned=True)
class PrivateOfferDraftEditPayload:
    private_offer: PrivateOffer | None = made(_OFFER)


@payload(errors=(NoDraftOpen, OnlyVersion, *_LIVE))
class PrivateOfferDraftDiscardPayload:
    private_offer: PrivateOffer | None = made(_OFFER)


@payload(errors=(PrivateOfferCheckFailed, NoDraftOpen, *_LIVE), versioned=True)
class PrivateOfferPublishPayload:
    private_offer: PrivateOffer | None = made(_OFFER)


@payload(errors=_LIVE)
class PrivateOfferWithdrawPayload:
    private_offer: PrivateOffer | None = made(_OFFER)


@payload(errors=_LIVE)
class PrivateOfferDeletePayload:
    deleted_id: strawberry.ID | None = told("The id of the offer that is no more.")


@payload(errors=(PrivateOfferOfAnotherMerchant, *_OF_REQUIREMENT))
class PrivateOfferClonePayload:
    private_offer: PrivateOffer | None = made("The new offer.")
