"""`availableActions` and the mutations never disagree: the guard tells what the workflow does."""

from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.members import answers, deadlines, invitations, links, projects, specialists
from domain.members.guards import INVITATION_ACTIONS, MEMBER_ACTIONS
from kit.guards import actions
from kit.problems import Forbidden, NotFound, Problem
from models.identity import Person
from models.members import Member, MemberInvitation, ProjectRole
from models.members import SpecialistStatus as Specialist
from tests.conftest import Clock
from tests.factories import (
    a_distributor,
    a_member,
    a_partner,
    a_person,
    a_staff_viewer,
    an_administrator,
    an_invitation,
    as_person,
)

pytestmark = pytest.mark.usefixtures("database")

Workflow = Callable[[Viewer, Any, datetime], Awaitable[object]]

TO_INVITATIONS: dict[str, Workflow] = {
    "memberInvitationAccept": lambda viewer, row, now: answers.accept(
        viewer=viewer, invitation_id=row.id, consent=True, now=now
    ),
    "memberInvitationReject": lambda viewer, row, now: answers.reject(
        viewer=viewer, invitation_id=row.id, now=now
    ),
    "memberInvitationRevoke": lambda viewer, row, now: invitations.revoke(
        viewer=viewer, invitation_id=row.id, now=now
    ),
    "memberInvitationResend": lambda viewer, row, now: invitations.resend(
        viewer=viewer, invitation_id=row.id, now=now
    ),
}

TO_MEMBERS: dict[str, Workflow] = {
    "memberUnlink": lambda viewer, row, now: links.unlink(viewer=viewer, member_id=row.id, now=now),
    "memberSpecialistApply": lambda viewer, row, now: specialists.apply(
        viewer=viewer, member_id=row.id, now=now
    ),
    "memberSpecialistApprove": lambda viewer, row, now: specialists.approve(
        viewer=viewer, member_id=row.id, now=now
    ),
    "memberSpecialistReject": lambda viewer, row, now: specialists.reject(
        viewer=viewer, member_id=row.id, reason="no", now=now
    ),
    "memberSpecialistCancel": lambda viewer, row, now: specialists.cancel(
        viewer=viewer,
        member_id=row.id,
        reason="left",
        file_name="proof.pdf",
        file_base64=b64encode(b"%PDF-").decode(),
        now=now,
    ),
    "memberSpecialistCancelWithdraw": lambda viewer, row, now: specialists.withdraw_cancelling(
        viewer=viewer, member_id=row.id, now=now
    ),
    "memberSpecialistCancelApprove": lambda viewer, row, now: specialists.approve_cancelling(
        viewer=viewer, member_id=row.id, now=now
    ),
    "memberSpecialistCancelReject": lambda viewer, row, now: specialists.reject_cancelling(
        viewer=viewer, member_id=row.id, reason="no", now=now
    ),
    "memberProjectRecord": lambda viewer, row, now: projects.record(
        viewer=viewer,
        member_id=row.id,
        name="Move",
        role=ProjectRole.ENGINEER,
        started_on=date(2029, 1, 1),
        now=now,
    ),
}


def test_every_action_is_tried_here() -> None:
    assert TO_INVITATIONS.keys() == INVITATION_ACTIONS.keys()
    assert TO_MEMBERS.keys() == MEMBER_ACTIONS.keys()


async def agree(
    action: str,
    workflow: Workflow,
    blocked_by: Problem | None,
    viewer: Viewer,
    row: Any,
    now: datetime,
) -> None:
    if blocked_by is None:
        await workflow(viewer, row, now)
        return
    with pytest.raises(Problem) as refusal:
        await workflow(viewer, row, now)
    # Whoever may not act at all is told so in the words of the operation, or finds nothing.
    same = type(refusal.value) is type(blocked_by)
    assert same or isinstance(refusal.value, NotFound | Forbidden), (action, refusal.value)


@pytest.mark.parametrize("who", ["invited", "administrator", "distributor", "staff"])
@pytest.mark.parametrize("state", ["open", "overdue", "expired", "accepted", "revoked", "rejected"])
@pytest.mark.parametrize("action", TO_INVITATIONS)
async def test_an_action_on_an_invitation_is_open_exactly_if_the_mutation_works(
    time: Clock, who: str, state: str, action: str
) -> None:
    distributor = await a_distributor()
    partner = await a_partner("Reseller", distributor=distributor)
    person = await a_person()
    viewers = {
        "invited": await as_person(person),
        "administrator": await an_administrator(of=partner),
        "distributor": await an_administrator(of=distributor),
        "staff": await a_staff_viewer(Item.SPECIALIST_REVIEW),
    }
    row = await an_invitation(of=partner, to=person, now=time.now)
    if state in ("overdue", "expired"):
        time.forward(days=7)
    if state == "expired":
        await deadlines.expire(subject_ids=[row.id], now=time.now)
    if state == "accepted":
        await TO_INVITATIONS["memberInvitationAccept"](viewers["invited"], row, time.now)
    if state == "revoked":
        await TO_INVITATIONS["memberInvitationRevoke"](viewers["administrator"], row, time.now)
    if state == "rejected":
        await TO_INVITATIONS["memberInvitationReject"](viewers["invited"], row, time.now)
    row = await MemberInvitation.get(id=row.id)

    [judged] = [
        each
        for each in actions(INVITATION_ACTIONS, row, viewers[who], time.now)
        if each.name == action
    ]

    await agree(action, TO_INVITATIONS[action], judged.blocked_by, viewers[who], row, time.now)


@pytest.mark.parametrize("who", ["himself", "administrator", "distributor", "reviewer"])
@pytest.mark.parametrize("state", [*Specialist, "unlinked"])
@pytest.mark.parametrize("action", TO_MEMBERS)
async def test_an_action_on_a_member_is_open_exactly_if_the_mutation_works(
    time: Clock, who: str, state: str, action: str
) -> None:
    distributor = await a_distributor()
    partner = await a_partner("Reseller", distributor=distributor)
    row = await a_member(of=partner, now=time.now)
    viewers = {
        "himself": await as_person(await Person.get(id=row.person_id)),
        "administrator": await an_administrator(of=partner),
        "distributor": await an_administrator(of=distributor),
        "reviewer": await a_staff_viewer(Item.SPECIALIST_REVIEW),
    }
    if state == "unlinked":
        await links.unlink(viewer=viewers["administrator"], member_id=row.id, now=time.now)
    else:
        await Member.filter(id=row.id).update(specialist=state)
    row = await Member.get(id=row.id)

    [judged] = [
        each for each in actions(MEMBER_ACTIONS, row, viewers[who], time.now) if each.name == action
    ]

    await agree(action, TO_MEMBERS[action], judged.blocked_by, viewers[who], row, time.now)


async def test_the_deadline_closes_an_action_without_any_worker(time: Clock) -> None:
    person = await a_person()
    row = await an_invitation(of=await a_partner(), to=person, now=time.now)
    viewer = await as_person(person)

    def is_open(at: datetime) -> bool:
        return actions(INVITATION_ACTIONS, row, viewer, at)[0].allowed

    assert is_open(row.expires_at - timedelta(microseconds=1))
    assert not is_open(row.expires_at)
