"""Queries and mutations of performance."""

from datetime import datetime
from typing import Annotated

import strawberry

from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.performance import adjusting, approving, feedback, summing
from domain.performance.summing import PerformanceGrouping
from kit import ids
from kit.problems import InvalidInput
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import conditions
from schema import performance_changes as changes
from schema.context import Context
from schema.performance import (
    PerformanceFeedback,
    PerformanceLine,
    PerformanceSheet,
    PerformanceSum,
    sum_of,
)
from schema.performance_lists import (
    PerformanceFeedbackFilter,
    PerformanceFeedbackOrder,
    PerformanceLineFilter,
    PerformanceLineOrder,
    PerformanceSheetFilter,
    PerformanceSheetOrder,
)


@strawberry.type
class PerformanceQuery:
    performance_sheet: PerformanceSheet | None = root_one(
        "A sheet by its id; null when you may not see it.", prefix="pfs"
    )
    performance_sheets: Connection[PerformanceSheet] = root_connection(
        "Sheets of your partner's performance (业绩汇总), of all for the platform; a month"
        f" that runs has none yet, `performanceTotals` sums it up. {describe('performanceSheets')}",
        filter=PerformanceSheetFilter,
        order=PerformanceSheetOrder,
        guard=may_list("performanceSheets"),
    )
    performance_lines: Connection[PerformanceLine] = root_connection(
        "Your partner's performance, line by line (业绩明细), with that of its resellers; an"
        " account manager's is what counts for him, a supervisor's what counts for his managers."
        f" {describe('performanceLines')}",
        filter=PerformanceLineFilter,
        order=PerformanceLineOrder,
        guard=may_list("performanceLines"),
    )
    performance_feedback: Connection[PerformanceFeedback] = root_connection(
        "Questions about performance and their answers, the latest first."
        f" {describe('performanceFeedback')}",
        filter=PerformanceFeedbackFilter,
        order=PerformanceFeedbackOrder,
        guard=may_list("performanceFeedback"),
    )

    @strawberry.field(
        description="What `performanceLines` lists with this filter, in sums (业绩看板), at most"
        f" 500. {describe('performanceTotals')}"
    )
    async def performance_totals(
        self,
        info: strawberry.Info[Context, None],
        by: Annotated[
            PerformanceGrouping, strawberry.argument(description="By what it is summed up.")
        ] = PerformanceGrouping.MONTH,
        filter: Annotated[
            PerformanceLineFilter | None, strawberry.argument(description="Of what; all if unsaid.")
        ] = None,
    ) -> list[PerformanceSum]:
        context = info.context
        may_list("performanceTotals")(context.viewer)
        found = await summing.totals(
            viewer=context.viewer, by=by, conditions=conditions.of(filter), now=context.now
        )
        return [sum_of(by, each) for each in found]


@strawberry.type
class PerformanceMutation:
    @mutation(
        "Approve sheets (终稿), with a result for each. What they say never changes from then on;"
        " what comes later, or has to be put right, counts in the month that runs.",
        changes.PerformanceSheetApprovePayload,
        requires=describe("performanceSheetApprove"),
    )
    async def performance_sheet_approve(
        self, viewer: Viewer, input: changes.PerformanceSheetApproveInput, now: datetime
    ) -> Outcome:
        path = ("input", "ids")
        outcomes = await approving.approve(
            viewer=viewer,
            sheet_ids=[ids.decode("pfs", id, path=path) for id in input.ids],
            now=now,
        )
        return Outcome(results=outcomes)

    @mutation(
        "Put a line right: a line of the month that runs, which says what it corrects and why.",
        changes.PerformanceAdjustmentEnterPayload,
        requires=describe("performanceAdjustmentEnter"),
    )
    async def performance_adjustment_enter(
        self, viewer: Viewer, input: changes.PerformanceAdjustmentEnterInput, now: datetime
    ) -> Outcome:
        line = await adjusting.enter(
            viewer=viewer,
            line_id=ids.decode("pfl", input.line_id, path=("input", "lineId")),
            amount=input.amount,
            reason=input.reason,
            now=now,
        )
        return Outcome(performance_line=line.id)

    @mutation(
        "Ask about a sheet, or about a line of one; one question at a time.",
        changes.PerformanceFeedbackOpenPayload,
        requires=describe("performanceFeedbackOpen"),
    )
    async def performance_feedback_open(
        self, viewer: Viewer, input: changes.PerformanceFeedbackOpenInput, now: datetime
    ) -> Outcome:
        if (input.sheet_id is None) == (input.line_id is None):
            raise InvalidInput(
                reason="Name a sheet or a line, and not both.",
                reason_zh="须指定业绩单或业绩明细之一。",
                path=("input",),
            )
        if input.sheet_id is not None:
            asked = await feedback.ask_about_sheet(
                viewer=viewer,
                sheet_id=ids.decode("pfs", input.sheet_id, path=("input", "sheetId")),
                text=input.text,
                now=now,
            )
        else:
            assert input.line_id is not None
            asked = await feedback.ask_about_line(
                viewer=viewer,
                line_id=ids.decode("pfl", input.line_id, path=("input", "lineId")),
                text=input.text,
                now=now,
            )
        return Outcome(performance_feedback=asked.id)

    @mutation(
        "Answer a question about performance.",
        changes.PerformanceFeedbackAnswerPayload,
        requires=describe("performanceFeedbackAnswer"),
    )
    async def performance_feedback_answer(
        self, viewer: Viewer, input: changes.PerformanceFeedbackAnswerInput, now: datetime
    ) -> Outcome:
        asked = await feedback.answer(
            viewer=viewer,
            feedback_id=ids.decode("pff", input.id, path=("input", "id")),
            text=input.answer,
            now=now,
        )
        return Outcome(performance_feedback=asked.id)

    @mutation(
        "Put a question about performance away, answered or not.",
        changes.PerformanceFeedbackClosePayload,
        requires=describe("performanceFeedbackClose"),
    )
    async def performance_feedback_close(
        self, viewer: Viewer, input: changes.PerformanceFeedbackCloseInput, now: datetime
    ) -> Outcome:
        asked = await feedback.close(
            viewer=viewer, feedback_id=ids.decode("pff", input.id, path=("input", "id")), now=now
        )
        return Outcome(performance_feedback=asked.id)
