"""Members' projects of the last 24 months (M-04)."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.identity.presets import Preset
from domain.identity.viewer import Viewer
from domain.members import links, projects
from domain.members.guards import ManagedByItsPartner, MemberUnlinked
from domain.members.projects import ProjectTooOld
from kit.problems import InvalidInput, NotFound, VersionConflict
from models.audit import Event
from models.identity import Person
from models.members import Member, MemberProject, ProjectRole
from tests.conftest import Clock
from tests.factories import (
    a_distributor,
    a_member,
    a_partner,
    a_person,
    an_administrator,
    an_operator,
    as_operator,
    as_person,
)

pytestmark = pytest.mark.usefixtures("database")

FACTS: dict[str, Any] = {
    "name": "Data centre move",
    "role": ProjectRole.ARCHITECT,
    "started_on": date(2029, 3, 1),
    "ended_on": date(2029, 9, 30),
}


async def the_member(time: Clock) -> tuple[Member, Viewer, Viewer]:
    """A member, himself as a viewer, and his partner's administrator."""
    partner = await a_partner()
    person = await a_person()
    member = await a_member(of=partner, person=person, now=time.now)
    return member, await as_person(person), await an_administrator(of=partner)


async def test_the_member_and_the_administrator_record_projects(time: Clock) -> None:
    member, himself, administrator = await the_member(time)

    for viewer in (himself, administrator):
        await projects.record(viewer=viewer, member_id=member.id, **FACTS, now=time.now)

    [project, _] = await MemberProject.all().order_by("id")
    assert (project.member_id, project.partner_id) == (member.id, member.partner_id)
    assert (project.name, project.role) == ("Data centre move", ProjectRole.ARCHITECT)
    assert (project.started_on, project.ended_on) == (date(2029, 3, 1), date(2029, 9, 30))
    events = await Event.filter(name="member_project.recorded").order_by("id")
    assert [event.person_id for event in events] == [member.person_id] * 2
    assert events[0].after == {
        "name": "Data centre move",
        "role": "ARCHITECT",
        "started_on": "2029-03-01",
        "ended_on": "2029-09-30",
    }


# At the frozen time, 2030-01-31T23:30Z, it is 1 February already in Shanghai.
@pytest.mark.parametrize(
    ("ended_on", "is_accepted"),
    [(date(2028, 1, 31), False), (date(2028, 2, 1), True), (None, True)],
    ids=["24 months and a day", "24 months", "running"],
)
async def test_only_projects_of_the_last_24_months_count(
    time: Clock, ended_on: date | None, is_accepted: bool
) -> None:
    member, himself, _ = await the_member(time)
    facts = FACTS | {"started_on": date(2020, 1, 1), "ended_on": ended_on}

    if is_accepted:
        await projects.record(viewer=himself, member_id=member.id, **facts, now=time.now)
    else:
        with pytest.raises(ProjectTooOld) as refusal:
            await projects.record(viewer=himself, member_id=member.id, **facts, now=time.now)
        assert refusal.value.oldest == date(2028, 2, 1)
    assert await MemberProject.exists() is is_accepted


def test_24_months_before_a_leap_day_is_the_28th() -> None:
    assert projects.oldest_end(datetime(2028, 2, 29, 12, tzinfo=UTC)) == date(2026, 2, 28)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "  "},
        {"name": "x" * 201},
        {"started_on": date(2030, 2, 2), "ended_on": None},
        {"started_on": date(2029, 10, 1)},
    ],
    ids=["no name", "long name", "starts tomorrow", "ends before it starts"],
)
async def test_what_makes_no_sense_is_refused(time: Clock, wrong: dict[str, Any]) -> None:
    member, himself, _ = await the_member(time)

    with pytest.raises(InvalidInput):
        await projects.record(viewer=himself, member_id=member.id, **(FACTS | wrong), now=time.now)

    assert not await MemberProject.exists()


async def test_an_edit_needs_the_version_that_was_read(time: Clock) -> None:
    member, himself, administrator = await the_member(time)
    project = await projects.record(viewer=himself, member_id=member.id, **FACTS, now=time.now)

    await projects.edit(
        viewer=himself,
        project_id=project.id,
        expected_version=1,
        **(FACTS | {"name": "Moved"}),
        now=time.now,
    )
    with pytest.raises(VersionConflict) as refusal:
        await projects.edit(
            viewer=administrator,
            project_id=project.id,
            expected_version=1,
            **(FACTS | {"name": "Lost"}),
            now=time.now,
        )

    assert refusal.value.current == 2
    assert (await MemberProject.get(id=project.id)).name == "Moved"
    event = await Event.get(name="member_project.edited")
    assert (event.before["name"], event.after["name"]) == ("Data centre move", "Moved")


async def test_an_edit_can_not_make_it_too_old(time: Clock) -> None:
    member, himself, _ = await the_member(time)
    project = await projects.record(viewer=himself, member_id=member.id, **FACTS, now=time.now)

    with pytest.raises(ProjectTooOld):
        await projects.edit(
            viewer=himself,
            project_id=project.id,
            expected_version=1,
            **(FACTS | {"started_on": date(2027, 1, 1), "ended_on": date(2027, 12, 31)}),
            now=time.now,
        )

    assert (await MemberProject.get(id=project.id)).version == 1


async def test_a_removed_project_is_gone_for_every_verb(time: Clock) -> None:
    member, himself, _ = await the_member(time)
    project = await projects.record(viewer=himself, member_id=member.id, **FACTS, now=time.now)

    await projects.remove(viewer=himself, project_id=project.id, now=time.now)

    assert (await MemberProject.get(id=project.id)).removed_at == time.now
    assert await Event.filter(name="member_project.removed").count() == 1
    with pytest.raises(NotFound):
        await projects.remove(viewer=himself, project_id=project.id, now=time.now)
    with pytest.raises(NotFound):
        await projects.edit(
            viewer=himself, project_id=project.id, expected_version=2, **FACTS, now=time.now
        )


async def test_others_keep_out(time: Clock) -> None:
    distributor = await a_distributor()
    partner = await a_partner("Reseller", distributor=distributor)
    person = await a_person()
    member = await a_member(of=partner, person=person, now=time.now)
    project = await projects.record(
        viewer=await as_person(person), member_id=member.id, **FACTS, now=time.now
    )
    colleague = await a_person()
    await a_member(of=partner, person=colleague, now=time.now)
    clerk = await as_operator(await an_operator(of=partner, role=Preset.FINANCE))

    for viewer, refusal in (
        (await as_person(colleague), NotFound),
        (await an_administrator(of=await a_partner("Other")), NotFound),
        (await an_administrator(of=distributor), ManagedByItsPartner),
        (clerk, NotFound),
    ):
        with pytest.raises(refusal):
            await projects.record(viewer=viewer, member_id=member.id, **FACTS, now=time.now)
        with pytest.raises(refusal):
            await projects.remove(viewer=viewer, project_id=project.id, now=time.now)

    assert await MemberProject.filter(removed_at=None).count() == 1


async def test_after_the_link_ended_the_list_is_closed(time: Clock) -> None:
    member, himself, administrator = await the_member(time)
    await links.unlink(viewer=administrator, member_id=member.id, now=time.now)

    with pytest.raises(MemberUnlinked):
        await projects.record(viewer=himself, member_id=member.id, **FACTS, now=time.now)
    assert await Person.exists(id=member.person_id)
