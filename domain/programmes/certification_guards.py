"""What stands in the way of each action on certifications and plans (domain.md 5.16)."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.identity.viewer import Viewer
from domain.programmes.guards import is_in, manages, of_another, reviews
from kit.guards import Guard
from kit.problems import Problem
from kit.status import WrongStatus
from models.certification import BusinessInformationStatus, ImprovementPlanStatus, PathStage


class RoleNotCertified(Problem):
    """The role's certification has not been reached, or is over."""

    en = "The role {role} is not certified; its stage is {stage}."
    zh = "角色 {role} 尚未通过认证,当前阶段为 {stage}。"
    about = {"role": "Which role.", "stage": "How far the partner is on its path."}
    role: str
    stage: str


class OwnedRow(Protocol):
    """The columns of whatever a partner hands in and the platform judges."""

    @property
    def partner_id(self) -> UUID: ...
    @property
    def status(self) -> str: ...


class RoleRow(Protocol):
    """The columns of a role certification that guards read."""

    @property
    def partner_id(self) -> UUID: ...
    @property
    def role(self) -> str: ...
    @property
    def stage(self) -> str: ...
    @property
    def expires_at(self) -> datetime | None: ...


def certify(row: OwnedRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, when submitted."""
    reviewing, certified = BusinessInformationStatus.REVIEWING, BusinessInformationStatus.CERTIFIED
    return reviews(viewer) or is_in(reviewing, row.status, certified)


def fail(row: OwnedRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, when submitted."""
    reviewing, failed = BusinessInformationStatus.REVIEWING, BusinessInformationStatus.FAILED
    return reviews(viewer) or is_in(reviewing, row.status, failed)


def set_validity(row: RoleRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, for a role that is certified."""
    return reviews(viewer) or _certified(row, now)


def issue_role_certificate(row: RoleRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner or the platform, for a role that is certified."""
    return of_another(row.partner_id, viewer) or _certified(row, now)


def edit_plan(row: OwnedRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The distributor, as long as it is not with the platform, or approved."""
    if problem := manages(row.partner_id, viewer):
        return problem
    if row.status not in (ImprovementPlanStatus.DRAFT, ImprovementPlanStatus.REJECTED):
        return WrongStatus(status=str(row.status), wanted=ImprovementPlanStatus.DRAFT.value)
    return None


def submit_plan(row: OwnedRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The distributor, when it is a draft."""
    draft, submitted = ImprovementPlanStatus.DRAFT, ImprovementPlanStatus.SUBMITTED
    return manages(row.partner_id, viewer) or is_in(draft, row.status, submitted)


def withdraw_plan(row: OwnedRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The distributor, before the platform has decided."""
    draft, submitted = ImprovementPlanStatus.DRAFT, ImprovementPlanStatus.SUBMITTED
    return manages(row.partner_id, viewer) or is_in(submitted, row.status, draft)


def approve_plan(row: OwnedRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, when submitted; after that nothing changes it (P-23)."""
    approved, submitted = ImprovementPlanStatus.APPROVED, ImprovementPlanStatus.SUBMITTED
    return reviews(viewer) or is_in(submitted, row.status, approved)


def reject_plan(row: OwnedRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, when submitted."""
    rejected, submitted = ImprovementPlanStatus.REJECTED, ImprovementPlanStatus.SUBMITTED
    return reviews(viewer) or is_in(submitted, row.status, rejected)


def record_progress(row: OwnedRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, for a plan that is in force."""
    approved = ImprovementPlanStatus.APPROVED
    return reviews(viewer) or is_in(approved, row.status, approved)


def stage_now(row: RoleRow, now: datetime) -> PathStage:
    """How far the partner is at `now`: a certification past its end is none, worker or not."""
    over = row.expires_at is not None and row.expires_at <= now
    return PathStage.SELECTED if over else PathStage(row.stage)


def _certified(row: RoleRow, now: datetime) -> Problem | None:
    stage = stage_now(row, now)
    if stage is PathStage.SELECTED:
        return RoleNotCertified(role=str(row.role), stage=stage.value)
    return None


# By the name of the mutation that does it.
BUSINESS_INFORMATION_ACTIONS: dict[str, Guard] = {
    "businessInformationCertify": certify,
    "businessInformationFail": fail,
}

ROLE_ACTIONS: dict[str, Guard] = {
    "roleCertificationValiditySet": set_validity,
    "roleCertificateIssue": issue_role_certificate,
}

PLAN_ACTIONS: dict[str, Guard] = {
    "improvementPlanEdit": edit_plan,
    "improvementPlanSubmit": submit_plan,
    "improvementPlanWithdraw": withdraw_plan,
    "improvementPlanApprove": approve_plan,
    "improvementPlanReject": reject_plan,
    "improvementPlanProgressRecord": record_progress,
}
