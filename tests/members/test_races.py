"""Two want the same invitation or the same person at the same moment, in both orders.

Real locks, real commits. The oracle is the history: one end of the invitation, one event for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import copy_context
from datetime import datetime, timedelta
from typing import Any

import pytest
from tortoise.transactions import in_transaction

from domain.identity import operators
from domain.identity.presets import Preset
from domain.identity.viewer import Viewer
from domain.members import answers, deadlines, invitations, links, specialists
from domain.members.checks import MemberCheck, MemberCheckFailed
from domain.members.guards import InvitationExpired, SpecialistMustBeCancelled
from domain.members.invitations import AlreadyInvited, Sent
from kit import database
from kit.problems import NotFound
from kit.status import WrongStatus
from kit.transaction import transactional
from models.audit import Event
from models.identity import Operator, Person, Role
from models.members import Member, MemberInvitation
from models.members import MemberInvitationStatus as Status
from models.partners import Partner
from models.timers import Timer
from tests.conftest import Clock
from tests.factories import (
    LONG_AGO,
    a_member,
    a_partner,
    a_person,
    an_administrator,
    an_invitation,
    as_person,
)
from tests.races import at_once

pytestmark = pytest.mark.usefixtures("database")

MICROSECOND = timedelta(microseconds=1)


class Scene:
    """An open invitation, both sides of it, and what each could do."""

    partner: Partner
    person: Person
    administrator: Viewer
    invited: Viewer
    invitation: MemberInvitation

    @property
    def in_time(self) -> datetime:
        return self.invitation.expires_at - MICROSECOND

    @property
    def late(self) -> datetime:
        return self.invitation.expires_at

    def accept(self) -> Coroutine[Any, Any, Member]:
        return answers.accept(
            viewer=self.invited, invitation_id=self.invitation.id, consent=True, now=self.in_time
        )

    def reject(self) -> Coroutine[Any, Any, MemberInvitation]:
        return answers.reject(
            viewer=self.invited, invitation_id=self.invitation.id, now=self.in_time
        )

    def revoke(self) -> Coroutine[Any, Any, MemberInvitation]:
        return invitations.revoke(
            viewer=self.administrator, invitation_id=self.invitation.id, now=self.in_time
        )

    def resend(self) -> Coroutine[Any, Any, Sent]:
        return invitations.resend(
            viewer=self.administrator, invitation_id=self.invitation.id, now=self.in_time
        )

    def expire(self) -> Coroutine[Any, Any, None]:
        return _expire(self.invitation, self.late)

    async def history(self) -> list[str]:
        events = await Event.filter(subject_id=self.invitation.id).order_by("id")
        return [event.name.removeprefix("member_invitation.") for event in events]

    async def status(self) -> Status:
        return (await MemberInvitation.get(id=self.invitation.id)).status


@transactional
async def _expire(invitation: MemberInvitation, now: datetime) -> None:
    """As a worker does: the subject is locked first."""
    await database.rows(
        "select id from member_invitation where id = $1 for no key update", invitation.id
    )
    await deadlines.expire(subject_ids=[invitation.id], now=now)


@pytest.fixture
async def scene(time: Clock) -> Scene:
    scene = Scene()
    scene.partner = await a_partner()
    scene.person = await a_person()
    scene.administrator = await an_administrator(of=scene.partner)
    scene.invited = await as_person(scene.person)
    scene.invitation = await an_invitation(of=scene.partner, to=scene.person, now=time.now)
    return scene


async def test_accepted_in_time_and_then_expired_it_is_accepted(scene: Scene) -> None:
    answers_ = await at_once(scene.accept(), scene.expire(), while_locked=scene.invitation)

    assert [type(answer) for answer in answers_] == [Member, type(None)]
    assert await scene.status() is Status.LINKED
    assert await scene.history() == ["sent", "accepted"]


async def test_expired_and_then_accepted_it_is_expired(scene: Scene) -> None:
    """The answer came in time, but the lapse was first at the row."""
    answers_ = await at_once(scene.expire(), scene.accept(), while_locked=scene.invitation)

    assert [type(answer) for answer in answers_] == [type(None), InvitationExpired]
    assert await scene.status() is Status.EXPIRED
    assert await scene.history() == ["sent", "expired"]
    assert not await Member.exists()


async def test_accepted_before_it_is_revoked_it_stays_accepted(scene: Scene) -> None:
    answers_ = await at_once(scene.accept(), scene.revoke(), while_locked=scene.invitation)

    assert [type(answer) for answer in answers_] == [Member, WrongStatus]
    assert await scene.history() == ["sent", "accepted"]


async def test_revoked_before_it_is_accepted_it_stays_revoked(scene: Scene) -> None:
    answers_ = await at_once(scene.revoke(), scene.accept(), while_locked=scene.invitation)

    assert [type(answer) for answer in answers_] == [MemberInvitation, WrongStatus]
    assert await scene.history() == ["sent", "revoked"]
    assert not await Member.exists()


async def test_accepted_before_it_is_sent_again_it_stays_accepted(scene: Scene) -> None:
    answers_ = await at_once(scene.accept(), scene.resend(), while_locked=scene.person)

    assert [type(answer) for answer in answers_] == [Member, WrongStatus]
    assert await scene.history() == ["sent", "accepted"]
    assert not await Timer.exists(state="SCHEDULED")


async def test_sent_again_before_it_is_accepted_the_old_link_is_dead(
    scene: Scene, time: Clock
) -> None:
    sent = await invitations.resend(
        viewer=scene.administrator, invitation_id=scene.invitation.id, now=time.now
    )
    with_old_link = answers.accept(
        viewer=scene.invited, token=sent.link.split("#")[1], consent=True, now=scene.in_time
    )

    answers_ = await at_once(scene.resend(), with_old_link, while_locked=scene.person)

    assert [type(answer) for answer in answers_] == [Sent, NotFound]
    assert await scene.status() is Status.PENDING
    assert await scene.history() == ["sent", "resent", "resent"]


async def test_expired_and_sent_again_it_is_open_for_another_week(scene: Scene) -> None:
    again = invitations.resend(
        viewer=scene.administrator, invitation_id=scene.invitation.id, now=scene.late
    )

    answers_ = await at_once(scene.expire(), again, while_locked=scene.invitation)

    assert [type(answer) for answer in answers_] == [type(None), Sent]
    assert await scene.history() == ["sent", "expired", "resent"]
    assert (await MemberInvitation.get(id=scene.invitation.id)).expires_at == (
        scene.late + timedelta(days=7)
    )


async def test_sent_again_and_then_expired_it_stays_open(scene: Scene) -> None:
    answers_ = await at_once(scene.resend(), scene.expire(), while_locked=scene.invitation)

    assert [type(answer) for answer in answers_] == [Sent, type(None)]
    assert await scene.status() is Status.PENDING
    assert await scene.history() == ["sent", "resent"]


async def test_revoked_at_the_deadline_it_ends_once(scene: Scene) -> None:
    answers_ = await at_once(scene.revoke(), scene.expire(), while_locked=scene.invitation)

    assert [type(answer) for answer in answers_] == [MemberInvitation, type(None)]
    assert await scene.history() == ["sent", "revoked"]


async def test_two_clicks_on_accept_make_one_member(scene: Scene) -> None:
    answers_ = await at_once(scene.accept(), scene.accept(), while_locked=scene.person)

    assert [type(answer) for answer in answers_] == [Member, WrongStatus]
    assert await Member.all().count() == 1
    assert await scene.history() == ["sent", "accepted"]


async def test_accepting_and_rejecting_at_once_ends_it_once(scene: Scene) -> None:
    answers_ = await at_once(scene.reject(), scene.accept(), while_locked=scene.invitation)

    assert [type(answer) for answer in answers_] == [MemberInvitation, WrongStatus]
    assert await scene.history() == ["sent", "rejected"]
    assert not await Member.exists()


async def test_a_person_who_accepts_two_partners_at_once_is_linked_with_one(
    scene: Scene, time: Clock
) -> None:
    """V2."""
    other = await an_invitation(of=await a_partner("B"), to=scene.person, now=time.now)
    accept_other = answers.accept(
        viewer=scene.invited, invitation_id=other.id, consent=True, now=scene.in_time
    )

    won, lost = await at_once(scene.accept(), accept_other, while_locked=scene.person)

    assert isinstance(won, Member)
    assert isinstance(lost, MemberCheckFailed)
    assert [check.code for check in lost.checks] == [MemberCheck.V2_LINKED_WITH_PARTNER]
    assert await Member.filter(person_id=scene.person.id, unlinked_at=None).count() == 1


async def test_the_constraint_has_the_last_word_on_a_second_link(scene: Scene) -> None:
    """V2, even against somebody who takes no locks."""
    elsewhere = await a_partner("B")
    foreign = MemberInvitation(
        created_at=scene.in_time,
        partner_id=elsewhere.id,
        person_id=scene.person.id,
        email=scene.person.email,
        status=Status.LINKED,
        token_hash="0" * 64,
        sent_at=scene.in_time,
        expires_at=scene.in_time,
    )
    await foreign.insert()

    async def link_without_locks() -> None:
        # The row is there before the workflow's check could see it committed.
        await Member.create(
            created_at=scene.in_time,
            partner_id=elsewhere.id,
            person_id=scene.person.id,
            invitation_id=foreign.id,
            linked_at=scene.in_time,
        )

    answer = await _meanwhile(scene.accept(), link_without_locks)

    assert isinstance(answer, MemberCheckFailed)
    assert [check.code for check in answer.checks] == [MemberCheck.V2_LINKED_WITH_PARTNER]
    assert await scene.status() is Status.PENDING
    assert await scene.history() == ["sent"]


async def test_two_invitations_to_one_address_become_one(time: Clock) -> None:
    partner = await a_partner()
    person = await a_person()
    administrators = [await an_administrator(of=partner) for _ in range(2)]
    calls = [
        invitations.invite(viewer=viewer, email=person.email, now=time.now)
        for viewer in administrators
    ]

    answers_ = await at_once(*calls, while_locked=person)

    assert [type(answer) for answer in answers_] == [Sent, AlreadyInvited]
    assert await MemberInvitation.all().count() == 1


async def test_an_answer_and_a_new_invitation_do_not_both_win(scene: Scene) -> None:
    afterwards = invitations.invite(
        viewer=scene.administrator, email=scene.person.email, now=scene.late
    )

    answers_ = await at_once(afterwards, scene.accept(), while_locked=scene.person)

    assert [type(answer) for answer in answers_] == [Sent, InvitationExpired]
    assert await scene.history() == ["sent", "expired"]
    assert not await Member.exists()


async def test_who_becomes_a_specialist_is_not_unlinked_at_the_same_moment(time: Clock) -> None:
    """M-05."""
    partner = await a_partner()
    administrator = await an_administrator(of=partner)
    member = await a_member(of=partner, now=time.now)
    apply = specialists.apply(viewer=administrator, member_id=member.id, now=time.now)
    unlink = links.unlink(viewer=administrator, member_id=member.id, now=time.now)

    answers_ = await at_once(apply, unlink, while_locked=member)

    assert [type(answer) for answer in answers_] == [Member, SpecialistMustBeCancelled]
    assert (await Member.get(id=member.id)).unlinked_at is None


async def _meanwhile(
    workflow: Coroutine[Any, Any, Any], rival: Callable[[], Awaitable[None]]
) -> Any:
    """Run the workflow while a rival has done its work and not committed it yet."""
    elsewhere = copy_context()
    async with in_transaction():
        await rival()
        task = asyncio.create_task(workflow, context=elsewhere)
        async with asyncio.timeout(10):
            while not await database.rows("select from pg_locks where not granted"):  # noqa: ASYNC110
                await asyncio.sleep(0.005)
    return (await asyncio.gather(task, return_exceptions=True))[0]


async def test_who_is_given_a_seat_and_accepts_at_once_is_no_member_of_another(
    scene: Scene,
) -> None:
    """V4, the seat being first."""
    seat = _a_seat_for(scene.person, by=await an_administrator(of=await a_partner("Other")))

    added, refused = await at_once(seat, scene.accept(), while_locked=scene.person)

    assert isinstance(added, Operator)
    assert isinstance(refused, MemberCheckFailed)
    assert [failed.code for failed in refused.checks] == [MemberCheck.V4_PARTNER_ACCOUNT]
    assert not await Member.exists()
    assert await scene.status() is Status.PENDING


async def test_who_accepts_and_is_given_a_seat_at_once_is_both(scene: Scene) -> None:
    """V4 is asked of who becomes a member, not of who already is one."""
    seat = _a_seat_for(scene.person, by=await an_administrator(of=await a_partner("Other")))

    member, added = await at_once(scene.accept(), seat, while_locked=scene.person)

    assert isinstance(member, Member)
    assert isinstance(added, Operator)
    assert await scene.history() == ["sent", "accepted"]


@pytest.mark.parametrize("first", ["Acme", "Other"])
async def test_two_partners_that_seat_one_person_at_once_wait_for_each_other(
    time: Clock, first: str
) -> None:
    person = await a_person()
    administrators = [
        await an_administrator(of=await a_partner(name)) for name in ("Acme", "Other")
    ]
    if first == "Other":
        administrators.reverse()

    added = await at_once(
        *(_a_seat_for(person, by=administrator) for administrator in administrators),
        while_locked=person,
    )

    assert [each.partner_id for each in added] == [each.partner_id for each in administrators]
    events = await Event.filter(name="operator.added", person_id=person.id).order_by("id")
    assert [event.tenant_id for event in events] == [each.partner_id for each in administrators]


def _a_seat_for(person: Person, *, by: Viewer) -> Coroutine[Any, Any, Operator]:
    async def add() -> Operator:
        role = await Role.get(code=Preset.FINANCE.value, partner_id=None)
        return await operators.add(viewer=by, person_id=person.id, role_ids=[role.id], now=LONG_AGO)

    return add()
