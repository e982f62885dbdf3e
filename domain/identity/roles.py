"""A partner's own roles: named sets of permission items, beside the preset ones (O-01, O-12)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from domain.audit import events
from domain.identity import announcements, tenants
from domain.identity.items import ADMINISTRATOR_ONLY, PLATFORM_ONLY, Item
from domain.identity.names import checked_name
from domain.identity.permissions import require
from domain.identity.policy import ROLES
from domain.identity.presets import PRESETS
from domain.identity.viewer import Viewer
from kit.ids import new_id
from kit.problems import InvalidInput, NotFound, Problem, VersionConflict
from kit.transaction import lock, transactional
from models.identity import OperatorRole, Role

MOST_CUSTOM_ROLES = 10


class TooManyRoles(Problem):
    """The partner has all the roles of its own that it may have."""

    en = "A partner has at most {maximum} roles of its own."
    zh = "每个伙伴最多可自定义 {maximum} 个角色。"
    about = {"maximum": "How many it may have."}
    maximum: int


class RoleNameTaken(Problem):
    """Another of the partner's roles, or a preset one, is called so."""

    en = "There is a role called {name} already."
    zh = "已存在名为 {name} 的角色。"
    about = {"name": "The name that was asked for."}
    name: str


class PresetRoleFixed(Problem):
    """Preset roles are the same for all partners and can't be changed."""

    en = "{name} is a preset role; make a role of your own instead."
    zh = "{name} 是预置角色,不能修改;请新建自定义角色。"
    about = {"name": "How the preset role is called."}
    name: str


class ItemsNotGrantable(Problem):
    """Only the administrator, or only the platform, may hold these items."""

    en = "These can't be part of a role: {listed}."
    zh = "以下权限项不能授予自定义角色:{listed}。"
    about = {"items": "The items that the role can't contain."}
    untold = ("listed",)
    items: tuple[str, ...]
    listed: str


class RoleInUse(Problem):
    """Operators still have the role."""

    en = "{operator_count} operators have this role; give them another one first."
    zh = "仍有 {operator_count} 名操作员拥有该角色,请先为其更换角色。"
    about = {"operator_count": "How many have it."}
    operator_count: int


@transactional
async def create(
    *,
    viewer: Viewer,
    name: str,
    items: Iterable[Item],
    partner_id: UUID | None = None,
    now: datetime,
) -> Role:
    """A new role of the partner. `partner_id` is for the platform; others act for their own."""
    require(viewer, "roleCreate")
    name = checked_name(name)
    granted = _grantable(items)
    partner = await tenants.locked(viewer, partner_id)
    await _must_be_free(name, partner.id)
    if await Role.filter(partner_id=partner.id).count() >= MOST_CUSTOM_ROLES:
        raise TooManyRoles(maximum=MOST_CUSTOM_ROLES)

    id = new_id()
    role = await Role.create(
        id=id, created_at=now, partner_id=partner.id, code=id.hex, name=name, items=granted
    )
    await _record("role.created", role, viewer=viewer, after=_facts(role), now=now)
    return role


@transactional
async def update(
    *,
    viewer: Viewer,
    role_id: UUID,
    name: str | None = None,
    items: Iterable[Item] | None = None,
    expected_version: int,
    now: datetime,
) -> Role:
    """Another name, other items, or both; what is None stays. Takes effect at once."""
    require(viewer, "roleUpdate")
    role = await _locked(viewer, role_id, now)
    if role.version != expected_version:
        raise VersionConflict(current=role.version)
    before = _facts(role)
    if name is not None:
        role.name = checked_name(name)
        await _must_be_free(role.name, role.partner_id, but=role.id)
    if items is not None:
        role.items = _grantable(items)
    if _facts(role) == before:
        return role

    role.version += 1
    await role.save(update_fields=["name", "items", "version"])
    await _record("role.updated", role, viewer=viewer, before=before, after=_facts(role), now=now)
    assert role.partner_id is not None
    await announcements.announce(role.partner_id)
    return role


@transactional
async def delete(*, viewer: Viewer, role_id: UUID, now: datetime) -> UUID:
    """Take a role away that nobody has; its id."""
    require(viewer, "roleDelete")
    role = await _locked(viewer, role_id, now)
    holders = await OperatorRole.filter(role_id=role.id).count()
    if holders:
        raise RoleInUse(operator_count=holders)

    await role.delete()
    await _record("role.deleted", role, viewer=viewer, before=_facts(role), now=now)
    return role.id


async def _locked(viewer: Viewer, role_id: UUID, now: datetime) -> Role:
    await ROLES.require(Role, role_id, viewer=viewer, now=now, thing="role")
    seen = await Role.get(id=role_id)
    if seen.partner_id is None:
        raise PresetRoleFixed(name=seen.name)
    await tenants.locked(viewer, seen.partner_id)
    role = await lock(Role, id=role_id)
    if role is None:  # deleted while we waited for the partner
        raise NotFound(thing="role")
    return role


def _grantable(items: Iterable[Item]) -> list[str]:
    wanted = frozenset(items)
    refused = tuple(sorted(wanted & (ADMINISTRATOR_ONLY | PLATFORM_ONLY)))
    if refused:
        raise ItemsNotGrantable(items=refused, listed=", ".join(refused), path=("input", "items"))
    if not wanted:
        raise InvalidInput(
            reason="A role needs at least one item.",
            reason_zh="角色至少需要一个权限项。",
            path=("input", "items"),
        )
    return sorted(wanted)


async def _must_be_free(name: str, partner_id: UUID | None, but: UUID | None = None) -> None:
    taken = {preset.name.casefold() for preset in PRESETS.values()}
    taken |= {
        role.name.casefold() for role in await Role.filter(partner_id=partner_id) if role.id != but
    }
    if name.casefold() in taken:
        raise RoleNameTaken(name=name, path=("input", "name"))


def _facts(role: Role) -> dict[str, object]:
    return {"name": role.name, "items": role.items}


async def _record(
    name: str,
    role: Role,
    *,
    viewer: Viewer,
    now: datetime,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    assert role.partner_id is not None
    await events.record(
        name,
        actor=viewer,
        subject_type="role",
        subject_id=role.id,
        tenant_id=role.partner_id,
        before=before,
        after=after,
        at=now,
    )
