"""Placing orders, cancelling them and adjusting their prices: inputs and payloads."""

from uuid import UUID

import strawberry

from domain.associations.acting import NotAuthorized
from domain.associations.authorization_guards import CustomerIsFrozen, OnlyForAgencyCustomers
from domain.customers.guards import CustomerOfAnotherPartner
from domain.orders.guards import (
    LineNotAdjustable,
    OrderNotCancellable,
    OrderNotPayable,
    OrderOfAnotherCustomer,
    OrderOverdue,
)
from domain.orders.orderable import NotOrderable
from domain.orders.placing import PriceChanged
from domain.orders.standing import OfferChanged
from domain.orders.wishes import Wanted
from domain.private_offers.guards import (
    PrivateOfferExpired,
    PrivateOfferNotEffective,
    PrivateOfferUsed,
    PrivateOfferWithdrawn,
)
from domain.private_offers.using import PrivateOfferOfAnotherPartner
from kit import ids
from kit.status import WrongStatus
from schema.inputs import (
    expected_version,
    idempotency_key,
    needed_idempotency_key,
    on_behalf_of,
)
from schema.orders import Order
from schema.payloads import made, payload
from schema.scalars import Decimal

ORDER = "The order as it stands now."

ON_BEHALF = (CustomerOfAnotherPartner, OnlyForAgencyCustomers, CustomerIsFrozen, NotAuthorized)
OFFERED = (
    NotOrderable,
    OfferChanged,
    PrivateOfferOfAnotherPartner,
    PrivateOfferNotEffective,
    PrivateOfferExpired,
    PrivateOfferUsed,
    PrivateOfferWithdrawn,
    WrongStatus,
)


@strawberry.input(description="So many of a SKU, for so long, with one offer or none.")
class OrderLineInput:
    """A line of `orderPlace`."""

    sku_id: strawberry.ID = strawberry.field(description="The SKU.")
    quantity: int = strawberry.field(default=1, description="How many, 1 to 1000000.")
    periods: int | None = strawberry.field(
        default=None,
        description="For how many of the SKU's periods, one if unsaid; at most 120 months in all."
        " Nothing for a SKU without periods.",
    )
    exclusive_offer_id: strawberry.ID | None = strawberry.field(
        default=None, description="The customer's exclusive offer that the line uses."
    )
    private_offer_id: strawberry.ID | None = strawberry.field(
        default=None, description="The merchant's private offer that the line uses instead."
    )


@strawberry.input(description="What to order: lines of the cart, other lines, or both.")
class OrderPlaceInput:
    """For `orderPlace`."""

    lines: list[OrderLineInput] = strawberry.field(
        default_factory=list, description="What; 1 to 50 lines together with those of the cart."
    )
    cart_line_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Lines of the cart, which leave it."
    )
    seller_account_name: str | None = strawberry.field(
        default=None,
        description="The account of the partner that the order is bound to, who earns on it"
        " (绑定的客户服务商). Unsaid: the owner of its offers, if it uses any; a partner that"
        " orders on behalf; else nobody.",
    )
    on_behalf_of: strawberry.ID | None = on_behalf_of()
    expected_total: Decimal | None = strawberry.field(
        default=None,
        description="The total in CNY that you have shown; refused as PriceChanged when it costs"
        " something else by now.",
    )
    note: str | None = strawberry.field(
        default=None, description="Anything to add, at most 500 characters."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which order to cancel.")
class OrderCancelInput:
    """For `orderCancel`."""

    id: strawberry.ID = strawberry.field(description="The order.")
    reason: str | None = strawberry.field(default=None, description="Why, at most 500 characters.")
    on_behalf_of: strawberry.ID | None = on_behalf_of()
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What a line is to cost.")
class OrderLinePriceInput:
    """A line of `orderPriceAdjust`."""

    line_id: strawberry.ID = strawberry.field(description="The line.")
    due_amount: Decimal = strawberry.field(
        description="What it is to cost in CNY, tax included: from 0.00 to what was agreed."
    )


@strawberry.input(description="Which prices of an order to adjust, and why.")
class OrderPriceAdjustInput:
    """For `orderPriceAdjust`."""

    id: strawberry.ID = strawberry.field(description="The order.")
    expected_version: int = expected_version()
    lines: list[OrderLinePriceInput] = strawberry.field(
        description="Lines with their new prices; others stay as they are."
    )
    reason: str = strawberry.field(description="Why, 1 to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which order is repaid, and how you know.")
class OrderRepaymentRecordInput:
    """For `orderRepaymentRecord`."""

    id: strawberry.ID = strawberry.field(description="The order.")
    reason: str = strawberry.field(description="How you know, 1 to 500 characters.")
    idempotency_key: str = needed_idempotency_key()


@payload(errors=(*OFFERED, PriceChanged, *ON_BEHALF))
class OrderPlacePayload:
    order: Order | None = made(ORDER)


@payload(errors=(OrderNotCancellable, OrderOfAnotherCustomer, *ON_BEHALF))
class OrderCancelPayload:
    order: Order | None = made(ORDER)


@payload(errors=(LineNotAdjustable, OrderNotPayable, OrderOverdue), versioned=True)
class OrderPriceAdjustPayload:
    order: Order | None = made(ORDER)


@payload(errors=(OrderNotPayable,))
class OrderRepaymentRecordPayload:
    order: Order | None = made(ORDER)


def wanted(line: OrderLineInput, *place: str) -> Wanted:
    """What a line asks for, which stands there in the input. Raises InvalidInput for no such id."""
    path = ("input", *place)
    return Wanted(
        sku_id=ids.decode("sku", line.sku_id, path=(*path, "skuId")),
        quantity=line.quantity,
        periods=line.periods,
        exclusive_offer_id=offer("eof", line.exclusive_offer_id, (*path, "exclusiveOfferId")),
        private_offer_id=offer("pvo", line.private_offer_id, (*path, "privateOfferId")),
    )


def offer(prefix: str, id: strawberry.ID | None, path: tuple[str, ...]) -> UUID | None:
    """The id of an offer, or None. Raises InvalidInput."""
    return ids.optional(prefix, id, path=path)
