"""Asking for authorizations, giving and ending them: inputs and payloads."""

import strawberry

from domain.associations.authorization_guards import (
    CustomerIsFrozen,
    OnlyForAgencyCustomers,
    OnlyTheCustomerDecides,
    OnlyTheDistributorDecides,
)
from domain.associations.authorizations import AuthorizationExists
from domain.associations.change_guards import NotAssociated
from domain.associations.commitment import LetterNotAccepted
from domain.customers.guards import CustomerOfAnotherPartner
from domain.identity.steps import StepUpCodeWrong, StepUpRequired
from kit.status import WrongStatus
from models.associations import OnBehalfScope
from schema.authorizations import OnBehalfAuthorization
from schema.inputs import idempotency_key, step_up_code
from schema.payloads import made, payload

_AUTHORIZATION = "The authorization as it stands now."
_WHICH = "The authorization."


@strawberry.input(description="For which customer to ask, and what for.")
class OnBehalfAuthorizationRequestInput:
    """For `onBehalfAuthorizationRequest`."""

    customer_id: strawberry.ID = strawberry.field(description="The agency customer.")
    scopes: list[OnBehalfScope] = strawberry.field(
        default_factory=lambda: list(OnBehalfScope),
        description="What is to be allowed; both unless you say otherwise.",
    )
    commitment_version: str | None = strawberry.field(
        default=None,
        description="The version of the letter COMMITMENT (see `onBehalfLetter`) that you accept;"
        " needed with the first request of your partner.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which authorization.")
class OnBehalfAuthorizationInput:
    """For the mutations that need nothing else."""

    id: strawberry.ID = strawberry.field(description=_WHICH)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which authorization to give.")
class OnBehalfAuthorizationGrantInput:
    """For `onBehalfAuthorizationGrant`."""

    id: strawberry.ID = strawberry.field(description=_WHICH)
    letter_version: str = strawberry.field(
        description="The version of the letter CONSENT (see `onBehalfLetter`) that you accept."
    )
    step_up_code: str | None = step_up_code()
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which authorization to refuse, and why.")
class OnBehalfAuthorizationRejectInput:
    """For `onBehalfAuthorizationReject`."""

    id: strawberry.ID = strawberry.field(description=_WHICH)
    reason: str = strawberry.field(description="Why, for the partner, 1 to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which authorization to take back.")
class OnBehalfAuthorizationRevokeInput:
    """For `onBehalfAuthorizationRevoke`."""

    id: strawberry.ID = strawberry.field(description=_WHICH)
    step_up_code: str | None = step_up_code()
    idempotency_key: str | None = idempotency_key()


_STEP_UP = (StepUpRequired, StepUpCodeWrong)


@payload(
    errors=(
        CustomerOfAnotherPartner,
        NotAssociated,
        OnlyForAgencyCustomers,
        CustomerIsFrozen,
        AuthorizationExists,
        LetterNotAccepted,
    )
)
class OnBehalfAuthorizationRequestPayload:
    on_behalf_authorization: OnBehalfAuthorization | None = made(_AUTHORIZATION)


@payload(errors=(OnlyTheDistributorDecides, WrongStatus))
class OnBehalfAuthorizationEndorsePayload:
    on_behalf_authorization: OnBehalfAuthorization | None = made(_AUTHORIZATION)


@payload(
    errors=(
        OnlyTheCustomerDecides,
        OnlyTheDistributorDecides,
        OnlyForAgencyCustomers,
        CustomerIsFrozen,
        LetterNotAccepted,
        WrongStatus,
        *_STEP_UP,
    )
)
class OnBehalfAuthorizationGrantPayload:
    on_behalf_authorization: OnBehalfAuthorization | None = made(_AUTHORIZATION)


@payload(errors=(OnlyTheCustomerDecides, OnlyTheDistributorDecides, WrongStatus))
class OnBehalfAuthorizationRejectPayload:
    on_behalf_authorization: OnBehalfAuthorization | None = made(_AUTHORIZATION)


@payload(errors=(OnlyTheCustomerDecides, WrongStatus, *_STEP_UP))
class OnBehalfAuthorizationRevokePayload:
    on_behalf_authorization: OnBehalfAuthorization | None = made(_AUTHORIZATION)


@payload(errors=(CustomerOfAnotherPartner, WrongStatus))
class OnBehalfAuthorizationWithdrawPayload:
    on_behalf_authorization: OnBehalfAuthorization | None = made(_AUTHORIZATION)
