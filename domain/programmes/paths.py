"""Development paths: a role is chosen, achievements are recorded, the stage follows (P-13…P-17)."""

from datetime import date, datetime
from uuid import UUID

from domain.identity import permissions, tenants
from domain.identity.viewer import Viewer
from domain.programmes import certification_guards as guards
from domain.programmes import conditions, deadlines, history, judging, policy
from domain.programmes.deadlines import today
from kit import timers
from kit.guards import refuse
from kit.ids import new_id
from kit.problems import InvalidInput, Problem
from kit.transaction import lock, transactional
from kit.violations import answering
from models.certification import (
    Achievement,
    CertifiedRole,
    PathStage,
    RoleCertification,
)

LEARNING_PROGRAMME = "LEARNING_ENABLEMENT"
MOST = 10_000


class PathAlreadySelected(Problem):
    """The partner is on the path of this role."""

    en = "The path of the role {role} was selected already."
    zh = "已选择角色 {role} 的发展路径。"
    about = {"role": "Which role."}
    role: str


class PathNotSelected(Problem):
    """The partner has not chosen the path of this role."""

    en = "The partner hasn't selected the path of the role {role}."
    zh = "伙伴尚未选择角色 {role} 的发展路径。"
    about = {"role": "Which role."}
    role: str


class PathByInvitation(Problem):
    """The learning path is open to those whom the platform has invited (P-15)."""

    en = "This path is open to partners that have joined {programme}, by invitation."
    zh = "该路径仅对受邀加入 {programme} 的伙伴开放。"
    about = {"programme": "The programme to be invited to."}
    programme: str


@transactional
async def select(*, viewer: Viewer, role: CertifiedRole, now: datetime) -> RoleCertification:
    """Set out on a role's path (P-13). Raises PathAlreadySelected, PathByInvitation."""
    permissions.require(viewer, "developmentPathSelect")
    partner = await tenants.locked(viewer, None)
    if await RoleCertification.exists(partner_id=partner.id, role=role):
        raise PathAlreadySelected(role=role.value)
    if role is CertifiedRole.LEARNING:
        joined = await conditions.joined_programmes(partner_id=partner.id, now=now)
        if LEARNING_PROGRAMME not in joined:
            raise PathByInvitation(programme=LEARNING_PROGRAMME)
    row = RoleCertification(
        id=new_id(),
        created_at=now,
        partner_id=partner.id,
        role=role,
        stage=PathStage.SELECTED,
        judged_on=today(now),
    )
    with answering(role_certification_once=lambda: PathAlreadySelected(role=role.value)):
        await row.insert()
    await history.record(
        "role_certification.selected",
        row,
        viewer=viewer,
        after={"role": role.value, "stage": row.stage.value},
        now=now,
    )
    counted = await judging.counted(partner.id)
    await judging.judge(row, row.achievements | counted, on=today(now), viewer=viewer, now=now)
    return row


@transactional
async def record_achievement(
    *,
    viewer: Viewer,
    partner_id: UUID,
    role: CertifiedRole,
    achievement: Achievement,
    count: int,
    on: date,
    now: datetime,
) -> RoleCertification:
    """Write down how many of an achievement the partner has had since `on`, and judge its stage.

    By the requirements in force on that day. Raises PathNotSelected, NotFound, InvalidInput for a
    day to come and for what is counted from certificates.
    """
    permissions.require(viewer, "achievementRecord")
    if achievement in judging.COUNTED:
        raise InvalidInput(
            reason="This is counted from the certificates that accounts hold.",
            reason_zh="该项按帐号持有的证书自动统计。",
            path=("input", "achievement"),
        )
    if not 0 <= count <= MOST:
        raise InvalidInput(
            reason=f"A count is 0 to {MOST}.",
            reason_zh=f"数量应为 0 到 {MOST}。",
            path=("input", "count"),
        )
    judging.refuse_future(on, "on", now)
    partner = await judging.lock_partner(partner_id)
    row = await lock(RoleCertification, partner_id=partner.id, role=role)
    if row is None:
        raise PathNotSelected(role=role.value)
    achieved = row.achievements | {achievement.value: count}
    await judging.judge(row, achieved, on=on, viewer=viewer, now=now)
    return row


@transactional
async def set_validity(
    *, viewer: Viewer, certification_id: UUID, valid_to: date | None, now: datetime
) -> RoleCertification:
    """Say until which day a certification is good, or that it has no end.

    After that day in Shanghai the partner is back at the start of the path. Raises
    RoleNotCertified, InvalidInput for a day that is over.
    """
    permissions.require(viewer, "roleCertificationValiditySet")
    row = await _locked(viewer, certification_id, now)
    refuse(guards.set_validity(row, viewer, now))
    if valid_to is not None and valid_to < today(now):
        raise InvalidInput(
            reason="The last day can't be over already.",
            reason_zh="截止日期不能早于今天。",
            path=("input", "validTo"),
        )
    before = row.valid_to
    row.valid_to = valid_to
    row.expires_at = deadlines.end_of_day(valid_to) if valid_to else None
    row.version += 1
    await row.save(update_fields=["valid_to", "expires_at", "version"])
    if row.expires_at is not None:
        await deadlines.schedule(deadlines.EXPIRE_ROLE, row, due_at=row.expires_at, now=now)
    else:
        await timers.cancel(deadlines.EXPIRE_ROLE, subject_id=row.id)
    await history.record(
        "role_certification.validity_set",
        row,
        viewer=viewer,
        before={"valid_to": before.isoformat() if before else None},
        after={"valid_to": valid_to.isoformat() if valid_to else None},
        now=now,
    )
    return row


async def _locked(viewer: Viewer, id: UUID, now: datetime) -> RoleCertification:
    await policy.ROLE_CERTIFICATIONS.require(
        RoleCertification, id, viewer=viewer, now=now, thing="role certification"
    )
    found = await RoleCertification.get(id=id)
    await judging.lock_partner(found.partner_id)
    row = await lock(RoleCertification, id=id)
    assert row is not None
    return row
