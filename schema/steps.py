"""Step-up verification: inputs and payloads."""

import strawberry

from domain.identity.steps import StepUpCodeWrong, StepUpRequired, StepUpThrottled
from schema.inputs import idempotency_key
from schema.partners import Partner
from schema.payloads import made, payload, told
from schema.scalars import DateTime


@strawberry.input(description="For which operation a code is to be sent.")
class StepUpCodeRequestInput:
    """For `stepUpCodeRequest`."""

    operation: str = strawberry.field(
        description="The name of a mutation that takes a `stepUpCode`."
    )


@strawberry.input(description="Whether sensitive operations of your partner ask for a code.")
class PartnerStepUpSetInput:
    """For `partnerStepUpSet`."""

    enabled: bool = strawberry.field(description="Whether they do from now on.")
    step_up_code: str | None = strawberry.field(
        default=None, description="The code that was mailed to you; needed to turn it off."
    )
    idempotency_key: str | None = idempotency_key()


@payload(errors=(StepUpThrottled,))
class StepUpCodeRequestPayload:
    sent_to: str | None = told("The address that it goes to, masked.")
    expires_at: DateTime | None = told("Until when it is good, by real time, also in a sandbox.")


@payload(errors=(StepUpRequired, StepUpCodeWrong))
class PartnerStepUpSetPayload:
    partner: Partner | None = made("The partner as it stands now.")
