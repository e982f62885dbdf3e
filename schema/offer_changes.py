"""Making, submitting and withdrawing exclusive offers, opening their links: inputs, payloads."""

import strawberry

from domain.offers.checks import OfferCheck, OfferCheckFailed
from domain.offers.guards import MadeByAnOrder, OfferExpired, OfferOfAnotherPartner
from domain.offers.submitting import BelowAuthorizedFloor
from domain.offers.withdrawing import OfferInUse
from kit.status import WrongStatus
from schema.enums import described
from schema.inputs import expected_version, idempotency_key
from schema.offers import ExclusiveOffer
from schema.payloads import made, payload
from schema.scalars import DateTime, Decimal

described(
    OfferCheck,
    "The checks that an offer has to pass before it is granted.",
    PROGRAMME_NOT_JOINED="X-01: fails unless the partner is in the customer service provider"
    " programme.",
    EFFECTIVE_NOT_IN_FUTURE="X-03: fails unless it takes effect later than now.",
    ENDS_BEFORE_IT_BEGINS="Fails unless it ends after it takes effect.",
    GOODS_KIND_EXCLUDED="Fails for goods that are neither joint-operated nor the platform's own.",
    GOODS_NOT_ON_SALE="Fails for goods that aren't on sale.",
    SKU_NOT_ON_SALE="Fails for SKUs that aren't on sale.",
    NO_POLICY_IN_FORCE="Fails for goods without an incentive policy when it takes effect.",
    DISCOUNT_NOT_ALLOWED="G-09: fails for less than the list price of goods that allow no"
    " discount.",
    OVERLAPS="Fails while another offer of the partner for the customer and some of the goods is"
    " live at some of the time, under review included.",
)

_OFFER = "The offer as it stands now."
_GOODS = "The goods it is good for, whatever the SKU: 1 to 50, none twice. Or `configuration`."
_CONFIGURATION = "The SKUs it is good for, 1 to 50, none twice. Or `goodsIds`."
_DISCOUNT = 'The share of the list price that is paid, above 0 and at most 1: `"0.85"` is 85 %.'


@strawberry.input(description="A SKU of a configuration.")
class OfferSkuInput:
    """Part of an offer."""

    sku_id: strawberry.ID = strawberry.field(description="The SKU.")
    quantity: int = strawberry.field(description="How many, 1 to 1,000,000.")


@strawberry.input(description="For whom an offer is, on what, and at which discount.")
class ExclusiveOfferCreateInput:
    """For `exclusiveOfferCreate`."""

    customer_id: strawberry.ID | None = strawberry.field(
        default=None, description="A customer of your partner. Or `accountName`."
    )
    account_name: str | None = strawberry.field(
        default=None,
        description="The cloud account of any customer of your site, letter by letter: it may"
        " belong to another partner, or to none. Or `customerId`.",
    )
    name: str = strawberry.field(description="How it is called, 1 to 160 characters.")
    discount_ratio: Decimal = strawberry.field(description=_DISCOUNT)
    effective_at: DateTime = strawberry.field(
        description="From when on; later than when it is submitted."
    )
    expires_at: DateTime = strawberry.field(description="Up to when; later than `effectiveAt`.")
    goods_ids: list[strawberry.ID] | None = strawberry.field(default=None, description=_GOODS)
    configuration: list[OfferSkuInput] | None = strawberry.field(
        default=None, description=_CONFIGURATION
    )
    note: str | None = strawberry.field(
        default=None, description="For your own people, at most 500 characters."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What is to be in the draft from now on; for whom it is stays.")
class ExclusiveOfferEditInput:
    """For `exclusiveOfferEdit`."""

    id: strawberry.ID = strawberry.field(description="The offer.")
    expected_version: int = expected_version()
    name: str = strawberry.field(description="How it is called, 1 to 160 characters.")
    discount_ratio: Decimal = strawberry.field(description=_DISCOUNT)
    effective_at: DateTime = strawberry.field(
        description="From when on; later than when it is submitted."
    )
    expires_at: DateTime = strawberry.field(description="Up to when; later than `effectiveAt`.")
    goods_ids: list[strawberry.ID] | None = strawberry.field(default=None, description=_GOODS)
    configuration: list[OfferSkuInput] | None = strawberry.field(
        default=None, description=_CONFIGURATION
    )
    note: str | None = strawberry.field(default=None, description="None if left out.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which draft to submit.")
class ExclusiveOfferSubmitInput:
    """For `exclusiveOfferSubmit`."""

    id: strawberry.ID = strawberry.field(description="The offer.")
    expected_version: int | None = strawberry.field(
        default=None,
        description="The `version` that you have read; refused when it has changed since.",
    )
    confirm_special_application: bool = strawberry.field(
        default=False,
        description="Whether people are to decide when the discount is beyond what is authorized;"
        " needless otherwise.",
    )
    reason: str | None = strawberry.field(
        default=None,
        description="Why the discount has to be that low, at most 500 characters; needed with"
        " `confirmSpecialApplication`.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which offer to take back.")
class ExclusiveOfferWithdrawInput:
    """For `exclusiveOfferWithdraw`."""

    id: strawberry.ID = strawberry.field(description="The offer.")
    reason: str | None = strawberry.field(default=None, description="Why, at most 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which link to open.")
class PrivateLinkOpenInput:
    """For `privateLinkOpen`."""

    token: str = strawberry.field(description="What stands behind the `#` of the link.")
    idempotency_key: str | None = idempotency_key()


@payload(errors=(OfferCheckFailed,))
class ExclusiveOfferCreatePayload:
    exclusive_offer: ExclusiveOffer | None = made(_OFFER)


@payload(errors=(OfferCheckFailed, OfferOfAnotherPartner, WrongStatus), versioned=True)
class ExclusiveOfferEditPayload:
    exclusive_offer: ExclusiveOffer | None = made(_OFFER)


@payload(
    errors=(OfferCheckFailed, BelowAuthorizedFloor, OfferOfAnotherPartner, WrongStatus),
    versioned=True,
)
class ExclusiveOfferSubmitPayload:
    exclusive_offer: ExclusiveOffer | None = made(_OFFER)


@payload(errors=(OfferInUse, OfferExpired, MadeByAnOrder, OfferOfAnotherPartner, WrongStatus))
class ExclusiveOfferWithdrawPayload:
    exclusive_offer: ExclusiveOffer | None = made(_OFFER)


@payload()
class PrivateLinkOpenPayload:
    exclusive_offer: ExclusiveOffer | None = made(
        "The offer that the link is about: its goods, their SKUs and list prices, the discount."
    )
