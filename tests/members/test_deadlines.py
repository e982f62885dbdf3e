"""The seven days: reminder, lapse, and how often either happens (M-02)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from domain.members import answers, deadlines, invitations
from kit import timers
from models.audit import Event
from models.identity import Person
from models.members import MemberInvitation
from models.members import MemberInvitationStatus as Status
from models.notifications import Mail
from models.timers import Timer
from tests.conftest import Clock
from tests.factories import a_partner, a_person, an_administrator, an_invitation, as_person
from workers.effects import EFFECTS, WAITS

pytestmark = pytest.mark.usefixtures("database")

MICROSECOND = timedelta(microseconds=1)


def test_both_timers_have_an_effect() -> None:
    for kind, effect in (
        (deadlines.EXPIRE, deadlines.expire),
        (deadlines.REMIND, deadlines.remind),
    ):
        assert EFFECTS[kind].table == "member_invitation"
        assert EFFECTS[kind].run is effect


async def test_it_lapses_at_the_deadline_and_not_before(time: Clock) -> None:
    invitation = await an_invitation(of=await a_partner(), now=time.now)

    await deadlines.expire(subject_ids=[invitation.id], now=invitation.expires_at - MICROSECOND)
    assert (await MemberInvitation.get(id=invitation.id)).status is Status.PENDING

    await deadlines.expire(subject_ids=[invitation.id], now=invitation.expires_at)
    lapsed = await MemberInvitation.get(id=invitation.id)
    assert (lapsed.status, lapsed.decided_at) == (Status.EXPIRED, invitation.expires_at)
    assert lapsed.version == invitation.version + 1


async def test_the_lapse_is_an_event_of_the_system_and_a_mail_to_who_sent_it(time: Clock) -> None:
    partner = await a_partner("Acme")
    person = await a_person("Li Lei", email="lilei@example.com")
    administrator = await an_administrator(of=partner)
    sent = await invitations.invite(viewer=administrator, email=person.email, now=time.now)
    late = sent.invitation.expires_at + timedelta(seconds=3)

    await deadlines.expire(subject_ids=[sent.invitation.id], now=late)

    event = await Event.get(name="member_invitation.expired")
    assert (event.subject_id, event.tenant_id) == (sent.invitation.id, partner.id)
    assert (event.actor_kind, event.actor_id, event.person_id) == ("SYSTEM", None, person.id)
    assert (event.before, event.after) == (
        {"status": "PENDING"},
        {"status": "EXPIRED", "generation": 1},
    )
    assert event.occurred_at == late
    mail = await Mail.get(template="member_invitation_expired")
    assert mail.recipient == administrator.email
    assert mail.facts == {
        "partner": "Acme",
        "email": "lilei@example.com",
        "expires_at": "2030-02-07T23:30:00Z",
    }


async def test_lapsing_twice_is_lapsing_once(time: Clock) -> None:
    invitation = await an_invitation(of=await a_partner(), now=time.now)

    for _ in range(2):
        await deadlines.expire(subject_ids=[invitation.id], now=invitation.expires_at)

    assert await Event.filter(name="member_invitation.expired").count() == 1
    assert await Mail.filter(template="member_invitation_expired").count() == 1


async def test_of_many_only_those_lapse_that_are_open_and_over(time: Clock) -> None:
    partner = await a_partner()
    over = [await an_invitation(of=partner, now=time.now) for _ in range(3)]
    person = await a_person()
    accepted = await an_invitation(of=partner, to=person, now=time.now)
    await answers.accept(
        viewer=await as_person(person), invitation_id=accepted.id, consent=True, now=time.now
    )
    time.forward(days=7)
    later = await an_invitation(of=partner, now=time.now)

    ids = [invitation.id for invitation in (*over, accepted, later)]
    await deadlines.expire(subject_ids=[*ids, uuid4()], now=time.now)

    lapsed = await MemberInvitation.filter(status="EXPIRED")
    assert {invitation.id for invitation in lapsed} == {invitation.id for invitation in over}
    assert await Event.filter(name="member_invitation.expired").count() == 3


async def test_the_reminder_goes_out_in_the_last_24_hours_once(time: Clock) -> None:
    person = await a_person("Li Lei")
    invitation = await an_invitation(of=await a_partner("Acme"), to=person, now=time.now)
    due = invitation.expires_at - timedelta(hours=24)

    await deadlines.remind(subject_ids=[invitation.id], now=due - MICROSECOND)
    assert not await Mail.exists(template="member_invitation_reminder")

    for _ in range(2):
        await deadlines.remind(subject_ids=[invitation.id], now=due)
    mail = await Mail.get(template="member_invitation_reminder")
    assert mail.recipient == person.email
    assert mail.facts["link"] == {
        "path": "invitations/member",
        "purpose": "member-invitation",
        "id": str(invitation.id),
        "generation": 1,
    }
    await invitation.refresh_from_db()
    assert invitation.reminded_at == due
    assert await Event.filter(name="member_invitation.reminded").count() == 1


async def test_nobody_is_reminded_of_what_is_over_or_answered(time: Clock) -> None:
    partner = await a_partner()
    person = await a_person()
    over = await an_invitation(of=partner, now=time.now)
    rejected = await an_invitation(of=partner, to=person, now=time.now)
    await answers.reject(viewer=await as_person(person), invitation_id=rejected.id, now=time.now)

    await deadlines.remind(subject_ids=[over.id, rejected.id], now=over.expires_at)

    assert not await Mail.exists(template="member_invitation_reminder")
    assert not await Event.exists(name="member_invitation.reminded")


async def test_what_was_sent_again_is_reminded_of_again(time: Clock) -> None:
    partner = await a_partner()
    administrator = await an_administrator(of=partner)
    person = await a_person()
    sent = await invitations.invite(viewer=administrator, email=person.email, now=time.now)
    id = sent.invitation.id
    time.forward(days=6)
    await deadlines.remind(subject_ids=[id], now=time.now)

    await invitations.resend(viewer=administrator, invitation_id=id, now=time.now)
    time.forward(days=6)
    await deadlines.remind(subject_ids=[id], now=time.now)

    reminders = await Mail.filter(template="member_invitation_reminder").order_by("id")
    assert [mail.facts["link"]["generation"] for mail in reminders] == [1, 2]


async def test_without_a_known_sender_it_lapses_all_the_same(time: Clock) -> None:
    """An API key has no mail address."""
    invitation = await an_invitation(of=await a_partner(), now=time.now)
    await MemberInvitation.filter(id=invitation.id).update(invited_by=None)

    await deadlines.expire(subject_ids=[invitation.id], now=invitation.expires_at)

    assert (await MemberInvitation.get(id=invitation.id)).status is Status.EXPIRED
    assert await Event.filter(name="member_invitation.expired").count() == 1
    assert not await Mail.exists(template="member_invitation_expired")


async def test_a_thousand_lapse_in_one_statement(time: Clock) -> None:
    partner = await a_partner()
    inviter = await an_administrator(of=partner)
    people = [
        Person(
            created_at=time.now,
            email=f"p{n}@example.com",
            account_name=f"p{n}",
            name=f"P {n}",
        )
        for n in range(1000)
    ]
    await Person.bulk_create(people)
    rows = [
        MemberInvitation(
            created_at=time.now,
            partner_id=partner.id,
            person_id=person.id,
            email=person.email,
            status=Status.PENDING,
            token_hash=f"{number:064}",
            invited_by=inviter.person_id,
            sent_at=time.now,
            expires_at=time.now,
        )
        for number, person in enumerate(people)
    ]
    await MemberInvitation.bulk_create(rows)

    await deadlines.expire(subject_ids=[row.id for row in rows], now=time.now)

    assert await MemberInvitation.filter(status="EXPIRED").count() == 1000
    assert await Event.filter(name="member_invitation.expired").count() == 1000
    assert await Mail.filter(template="member_invitation_expired").count() == 1000


async def test_the_sweep_restores_a_timer_that_was_lost(time: Clock) -> None:
    invitation = await an_invitation(of=await a_partner(), now=time.now)
    await Timer.all().delete()

    for kind in (deadlines.EXPIRE, deadlines.REMIND):
        mended = await timers.mend(WAITS[kind], now=time.now)
        assert (mended.created, mended.cancelled) == (1, 0)

    found = await Timer.filter(subject_id=invitation.id).order_by("due_at")
    assert [(t.kind, t.due_at) for t in found] == [
        (deadlines.REMIND, invitation.expires_at - timedelta(hours=24)),
        (deadlines.EXPIRE, invitation.expires_at),
    ]
