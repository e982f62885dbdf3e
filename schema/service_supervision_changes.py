"""The steps of supervised deliveries: inputs and payloads."""

import strawberry

from domain.associations.acting import NotAuthorized
from domain.associations.authorization_guards import CustomerIsFrozen, OnlyForAgencyCustomers
from domain.customers.guards import CustomerOfAnotherPartner
from domain.fulfilment.guards import (
    AppealIsOpen,
    DeliveryOfAnotherCustomer,
    DeliveryOfAnotherMerchant,
    NothingToAppeal,
)
from domain.fulfilment.supervising import RefundIsPending
from kit.status import WrongStatus
from schema.inputs import idempotency_key, on_behalf_of
from schema.payloads import made, payload
from schema.service_supervision import ServiceSupervision

_NOW = "The delivery as it stands now."
_WHICH = "The supervised delivery."


@strawberry.input(description="What the buyer needs.")
class ServiceRequirementSubmitInput:
    """For `serviceRequirementSubmit`."""

    id: strawberry.ID = strawberry.field(description=_WHICH)
    requirement: str = strawberry.field(
        description="What is to be delivered, 1 to 2000 characters."
    )
    on_behalf_of: strawberry.ID | None = on_behalf_of()
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which supervised delivery.")
class ServiceSupervisionInput:
    """For the mutations that need nothing else."""

    id: strawberry.ID = strawberry.field(description=_WHICH)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which supervised delivery, and why.")
class ServiceSupervisionReasonInput:
    """For the mutations that need a reason."""

    id: strawberry.ID = strawberry.field(description=_WHICH)
    reason: str = strawberry.field(description="Why, 1 to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What the platform says to an appeal.")
class ServiceAppealDecideInput:
    """For `serviceAppealDecide`."""

    id: strawberry.ID = strawberry.field(description=_WHICH)
    granted: bool = strawberry.field(description="Whether it counts as accepted.")
    reason: str = strawberry.field(description="Why, 1 to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What the platform's review has found.")
class ServiceReviewInput:
    """For `serviceReview`."""

    id: strawberry.ID = strawberry.field(description=_WHICH)
    passed: bool = strawberry.field(description="Whether it is as was agreed.")
    reason: str | None = strawberry.field(
        default=None, description="Why not, 1 to 500 characters; needed then."
    )
    idempotency_key: str | None = idempotency_key()


@payload(
    errors=(
        DeliveryOfAnotherCustomer,
        AppealIsOpen,
        RefundIsPending,
        WrongStatus,
        NotAuthorized,
        CustomerIsFrozen,
        CustomerOfAnotherPartner,
        OnlyForAgencyCustomers,
    )
)
class ServiceRequirementSubmitPayload:
    service_supervision: ServiceSupervision | None = made(_NOW)


@payload(errors=(DeliveryOfAnotherMerchant, AppealIsOpen, RefundIsPending, WrongStatus))
class ServiceRequirementConfirmPayload:
    service_supervision: ServiceSupervision | None = made(_NOW)


@payload(errors=(DeliveryOfAnotherMerchant, AppealIsOpen, RefundIsPending, WrongStatus))
class ServiceRequirementReturnPayload:
    service_supervision: ServiceSupervision | None = made(_NOW)


@payload(errors=(DeliveryOfAnotherMerchant, AppealIsOpen, RefundIsPending, WrongStatus))
class ServiceDeliverPayload:
    service_supervision: ServiceSupervision | None = made(_NOW)


@payload(errors=(DeliveryOfAnotherCustomer, AppealIsOpen, RefundIsPending, WrongStatus))
class ServiceAcceptPayload:
    service_supervision: ServiceSupervision | None = made(_NOW)


@payload(errors=(DeliveryOfAnotherCustomer, AppealIsOpen, RefundIsPending, WrongStatus))
class ServiceRejectPayload:
    service_supervision: ServiceSupervision | None = made(_NOW)


@payload(
    errors=(
        DeliveryOfAnotherMerchant,
        NothingToAppeal,
        AppealIsOpen,
        RefundIsPending,
        WrongStatus,
    )
)
class ServiceAppealPayload:
    service_supervision: ServiceSupervision | None = made(_NOW)


@payload(errors=(RefundIsPending, WrongStatus))
class ServiceAppealDecidePayload:
    service_supervision: ServiceSupervision | None = made(_NOW)


@payload(errors=(RefundIsPending, WrongStatus))
class ServiceReviewRequirePayload:
    service_supervision: ServiceSupervision | None = made(_NOW)


@payload(errors=(AppealIsOpen, RefundIsPending, WrongStatus))
class ServiceReviewPayload:
    service_supervision: ServiceSupervision | None = made(_NOW)
