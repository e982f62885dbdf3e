"""Random walks through both state machines: whatever is tried in whatever order, the tables hold.

Nobody asks politely: each step is tried at once, and a refusal is as good as a success. What counts
is what the rows, the timers and the history look like afterwards.
"""

from base64 import b64encode
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.members import answers, deadlines, invitations, links, specialists
from kit.problems import Problem
from models.audit import Event
from models.identity import Person
from models.members import Member, MemberInvitation
from models.members import MemberInvitationStatus as Status
from models.members import SpecialistStatus as Specialist
from models.partners import Partner
from models.timers import Timer
from tests.conftest import Clock
from tests.factories import a_partner, a_person, a_staff_viewer, an_administrator, as_person

pytestmark = pytest.mark.usefixtures("database")

PROOF = b64encode(b"%PDF-1.7").decode()

INVITATION_STEPS = ("invite", "accept", "reject", "revoke", "resend", "expire", "remind")
MEMBER_STEPS = (
    "unlink",
    "apply",
    "approve",
    "reject_specialist",
    "cancel",
    "withdraw_cancelling",
    "approve_cancelling",
    "reject_cancelling",
)

walks = st.lists(
    st.tuples(
        st.one_of(
            st.sampled_from(INVITATION_STEPS),
            # Twice, so that a walk gets as far as a specialist now and then.
            st.sampled_from(("invite", "accept", "apply", "approve")),
            st.sampled_from(MEMBER_STEPS),
        ),
        st.sampled_from([0, 1, 24, 6 * 24, 7 * 24, 8 * 24]),
    ),
    min_size=4,
    max_size=24,
)


class Walker:
    """One person and one partner, and everything that can happen between them."""

    partner: Partner
    person: Person
    administrator: Viewer
    invited: Viewer
    reviewer: Viewer

    async def step(self, verb: str, now: datetime) -> None:
        """Try it on the newest invitation and the newest member."""
        invitation = await MemberInvitation.filter(person_id=self.person.id).order_by("-id").first()
        member = await Member.filter(person_id=self.person.id).order_by("-id").first()
        if verb == "invite":
            await invitations.invite(viewer=self.administrator, email=self.person.email, now=now)
        elif verb in INVITATION_STEPS and invitation is not None:
            await self._to_invitation(verb, invitation, now)
        elif verb in MEMBER_STEPS and member is not None:
            await self._to_member(verb, member, now)

    async def _to_invitation(self, verb: str, invitation: MemberInvitation, now: datetime) -> None:
        id = invitation.id
        if verb == "accept":
            await answers.accept(viewer=self.invited, invitation_id=id, consent=True, now=now)
        elif verb == "reject":
            await answers.reject(viewer=self.invited, invitation_id=id, now=now)
        elif verb == "revoke":
            await invitations.revoke(viewer=self.administrator, invitation_id=id, now=now)
        elif verb == "resend":
            await invitations.resend(viewer=self.administrator, invitation_id=id, now=now)
        elif verb == "expire":
            await deadlines.expire(subject_ids=[id], now=now)
        else:
            await deadlines.remind(subject_ids=[id], now=now)

    async def _to_member(self, verb: str, member: Member, now: datetime) -> None:
        if verb == "unlink":
            await links.unlink(viewer=self.administrator, member_id=member.id, now=now)
        elif verb == "apply":
            await specialists.apply(viewer=self.administrator, member_id=member.id, now=now)
        elif verb == "approve":
            await specialists.approve(viewer=self.reviewer, member_id=member.id, now=now)
        elif verb == "reject_specialist":
            await specialists.reject(
                viewer=self.reviewer, member_id=member.id, reason="no", now=now
            )
        elif verb == "cancel":
            await specialists.cancel(
                viewer=self.administrator,
                member_id=member.id,
                reason="left",
                file_name="proof.pdf",
                file_base64=PROOF,
                now=now,
            )
        elif verb == "withdraw_cancelling":
            await specialists.withdraw_cancelling(
                viewer=self.administrator, member_id=member.id, now=now
            )
        elif verb == "approve_cancelling":
            await specialists.approve_cancelling(viewer=self.reviewer, member_id=member.id, now=now)
        else:
            await specialists.reject_cancelling(
                viewer=self.reviewer, member_id=member.id, reason="no", now=now
            )


@given(walk=walks)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_no_walk_leaves_the_tables(time: Clock, walk: list[tuple[str, int]]) -> None:
    walker = Walker()
    walker.partner = await a_partner()
    walker.person = await a_person()
    walker.administrator = await an_administrator(of=walker.partner)
    walker.invited = await as_person(walker.person)
    walker.reviewer = await a_staff_viewer(Item.SPECIALIST_REVIEW)
    now = time.now

    for verb, hours in walk:
        now += timedelta(hours=hours)
        try:
            await walker.step(verb, now)
        except Problem:
            continue

    await the_invitations_hold(walker)
    await the_members_hold(walker)


async def the_invitations_hold(walker: Walker) -> None:
    """Rows, histories and timers agree, and only arrows of the table were followed."""
    rows = await MemberInvitation.filter(person_id=walker.person.id)
    assert sum(row.status is Status.PENDING for row in rows) <= 1
    assert sum(row.status is Status.LINKED for row in rows) <= 1
    for row in rows:
        status: Status | None = None
        deadline = row.created_at
        ends_of_generation: dict[int, int] = {}
        for event in await Event.filter(subject_id=row.id).order_by("id"):
            if "status" not in event.after:
                continue
            wanted = Status(event.after["status"])
            if status is not None:
                assert event.before["status"] == status
            if wanted is Status.PENDING:
                assert (
                    status is None or status is Status.PENDING or wanted in status.arrows()[status]
                )
                deadline = event.occurred_at + deadlines.LIFETIME
            else:
                assert status is not None
                assert wanted in status.arrows()[status]
                if status is Status.PENDING:
                    generation = event.after["generation"]
                    ends = ends_of_generation.get(generation, 0)
                    ends_of_generation[generation] = ends + 1
                    in_time = event.occurred_at < deadline
                    assert in_time is (wanted is not Status.EXPIRED)
            status = wanted
        assert status is row.status
        assert all(ends == 1 for ends in ends_of_generation.values())
        live = await Timer.filter(subject_id=row.id, state="SCHEDULED", kind=deadlines.EXPIRE)
        if row.status is Status.PENDING:
            assert [timer.due_at for timer in live] == [row.expires_at]


async def the_members_hold(walker: Walker) -> None:
    """Linked as long as the invitation says so; no specialist afterwards."""
    for member in await Member.filter(person_id=walker.person.id):
        invitation = await MemberInvitation.get(id=member.invitation_id)
        linked = member.unlinked_at is None
        assert invitation.status is (Status.LINKED if linked else Status.UNLINKED)
        assert linked or member.specialist is Specialist.NONE
        specialist = Specialist.NONE
        for event in await Event.filter(subject_id=member.id).order_by("id"):
            if "specialist" in event.after:
                assert event.before["specialist"] == specialist
                wanted = Specialist(event.after["specialist"])
                assert wanted in specialist.arrows()[specialist]
                specialist = wanted
        assert specialist is member.specialist
        assert (member.specialist_evidence_id is not None) is (specialist is Specialist.CANCELLING)
