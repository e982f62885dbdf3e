"""Supervisors (客户经理主管): whose customers they see beside their own (O-08, O-12)."""

from collections.abc import Set
from datetime import datetime
from uuid import UUID

from domain.audit import events
from domain.identity import announcements, tenants
from domain.identity.permissions import require
from domain.identity.policy import OPERATORS
from domain.identity.presets import Preset
from domain.identity.viewer import Viewer
from kit import database
from kit.ids import new_id
from kit.problems import NotFound, Problem
from kit.transaction import transactional
from models.customers import SupervisorLink
from models.identity import Operator


class NotAnAccountManager(Problem):
    """Only account managers are supervised."""

    en = "This operator isn't an account manager."
    zh = "该操作员不是客户经理。"


class NotASupervisor(Problem):
    """Only a supervisor supervises."""

    code = "NOT_A_SUPERVISOR"
    en = "This operator isn't an account manager supervisor."
    zh = "该操作员不是客户经理主管。"


@transactional
async def set_supervisor(
    *, viewer: Viewer, manager_id: UUID, supervisor_id: UUID, now: datetime
) -> Operator:
    """Put an account manager under a supervisor of the same partner, in place of the one before.

    Takes effect at once, for open sessions too. Both are operators' seats; gives the manager's.
    """
    require(viewer, "supervisorSet")
    manager = await _locked(viewer, manager_id, "managerId", now)
    supervisor = await _living(viewer, supervisor_id, "supervisorId", now)
    if supervisor.partner_id != manager.partner_id:
        raise NotFound(thing="operator", path=("input", "supervisorId"))
    if not await _has(manager, Preset.ACCOUNT_MANAGER):
        raise NotAnAccountManager(path=("input", "managerId"))
    if not await _has(supervisor, Preset.SUPERVISOR):
        raise NotASupervisor(path=("input", "supervisorId"))
    link = await SupervisorLink.get_or_none(manager_id=manager.id, to_at=None)
    if link is not None and link.supervisor_id == supervisor.id:
        return manager

    if link is not None:
        await _end([link], viewer=viewer, now=now)
    await SupervisorLink.create(
        id=new_id(),
        created_at=now,
        partner_id=manager.partner_id,
        supervisor_id=supervisor.id,
        manager_id=manager.id,
        from_at=now,
    )
    await _record("operator.supervisor_set", manager, viewer=viewer, after=supervisor.id, now=now)
    await announcements.announce(supervisor.person_id)
    return manager


@transactional
async def unset_supervisor(*, viewer: Viewer, manager_id: UUID, now: datetime) -> Operator:
    """Leave an account manager without a supervisor; harmless when there is none."""
    require(viewer, "supervisorUnset")
    manager = await _locked(viewer, manager_id, "managerId", now)
    await _end(
        await SupervisorLink.filter(manager_id=manager.id, to_at=None), viewer=viewer, now=now
    )
    return manager


async def fit(operator: Operator, presets: Set[str], *, viewer: Viewer, now: datetime) -> None:
    """End the links that an operator's roles no longer carry: his managers are orphans then (O-12).

    The caller holds the partner, as `operators` does.
    """
    links: list[SupervisorLink] = []
    if Preset.SUPERVISOR not in presets:
        links += await SupervisorLink.filter(supervisor_id=operator.id, to_at=None)
    if Preset.ACCOUNT_MANAGER not in presets:
        links += await SupervisorLink.filter(manager_id=operator.id, to_at=None)
    await _end(links, viewer=viewer, now=now)


async def _end(links: list[SupervisorLink], *, viewer: Viewer, now: datetime) -> None:
    for link in links:
        link.to_at = now
        await link.save(update_fields=["to_at"])
        manager = await Operator.get(id=link.manager_id)
        await _record(
            "operator.supervisor_unset", manager, viewer=viewer, before=link.supervisor_id, now=now
        )
        supervisor = await Operator.get(id=link.supervisor_id)
        await announcements.announce(supervisor.person_id)


async def _locked(viewer: Viewer, operator_id: UUID, field: str, now: datetime) -> Operator:
    operator = await _living(viewer, operator_id, field, now)
    # One change of a partner's people at a time: nobody loses a role while we look.
    await tenants.locked(viewer, operator.partner_id)
    return await _living(viewer, operator_id, field, now)


async def _living(viewer: Viewer, operator_id: UUID, field: str, now: datetime) -> Operator:
    found = None
    if await OPERATORS.sees(Operator, operator_id, viewer=viewer, now=now):
        found = await Operator.get_or_none(id=operator_id, removed_at=None)
    if found is None:
        raise NotFound(thing="operator", path=("input", field))
    return found


async def _has(operator: Operator, preset: Preset) -> bool:
    return (
        await database.row(
            "select 1 from operator_role link join role on role.id = link.role_id"
            " where link.operator_id = $1 and role.partner_id is null and role.code = $2",
            operator.id,
            preset.value,
        )
        is not None
    )


async def _record(
    name: str,
    manager: Operator,
    *,
    viewer: Viewer,
    before: UUID | None = None,
    after: UUID | None = None,
    now: datetime,
) -> None:
    await events.record(
        name,
        actor=viewer,
        subject_type="operator",
        subject_id=manager.id,
        tenant_id=manager.partner_id,
        person_id=manager.person_id,
        before={"supervisor_id": str(before)} if before else None,
        after={"supervisor_id": str(after)} if after else None,
        at=now,
    )
