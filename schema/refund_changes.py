"""Asking for refunds and deciding on them: inputs, payloads, and what a quote says."""

from typing import Self

import strawberry

from domain.fulfilment.going_on import SubscriptionIsBusy
from domain.refunds.guards import (
    RefundIsAccepted,
    RefundOfAnotherCustomer,
    RefundOfAnotherMerchant,
)
from domain.refunds.quoting import (
    NothingToRefund,
    PackagesDontComeBack,
    Quote,
    RefundInProgress,
)
from domain.refunds.writing import RefundChanged
from kit import ids
from kit.status import WrongStatus
from models.payments import Instrument
from models.refunds import RefundKind, RefundReason
from schema.inputs import idempotency_key, needed_idempotency_key
from schema.money import Money
from schema.payloads import ItemResult, made, payload, per_item
from schema.refunds import Refund
from schema.scalars import Decimal

_NOW = "The refund as it stands now."


@strawberry.input(
    description="What would be given back: a subscription, or a line that could not be opened."
)
class RefundQuoteInput:
    """For `refundQuote`."""

    subscription_id: strawberry.ID | None = strawberry.field(
        default=None, description="The subscription."
    )
    line_id: strawberry.ID | None = strawberry.field(
        default=None, description="The order line, which has failed."
    )
    renewals_only: bool = strawberry.field(
        default=False,
        description="Only what hasn't begun of it (2 as unsubscribe_type in the cloud API).",
    )
    pieces: int | None = strawberry.field(
        default=None, description="How many pieces; all that are left, if null."
    )


@strawberry.input(description="What is to be given back, and why.")
class RefundRequestInput:
    """For `refundRequest`."""

    subscription_id: strawberry.ID | None = strawberry.field(
        default=None, description="The subscription."
    )
    line_id: strawberry.ID | None = strawberry.field(
        default=None, description="The order line, which has failed."
    )
    renewals_only: bool = strawberry.field(
        default=False,
        description="Whether only what hasn't begun of it is given back (2 as unsubscribe_type in"
        " the cloud API).",
    )
    pieces: int | None = strawberry.field(
        default=None, description="How many pieces; all that are left, if null."
    )
    reason: RefundReason = strawberry.field(description="Why it is given back.")
    note: str | None = strawberry.field(
        default=None, description="Anything to add, at most 500 characters."
    )
    expected_amount: Decimal | None = strawberry.field(
        default=None, description="The amount that you have seen; refused when it is another."
    )
    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="Which subscriptions are to be given back, and why.")
class RefundsRequestInput:
    """For `refundsRequest`."""

    subscription_ids: list[strawberry.ID] = strawberry.field(
        description="The subscriptions, 1 to 10; one named twice counts once."
    )
    renewals_only: bool = strawberry.field(
        default=False, description="Only what hasn't begun of them."
    )
    reason: RefundReason = strawberry.field(description="Why they are given back.")
    note: str | None = strawberry.field(
        default=None, description="Anything to add, at most 500 characters."
    )
    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="Which refund.")
class RefundInput:
    """For the mutations that need nothing else."""

    id: strawberry.ID = strawberry.field(description="The refund.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which refund, and why.")
class RefundReasonInput:
    """For the mutations that need a reason."""

    id: strawberry.ID = strawberry.field(description="The refund.")
    reason: str = strawberry.field(description="Why, 1 to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which refund to agree to.")
class RefundAcceptInput(RefundInput):
    """For `refundAccept`."""

    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="Which refund to give, and why.")
class RefundOverrideInput(RefundReasonInput):
    """For `refundOverride`."""

    idempotency_key: str = needed_idempotency_key()


@payload(
    errors=(
        RefundOfAnotherCustomer,
        PackagesDontComeBack,
        NothingToRefund,
        RefundInProgress,
        RefundChanged,
        SubscriptionIsBusy,
    )
)
class RefundRequestPayload:
    refund: Refund | None = made(
        "The refund of the running period, or the only one; what hasn't begun has others, which"
        " `refunds` lists by the subscription."
    )


@payload()
class RefundsRequestPayload:
    results: list[ItemResult] = per_item("What became of each, in the order given.", prefix="sub")
    refunds: list[Refund] | None = made(
        "The refunds of those that are done, in that order: one for each order line behind a"
        " subscription, the running period's first.",
        many=True,
    )


@payload(errors=(RefundOfAnotherMerchant, RefundIsAccepted, WrongStatus))
class RefundAcceptPayload:
    refund: Refund | None = made(_NOW)


@payload(errors=(RefundOfAnotherMerchant, RefundIsAccepted, WrongStatus))
class RefundRejectPayload:
    refund: Refund | None = made(_NOW)


@payload(errors=(RefundOfAnotherCustomer, RefundIsAccepted, WrongStatus))
class RefundCancelPayload:
    refund: Refund | None = made(_NOW)


@payload(errors=(RefundInProgress, RefundIsAccepted, SubscriptionIsBusy, WrongStatus))
class RefundOverridePayload:
    refund: Refund | None = made(_NOW)


@strawberry.type(description="What would come back of what one instrument has paid.")
class RefundQuotePart:
    instrument: Instrument = strawberry.field(description="By what it was paid.")
    paid: Money = strawberry.field(description="How much of the line the instrument has paid.")
    amount: Money = strawberry.field(description="How much of `paid` would come back.")


@strawberry.type(description="What would come back of one order line now, and why.")
class RefundQuote:
    line_id: strawberry.ID = strawberry.field(description="Of which line.")
    kind: RefundKind = strawberry.field(description="By which rule.")
    rule: str = strawberry.field(description="The rule's id: `D-07`.")
    pieces: int = strawberry.field(description="Of how many pieces.")
    amount: Money = strawberry.field(description="What would come back.")
    consumed: Money = strawberry.field(description="What would be kept for the days of use.")
    used_days: int | None = strawberry.field(
        description="The days of use; null where they don't matter."
    )
    total_days: int | None = strawberry.field(
        description="The days that were paid; null where they don't matter."
    )
    merchant_decides: bool = strawberry.field(
        description="Whether the merchant has to agree; otherwise it comes back at once. When one"
        " line's has, all have."
    )
    parts: list[RefundQuotePart] = strawberry.field(
        description="By which ways. Not for the merchant."
    )

    @classmethod
    def of(cls, quote: Quote) -> Self:
        """As the API says it."""

        return cls(
            line_id=strawberry.ID(ids.encode("orl", quote.line.id)),
            kind=quote.kind,
            rule=quote.rule,
            pieces=quote.pieces,
            amount=Money.of(quote.worth.amount),
            consumed=Money.of(quote.worth.consumed),
            used_days=quote.days.used if quote.days else None,
            total_days=quote.days.total if quote.days else None,
            merchant_decides=quote.decides,
            parts=[
                RefundQuotePart(
                    instrument=back.paid.instrument,
                    paid=Money.of(back.paid.amount),
                    amount=Money.of(back.amount),
                )
                for back in quote.worth.backs
            ],
        )
