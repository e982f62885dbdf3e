"""What ends by itself: exactly at its instant, once, and however many at a time."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from domain.programmes import deadlines, invitations
from domain.programmes.deadlines import end_of_day, end_of_validity, months_later
from kit import timers
from models.audit import Event
from models.certification import PathStage, RoleCertification
from models.programmes import ProgrammeApplication, ProgrammeInvitation
from models.programmes import ProgrammeApplicationStatus as Status
from models.timers import Timer
from tests.conftest import Clock
from tests.programmes.factories import (
    a_certified_role,
    a_company,
    a_membership,
    a_programme,
    a_reviewer,
)
from workers.effects import EFFECTS, WAITS

pytestmark = pytest.mark.usefixtures("presets")

MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2030, 1, 31), 1, date(2030, 2, 28)),
        (date(2031, 1, 31), 13, date(2032, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2030, 12, 1), 1, date(2031, 1, 1)),
        (date(2030, 8, 31), 1, date(2030, 9, 30)),
        (date(2030, 2, 28), 12, date(2031, 2, 28)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_there_is(
    day: date, months: int, later: date
) -> None:
    assert months_later(day, months) == later


def test_validity_is_counted_in_shanghai() -> None:
    # 2:00 on the first of March there, and a month later the same.
    begin = datetime(2030, 2, 28, 18, 0, tzinfo=UTC)

    assert end_of_validity(begin, 1) == datetime(2030, 3, 31, 18, 0, tzinfo=UTC)
    assert end_of_day(date(2030, 2, 28)) == datetime(2030, 2, 28, 16, 0, tzinfo=UTC)


def test_every_timer_has_an_effect_and_a_sweep() -> None:
    for kind, table in (
        (deadlines.EXPIRE_APPLICATION, "programme_application"),
        (deadlines.EXPIRE_INVITATION, "programme_invitation"),
        (deadlines.EXPIRE_ROLE, "role_certification"),
    ):
        assert EFFECTS[kind].table == table
        assert kind in WAITS


async def test_a_membership_ends_at_its_instant_and_not_before(time: Clock) -> None:
    member = await a_membership(
        of=await a_company(), programme=await a_programme(validity_months=1), now=time.now
    )
    assert member.expires_at is not None

    await deadlines.expire_applications(
        subject_ids=[member.id], now=member.expires_at - MICROSECOND
    )
    assert (await ProgrammeApplication.get(id=member.id)).status is Status.APPROVED
    for _ in range(2):
        await deadlines.expire_applications(
            subject_ids=[member.id, uuid4()], now=member.expires_at + MICROSECOND
        )

    ended = await ProgrammeApplication.get(id=member.id)
    assert (ended.status, ended.ended_at) == (Status.EXPIRED, member.expires_at)
    event = await Event.get(name="programme_application.expired")
    assert (event.subject_id, event.tenant_id) == (member.id, member.partner_id)
    assert (event.actor_kind, event.before, event.after) == (
        "SYSTEM",
        {"status": "APPROVED"},
        {"status": "EXPIRED"},
    )


async def test_of_many_only_those_end_that_are_due(time: Clock) -> None:
    programme = await a_programme(validity_months=1)
    due = [
        await a_membership(of=await a_company(), programme=programme, now=time.now)
        for _ in range(3)
    ]
    endless = await a_membership(
        of=await a_company(), programme=await a_programme("ENDLESS"), now=time.now
    )
    later = await a_membership(
        of=await a_company(), programme=programme, now=time.now + timedelta(days=1)
    )
    assert due[0].expires_at is not None

    await deadlines.expire_applications(
        subject_ids=[each.id for each in (*due, endless, later)], now=due[0].expires_at
    )

    ended = await ProgrammeApplication.filter(status=Status.EXPIRED)
    assert {each.id for each in ended} == {each.id for each in due}
    assert await Event.filter(name="programme_application.expired").count() == 3


async def test_an_invitation_that_nobody_used_ends_once(time: Clock) -> None:
    partner, programme = await a_company(), await a_programme()
    invitation = await invitations.invite(
        viewer=await a_reviewer(), partner_id=partner.id, programme_id=programme.id, now=time.now
    )

    for now in (invitation.expires_at - MICROSECOND, *(invitation.expires_at,) * 2):
        await deadlines.expire_invitations(subject_ids=[invitation.id], now=now)

    ended = await ProgrammeInvitation.get(id=invitation.id)
    assert (ended.status, ended.decided_at) == ("EXPIRED", invitation.expires_at)
    assert await Event.filter(name="programme_invitation.expired").count() == 1


async def test_a_certification_that_is_over_is_back_at_the_start_with_what_was_achieved(
    time: Clock,
) -> None:
    role = await a_certified_role(
        of=await a_company(),
        stage=PathStage.DIFFERENTIATED,
        achievements={"HCIP": 6},
        valid_to=time.now.date(),
        expires_at=time.now,
    )

    for now in (time.now - MICROSECOND, time.now, time.now):
        await deadlines.expire_roles(subject_ids=[role.id], now=now)

    ended = await RoleCertification.get(id=role.id)
    assert (ended.stage, ended.valid_from, ended.valid_to) == (PathStage.SELECTED, None, None)
    assert (ended.achievements, ended.version) == ({"HCIP": 6}, 2)
    event = await Event.get(name="role_certification.expired")
    assert (event.before, event.after) == ({"stage": "DIFFERENTIATED"}, {"stage": "SELECTED"})


async def test_the_sweep_gives_back_lost_timers_and_takes_back_orphans(time: Clock) -> None:
    programme = await a_programme(validity_months=1)
    member = await a_membership(of=await a_company(), programme=programme, now=time.now)
    gone = await a_membership(of=await a_company(), programme=programme, now=time.now)
    await Timer.filter(subject_id=member.id).delete()
    await ProgrammeApplication.filter(id=gone.id).update(status=Status.EXITED)
    role = await a_certified_role(of=await a_company(), expires_at=time.now)

    applications = await timers.mend(deadlines.EXPIRE_APPLICATION_WAITS, now=time.now)
    roles = await timers.mend(deadlines.EXPIRE_ROLE_WAITS, now=time.now)
    nothing = await timers.mend(deadlines.EXPIRE_INVITATION_WAITS, now=time.now)

    assert (applications.created, applications.cancelled) == (1, 1)
    assert (roles.created, nothing.created, nothing.cancelled) == (1, 0, 0)
    live = await Timer.filter(state="SCHEDULED")
    assert {timer.subject_id: timer.due_at for timer in live} == {
        member.id: member.expires_at,
        role.id: time.now,
    }
