"""Supervisors and their managers: set, taken back, and ended with the role or the seat (O-12)."""

from typing import Any
from uuid import UUID

import pytest

from domain.identity import announcements, operators, supervision
from domain.identity.presets import Preset
from domain.identity.viewer import Viewer
from kit.problems import Forbidden, NotFound
from models.audit import Event
from models.customers import SupervisorLink
from models.identity import Operator, Role
from models.partners import Partner
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.customers.factories import a_manager, a_supervisor, opr
from tests.factories import a_partner, an_administrator, an_operator
from tests.races import at_once

pytestmark = pytest.mark.usefixtures("database")

SET = """
mutation ($manager: ID!, $supervisor: ID!) {
  supervisorSet(input: {managerId: $manager, supervisorId: $supervisor}) {
    operator {
      supervision { supervisor { person { name } } startedAt }
      supervisions { nodes { supervisor { person { name } } endedAt } }
    }
    errors { code path }
  }
}
"""


class Scene:
    """A manager, two supervisors, and who may put the one under the others."""

    partner: Partner
    administrator: Viewer
    wei: Operator
    by_wei: Viewer
    jing: Operator
    lan: Operator

    async def links(self) -> list[tuple[UUID, Any]]:
        rows = await SupervisorLink.all().order_by("id")
        return [(row.supervisor_id, row.to_at) for row in rows]


@pytest.fixture
async def scene() -> Scene:
    scene = Scene()
    scene.partner = await a_partner()
    scene.administrator = await an_administrator(scene.partner)
    scene.wei, scene.by_wei = await a_manager(scene.partner)
    scene.jing, _ = await a_supervisor(scene.partner)
    scene.lan, _ = await a_supervisor(scene.partner, "Lan")
    return scene


async def supervise(scene: Scene, supervisor: Operator, time: Clock) -> None:
    await supervision.set_supervisor(
        viewer=scene.administrator,
        manager_id=scene.wei.id,
        supervisor_id=supervisor.id,
        now=time.now,
    )


async def test_a_manager_has_one_supervisor_and_a_history_of_them(
    ask: Ask, scene: Scene, time: Clock
) -> None:
    await ask(SET, by=scene.administrator, manager=opr(scene.wei), supervisor=opr(scene.jing))
    time.forward(days=1)
    answer = await ask(
        SET, by=scene.administrator, manager=opr(scene.wei), supervisor=opr(scene.lan)
    )

    lan, jing = ({"person": {"name": name}} for name in ("Lan", "Jing"))
    assert answer["errors"] == []
    assert answer["operator"] == {
        "supervision": {"supervisor": lan, "startedAt": "2030-02-01T23:30:00.000000Z"},
        "supervisions": {
            "nodes": [
                {"supervisor": lan, "endedAt": None},
                {"supervisor": jing, "endedAt": "2030-02-01T23:30:00.000000Z"},
            ]
        },
    }
    events = await Event.filter(subject_id=scene.wei.id).order_by("id")
    assert [event.name for event in events] == [
        "operator.supervisor_set",
        "operator.supervisor_unset",
        "operator.supervisor_set",
    ]
    assert events[2].after == {"supervisor_id": str(scene.lan.id)}


async def test_again_or_without_effect_nothing_happens(scene: Scene, time: Clock) -> None:
    await supervision.unset_supervisor(
        viewer=scene.administrator, manager_id=scene.wei.id, now=time.now
    )
    assert not await Event.exists()
    await supervise(scene, scene.jing, time)
    await supervise(scene, scene.jing, time)
    assert await scene.links() == [(scene.jing.id, None)]
    assert await Event.all().count() == 1


async def test_only_managers_under_supervisors_of_the_same_partner(ask: Ask, scene: Scene) -> None:
    finance = await an_operator(of=scene.partner, role=Preset.FINANCE)
    stranger, _ = await a_supervisor(await a_partner("Stranger"))
    for manager, supervisor, error in (
        (finance, scene.jing, {"code": "NOT_AN_ACCOUNT_MANAGER", "path": ["input", "managerId"]}),
        (scene.wei, finance, {"code": "NOT_A_SUPERVISOR", "path": ["input", "supervisorId"]}),
        (scene.wei, stranger, {"code": "NOT_FOUND", "path": ["input", "supervisorId"]}),
        (stranger, scene.jing, {"code": "NOT_FOUND", "path": ["input", "managerId"]}),
    ):
        answer = await ask(
            SET, by=scene.administrator, manager=opr(manager), supervisor=opr(supervisor)
        )
        assert answer["errors"] == [error]
    assert await scene.links() == []


async def test_only_the_administrator_sets_supervisors(scene: Scene, time: Clock) -> None:
    with pytest.raises(Forbidden):
        await supervision.set_supervisor(
            viewer=scene.by_wei,
            manager_id=scene.wei.id,
            supervisor_id=scene.jing.id,
            now=time.now,
        )
    with pytest.raises(Forbidden):
        await supervision.unset_supervisor(
            viewer=scene.by_wei, manager_id=scene.wei.id, now=time.now
        )


async def finance_role() -> UUID:
    return (await Role.get(code="FINANCE", partner_id=None)).id


@pytest.mark.parametrize("whose", ["jing", "wei"])
async def test_the_link_ends_with_the_role_of_either(scene: Scene, time: Clock, whose: str) -> None:
    """Removing the supervisor's role orphans his managers."""
    await an_operator(of=scene.partner, role=Preset.FINANCE)
    await supervise(scene, scene.jing, time)
    time.forward(hours=1)

    await operators.set_roles(
        viewer=scene.administrator,
        operator_id=getattr(scene, whose).id,
        role_ids=[await finance_role()],
        now=time.now,
    )

    assert await scene.links() == [(scene.jing.id, time.now)]
    last = await Event.filter(subject_id=scene.wei.id).order_by("-id").first()
    assert last is not None
    assert last.before.get("supervisor_id") == str(scene.jing.id) or whose == "wei"


@pytest.mark.parametrize("whose", ["jing", "wei"])
async def test_the_link_ends_with_the_seat_of_either(scene: Scene, time: Clock, whose: str) -> None:
    await supervise(scene, scene.jing, time)

    await operators.remove(
        viewer=scene.administrator, operator_id=getattr(scene, whose).id, now=time.now
    )

    assert await scene.links() == [(scene.jing.id, time.now)]
    with pytest.raises(NotFound):
        await supervise(scene, scene.jing, time)


async def test_open_sessions_of_the_supervisor_are_told(scene: Scene, time: Clock) -> None:
    told: list[UUID] = []
    announcements.listen(told.append)
    try:
        await supervise(scene, scene.jing, time)
        await supervise(scene, scene.lan, time)
    finally:
        announcements.unlisten(told.append)

    assert told == [scene.jing.person_id, scene.jing.person_id, scene.lan.person_id]


@pytest.mark.parametrize("first", ["set", "remove"])
async def test_a_supervisor_who_is_removed_at_the_same_moment_supervises_nobody(
    scene: Scene, time: Clock, first: str
) -> None:
    calls = {
        "set": supervision.set_supervisor(
            viewer=scene.administrator,
            manager_id=scene.wei.id,
            supervisor_id=scene.jing.id,
            now=time.now,
        ),
        "remove": operators.remove(
            viewer=scene.administrator, operator_id=scene.jing.id, now=time.now
        ),
    }
    order = [first, *(name for name in calls if name != first)]

    outcomes = await at_once(*(calls[name] for name in order), while_locked=scene.partner)

    by_name = dict(zip(order, outcomes, strict=True))
    assert not isinstance(by_name["remove"], Exception)
    assert isinstance(by_name["set"], NotFound) is (first == "remove")
    assert not await SupervisorLink.exists(to_at=None)
