"""The cloud projects that members delivered within the last 24 months (M-04)."""

from datetime import date, datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.members import guards, history, policy
from kit.guards import refuse
from kit.problems import InvalidInput, NotFound, Problem, VersionConflict
from kit.transaction import lock, transactional
from kit.workdays import SHANGHAI
from models.members import Member, MemberProject, ProjectRole

YEARS = 2
LONGEST_NAME = 200


class ProjectTooOld(Problem):
    """Its delivery ended more than 24 months ago."""

    en = "Only projects whose delivery ended on {oldest} or later can be recorded."
    zh = "仅可填写近24个月内({oldest} 及以后结束交付)的项目。"
    about = {"oldest": "The first day of the last 24 months."}
    oldest: date


@transactional
async def record(
    *,
    viewer: Viewer,
    member_id: UUID,
    name: str,
    role: ProjectRole,
    started_on: date,
    ended_on: date | None = None,
    now: datetime,
) -> MemberProject:
    """Add a project, by the member himself or the administrator. `ended_on` None: it is running.

    Raises ProjectTooOld, InvalidInput, MemberUnlinked.
    """
    permissions.require(viewer, "memberProjectRecord")
    member = await _lock_member(viewer, member_id, now)
    project = MemberProject(
        created_at=now,
        member_id=member.id,
        partner_id=member.partner_id,
        name=_name(name),
        role=role,
        started_on=started_on,
        ended_on=ended_on,
    )
    _check_dates(project, now)
    await project.insert()
    await history.of_project(
        "recorded", project, member=member, viewer=viewer, after=_facts(project), now=now
    )
    return project


@transactional
async def edit(
    *,
    viewer: Viewer,
    project_id: UUID,
    expected_version: int,
    name: str,
    role: ProjectRole,
    started_on: date,
    ended_on: date | None,
    now: datetime,
) -> MemberProject:
    """Write the project anew. Raises VersionConflict when someone else did so meanwhile."""
    permissions.require(viewer, "memberProjectEdit")
    project, member = await _lock_project(viewer, project_id, now)
    if project.version != expected_version:
        raise VersionConflict(current=project.version)
    before = _facts(project)
    project.name = _name(name)
    project.role = role
    project.started_on = started_on
    project.ended_on = ended_on
    _check_dates(project, now)
    project.version += 1
    await project.save(update_fields=["name", "role", "started_on", "ended_on", "version"])
    await history.of_project(
        "edited",
        project,
        member=member,
        viewer=viewer,
        before=before,
        after=_facts(project),
        now=now,
    )
    return project


@transactional
async def remove(*, viewer: Viewer, project_id: UUID, now: datetime) -> MemberProject:
    """Take a project off the list; its history stays."""
    permissions.require(viewer, "memberProjectRemove")
    project, member = await _lock_project(viewer, project_id, now)
    project.removed_at = now
    project.version += 1
    await project.save(update_fields=["removed_at", "version"])
    await history.of_project(
        "removed", project, member=member, viewer=viewer, before=_facts(project), now=now
    )
    return project


def oldest_end(now: datetime) -> date:
    """The first day of the last 24 months as people in Shanghai count them."""
    today = now.astimezone(SHANGHAI).date()
    try:
        return today.replace(year=today.year - YEARS)
    except ValueError:  # 29 February
        return today.replace(year=today.year - YEARS, day=28)


async def _lock_member(viewer: Viewer, member_id: UUID, now: datetime) -> Member:
    member = await policy.MEMBERS.lock(Member, member_id, viewer=viewer, now=now, thing="member")
    refuse(guards.record_project(member, viewer, now))
    return member


async def _lock_project(
    viewer: Viewer, project_id: UUID, now: datetime
) -> tuple[MemberProject, Member]:
    await policy.PROJECTS.require(
        MemberProject, project_id, viewer=viewer, now=now, thing="project"
    )
    found = await MemberProject.get(id=project_id)
    member = await _lock_member(viewer, found.member_id, now)
    project = await lock(MemberProject, id=project_id, removed_at=None)
    if project is None:
        raise NotFound(thing="project")
    return project, member


def _name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise InvalidInput(
            reason=f"A project's name has 1 to {LONGEST_NAME} characters.",
            reason_zh=f"项目名称长度应为 1 到 {LONGEST_NAME} 个字符。",
            path=("input", "name"),
        )
    return name


def _check_dates(project: MemberProject, now: datetime) -> None:
    started, ended = project.started_on, project.ended_on
    if started > now.astimezone(SHANGHAI).date():
        raise InvalidInput(
            reason="Delivery can't start after today.",
            reason_zh="交付开始日期不能晚于今天。",
            path=("input", "startedOn"),
        )
    if ended is not None and ended < started:
        raise InvalidInput(
            reason="Delivery can't end before it starts.",
            reason_zh="交付结束日期不能早于开始日期。",
            path=("input", "endedOn"),
        )
    if ended is not None and ended < oldest_end(now):
        raise ProjectTooOld(oldest=oldest_end(now), path=("input", "endedOn"))


def _facts(project: MemberProject) -> dict[str, str | None]:
    return {
        "name": project.name,
        "role": project.role.value,
        "started_on": project.started_on.isoformat(),
        "ended_on": project.ended_on.isoformat() if project.ended_on else None,
    }
