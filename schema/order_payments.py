"""Paying orders: inputs and payloads."""

import strawberry

from domain.associations.authorization_guards import CustomerIsFrozen
from domain.fulfilment.going_on import SubscriptionIsBusy
from domain.funds.owners import MoneyOfThePartner
from domain.ledger.posting import InsufficientBalance
from domain.orders.guards import (
    NotAskedToPay,
    OrderNotPayable,
    OrderOfAnotherCustomer,
    OrderOverdue,
    PartnerPaymentNotPossible,
)
from domain.orders.placing import PriceChanged
from domain.orders.spending import PaymentDoesNotFit
from domain.vouchers.guards import (
    CouponFrozen,
    CouponIsOver,
    CouponLocked,
    CouponNotYetEffective,
    CouponUsedUp,
)
from domain.vouchers.redeeming import (
    CouponNotForTheseGoods,
    CouponNotSufficient,
    TooManyCoupons,
)
from models.funds import RechargeChannel
from schema import fund_lists  # noqa: F401 -- the enums must be known first
from schema.inputs import idempotency_key, needed_idempotency_key, on_behalf_of
from schema.order_changes import OFFERED, ON_BEHALF, ORDER
from schema.orders import Order
from schema.payloads import ItemResult, made, payload, per_item
from schema.payments import OnlinePayment
from schema.scalars import Decimal

_NOT_NOW = (OrderNotPayable, OrderOverdue, CustomerIsFrozen)
COUPONS = (
    TooManyCoupons,
    CouponNotForTheseGoods,
    CouponNotSufficient,
    CouponUsedUp,
    CouponIsOver,
    CouponNotYetEffective,
    CouponFrozen,
    CouponLocked,
)


@strawberry.input(description="A coupon or card to pay with.")
class CouponUseInput:
    """A part of a payment."""

    id: strawberry.ID = strawberry.field(description="The coupon or card.")
    amount: Decimal | None = strawberry.field(
        default=None, description="How much of it, in CNY; as much as it can if unsaid."
    )


@strawberry.input(description="Which order to pay, and by what; the rest is paid by cash.")
class OrderPayInput:
    """For `orderPay`."""

    id: strawberry.ID = strawberry.field(description="The order.")
    coupons: list[CouponUseInput] = strawberry.field(
        default_factory=list, description="Coupons and cards, at most 3, of which one voucher."
    )
    credit_amount: Decimal | None = strawberry.field(
        default=None, description="How much by credit, in CNY, of what the coupons leave."
    )
    expected_due: Decimal | None = strawberry.field(
        default=None,
        description="What is due as you have shown it; refused as PriceChanged when it was adjusted"
        " meanwhile.",
    )
    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="Which order to pay online, and what else pays a part of it.")
class OrderPayOnlineInput:
    """For `orderPayOnline`."""

    id: strawberry.ID = strawberry.field(description="The order.")
    channel: RechargeChannel = strawberry.field(description="Through whom the rest comes.")
    coupons: list[CouponUseInput] = strawberry.field(
        default_factory=list,
        description="Coupons and cards with their amounts, at most 3; they are kept for the order.",
    )
    credit_amount: Decimal | None = strawberry.field(
        default=None, description="How much by credit, in CNY."
    )
    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="Which orders to pay by cash.")
class OrdersPayInput:
    """For `ordersPay`."""

    ids: list[strawberry.ID] = strawberry.field(
        description="The orders, 1 to 30, in the order in which to pay them; each counts once."
    )
    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="Which order the partner is to pay, or not any more.")
class OrderPartnerPaymentInput:
    """For `orderPartnerPaymentRequest` and `orderPartnerPaymentRecall`."""

    id: strawberry.ID = strawberry.field(description="The order.")
    on_behalf_of: strawberry.ID | None = on_behalf_of()
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which order to pay for a customer.")
class OrderPartnerPayInput:
    """For `orderPartnerPay`."""

    id: strawberry.ID = strawberry.field(description="The order.")
    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="Which order not to pay.")
class OrderPartnerPaymentDeclineInput:
    """For `orderPartnerPaymentDecline`."""

    id: strawberry.ID = strawberry.field(description="The order.")
    reason: str | None = strawberry.field(
        default=None, description="Why, for the customer, at most 500 characters."
    )
    idempotency_key: str | None = idempotency_key()


@payload(
    errors=(
        *_NOT_NOW,
        OrderOfAnotherCustomer,
        PriceChanged,
        PaymentDoesNotFit,
        InsufficientBalance,
        SubscriptionIsBusy,
        *COUPONS,
        *OFFERED,
    )
)
class OrderPayPayload:
    order: Order | None = made(ORDER)


@payload(
    errors=(
        *_NOT_NOW,
        OrderOfAnotherCustomer,
        PaymentDoesNotFit,
        InsufficientBalance,
        MoneyOfThePartner,
        *COUPONS,
    )
)
class OrderPayOnlinePayload:
    order: Order | None = made(ORDER)
    online_payment: OnlinePayment | None = made("What it waits for.")


@payload()
class OrdersPayPayload:
    results: list[ItemResult] = per_item("What became of each, in the order given.", prefix="ord")


@payload(errors=(*_NOT_NOW, OrderOfAnotherCustomer, PartnerPaymentNotPossible, *ON_BEHALF))
class OrderPartnerPaymentRequestPayload:
    order: Order | None = made(ORDER)


@payload(errors=(*_NOT_NOW, OrderOfAnotherCustomer, *ON_BEHALF))
class OrderPartnerPaymentRecallPayload:
    order: Order | None = made(ORDER)


@payload(errors=(*_NOT_NOW, NotAskedToPay, InsufficientBalance, SubscriptionIsBusy, *OFFERED))
class OrderPartnerPayPayload:
    order: Order | None = made(ORDER)


@payload(errors=(*_NOT_NOW, NotAskedToPay))
class OrderPartnerPaymentDeclinePayload:
    order: Order | None = made(ORDER)
