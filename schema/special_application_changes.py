"""Deciding on special commercial applications: inputs and payloads."""

import strawberry

from domain.offers.applications import GrantTooHigh
from domain.offers.checks import OfferCheckFailed
from domain.offers.guards import OfferExpired
from kit.status import WrongStatus
from schema import offer_changes  # noqa: F401 -- the enum of checks must be known first
from schema.inputs import idempotency_key
from schema.offers import SpecialApplication
from schema.payloads import made, payload
from schema.scalars import Decimal

_APPLICATION = "The application as it stands now."


@strawberry.input(description="Which application is being worked on.")
class SpecialApplicationTakeInput:
    """For `specialApplicationTake`."""

    id: strawberry.ID = strawberry.field(description="The application.")
    crm_number: str = strawberry.field(description="Its number in the CRM, 1 to 64 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which application to grant, and how far down.")
class SpecialApplicationGrantInput:
    """For `specialApplicationGrant`."""

    id: strawberry.ID = strawberry.field(description="The application.")
    granted_floor_ratio: Decimal = strawberry.field(
        description="The least share of the list price that was granted; at most the offer's"
        " discount."
    )
    crm_number: str | None = strawberry.field(
        default=None,
        description="Its number in the CRM; needed unless it was told before.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which application to refuse, and why.")
class SpecialApplicationRejectInput:
    """For `specialApplicationReject`."""

    id: strawberry.ID = strawberry.field(description="The application.")
    reason: str = strawberry.field(description="Why, for the partner, 1 to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@payload(errors=(OfferExpired, WrongStatus))
class SpecialApplicationTakePayload:
    special_application: SpecialApplication | None = made(_APPLICATION)


@payload(errors=(GrantTooHigh, OfferCheckFailed, OfferExpired, WrongStatus))
class SpecialApplicationGrantPayload:
    special_application: SpecialApplication | None = made(_APPLICATION)


@payload(errors=(OfferExpired, WrongStatus))
class SpecialApplicationRejectPayload:
    special_application: SpecialApplication | None = made(_APPLICATION)
