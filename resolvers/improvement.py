"""Queries and mutations of distributors' improvement plans."""

from datetime import datetime

import strawberry

from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.programmes import improvement
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import improvement as changes
from schema.certification import ImprovementPlan
from schema.certification_lists import HandedInOrder, ImprovementPlanFilter

_FILE = ("input", "fileId")


@strawberry.type
class ImprovementQuery:
    improvement_plan: ImprovementPlan | None = root_one(
        "An improvement plan by its id; null when you may not see it.", prefix="imp"
    )
    improvement_plans: Connection[ImprovementPlan] = root_connection(
        "Improvement plans of your partner; the platform sees all.",
        filter=ImprovementPlanFilter,
        order=HandedInOrder,
    )


@strawberry.type
class ImprovementMutation:
    @mutation(
        "Begin an improvement plan, as a general distributor.",
        changes.ImprovementPlanCreatePayload,
        requires=describe("improvementPlanCreate"),
    )
    async def improvement_plan_create(
        self, viewer: Viewer, input: changes.ImprovementPlanCreateInput, now: datetime
    ) -> Outcome:
        plan = await improvement.create(
            viewer=viewer,
            handling=input.handling,
            file_id=ids.decode("fil", input.file_id, path=_FILE),
            now=now,
        )
        return Outcome(improvement_plan=plan.id)

    @mutation(
        "Write a plan anew that is a draft, or was rejected.",
        changes.ImprovementPlanEditPayload,
        requires=describe("improvementPlanEdit"),
    )
    async def improvement_plan_edit(
        self, viewer: Viewer, input: changes.ImprovementPlanEditInput, now: datetime
    ) -> Outcome:
        plan = await improvement.edit(
            viewer=viewer,
            plan_id=ids.decode("imp", input.id),
            expected_version=input.expected_version,
            handling=input.handling,
            file_id=ids.decode("fil", input.file_id, path=_FILE),
            now=now,
        )
        return Outcome(improvement_plan=plan.id)

    @mutation(
        "Hand a plan in.",
        changes.ImprovementPlanSubmitPayload,
        requires=describe("improvementPlanSubmit"),
    )
    async def improvement_plan_submit(
        self, viewer: Viewer, input: changes.ImprovementPlanInput, now: datetime
    ) -> Outcome:
        plan = await improvement.submit(viewer=viewer, plan_id=ids.decode("imp", input.id), now=now)
        return Outcome(improvement_plan=plan.id)

    @mutation(
        "Take a plan back before the platform has decided.",
        changes.ImprovementPlanWithdrawPayload,
        requires=describe("improvementPlanWithdraw"),
    )
    async def improvement_plan_withdraw(
        self, viewer: Viewer, input: changes.ImprovementPlanInput, now: datetime
    ) -> Outcome:
        plan = await improvement.withdraw(
            viewer=viewer, plan_id=ids.decode("imp", input.id), now=now
        )
        return Outcome(improvement_plan=plan.id)

    @mutation(
        "Agree to a plan. From then on nobody can take it back.",
        changes.ImprovementPlanApprovePayload,
        requires=describe("improvementPlanApprove"),
    )
    async def improvement_plan_approve(
        self, viewer: Viewer, input: changes.ImprovementPlanInput, now: datetime
    ) -> Outcome:
        plan = await improvement.approve(
            viewer=viewer, plan_id=ids.decode("imp", input.id), now=now
        )
        return Outcome(improvement_plan=plan.id)

    @mutation(
        "Refuse a plan, and say why.",
        changes.ImprovementPlanRejectPayload,
        requires=describe("improvementPlanReject"),
    )
    async def improvement_plan_reject(
        self, viewer: Viewer, input: changes.ImprovementPlanRejectInput, now: datetime
    ) -> Outcome:
        plan = await improvement.reject(
            viewer=viewer, plan_id=ids.decode("imp", input.id), reason=input.reason, now=now
        )
        return Outcome(improvement_plan=plan.id)

    @mutation(
        "Write down how far an approved plan has come.",
        changes.ImprovementPlanProgressRecordPayload,
        requires=describe("improvementPlanProgressRecord"),
    )
    async def improvement_plan_progress_record(
        self, viewer: Viewer, input: changes.ImprovementPlanProgressRecordInput, now: datetime
    ) -> Outcome:
        plan = await improvement.record_progress(
            viewer=viewer,
            plan_id=ids.decode("imp", input.id),
            progress=input.progress_ratio,
            note=input.note,
            now=now,
        )
        return Outcome(improvement_plan=plan.id)
