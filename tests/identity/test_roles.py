"""A partner's own roles, and the preset ones."""

import asyncio
from typing import Any

import pytest

from domain.identity import presets, roles
from domain.identity.items import ADMINISTRATOR_ONLY, PLATFORM_ONLY, Item
from domain.identity.presets import PRESETS, Preset
from domain.identity.roles import (
    ItemsNotGrantable,
    PresetRoleFixed,
    RoleInUse,
    RoleNameTaken,
    TooManyRoles,
)
from domain.identity.viewer import ANONYMOUS, SYSTEM, Unauthenticated, Viewer, ViewerKind
from kit.ids import new_id
from kit.problems import Forbidden, InvalidInput, NotFound, Problem, VersionConflict
from models.audit import Event
from models.identity import OperatorRole, Role
from models.partners import Partner
from tests.conftest import Clock
from tests.identity.people import a_partner, a_person, an_administrator_of, an_operator

pytestmark = pytest.mark.usefixtures("database", "roles")


async def create(partner: Partner, time: Clock, **more: Any) -> Role:
    wanted: dict[str, Any] = {
        "viewer": an_administrator_of(partner.id),
        "name": "Presales",
        "items": [Item.PARTNER_VIEW],
    }
    return await roles.create(**(wanted | more), now=time.now)


async def custom_roles() -> int:
    return await Role.exclude(partner_id=None).count()


async def test_presets_are_made_once_and_follow_the_code(time: Clock) -> None:
    made = {role.code: role.id for role in await Role.all()}
    await Role.filter(code="FINANCE").update(items=["OPERATE"], name="Old name")

    await presets.ensure_presets(now=time.now)
    await presets.ensure_presets(now=time.now)

    assert {role.code: role.id for role in await Role.all()} == made
    finance = await Role.get(code="FINANCE")
    assert (finance.name, finance.version) == ("Finance", 2)
    assert set(finance.items) == PRESETS[Preset.FINANCE].items
    administrator = await Role.get(code="ADMINISTRATOR")
    assert set(administrator.items) == PRESETS[Preset.ADMINISTRATOR].items >= ADMINISTRATOR_ONLY
    assert administrator.version == 1


async def test_no_preset_but_the_administrators_holds_what_is_the_administrators() -> None:
    for code, preset in PRESETS.items():
        assert not preset.items & PLATFORM_ONLY
        assert code is Preset.ADMINISTRATOR or not preset.items & ADMINISTRATOR_ONLY


async def test_a_role_is_made_changed_and_taken_away(time: Clock) -> None:
    partner = await a_partner()
    administrator = an_administrator_of(partner.id)

    role = await create(
        partner, time, viewer=administrator, name=" Presales ", items=[Item.MEMBER_VIEW] * 2
    )
    changed = await roles.update(
        viewer=administrator,
        role_id=role.id,
        name="After-sales",
        items=[Item.PARTNER_VIEW, Item.MEMBER_VIEW],
        expected_version=1,
        now=time.now,
    )
    gone = await roles.delete(viewer=administrator, role_id=role.id, now=time.now)

    assert (role.name, role.items, role.partner_id) == ("Presales", ["MEMBER_VIEW"], partner.id)
    assert (changed.version, changed.name) == (2, "After-sales")
    assert gone == role.id
    assert await custom_roles() == 0
    before = {"name": "Presales", "items": ["MEMBER_VIEW"]}
    after = {"name": "After-sales", "items": ["MEMBER_VIEW", "PARTNER_VIEW"]}
    events = await Event.all().order_by("id")
    assert [(e.name, e.before, e.after) for e in events] == [
        ("role.created", {}, before),
        ("role.updated", before, after),
        ("role.deleted", after, {}),
    ]
    assert {(e.tenant_id, e.subject_id, e.actor_id) for e in events} == {
        (partner.id, role.id, administrator.person_id)
    }


async def test_a_change_that_changes_nothing_is_none(time: Clock) -> None:
    partner = await a_partner()
    role = await create(partner, time)

    same = await roles.update(
        viewer=an_administrator_of(partner.id),
        role_id=role.id,
        name="Presales",
        expected_version=1,
        now=time.now,
    )

    assert same.version == 1
    assert await Event.all().count() == 1


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        ({"name": "  "}, InvalidInput),
        ({"name": "x" * 81}, InvalidInput),
        ({"name": "a\0b"}, InvalidInput),
        ({"name": "\ud800"}, InvalidInput),
        ({"name": "presales"}, RoleNameTaken),
        ({"name": "FINANCE"}, RoleNameTaken),
        ({"items": []}, InvalidInput),
        ({"items": [Item.PARTNER_VIEW, Item.ROLE_MANAGE]}, ItemsNotGrantable),
        ({"items": [Item.OPERATE]}, ItemsNotGrantable),
    ],
)
async def test_a_role_that_cannot_be_is_refused(
    time: Clock, wish: dict[str, Any], problem: type[Problem]
) -> None:
    partner = await a_partner()
    first = await create(partner, time)
    other = await create(partner, time, name="Other")

    with pytest.raises(problem) as refused:
        await create(partner, time, **({"name": "New"} | wish))
    with pytest.raises(problem):
        await roles.update(
            viewer=an_administrator_of(partner.id),
            role_id=other.id,
            expected_version=1,
            now=time.now,
            **wish,
        )

    assert refused.value.path[0] == "input"
    assert await custom_roles() == 2
    assert {role.name for role in await Role.filter(partner_id=partner.id)} == {first.name, "Other"}
    assert await Event.all().count() == 2


async def test_the_refused_items_are_named(time: Clock) -> None:
    partner = await a_partner()

    with pytest.raises(ItemsNotGrantable) as refused:
        await create(partner, time, items=[Item.ROLE_MANAGE, Item.PARTNER_VIEW, Item.OPERATE])

    assert refused.value.items == (Item.OPERATE, Item.ROLE_MANAGE)
    assert refused.value.in_words("zh-CN") == "以下权限项不能授予自定义角色:OPERATE, ROLE_MANAGE。"


async def test_names_are_taken_within_a_partner_only(time: Clock) -> None:
    for partner in (await a_partner(), await a_partner("Zenith")):
        await create(partner, time)

    assert await custom_roles() == 2


async def test_a_partner_has_ten_roles_of_its_own_even_when_many_ask_at_once(time: Clock) -> None:
    partner = await a_partner()
    for number in range(8):
        await create(partner, time, name=f"Role {number}")

    answers = await asyncio.gather(
        *(create(partner, time, name=f"More {n}") for n in range(4)), return_exceptions=True
    )

    assert [type(answer) for answer in answers].count(TooManyRoles) == 2
    assert await custom_roles() == 10


async def test_an_edit_of_something_older_is_refused(time: Clock) -> None:
    partner = await a_partner()
    role = await create(partner, time)
    edit: dict[str, Any] = {
        "viewer": an_administrator_of(partner.id),
        "role_id": role.id,
        "now": time.now,
    }
    await roles.update(**edit, name="Mine", expected_version=1)

    with pytest.raises(VersionConflict) as refused:
        await roles.update(**edit, name="Yours", expected_version=1)

    assert refused.value.current == 2
    assert (await Role.get(id=role.id)).name == "Mine"


async def test_a_role_that_somebody_has_stays(time: Clock) -> None:
    partner = await a_partner()
    role = await create(partner, time)
    await an_operator(await a_person(), role, at=partner)

    with pytest.raises(RoleInUse) as refused:
        await roles.delete(viewer=an_administrator_of(partner.id), role_id=role.id, now=time.now)

    assert refused.value.operator_count == 1
    assert await OperatorRole.all().count() == 1
    assert await custom_roles() == 1


async def test_preset_roles_are_nobodys_to_change(time: Clock) -> None:
    partner = await a_partner()
    finance = await Role.get(code="FINANCE")

    for viewer in (an_administrator_of(partner.id), SYSTEM):
        with pytest.raises(PresetRoleFixed):
            await roles.delete(viewer=viewer, role_id=finance.id, now=time.now)
        with pytest.raises(PresetRoleFixed):
            await roles.update(
                viewer=viewer, role_id=finance.id, name="Mine", expected_version=1, now=time.now
            )

    assert (await Role.get(id=finance.id)).name == "Finance"
    assert not await Event.exists()


async def test_another_partners_role_does_not_exist(time: Clock) -> None:
    role = await create(await a_partner(), time)
    stranger = an_administrator_of((await a_partner("Zenith")).id)

    for id in (role.id, new_id()):
        with pytest.raises(NotFound):
            await roles.delete(viewer=stranger, role_id=id, now=time.now)
        with pytest.raises(NotFound):
            await roles.update(
                viewer=stranger, role_id=id, name="Mine", expected_version=1, now=time.now
            )
    with pytest.raises(NotFound):
        await create(await a_partner("Third"), time, viewer=stranger, partner_id=role.partner_id)

    assert await custom_roles() == 1
    assert await Event.all().count() == 1


async def test_who_may_not_manage_roles_manages_none(time: Clock) -> None:
    partner = await a_partner()
    manager = Viewer(
        kind=ViewerKind.OPERATOR, partner_id=partner.id, items=frozenset({Item.PARTNER_VIEW})
    )
    for viewer, problem in ((manager, Forbidden), (ANONYMOUS, Unauthenticated)):
        with pytest.raises(problem):
            await create(partner, time, viewer=viewer)

    assert await custom_roles() == 0


async def test_the_platform_names_the_partner(time: Clock) -> None:
    partner = await a_partner()
    staff = Viewer(kind=ViewerKind.STAFF, items=frozenset({Item.ROLE_MANAGE}))

    with pytest.raises(InvalidInput):
        await create(partner, time, viewer=staff)
    with pytest.raises(NotFound):
        await create(partner, time, viewer=staff, partner_id=new_id())
    made = await create(partner, time, viewer=staff, partner_id=partner.id)

    assert made.partner_id == partner.id
