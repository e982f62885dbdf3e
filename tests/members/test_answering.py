"""The invited person's answer, and what the link shows before (domain.md 5.2)."""

from datetime import timedelta

import pytest

from domain.identity.viewer import ANONYMOUS, Unauthenticated
from domain.members import answers, deadlines, invitations
from domain.members.answers import ConsentRequired
from domain.members.checks import MemberCheck, MemberCheckFailed
from domain.members.guards import InvitationExpired
from kit.problems import InvalidInput, NotFound
from kit.status import WrongStatus
from models.audit import Event
from models.identity import Person, RealName
from models.members import Member, MemberInvitation
from models.members import MemberInvitationStatus as Status
from models.notifications import Mail
from models.timers import Timer
from tests.conftest import Clock
from tests.factories import (
    a_customer_user_viewer,
    a_former_link,
    a_member,
    a_partner,
    a_person,
    an_administrator,
    an_invitation,
    an_operator,
    as_person,
)

pytestmark = pytest.mark.usefixtures("database")

MICROSECOND = timedelta(microseconds=1)


async def test_accepting_makes_a_member(time: Clock) -> None:
    partner = await a_partner("Acme")
    person = await a_person("Li Lei")
    invitation = await an_invitation(of=partner, to=person, now=time.now)

    time.forward(days=2)
    member = await answers.accept(
        viewer=await as_person(person), invitation_id=invitation.id, consent=True, now=time.now
    )

    stored = await Member.get(id=member.id)
    assert (stored.partner_id, stored.person_id) == (partner.id, person.id)
    assert (stored.linked_at, stored.unlinked_at) == (time.now, None)
    await invitation.refresh_from_db()
    assert (invitation.status, invitation.decided_at) == (Status.LINKED, time.now)
    assert not await Timer.exists(state="SCHEDULED")
    names = [event.name for event in await Event.all().order_by("id")]
    assert names == ["member_invitation.sent", "member_invitation.accepted", "member.linked"]


async def test_every_administrator_of_the_partner_hears_of_a_new_member(time: Clock) -> None:
    partner = await a_partner()
    person = await a_person("Li Lei")
    invitation = await an_invitation(of=partner, to=person, now=time.now)
    second = await an_operator(of=partner)

    await answers.accept(
        viewer=await as_person(person), invitation_id=invitation.id, consent=True, now=time.now
    )

    told = [mail.recipient for mail in await Mail.filter(template="member_joined")]
    assert len(told) == 2
    assert (await Person.get(id=second.person_id)).email in told


async def test_the_token_of_the_link_is_as_good_as_the_id(time: Clock) -> None:
    person = await a_person()
    sent = await invitations.invite(
        viewer=await an_administrator(of=await a_partner()), email=person.email, now=time.now
    )

    member = await answers.accept(
        viewer=await as_person(person),
        token=sent.link.split("#")[1],
        consent=True,
        now=time.now,
    )

    assert member.invitation_id == sent.invitation.id


async def test_any_seat_of_the_invited_person_may_answer(time: Clock) -> None:
    person = await a_person()
    invitation = await an_invitation(of=await a_partner(), to=person, now=time.now)

    member = await answers.accept(
        viewer=await a_customer_user_viewer(person),
        invitation_id=invitation.id,
        consent=True,
        now=time.now,
    )

    assert member.person_id == person.id


async def test_without_consent_nobody_is_linked(time: Clock) -> None:
    person = await a_person()
    invitation = await an_invitation(of=await a_partner(), to=person, now=time.now)

    with pytest.raises(ConsentRequired):
        await answers.accept(
            viewer=await as_person(person),
            invitation_id=invitation.id,
            consent=False,
            now=time.now,
        )

    assert not await Member.exists()
    await invitation.refresh_from_db()
    assert invitation.status is Status.PENDING


async def test_the_last_microsecond_before_the_deadline_is_in_time(time: Clock) -> None:
    """M-02, domain.md 10.8, with no worker running."""
    person = await a_person()
    invitation = await an_invitation(of=await a_partner(), to=person, now=time.now)

    assert await answers.accept(
        viewer=await as_person(person),
        invitation_id=invitation.id,
        consent=True,
        now=invitation.expires_at - MICROSECOND,
    )


@pytest.mark.parametrize("after", [timedelta(0), MICROSECOND, timedelta(days=30)])
async def test_at_the_deadline_it_is_too_late_for_any_answer(time: Clock, after: timedelta) -> None:
    """M-02, domain.md 10.8, with no worker running."""
    partner = await a_partner()
    person = await a_person()
    invitation = await an_invitation(of=partner, to=person, now=time.now)
    viewer, administrator = await as_person(person), await an_administrator(of=partner)
    late = invitation.expires_at + after

    for answer in (
        answers.accept(viewer=viewer, invitation_id=invitation.id, consent=True, now=late),
        answers.reject(viewer=viewer, invitation_id=invitation.id, now=late),
        invitations.revoke(viewer=administrator, invitation_id=invitation.id, now=late),
    ):
        with pytest.raises(InvitationExpired) as refusal:
            await answer
        assert refusal.value.expired_at == invitation.expires_at

    assert not await Member.exists()
    assert await Event.all().count() == 1


async def test_an_invitation_that_was_lapsed_says_when(time: Clock) -> None:
    person = await a_person()
    invitation = await an_invitation(of=await a_partner(), to=person, now=time.now)
    await deadlines.expire(subject_ids=[invitation.id], now=invitation.expires_at)

    with pytest.raises(InvitationExpired) as refusal:
        await answers.accept(
            viewer=await as_person(person),
            invitation_id=invitation.id,
            consent=True,
            now=invitation.expires_at,
        )

    assert refusal.value.in_words("en") == (
        "This invitation lapsed at 2030-02-07 23:30 UTC; ask for a new one."
    )


async def test_the_checks_are_made_again_when_accepting(time: Clock) -> None:
    """M-03: what was true a week ago may not be true now."""
    person = await a_person()
    invitation = await an_invitation(of=await a_partner(), to=person, now=time.now)
    await Person.filter(id=person.id).update(real_name=RealName.ENTERPRISE)
    await a_member(of=await a_partner("Another"), person=await a_person(), now=time.now)
    for name in "ABC":
        await a_former_link(
            person,
            of=await a_partner(name),
            since=time.now - timedelta(days=9),
            until=time.now - timedelta(days=8),
        )
    await an_operator(of=await a_partner("Another"), person=person)

    with pytest.raises(MemberCheckFailed) as refusal:
        await answers.accept(
            viewer=await as_person(person),
            invitation_id=invitation.id,
            consent=True,
            now=time.now,
        )

    assert [check.code for check in refusal.value.checks] == [
        MemberCheck.V1_ENTERPRISE_REAL_NAME,
        MemberCheck.V4_PARTNER_ACCOUNT,
        MemberCheck.V5_THREE_PARTNERS_IN_A_YEAR,
    ]
    assert not await Member.exists(person_id=person.id, unlinked_at=None)


async def test_who_joined_one_partner_can_not_join_a_second(time: Clock) -> None:
    """V2."""
    person = await a_person()
    viewer = await as_person(person)
    first = await an_invitation(of=await a_partner("A"), to=person, now=time.now)
    second = await an_invitation(of=await a_partner("B"), to=person, now=time.now)

    await answers.accept(viewer=viewer, invitation_id=first.id, consent=True, now=time.now)
    with pytest.raises(MemberCheckFailed) as refusal:
        await answers.accept(viewer=viewer, invitation_id=second.id, consent=True, now=time.now)

    assert [check.code for check in refusal.value.checks] == [MemberCheck.V2_LINKED_WITH_PARTNER]
    await second.refresh_from_db()
    assert second.status is Status.PENDING


async def test_rejecting_ends_it(time: Clock) -> None:
    person = await a_person()
    invitation = await an_invitation(of=await a_partner(), to=person, now=time.now)
    viewer = await as_person(person)

    await answers.reject(viewer=viewer, invitation_id=invitation.id, reason="not me", now=time.now)

    await invitation.refresh_from_db()
    assert (invitation.status, invitation.decided_at) == (Status.REJECTED, time.now)
    rejected = await Event.get(name="member_invitation.rejected")
    assert (rejected.reason, rejected.actor_id) == ("not me", person.id)
    assert not await Timer.exists(state="SCHEDULED")
    with pytest.raises(WrongStatus):
        await answers.accept(viewer=viewer, invitation_id=invitation.id, consent=True, now=time.now)


async def test_another_person_finds_no_invitation_even_with_the_link(time: Clock) -> None:
    person, other = await a_person(), await a_person()
    sent = await invitations.invite(
        viewer=await an_administrator(of=await a_partner()), email=person.email, now=time.now
    )
    token = sent.link.split("#")[1]
    viewer = await as_person(other)

    for answer in (
        answers.accept(viewer=viewer, token=token, consent=True, now=time.now),
        answers.accept(viewer=viewer, invitation_id=sent.invitation.id, consent=True, now=time.now),
        answers.reject(viewer=viewer, token=token, now=time.now),
    ):
        with pytest.raises(NotFound):
            await answer

    assert not await Member.exists()


async def test_the_inviting_administrator_can_not_answer(time: Clock) -> None:
    partner = await a_partner()
    invitation = await an_invitation(of=partner, now=time.now)

    with pytest.raises(NotFound):
        await answers.accept(
            viewer=await an_administrator(of=partner),
            invitation_id=invitation.id,
            consent=True,
            now=time.now,
        )


async def test_nobody_answers_without_signing_in(time: Clock) -> None:
    invitation = await an_invitation(of=await a_partner(), now=time.now)

    with pytest.raises(Unauthenticated):
        await answers.accept(
            viewer=ANONYMOUS, invitation_id=invitation.id, consent=True, now=time.now
        )


async def test_an_answer_names_the_invitation_in_one_way(time: Clock) -> None:
    person = await a_person()
    invitation = await an_invitation(of=await a_partner(), to=person, now=time.now)
    viewer = await as_person(person)

    for naming in ({}, {"invitation_id": invitation.id, "token": "x"}):
        with pytest.raises(InvalidInput):
            await answers.reject(viewer=viewer, now=time.now, **naming)  # type: ignore[arg-type]


@pytest.mark.parametrize("token", ["", "x", "0" * 75, "\x00" * 75, "é" * 75])
async def test_what_is_no_token_opens_nothing(time: Clock, token: str) -> None:
    person = await a_person()

    assert await answers.landing(token=token, now=time.now) is None
    with pytest.raises(NotFound):
        await answers.accept(
            viewer=await as_person(person), token=token, consent=True, now=time.now
        )


async def test_before_signing_in_the_link_shows_little(time: Clock) -> None:
    partner = await a_partner("Acme")
    person = await a_person("Li Lei", email="lilei@example.com")
    sent = await invitations.invite(
        viewer=await an_administrator(of=partner), email=person.email, now=time.now
    )
    token = sent.link.split("#")[1]

    assert await answers.landing(token=token, now=time.now) == answers.Landing(
        partner_name="Acme",
        partner_name_en=None,
        masked_email="l***@example.com",
        status=Status.PENDING,
        expires_at=time.now + timedelta(days=7),
    )
    after = await answers.landing(token=token, now=time.now + timedelta(days=7))
    assert after is not None
    assert after.status is Status.EXPIRED
    tampered = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert await answers.landing(token=tampered, now=time.now) is None
    assert (await MemberInvitation.get(id=sent.invitation.id)).status is Status.PENDING
