"""Unlinking members (M-01, M-05)."""

from datetime import timedelta

import pytest

from domain.identity.items import Item
from domain.members import answers, invitations, links
from domain.members.guards import ManagedByItsPartner, MemberUnlinked, SpecialistMustBeCancelled
from kit.problems import Forbidden, InvalidInput, NotFound
from models.audit import Event
from models.identity import Person
from models.members import Member, MemberInvitation, SpecialistStatus
from models.members import MemberInvitationStatus as Status
from tests.conftest import Clock
from tests.factories import (
    a_distributor,
    a_member,
    a_partner,
    a_staff_viewer,
    an_administrator,
    an_invitation,
    as_person,
)

pytestmark = pytest.mark.usefixtures("database")


async def test_unlinking_ends_the_link_and_its_invitation(time: Clock) -> None:
    partner = await a_partner()
    member = await a_member(of=partner, now=time.now)
    time.forward(days=1)

    await links.unlink(
        viewer=await an_administrator(of=partner), member_id=member.id, reason="left", now=time.now
    )

    stored = await Member.get(id=member.id)
    assert stored.unlinked_at == time.now
    invitation = await MemberInvitation.get(id=member.invitation_id)
    assert invitation.status is Status.UNLINKED
    told = await Event.filter(occurred_at=time.now).order_by("id")
    assert [(event.name, event.subject_id) for event in told] == [
        ("member_invitation.unlinked", invitation.id),
        ("member.unlinked", member.id),
    ]
    assert told[1].reason == "left"


async def test_who_was_unlinked_may_be_invited_again(time: Clock) -> None:
    """M-05."""
    partner = await a_partner()
    member = await a_member(of=partner, now=time.now)
    administrator = await an_administrator(of=partner)
    await links.unlink(viewer=administrator, member_id=member.id, now=time.now)

    person = await Person.get(id=member.person_id)
    again = await an_invitation(of=partner, to=person, now=time.now)

    assert again.id != member.invitation_id
    assert again.status is Status.PENDING


@pytest.mark.parametrize(
    "specialist",
    [SpecialistStatus.APPLYING, SpecialistStatus.SPECIALIST, SpecialistStatus.CANCELLING],
)
async def test_a_specialist_is_cancelled_first(time: Clock, specialist: SpecialistStatus) -> None:
    """M-05."""
    partner = await a_partner()
    member = await a_member(of=partner, specialist=specialist, now=time.now)

    with pytest.raises(SpecialistMustBeCancelled) as refusal:
        await links.unlink(
            viewer=await an_administrator(of=partner), member_id=member.id, now=time.now
        )

    assert refusal.value.specialist == specialist
    assert (await Member.get(id=member.id)).unlinked_at is None


async def test_unlinking_twice_says_when_it_ended(time: Clock) -> None:
    partner = await a_partner()
    member = await a_member(of=partner, now=time.now)
    administrator = await an_administrator(of=partner)
    await links.unlink(viewer=administrator, member_id=member.id, now=time.now)

    with pytest.raises(MemberUnlinked) as refusal:
        await links.unlink(
            viewer=administrator, member_id=member.id, now=time.now + timedelta(days=1)
        )

    assert refusal.value.unlinked_at == time.now


async def test_only_the_administrator_of_this_very_partner_unlinks(time: Clock) -> None:
    """M-01."""
    distributor = await a_distributor()
    reseller = await a_partner("Reseller", distributor=distributor)
    member = await a_member(of=reseller, now=time.now)
    person = await Person.get(id=member.person_id)

    for viewer, refusal in (
        (await an_administrator(of=await a_partner("Other")), NotFound),
        (await an_administrator(of=distributor), ManagedByItsPartner),
        (await as_person(person), Forbidden),
        (await a_staff_viewer(Item.SPECIALIST_REVIEW), Forbidden),
    ):
        with pytest.raises(refusal):
            await links.unlink(viewer=viewer, member_id=member.id, now=time.now)

    assert (await Member.get(id=member.id)).unlinked_at is None


async def test_a_reason_that_may_be_left_out_has_500_characters_at_most(time: Clock) -> None:
    partner = await a_partner()
    administrator = await an_administrator(of=partner)
    member = await a_member(of=partner, now=time.now)
    invitation = await an_invitation(of=partner, now=time.now)
    invited = await as_person(await Person.get(id=invitation.person_id))
    told = await Event.all().count()
    story = "x" * 501

    for refused in (
        links.unlink(viewer=administrator, member_id=member.id, reason=story, now=time.now),
        invitations.revoke(
            viewer=administrator, invitation_id=invitation.id, reason=story, now=time.now
        ),
        answers.reject(viewer=invited, invitation_id=invitation.id, reason=story, now=time.now),
    ):
        with pytest.raises(InvalidInput) as refusal:
            await refused
        assert refusal.value.path == ("input", "reason")

    await invitation.refresh_from_db()
    await member.refresh_from_db()
    assert (invitation.status, member.unlinked_at) == (Status.PENDING, None)
    assert await Event.all().count() == told
