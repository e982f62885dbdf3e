"""Who works for a partner, in which roles, and that somebody always can let others in."""

from typing import Any
from uuid import UUID

import pytest

from domain.identity import operators, presets
from domain.identity import roles as own_roles
from domain.identity.items import Item
from domain.identity.operators import (
    AdministratorStandsAlone,
    AlreadyOperator,
    LastAdministrator,
    ManagerOrSupervisor,
    WrongNumberOfRoles,
)
from domain.identity.presets import Preset
from domain.identity.viewer import SYSTEM, Viewer, ViewerKind
from kit.ids import new_id
from kit.problems import Forbidden, InvalidInput, NotFound, Problem, VersionConflict
from models.audit import Event
from models.identity import Operator, OperatorRole, Person, Role
from models.partners import Partner
from tests.conftest import Clock
from tests.identity.people import a_partner, a_person, an_administrator_of, an_operator
from tests.races import at_once

pytestmark = pytest.mark.usefixtures("database")

Presets = dict[Preset, Role]


def ids(roles: Presets, *codes: Preset) -> list[UUID]:
    return [roles[code].id for code in codes]


async def roles_of(operator: Operator) -> set[str]:
    links = await OperatorRole.filter(operator_id=operator.id)
    return {(await Role.get(id=link.role_id)).code for link in links}


async def test_a_person_becomes_an_operator_by_mail_address_or_id(
    time: Clock, roles: Presets
) -> None:
    partner = await a_partner()
    lilei, meimei = await a_person(), await a_person("Han Meimei")
    administrator = an_administrator_of(partner.id)

    by_mail = await operators.add(
        viewer=administrator,
        email=" Li-Lei@example.com",
        role_ids=ids(roles, Preset.FINANCE, Preset.SUPERVISOR, Preset.FINANCE),
        now=time.now,
    )
    by_id = await operators.add(
        viewer=administrator,
        person_id=meimei.id,
        role_ids=ids(roles, Preset.ADMINISTRATOR),
        now=time.now,
    )

    assert (by_mail.person_id, by_mail.partner_id) == (lilei.id, partner.id)
    assert await roles_of(by_mail) == {"FINANCE", "SUPERVISOR"}
    assert (by_id.person_id, await roles_of(by_id)) == (meimei.id, {"ADMINISTRATOR"})
    first, second = await Event.all().order_by("id")
    assert (first.name, first.tenant_id, first.person_id) == (
        "operator.added",
        partner.id,
        lilei.id,
    )
    assert sorted(first.after["roles"]) == ["Account manager supervisor", "Finance"]
    assert (second.subject_id, second.actor_id) == (by_id.id, administrator.person_id)


COMBINATIONS: list[tuple[list[Preset], type[Problem]]] = [
    ([], WrongNumberOfRoles),
    ([Preset.ADMINISTRATOR, Preset.FINANCE], AdministratorStandsAlone),
    ([Preset.ACCOUNT_MANAGER, Preset.SUPERVISOR], ManagerOrSupervisor),
    ([Preset.FINANCE, Preset.ACCOUNT_MANAGER, Preset.SUPERVISOR], ManagerOrSupervisor),
]


@pytest.mark.parametrize(("codes", "problem"), COMBINATIONS)
async def test_roles_that_exclude_each_other_are_refused(
    time: Clock, roles: Presets, codes: list[Preset], problem: type[Problem]
) -> None:
    partner = await a_partner()
    operator = await an_operator(await a_person(), roles[Preset.FINANCE], at=partner)
    newcomer = await a_person("Han Meimei")
    wish: dict[str, Any] = {
        "viewer": an_administrator_of(partner.id),
        "role_ids": ids(roles, *codes),
        "now": time.now,
    }

    with pytest.raises(problem) as refused:
        await operators.add(person_id=newcomer.id, **wish)
    with pytest.raises(problem):
        await operators.set_roles(operator_id=operator.id, **wish)

    assert refused.value.path == ("input", "roleIds")
    assert await Operator.all().count() == 1
    assert await roles_of(operator) == {"FINANCE"}
    assert not await Event.exists()


async def test_an_operator_has_three_roles_at_most_and_none_of_another_partners(
    time: Clock, roles: Presets
) -> None:
    partner, other = await a_partner(), await a_partner("Zenith")
    person = await a_person()
    own, foreign = [
        await Role.create(
            created_at=time.now, partner_id=at.id, code="X", name="X", items=["PARTNER_VIEW"]
        )
        for at in (partner, other)
    ]
    second = await Role.create(
        created_at=time.now, partner_id=partner.id, code="Y", name="Y", items=["PARTNER_VIEW"]
    )
    wish: dict[str, Any] = {
        "viewer": an_administrator_of(partner.id),
        "person_id": person.id,
        "now": time.now,
    }
    two = ids(roles, Preset.FINANCE, Preset.SUPERVISOR)

    with pytest.raises(WrongNumberOfRoles):
        await operators.add(role_ids=[*two, own.id, second.id], **wish)
    for unknown in (foreign.id, new_id()):
        with pytest.raises(NotFound) as refused:
            await operators.add(role_ids=[own.id, unknown], **wish)
        assert refused.value.path == ("input", "roleIds")
    operator = await operators.add(role_ids=[*two, own.id], **wish)

    assert await roles_of(operator) == {"FINANCE", "SUPERVISOR", "X"}


async def test_somebody_unknown_or_disabled_or_there_already_is_not_added(
    time: Clock, roles: Presets
) -> None:
    partner = await a_partner()
    here, disabled = await a_person(), await a_person("Han Meimei")
    await an_operator(here, roles[Preset.FINANCE], at=partner)
    await Person.filter(id=disabled.id).update(disabled_at=time.now)
    wish: dict[str, Any] = {
        "viewer": an_administrator_of(partner.id),
        "role_ids": ids(roles, Preset.FINANCE),
        "now": time.now,
    }

    with pytest.raises(AlreadyOperator):
        await operators.add(person_id=here.id, **wish)
    for whom in (
        {"person_id": disabled.id},
        {"person_id": new_id()},
        {"email": "nobody@example.com"},
        {"email": "\0"},
        {"email": "x" * 309 + "@example.com"},
    ):
        with pytest.raises(NotFound):
            await operators.add(**whom, **wish)
    both: dict[str, Any] = {"person_id": here.id, "email": here.email}
    for unclear in ({}, both):
        with pytest.raises(InvalidInput):
            await operators.add(**unclear, **wish)

    assert await Operator.all().count() == 1
    assert not await Event.exists()


async def test_roles_are_replaced_and_the_event_tells_both(time: Clock, roles: Presets) -> None:
    partner = await a_partner()
    operator = await an_operator(await a_person(), roles[Preset.FINANCE], at=partner)
    wish: dict[str, Any] = {
        "viewer": an_administrator_of(partner.id),
        "operator_id": operator.id,
        "now": time.now,
    }

    changed = await operators.set_roles(
        role_ids=ids(roles, Preset.SUPERVISOR), expected_version=1, **wish
    )
    with pytest.raises(VersionConflict):
        await operators.set_roles(role_ids=ids(roles, Preset.FINANCE), expected_version=1, **wish)
    same = await operators.set_roles(role_ids=ids(roles, Preset.SUPERVISOR), **wish)

    assert (changed.version, same.version) == (2, 2)
    assert await roles_of(operator) == {"SUPERVISOR"}
    event = await Event.get()
    assert (event.name, event.before, event.after) == (
        "operator.roles_set",
        {"roles": ["Finance"]},
        {"roles": ["Account manager supervisor"]},
    )


async def test_a_removed_operator_may_come_back_and_their_role_may_be_deleted(
    time: Clock, roles: Presets
) -> None:
    partner = await a_partner()
    person = await a_person()
    own = await Role.create(created_at=time.now, partner_id=partner.id, code="X", name="X")
    operator = await an_operator(person, own, at=partner)
    viewer = an_administrator_of(partner.id)

    removed = await operators.remove(viewer=viewer, operator_id=operator.id, now=time.now)
    with pytest.raises(NotFound):
        await operators.remove(viewer=viewer, operator_id=operator.id, now=time.now)
    await delete_role(viewer, own, time)
    back = await operators.add(
        viewer=viewer, person_id=person.id, role_ids=ids(roles, Preset.FINANCE), now=time.now
    )

    assert removed.removed_at == time.now
    assert back.id != operator.id
    assert [event.name for event in await Event.all().order_by("id")] == [
        "operator.removed",
        "role.deleted",
        "operator.added",
    ]


async def delete_role(viewer: Viewer, role: Role, time: Clock) -> None:
    await own_roles.delete(viewer=viewer, role_id=role.id, now=time.now)


async def test_the_last_administrator_neither_goes_nor_steps_down(
    time: Clock, roles: Presets
) -> None:
    partner, other = await a_partner(), await a_partner("Zenith")
    last = await an_operator(await a_person(), roles[Preset.ADMINISTRATOR], at=partner)
    disabled = await a_person("Han Meimei")
    await Person.filter(id=disabled.id).update(disabled_at=time.now)
    await an_operator(disabled, roles[Preset.ADMINISTRATOR], at=partner)
    await an_operator(await a_person("Jim"), roles[Preset.ADMINISTRATOR], at=other)
    wish: dict[str, Any] = {
        "viewer": an_administrator_of(partner.id),
        "operator_id": last.id,
        "now": time.now,
    }

    with pytest.raises(LastAdministrator):
        await operators.remove(**wish)
    with pytest.raises(LastAdministrator):
        await operators.set_roles(role_ids=ids(roles, Preset.FINANCE), **wish)

    assert await roles_of(last) == {"ADMINISTRATOR"}
    assert (await Operator.get(id=last.id)).removed_at is None
    assert not await Event.exists()


@pytest.mark.parametrize("first", ["remove", "demote"])
@pytest.mark.parametrize("second", ["remove", "demote"])
async def test_two_administrators_cannot_send_each_other_away_at_once(
    time: Clock, roles: Presets, first: str, second: str
) -> None:
    partner = await a_partner()
    pair = [
        await an_operator(await a_person(name), roles[Preset.ADMINISTRATOR], at=partner)
        for name in ("Li Lei", "Han Meimei")
    ]

    async def send_away(operator: Operator, how: str) -> Operator:
        wish: dict[str, Any] = {
            "viewer": an_administrator_of(partner.id),
            "operator_id": operator.id,
            "now": time.now,
        }
        if how == "remove":
            return await operators.remove(**wish)
        return await operators.set_roles(role_ids=ids(roles, Preset.FINANCE), **wish)

    answers = await at_once(
        send_away(pair[0], first), send_away(pair[1], second), while_locked=partner
    )

    assert [type(answer) for answer in answers] == [Operator, LastAdministrator]
    assert await roles_of(pair[1]) == {"ADMINISTRATOR"}
    assert await Event.all().count() == 1


async def test_another_partners_operator_does_not_exist(time: Clock, roles: Presets) -> None:
    distributor = await a_partner("General")
    reseller = await a_partner("Reseller", under=distributor)
    operator = await an_operator(await a_person(), roles[Preset.FINANCE], at=reseller)
    above = Viewer(
        kind=ViewerKind.OPERATOR,
        partner_id=distributor.id,
        partner_ids=(distributor.id, reseller.id),
        items=frozenset({Item.ROLE_MANAGE}),
    )

    for id in (operator.id, new_id()):
        with pytest.raises(NotFound):
            await operators.remove(viewer=above, operator_id=id, now=time.now)
        with pytest.raises(NotFound):
            await operators.set_roles(
                viewer=above, operator_id=id, role_ids=ids(roles, Preset.SUPERVISOR), now=time.now
            )

    assert await roles_of(operator) == {"FINANCE"}
    assert not await Event.exists()


async def test_the_platform_appoints_the_first_administrator(time: Clock, roles: Presets) -> None:
    partner = await a_partner()
    person = await a_person()

    operator = await operators.add(
        viewer=SYSTEM,
        person_id=person.id,
        role_ids=ids(roles, Preset.ADMINISTRATOR),
        partner_id=partner.id,
        now=time.now,
    )

    assert await roles_of(operator) == {"ADMINISTRATOR"}


async def test_who_may_not_manage_roles_changes_nobodys_seat(time: Clock, roles: Presets) -> None:
    partner: Partner = await a_partner()
    operator = await an_operator(await a_person(), roles[Preset.FINANCE], at=partner)
    manager = Viewer(
        kind=ViewerKind.OPERATOR, partner_id=partner.id, items=frozenset({Item.MEMBER_MANAGE})
    )

    with pytest.raises(Forbidden) as refused:
        await operators.remove(viewer=manager, operator_id=operator.id, now=time.now)

    assert refused.value.needs == "ROLE_MANAGE"
    assert (await Operator.get()).removed_at is None


async def test_presets_announce_nothing_when_nothing_changed(time: Clock, roles: Presets) -> None:
    await presets.ensure_presets(now=time.now)

    assert {role.version for role in await Role.all()} == {1}
