"""Operators: who works for a partner, and in which roles (操作员, O-12)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from domain.audit import events
from domain.identity import announcements, supervision, tenants
from domain.identity.people import could_be_known
from domain.identity.permissions import require
from domain.identity.policy import OPERATORS
from domain.identity.presets import Preset
from domain.identity.viewer import Viewer
from kit import database
from kit.ids import new_id
from kit.problems import InvalidInput, NotFound, Problem, VersionConflict
from kit.transaction import lock, transactional
from models.identity import Operator, OperatorRole, Person, Role

MOST_ROLES = 3


class WrongNumberOfRoles(Problem):
    """An operator has one to three roles."""

    en = "An operator has at least one role and at most {maximum}."
    zh = "操作员须有 1 至 {maximum} 个角色。"
    about = {"maximum": "How many an operator may have."}
    maximum: int


class AdministratorStandsAlone(Problem):
    """The administrator has no role beside that one."""

    en = "The administrator's role can't be combined with another."
    zh = "管理员角色不能与其他角色同时分配。"


class ManagerOrSupervisor(Problem):
    """Account manager and supervisor exclude each other."""

    en = "One can't be account manager and supervisor at once."
    zh = "客户经理与客户经理主管角色互斥。"


class AlreadyOperator(Problem):
    """The person has a seat at this partner."""

    en = "This person is an operator already."
    zh = "该人员已是操作员。"


class LastAdministrator(Problem):
    """Without an administrator nobody could let anybody in again."""

    en = "This is the partner's last administrator; make another one first."
    zh = "这是最后一名管理员,请先指定其他管理员。"


@transactional
async def add(
    *,
    viewer: Viewer,
    person_id: UUID | None = None,
    email: str | None = None,
    role_ids: Sequence[UUID],
    partner_id: UUID | None = None,
    now: datetime,
) -> Operator:
    """Give a person a seat at the partner. Name the person by id or by mail address.

    Whoever invites or accepts at the same moment waits for the person too, and then sees the seat
    (V4). `partner_id` is for the platform, which appoints a partner's first administrator.
    """
    require(viewer, "operatorAdd")
    partner = await tenants.locked(viewer, partner_id)
    roles = await _combination(role_ids, partner.id)
    person = await _held(person_id, email)
    if await Operator.exists(partner_id=partner.id, person_id=person.id, removed_at=None):
        raise AlreadyOperator()

    operator = await Operator.create(
        id=new_id(), created_at=now, partner_id=partner.id, person_id=person.id
    )
    await _assign(operator, roles, now)
    await _record("operator.added", operator, viewer=viewer, after=_told(roles), now=now)
    await announcements.announce(person.id)
    return operator


@transactional
async def set_roles(
    *,
    viewer: Viewer,
    operator_id: UUID,
    role_ids: Sequence[UUID],
    expected_version: int | None = None,
    now: datetime,
) -> Operator:
    """Replace an operator's roles. Takes effect at once, for open sessions too."""
    require(viewer, "operatorRolesSet")
    operator = await _locked(viewer, operator_id, now)
    if expected_version is not None and operator.version != expected_version:
        raise VersionConflict(current=operator.version)
    roles = await _combination(role_ids, operator.partner_id)
    before = await _roles_of(operator)
    if {role.id for role in before} == {role.id for role in roles}:
        return operator
    if not _administrates(roles):
        await _must_not_be_last(operator, before)

    await OperatorRole.filter(operator_id=operator.id).delete()
    await _assign(operator, roles, now)
    operator.version += 1
    await operator.save(update_fields=["version"])
    await _record(
        "operator.roles_set",
        operator,
        viewer=viewer,
        before=_told(before),
        after=_told(roles),
        now=now,
    )
    await supervision.fit(operator, _presets(roles), viewer=viewer, now=now)
    await announcements.announce(operator.person_id)
    return operator


@transactional
async def remove(*, viewer: Viewer, operator_id: UUID, now: datetime) -> Operator:
    """Take the seat away; the person stays, and so does what they did."""
    require(viewer, "operatorRemove")
    operator = await _locked(viewer, operator_id, now)
    before = await _roles_of(operator)
    await _must_not_be_last(operator, before)

    # A role that only former operators had may be deleted; the event remembers what it was.
    await OperatorRole.filter(operator_id=operator.id).delete()
    operator.removed_at = now
    operator.version += 1
    await operator.save(update_fields=["removed_at", "version"])
    await _record("operator.removed", operator, viewer=viewer, before=_told(before), now=now)
    await supervision.fit(operator, frozenset(), viewer=viewer, now=now)
    await announcements.announce(operator.person_id)
    return operator


async def _locked(viewer: Viewer, operator_id: UUID, now: datetime) -> Operator:
    await OPERATORS.require(Operator, operator_id, viewer=viewer, now=now, thing="operator")
    await tenants.locked(viewer, (await Operator.get(id=operator_id)).partner_id)
    operator = await lock(Operator, id=operator_id)
    if operator is None or operator.removed_at is not None:
        raise NotFound(thing="operator")
    return operator


async def _held(person_id: UUID | None, email: str | None) -> Person:
    if (person_id is None) is (email is None):
        raise InvalidInput(
            reason="Name the person by `email` or by `personId`.",
            reason_zh="请通过 email 或 personId 指定人员(二选一)。",
            path=("input", "email"),
        )
    if person_id is not None:
        person = await lock(Person, id=person_id, disabled_at=None)
    else:
        wanted = (email or "").strip().lower()
        known = could_be_known(wanted)
        person = await lock(Person, email=wanted, disabled_at=None) if known else None
    if person is None:
        raise NotFound(thing="person", path=("input", "personId" if person_id else "email"))
    return person


async def _combination(role_ids: Iterable[UUID], partner_id: UUID) -> list[Role]:
    """The roles, if one operator may have them together; one named twice counts once."""
    wanted = sorted(set(role_ids))
    path = ("input", "roleIds")
    if not 1 <= len(wanted) <= MOST_ROLES:
        raise WrongNumberOfRoles(maximum=MOST_ROLES, path=path)
    found = await Role.filter(id__in=wanted).order_by("id")
    roles = [role for role in found if role.partner_id in (None, partner_id)]
    if len(roles) < len(wanted):
        raise NotFound(thing="role", path=path)
    if _administrates(roles) and len(roles) > 1:
        raise AdministratorStandsAlone(path=path)
    if {Preset.ACCOUNT_MANAGER, Preset.SUPERVISOR} <= _presets(roles):
        raise ManagerOrSupervisor(path=path)
    return roles


async def _must_not_be_last(operator: Operator, roles: Iterable[Role]) -> None:
    # The partner is locked, so nobody else can go between this look and our commit. Somebody
    # who is barred from signing in doesn't count: they could let nobody in.
    if not _administrates(roles):
        return
    other = await database.row(
        """
        select 1 as found
          from operator o
          join person p on p.id = o.person_id and p.disabled_at is null
          join operator_role link on link.operator_id = o.id
          join role r on r.id = link.role_id and r.partner_id is null and r.code = $3
         where o.partner_id = $1 and o.removed_at is null and o.id <> $2
         limit 1
        """,
        operator.partner_id,
        operator.id,
        Preset.ADMINISTRATOR.value,
    )
    if other is None:
        raise LastAdministrator()


async def _roles_of(operator: Operator) -> list[Role]:
    links = await OperatorRole.filter(operator_id=operator.id)
    return await Role.filter(id__in=[link.role_id for link in links]).order_by("id")


async def _assign(operator: Operator, roles: Iterable[Role], now: datetime) -> None:
    for role in roles:
        await OperatorRole.create(
            id=new_id(), created_at=now, operator_id=operator.id, role_id=role.id
        )


def _presets(roles: Iterable[Role]) -> set[str]:
    return {role.code for role in roles if role.partner_id is None}


def _administrates(roles: Iterable[Role]) -> bool:
    return Preset.ADMINISTRATOR in _presets(roles)


def _told(roles: Iterable[Role]) -> dict[str, list[str]]:
    return {"roles": [role.name for role in roles]}


async def _record(
    name: str,
    operator: Operator,
    *,
    viewer: Viewer,
    now: datetime,
    before: dict[str, list[str]] | None = None,
    after: dict[str, list[str]] | None = None,
) -> None:
    await events.record(
        name,
        actor=viewer,
        subject_type="operator",
        subject_id=operator.id,
        tenant_id=operator.partner_id,
        person_id=operator.person_id,
        before=before,
        after=after,
        at=now,
    )
