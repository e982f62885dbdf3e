"""Supervisors and their account managers: the type, inputs and payloads."""

import strawberry

from domain.identity.supervision import NotAnAccountManager, NotASupervisor
from schema.identity import Operator
from schema.inputs import idempotency_key
from schema.payloads import made, payload

_MANAGER = "The account manager: an operator's id."


@strawberry.input(description="Whom to put under which supervisor.")
class SupervisorSetInput:
    """For `supervisorSet`."""

    manager_id: strawberry.ID = strawberry.field(description=_MANAGER)
    supervisor_id: strawberry.ID = strawberry.field(description="The supervisor: an operator's id.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Whom to leave without a supervisor.")
class SupervisorUnsetInput:
    """For `supervisorUnset`."""

    manager_id: strawberry.ID = strawberry.field(description=_MANAGER)
    idempotency_key: str | None = idempotency_key()


@payload(errors=(NotAnAccountManager, NotASupervisor))
class SupervisorSetPayload:
    operator: Operator | None = made("The account manager as of now.")


@payload()
class SupervisorUnsetPayload:
    operator: Operator | None = made("The account manager as of now.")
