"""Editing a partner's profile: input and payload."""

import strawberry

from schema.inputs import expected_version, idempotency_key
from schema.partners import Partner
from schema.payloads import made, payload


@strawberry.input(
    description="What the partner says of itself from now on; what is left out is none."
)
class PartnerProfileEditInput:
    """For `partnerProfileEdit`."""

    partner_id: strawberry.ID | None = strawberry.field(
        default=None, description="The partner; your own if unsaid."
    )
    expected_version: int = expected_version()
    name_en: str | None = strawberry.field(default=None, description="Its English name.")
    city: str | None = strawberry.field(default=None, description="Where it sits.")
    contact_name: str | None = strawberry.field(default=None, description="Whom to talk to there.")
    contact_email: str | None = strawberry.field(
        default=None, description="The contact's mail address."
    )
    contact_phone: str | None = strawberry.field(
        default=None,
        description="The contact's phone number: digits, blanks, hyphens, a leading +.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Who of direct sales looks after a partner.")
class PartnerDirectSalesSetInput:
    """For `partnerDirectSalesSet`."""

    partner_id: strawberry.ID = strawberry.field(description="The partner.")
    email: str | None = strawberry.field(
        default=None, description="The mail address of direct sales; nobody's if left out."
    )
    idempotency_key: str | None = idempotency_key()


@payload()
class PartnerDirectSalesSetPayload:
    partner: Partner | None = made("The partner as it stands now.")


@payload(versioned=True)
class PartnerProfileEditPayload:
    partner: Partner | None = made("The partner as it stands now.")
