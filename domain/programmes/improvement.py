"""Improvement plans of distributors: written, reviewed, irrevocable, followed (P-23)."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.files import attaching
from domain.identity import permissions, tenants
from domain.identity.viewer import Viewer
from domain.programmes import certification_guards as guards
from domain.programmes import history, policy
from kit import texts
from kit.guards import Guard, refuse
from kit.ids import new_id
from kit.problems import InvalidInput, Problem, VersionConflict
from kit.transaction import transactional
from kit.violations import answering
from models.certification import ImprovementHandling, ImprovementPlan
from models.certification import ImprovementPlanStatus as Status
from models.partners import PartnerKind

_FILE = ("input", "fileId")


class DistributorsOnly(Problem):
    """Only general distributors have improvement plans."""

    en = "Only general distributors have improvement plans."
    zh = "仅总经销商可以提交绩效改进计划。"


class ImprovementPlanOpen(Problem):
    """An earlier plan has not been approved yet."""

    en = "An earlier plan is still open; it is {status}."
    zh = "已有未完成的绩效改进计划,状态为 {status}。"
    about = {"status": "Where the earlier plan stands."}
    status: str


@transactional
async def create(
    *, viewer: Viewer, handling: ImprovementHandling, file_id: UUID, now: datetime
) -> ImprovementPlan:
    """Begin a plan: the filled-in template, and the handling agreed with the rep office.

    Raises DistributorsOnly, ImprovementPlanOpen, and for the file NotFound, FileExpired,
    FileAlreadyAttached.
    """
    permissions.require(viewer, "improvementPlanCreate")
    partner = await tenants.locked(viewer, None)
    if partner.kind is not PartnerKind.DISTRIBUTOR:
        raise DistributorsOnly()
    earlier = await ImprovementPlan.filter(partner_id=partner.id).exclude(status=Status.APPROVED)
    if earlier:
        raise ImprovementPlanOpen(status=earlier[0].status.value)
    assert viewer.actor_id is not None
    plan = ImprovementPlan(
        id=new_id(),
        created_at=now,
        partner_id=partner.id,
        status=Status.DRAFT,
        handling=handling,
        file_id=file_id,
        created_by=viewer.actor_id,
    )
    await _attach(plan, now)
    with answering(
        improvement_plan_one_open=lambda: ImprovementPlanOpen(status=Status.DRAFT.value)
    ):
        await plan.insert()
    await _tell("drafted", plan, None, viewer=viewer, now=now)
    return plan


@transactional
async def edit(
    *,
    viewer: Viewer,
    plan_id: UUID,
    expected_version: int,
    handling: ImprovementHandling,
    file_id: UUID,
    now: datetime,
) -> ImprovementPlan:
    """Write it anew; one that was rejected is a draft again. Raises VersionConflict."""
    permissions.require(viewer, "improvementPlanEdit")
    plan = await _locked(viewer, plan_id, guards.edit_plan, now)
    if plan.version != expected_version:
        raise VersionConflict(current=plan.version)
    before = plan.status
    if plan.decided_at is not None:  # it was rejected
        plan.status = before.to(Status.DRAFT)
        plan.decided_at = plan.decision_reason = None
    plan.handling = handling
    plan.file_id = file_id
    await _attach(plan, now)
    await _save(plan)
    await _tell("edited", plan, before, viewer=viewer, now=now)
    return plan


@transactional
async def submit(*, viewer: Viewer, plan_id: UUID, now: datetime) -> ImprovementPlan:
    """Hand it in to the platform."""
    permissions.require(viewer, "improvementPlanSubmit")
    plan = await _locked(viewer, plan_id, guards.submit_plan, now)
    plan.submitted_at = now
    await _move(plan, Status.SUBMITTED, "submitted", viewer=viewer, now=now)
    return plan


@transactional
async def withdraw(*, viewer: Viewer, plan_id: UUID, now: datetime) -> ImprovementPlan:
    """Take it back before the platform has decided."""
    permissions.require(viewer, "improvementPlanWithdraw")
    plan = await _locked(viewer, plan_id, guards.withdraw_plan, now)
    plan.submitted_at = None
    await _move(plan, Status.DRAFT, "withdrawn", viewer=viewer, now=now)
    return plan


@transactional
async def approve(*, viewer: Viewer, plan_id: UUID, now: datetime) -> ImprovementPlan:
    """Agree to it; from then on nobody can take it back."""
    permissions.require(viewer, "improvementPlanApprove")
    plan = await _locked(viewer, plan_id, guards.approve_plan, now)
    plan.decided_at = now
    await _move(plan, Status.APPROVED, "approved", viewer=viewer, now=now)
    return plan


@transactional
async def reject(*, viewer: Viewer, plan_id: UUID, reason: str, now: datetime) -> ImprovementPlan:
    """Say what is wrong with it; the distributor writes it anew."""
    permissions.require(viewer, "improvementPlanReject")
    reason = texts.reason(reason)
    plan = await _locked(viewer, plan_id, guards.reject_plan, now)
    plan.decided_at = now
    plan.decision_reason = reason
    await _move(plan, Status.REJECTED, "rejected", viewer=viewer, reason=reason, now=now)
    return plan


@transactional
async def record_progress(
    *, viewer: Viewer, plan_id: UUID, progress: Decimal, note: str | None = None, now: datetime
) -> ImprovementPlan:
    """Write down how far an approved plan has come, as a ratio of 0 to 1."""
    permissions.require(viewer, "improvementPlanProgressRecord")
    if not 0 <= progress <= 1 or progress != round(progress, 4):
        raise InvalidInput(
            reason="Progress is 0 to 1, with at most four decimals.",
            reason_zh="进度应为 0 到 1,最多四位小数。",
            path=("input", "progressRatio"),
        )
    plan = await _locked(viewer, plan_id, guards.record_progress, now)
    before = plan.progress_ratio
    plan.progress_ratio = progress
    plan.progress_note = texts.optional(note, longest=texts.LONGEST_REASON, path=("input", "note"))
    await _save(plan)
    await history.record(
        "improvement_plan.progressed",
        plan,
        viewer=viewer,
        before={"progress_ratio": f"{before:f}"},
        after={"progress_ratio": f"{progress:f}"},
        reason=plan.progress_note,
        now=now,
    )
    return plan


async def _locked(viewer: Viewer, id: UUID, guard: Guard, now: datetime) -> ImprovementPlan:
    plan = await policy.IMPROVEMENT_PLANS.lock(
        ImprovementPlan, id, viewer=viewer, now=now, thing="improvement plan"
    )
    refuse(guard(plan, viewer, now))
    return plan


async def _attach(plan: ImprovementPlan, now: datetime) -> None:
    await attaching.attach(
        file_ids=[plan.file_id],
        to=plan.id,
        partner_id=plan.partner_id,
        now=now,
        place=lambda number: _FILE,
    )


async def _move(
    plan: ImprovementPlan,
    wanted: Status,
    happened: str,
    *,
    viewer: Viewer,
    reason: str | None = None,
    now: datetime,
) -> None:
    before = plan.status
    plan.status = before.to(wanted)
    await _save(plan)
    await _tell(happened, plan, before, viewer=viewer, reason=reason, now=now)


async def _save(plan: ImprovementPlan) -> None:
    plan.version += 1
    await plan.save(
        update_fields=[
            "status",
            "handling",
            "file_id",
            "submitted_at",
            "decided_at",
            "decision_reason",
            "progress_ratio",
            "progress_note",
            "version",
        ]
    )


async def _tell(
    happened: str,
    plan: ImprovementPlan,
    before: Status | None,
    *,
    viewer: Viewer,
    reason: str | None = None,
    now: datetime,
) -> None:
    await history.record(
        f"improvement_plan.{happened}",
        plan,
        viewer=viewer,
        before={"status": before.value} if before else None,
        after={"status": plan.status.value, "handling": plan.handling.value},
        reason=reason,
        now=now,
    )
