"""Sending invitations again and taking them back (M-01, M-02, domain.md 5.2)."""

from datetime import timedelta

import pytest

from domain.members import answers, guards, invitations
from domain.members.checks import MemberCheck, MemberCheckFailed
from domain.members.invitations import AlreadyInvited
from kit.problems import NotFound
from kit.status import WrongStatus
from models.audit import Event
from models.identity import Person, RealName
from models.members import MemberInvitation, MemberInvitationStatus
from models.notifications import Mail
from models.timers import Timer
from tests.conftest import Clock
from tests.factories import (
    a_distributor,
    a_member,
    a_partner,
    a_person,
    an_administrator,
    an_invitation,
    as_person,
)

pytestmark = pytest.mark.usefixtures("database")


async def test_resending_kills_the_old_link_and_restarts_the_week(time: Clock) -> None:
    """M-02."""
    partner = await a_partner()
    person = await a_person()
    administrator = await an_administrator(of=partner)
    first = await invitations.invite(viewer=administrator, email=person.email, now=time.now)

    time.forward(days=6, hours=12)
    second = await invitations.resend(
        viewer=administrator, invitation_id=first.invitation.id, now=time.now
    )

    assert second.invitation.id == first.invitation.id
    assert second.invitation.generation == 2
    assert second.invitation.expires_at == time.now + timedelta(days=7)
    old, new = first.link.split("#")[1], second.link.split("#")[1]
    assert await answers.landing(token=old, now=time.now) is None
    with pytest.raises(NotFound):
        await answers.accept(viewer=await as_person(person), token=old, consent=True, now=time.now)
    assert await answers.accept(
        viewer=await as_person(person), token=new, consent=True, now=time.now
    )


@pytest.mark.parametrize("ending", ["expired", "rejected", "revoked"])
async def test_what_ended_without_a_link_can_be_sent_again(time: Clock, ending: str) -> None:
    partner = await a_partner()
    person = await a_person()
    administrator = await an_administrator(of=partner)
    sent = await invitations.invite(viewer=administrator, email=person.email, now=time.now)
    id = sent.invitation.id
    if ending == "expired":
        time.forward(days=8)
    elif ending == "rejected":
        await answers.reject(viewer=await as_person(person), invitation_id=id, now=time.now)
    else:
        await invitations.revoke(viewer=administrator, invitation_id=id, now=time.now)

    await invitations.resend(viewer=administrator, invitation_id=id, now=time.now)

    stored = await MemberInvitation.get(id=id)
    assert stored.status is MemberInvitationStatus.PENDING
    assert stored.decided_at is None
    names = [event.name for event in await Event.filter(subject_id=id).order_by("id")]
    assert names == [f"member_invitation.{step}" for step in ("sent", ending, "resent")]
    live = await Timer.filter(subject_id=id, state="SCHEDULED").order_by("due_at")
    assert [timer.due_at for timer in live] == [
        time.now + timedelta(days=6),
        time.now + timedelta(days=7),
    ]


async def test_resending_makes_all_checks_anew(time: Clock) -> None:
    partner = await a_partner()
    person = await a_person()
    administrator = await an_administrator(of=partner)
    sent = await invitations.invite(viewer=administrator, email=person.email, now=time.now)
    await Person.filter(id=person.id).update(real_name=RealName.ENTERPRISE)

    with pytest.raises(MemberCheckFailed) as refusal:
        await invitations.resend(
            viewer=administrator, invitation_id=sent.invitation.id, now=time.now
        )

    assert [check.code for check in refusal.value.checks] == [MemberCheck.V1_ENTERPRISE_REAL_NAME]
    stored = await MemberInvitation.get(id=sent.invitation.id)
    assert (stored.generation, stored.token_hash) == (1, sent.invitation.token_hash)


async def test_resending_beside_a_newer_open_invitation_is_refused(time: Clock) -> None:
    partner = await a_partner()
    person = await a_person()
    administrator = await an_administrator(of=partner)
    old = await invitations.invite(viewer=administrator, email=person.email, now=time.now)
    await invitations.revoke(viewer=administrator, invitation_id=old.invitation.id, now=time.now)
    await invitations.invite(viewer=administrator, email=person.email, now=time.now)

    with pytest.raises(AlreadyInvited):
        await invitations.resend(
            viewer=administrator, invitation_id=old.invitation.id, now=time.now
        )

    await old.invitation.refresh_from_db()
    assert old.invitation.status is MemberInvitationStatus.REVOKED


async def test_a_dead_link_that_was_not_mailed_yet_is_not_mailed_any_more(time: Clock) -> None:
    partner = await a_partner()
    person = await a_person()
    administrator = await an_administrator(of=partner)
    sent = await invitations.invite(viewer=administrator, email=person.email, now=time.now)
    id = sent.invitation.id

    await invitations.resend(viewer=administrator, invitation_id=id, now=time.now)
    assert [mail.facts["link"]["generation"] for mail in await Mail.all()] == [2]

    await invitations.revoke(viewer=administrator, invitation_id=id, now=time.now)
    assert not await Mail.exists()


async def test_an_accepted_invitation_is_not_sent_again(time: Clock) -> None:
    partner = await a_partner()
    member = await a_member(of=partner, now=time.now)

    with pytest.raises(WrongStatus):
        await invitations.resend(
            viewer=await an_administrator(of=partner),
            invitation_id=member.invitation_id,
            now=time.now,
        )


async def test_a_revoked_invitation_can_not_be_accepted(time: Clock) -> None:
    partner = await a_partner()
    person = await a_person()
    invitation = await an_invitation(of=partner, to=person, now=time.now)

    await invitations.revoke(
        viewer=await an_administrator(of=partner),
        invitation_id=invitation.id,
        reason="wrong Li Lei",
        now=time.now,
    )

    with pytest.raises(WrongStatus) as refusal:
        await answers.accept(
            viewer=await as_person(person),
            invitation_id=invitation.id,
            consent=True,
            now=time.now,
        )
    assert refusal.value.status == "REVOKED"
    revoked = await Event.get(name="member_invitation.revoked")
    assert revoked.reason == "wrong Li Lei"
    assert not await Timer.exists(state="SCHEDULED")


async def test_a_foreign_partner_finds_no_invitation(time: Clock) -> None:
    invitation = await an_invitation(of=await a_partner("Acme"), now=time.now)
    stranger = await an_administrator(of=await a_partner("Other"))

    for workflow in (invitations.revoke, invitations.resend):
        with pytest.raises(NotFound):
            await workflow(viewer=stranger, invitation_id=invitation.id, now=time.now)

    await invitation.refresh_from_db()
    assert invitation.status is MemberInvitationStatus.PENDING


async def test_a_distributor_sees_its_resellers_invitations_and_leaves_them_alone(
    time: Clock,
) -> None:
    distributor = await a_distributor()
    reseller = await a_partner("Reseller", distributor=distributor)
    invitation = await an_invitation(of=reseller, now=time.now)
    administrator = await an_administrator(of=distributor)

    for workflow in (invitations.revoke, invitations.resend):
        with pytest.raises(guards.ManagedByItsPartner):
            await workflow(viewer=administrator, invitation_id=invitation.id, now=time.now)

    await invitation.refresh_from_db()
    assert invitation.status is MemberInvitationStatus.PENDING


async def test_a_lapse_stands_before_what_is_done_next(time: Clock) -> None:
    """Both happen within a millisecond, and the order of their ids is all that a reader has."""
    partner = await a_partner()
    administrator = await an_administrator(of=partner)
    invitation = await an_invitation(of=partner, now=time.now)

    for _ in range(20):
        time.forward(days=8)
        await invitations.resend(viewer=administrator, invitation_id=invitation.id, now=time.now)

    told = await Event.filter(subject_id=invitation.id).order_by("id")
    happened = [event.name.removeprefix("member_invitation.") for event in told]
    assert happened == ["sent", *["expired", "resent"] * 20]
