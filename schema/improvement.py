"""Improvement plans: inputs and payloads."""

import strawberry

from domain.files.attaching import FileAlreadyAttached, FileExpired
from domain.programmes.guards import OwnPartnerOnly
from domain.programmes.improvement import DistributorsOnly, ImprovementPlanOpen
from kit.status import WrongStatus
from schema.certification import ImprovementPlan
from schema.certification_enums import ImprovementHandling
from schema.inputs import expected_version, idempotency_key
from schema.payloads import made, payload
from schema.scalars import Decimal

_PLAN = "The plan as it stands now."


@strawberry.input(description="A plan, and what was agreed.")
class ImprovementPlanCreateInput:
    """For `improvementPlanCreate`."""

    handling: ImprovementHandling = strawberry.field(
        description="What was agreed with the rep office."
    )
    file_id: strawberry.ID = strawberry.field(description="The filled-in template, uploaded.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What is to be in the plan from now on.")
class ImprovementPlanEditInput:
    """For `improvementPlanEdit`."""

    id: strawberry.ID = strawberry.field(description="The plan.")
    expected_version: int = expected_version()
    handling: ImprovementHandling = strawberry.field(
        description="What was agreed with the rep office."
    )
    file_id: strawberry.ID = strawberry.field(description="The filled-in template, uploaded.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which plan.")
class ImprovementPlanInput:
    """For the mutations that need nothing else."""

    id: strawberry.ID = strawberry.field(description="The plan.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which plan, and what is wrong with it.")
class ImprovementPlanRejectInput:
    """For `improvementPlanReject`."""

    id: strawberry.ID = strawberry.field(description="The plan.")
    reason: str = strawberry.field(description="Why, for the partner, at most 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="How far a plan has come.")
class ImprovementPlanProgressRecordInput:
    """For `improvementPlanProgressRecord`."""

    id: strawberry.ID = strawberry.field(description="The plan.")
    progress_ratio: Decimal = strawberry.field(description="0 to 1, at most four decimals.")
    note: str | None = strawberry.field(
        default=None, description="A word about it, at most 500 characters."
    )
    idempotency_key: str | None = idempotency_key()


_FILES = (FileExpired, FileAlreadyAttached)


@payload(errors=(DistributorsOnly, ImprovementPlanOpen, *_FILES))
class ImprovementPlanCreatePayload:
    improvement_plan: ImprovementPlan | None = made(_PLAN)


@payload(errors=(OwnPartnerOnly, WrongStatus, *_FILES), versioned=True)
class ImprovementPlanEditPayload:
    improvement_plan: ImprovementPlan | None = made(_PLAN)


@payload(errors=(OwnPartnerOnly, WrongStatus))
class ImprovementPlanSubmitPayload:
    improvement_plan: ImprovementPlan | None = made(_PLAN)


@payload(errors=(OwnPartnerOnly, WrongStatus))
class ImprovementPlanWithdrawPayload:
    improvement_plan: ImprovementPlan | None = made(_PLAN)


@payload(errors=(WrongStatus,))
class ImprovementPlanApprovePayload:
    improvement_plan: ImprovementPlan | None = made(_PLAN)


@payload(errors=(WrongStatus,))
class ImprovementPlanRejectPayload:
    improvement_plan: ImprovementPlan | None = made(_PLAN)


@payload(errors=(WrongStatus,))
class ImprovementPlanProgressRecordPayload:
    improvement_plan: ImprovementPlan | None = made(_PLAN)
