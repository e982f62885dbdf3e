"""What is asked and answered about the sandbox's clock."""

import strawberry

from domain.sandbox.clock import SandboxOnly
from schema.inputs import idempotency_key
from schema.payloads import payload, told
from schema.scalars import DateTime, Duration


@strawberry.input(description="How far to move business time.")
class SandboxAdvanceClockInput:
    by: Duration = strawberry.field(
        description="Forward only: `P7D` for seven days, `PT1H` for an hour; 400 days at most."
    )
    idempotency_key: str | None = idempotency_key()


@payload(errors=(SandboxOnly,))
class SandboxAdvanceClockPayload:
    now: DateTime | None = told("Business time from now on; null when it was refused or replayed.")
