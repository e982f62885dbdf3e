"""Renewing, changing and ending subscriptions, and trying lines again: inputs and payloads."""

import strawberry

from domain.associations.acting import NotAuthorized
from domain.associations.authorization_guards import CustomerIsFrozen, OnlyForAgencyCustomers
from domain.customers.guards import CustomerOfAnotherPartner
from domain.fulfilment.changing import NothingToChange
from domain.fulfilment.ending import NothingToEnd
from domain.fulfilment.going_on import SubscriptionIsBusy
from domain.fulfilment.renewing import NothingToRenew, SubscriptionOfAnotherCustomer
from domain.fulfilment.supervising import RefundIsPending
from domain.orders.orderable import NotOrderable
from domain.orders.placing import PriceChanged
from kit.status import WrongStatus
from models.subscriptions import ExpirePolicy
from schema.inputs import idempotency_key, on_behalf_of
from schema.orders import Order, OrderLine
from schema.payloads import made, payload
from schema.scalars import Decimal
from schema.subscriptions import CustomerSubscription

_ORDERED = (
    SubscriptionIsBusy,
    SubscriptionOfAnotherCustomer,
    WrongStatus,
    NotOrderable,
    PriceChanged,
    NotAuthorized,
    CustomerIsFrozen,
    CustomerOfAnotherPartner,
    OnlyForAgencyCustomers,
)


@strawberry.input(description="What is to be renewed, and for how long.")
class SubscriptionRenewInput:
    """For `subscriptionRenew`."""

    ids: list[strawberry.ID] = strawberry.field(
        description="The subscriptions, 1 to 10; one named twice counts once."
    )
    months: int = strawberry.field(
        description="1 to 11 months, or 12, 24 or 36; a multiple of what each is sold by."
    )
    expected_total: Decimal | None = strawberry.field(
        default=None, description="The price that you have seen; refused when it is another."
    )
    on_behalf_of: strawberry.ID | None = on_behalf_of()
    idempotency_key: str | None = idempotency_key()


@payload(
    errors=(
        NothingToRenew,
        *_ORDERED,
    )
)
class SubscriptionRenewPayload:
    order: Order | None = made("The order, to be paid like any other.")


@strawberry.input(description="What a subscription is to be for the rest of its time.")
class SubscriptionChangeInput:
    """For `subscriptionChange`."""

    id: strawberry.ID = strawberry.field(description="The subscription.")
    sku_id: strawberry.ID | None = strawberry.field(
        default=None, description="Another SKU of the same goods; null leaves it as it is."
    )
    quantity: int | None = strawberry.field(
        default=None, description="How many it is to be, 1 to 1000000; null leaves it as it is."
    )
    expected_total: Decimal | None = strawberry.field(
        default=None, description="The price that you have seen; refused when it is another."
    )
    on_behalf_of: strawberry.ID | None = on_behalf_of()
    idempotency_key: str | None = idempotency_key()


@payload(errors=(NothingToChange, *_ORDERED))
class SubscriptionChangePayload:
    order: Order | None = made(
        "The order over the difference, to be paid before the running time ends; paid already when"
        " nothing is due."
    )


@strawberry.input(description="Which subscription is ended.")
class SubscriptionEndInput:
    """For `subscriptionEnd`."""

    id: strawberry.ID = strawberry.field(description="The subscription, which is paid by use.")
    on_behalf_of: strawberry.ID | None = on_behalf_of()
    idempotency_key: str | None = idempotency_key()


@payload(
    errors=(
        NothingToEnd,
        SubscriptionOfAnotherCustomer,
        WrongStatus,
        RefundIsPending,
        NotAuthorized,
        CustomerIsFrozen,
        CustomerOfAnotherPartner,
        OnlyForAgencyCustomers,
    )
)
class SubscriptionEndPayload:
    subscription: CustomerSubscription | None = made("The subscription, which is over.")


@strawberry.input(description="Whether a subscription renews itself.")
class SubscriptionAutoRenewSetInput:
    """For `subscriptionAutoRenewSet`."""

    id: strawberry.ID = strawberry.field(description="The subscription.")
    auto_renew: bool = strawberry.field(
        description="Whether a period more is paid from the cash account a day before its end."
    )
    expire_policy: ExpirePolicy | None = strawberry.field(
        default=None, description="What becomes of it when it ends; null leaves that as it is."
    )
    idempotency_key: str | None = idempotency_key()


@payload(errors=(NothingToRenew, SubscriptionOfAnotherCustomer, WrongStatus))
class SubscriptionAutoRenewSetPayload:
    subscription: CustomerSubscription | None = made("The subscription as it stands now.")


@strawberry.input(description="Which line is to be tried again.")
class FulfilmentRetryInput:
    """For `fulfilmentRetry`."""

    id: strawberry.ID = strawberry.field(description="The line of an order, which has failed.")
    idempotency_key: str | None = idempotency_key()


@payload(errors=(WrongStatus, RefundIsPending))
class FulfilmentRetryPayload:
    order_line: OrderLine | None = made("The line, which the cloud is asked for once more.")
