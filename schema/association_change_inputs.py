"""Asking for changes of associations and deciding on them: inputs and payloads."""

from typing import Any

import strawberry

from domain.associations.change_checks import ChangeCheckFailed
from domain.associations.change_guards import (
    ChangeTimedOut,
    NotAssociated,
    OnlyInitiatorCancels,
    OnlyTheTwoSides,
    OtherSideDecides,
)
from domain.associations.changes import (
    AlreadyOfThisType,
    ChangedRecently,
    ChangeOpen,
    NoticeNotUnderstood,
)
from domain.customers.guards import CustomerOfAnotherPartner
from domain.identity.steps import StepUpCodeWrong, StepUpRequired
from kit.status import WrongStatus
from models.customers import AssociationType
from schema.association_changes import AssociationChange
from schema.inputs import idempotency_key, step_up_code
from schema.payloads import made, payload

_CHANGE = "The change as it stands now."


def _understood() -> Any:
    return strawberry.field(
        description="That the notice was read and understood: what a change does to balances,"
        " vouchers and authorizations."
    )


@strawberry.input(description="Which customer's association to switch, and to what.")
class AssociationSwitchRequestInput:
    """For `associationSwitchRequest`."""

    customer_id: strawberry.ID = strawberry.field(description="The customer.")
    to_type: AssociationType = strawberry.field(description="How it is to be associated.")
    understood: bool = _understood()
    reason: str | None = strawberry.field(
        default=None, description="Why, for the other side, at most 500 characters."
    )
    step_up_code: str | None = step_up_code()
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which customer's association to end, and why.")
class AssociationEndRequestInput:
    """For `associationEndRequest`."""

    customer_id: strawberry.ID = strawberry.field(description="The customer.")
    reason: str = strawberry.field(description="Why, for the other side, 1 to 500 characters.")
    understood: bool = _understood()
    step_up_code: str | None = step_up_code()
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which change to agree to.")
class AssociationChangeApproveInput:
    """For `associationChangeApprove`."""

    id: strawberry.ID = strawberry.field(description="The change.")
    step_up_code: str | None = step_up_code()
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which change to refuse, and why.")
class AssociationChangeRejectInput:
    """For `associationChangeReject`."""

    id: strawberry.ID = strawberry.field(description="The change.")
    reason: str = strawberry.field(description="Why, for the other side, 1 to 500 characters.")
    step_up_code: str | None = step_up_code()
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which change.")
class AssociationChangeInput:
    """For the mutations that need nothing else."""

    id: strawberry.ID = strawberry.field(description="The change.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which change doesn't pass the pre-review, and why.")
class AssociationChangeReviewFailInput:
    """For `associationChangeReviewFail`."""

    id: strawberry.ID = strawberry.field(description="The change.")
    reason: str = strawberry.field(description="Why, for both sides, 1 to 500 characters.")
    contact: str | None = strawberry.field(
        default=None,
        description="Whom to turn to, at most 320 characters; your mail address if unsaid.",
    )
    idempotency_key: str | None = idempotency_key()


_STEP_UP = (StepUpRequired, StepUpCodeWrong)
_SIDES = (OnlyTheTwoSides, CustomerOfAnotherPartner)
_ASKING = (
    NoticeNotUnderstood,
    *_SIDES,
    NotAssociated,
    ChangeOpen,
    ChangedRecently,
    ChangeCheckFailed,
    *_STEP_UP,
)
_DECIDING = (*_SIDES, OtherSideDecides, ChangeTimedOut, WrongStatus, *_STEP_UP)


@payload(errors=(*_ASKING, AlreadyOfThisType))
class AssociationSwitchRequestPayload:
    association_change: AssociationChange | None = made(_CHANGE)


@payload(errors=_ASKING)
class AssociationEndRequestPayload:
    association_change: AssociationChange | None = made(_CHANGE)


@payload(errors=(*_DECIDING, ChangeCheckFailed))
class AssociationChangeApprovePayload:
    association_change: AssociationChange | None = made(_CHANGE)


@payload(errors=_DECIDING)
class AssociationChangeRejectPayload:
    association_change: AssociationChange | None = made(_CHANGE)


@payload(errors=(*_SIDES, OnlyInitiatorCancels, ChangeTimedOut, WrongStatus))
class AssociationChangeCancelPayload:
    association_change: AssociationChange | None = made(_CHANGE)


@payload(errors=(WrongStatus,))
class AssociationChangeReviewPassPayload:
    association_change: AssociationChange | None = made(_CHANGE)


@payload(errors=(WrongStatus,))
class AssociationChangeReviewFailPayload:
    association_change: AssociationChange | None = made(_CHANGE)
