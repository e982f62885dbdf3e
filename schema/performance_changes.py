"""Approving sheets, correcting lines, asking and answering: inputs and payloads."""

import strawberry

from domain.performance.guards import AskedAlready, OnlyPartnersAsk
from kit.status import WrongStatus
from schema.inputs import idempotency_key, needed_idempotency_key
from schema.payloads import ItemResult, made, payload, per_item
from schema.performance import PerformanceFeedback, PerformanceLine
from schema.scalars import Decimal


@strawberry.input(description="Which sheets are final.")
class PerformanceSheetApproveInput:
    ids: list[strawberry.ID] = strawberry.field(
        description="The sheets, 1 to 100; one named twice counts once."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What a line should have said more, or less.")
class PerformanceAdjustmentEnterInput:
    line_id: strawberry.ID = strawberry.field(description="The line that is put right.")
    amount: Decimal = strawberry.field(
        description="What is added to it in CNY, two decimals; below zero to take something away."
    )
    reason: str = strawberry.field(description="Why, 1 to 500 characters.")
    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="What is asked, about a sheet or about a line: one of the two.")
class PerformanceFeedbackOpenInput:
    sheet_id: strawberry.ID | None = strawberry.field(default=None, description="About a sheet.")
    line_id: strawberry.ID | None = strawberry.field(
        default=None, description="About a line that has a sheet."
    )
    text: str = strawberry.field(description="The question, 1 to 1000 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="The answer to a question.")
class PerformanceFeedbackAnswerInput:
    id: strawberry.ID = strawberry.field(description="The question.")
    answer: str = strawberry.field(description="The answer, 1 to 1000 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which question is put away.")
class PerformanceFeedbackCloseInput:
    id: strawberry.ID = strawberry.field(description="The question.")
    idempotency_key: str | None = idempotency_key()


@payload()
class PerformanceSheetApprovePayload:
    results: list[ItemResult] = per_item("What became of each, in the order given.", prefix="pfs")


@payload()
class PerformanceAdjustmentEnterPayload:
    performance_line: PerformanceLine | None = made("The line of the month that runs.")


@payload(errors=(AskedAlready, OnlyPartnersAsk, WrongStatus))
class PerformanceFeedbackOpenPayload:
    performance_feedback: PerformanceFeedback | None = made("The question.")


@payload(errors=(WrongStatus,))
class PerformanceFeedbackAnswerPayload:
    performance_feedback: PerformanceFeedback | None = made("The question with its answer.")


@payload(errors=(OnlyPartnersAsk, WrongStatus))
class PerformanceFeedbackClosePayload:
    performance_feedback: PerformanceFeedback | None = made("The question.")
