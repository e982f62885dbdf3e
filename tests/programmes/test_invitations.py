"""Invitations to programmes: thirty days, for one application (P-15)."""

from datetime import timedelta

import pytest

from domain.notifications.rendering import render
from domain.programmes import deadlines, invitations, submissions
from domain.programmes.conditions import ConditionsNotMet
from domain.programmes.guards import ProgrammeInvitationExpired
from domain.programmes.invitations import AlreadyInvitedToProgramme, InvitationNeeded
from kit.ids import new_id
from kit.problems import Forbidden, NotFound
from kit.status import WrongStatus
from models.audit import Event
from models.notifications import Mail
from models.partners import Partner
from models.programmes import Programme, ProgrammeApplication, ProgrammeInvitation
from models.programmes import ProgrammeInvitationStatus as Status
from models.timers import Timer
from tests.conftest import Clock
from tests.factories import an_administrator
from tests.programmes.factories import a_company, a_draft, a_membership, a_programme, a_reviewer

pytestmark = pytest.mark.usefixtures("presets")

MICROSECOND = timedelta(microseconds=1)


async def learning() -> Programme:
    return await Programme.get(code="LEARNING_ENABLEMENT")


async def a_network_partner(time: Clock) -> Partner:
    partner = await a_company()
    await a_membership(of=partner, programme=await Programme.get(code="HCPN"), now=time.now)
    return partner


async def an_invitation(of: Partner, programme: Programme, time: Clock) -> ProgrammeInvitation:
    return await invitations.invite(
        viewer=await a_reviewer(), partner_id=of.id, programme_id=programme.id, now=time.now
    )


async def test_the_partner_is_told_and_has_thirty_days(time: Clock) -> None:
    partner = await a_network_partner(time)
    by = await an_administrator(partner)
    await Mail.all().delete()

    invitation = await an_invitation(partner, await learning(), time)

    assert invitation.status is Status.PENDING
    assert invitation.expires_at == time.now + timedelta(days=30)
    timer = await Timer.get(subject_id=invitation.id)
    assert (timer.kind, timer.due_at) == ("programme_invitation.expire", invitation.expires_at)
    mails = await Mail.filter(template="programme_invitation")
    assert by.email in {mail.recipient for mail in mails}
    assert mails[0].facts == {
        "partner": "Acme",
        "programme": "Learning and enablement path",
        "expires_at": "2030-03-02T23:30:00+00:00",
    }


async def test_without_an_invitation_nobody_applies(time: Clock) -> None:
    partner = await a_network_partner(time)

    with pytest.raises(InvitationNeeded) as refusal:
        await a_draft(of=partner, programme=await learning(), now=time.now)

    assert refusal.value.programme == "LEARNING_ENABLEMENT"
    assert await ProgrammeApplication.all().count() == 1


async def test_an_invitation_is_used_by_one_application(time: Clock) -> None:
    partner, programme = await a_network_partner(time), await learning()
    invitation = await an_invitation(partner, programme, time)

    draft = await a_draft(of=partner, programme=programme, now=invitation.expires_at - MICROSECOND)

    used = await ProgrammeInvitation.get(id=invitation.id)
    assert (used.status, draft.invitation_id) == (Status.USED, invitation.id)
    assert [timer.state for timer in await Timer.filter(subject_id=invitation.id)] == ["CANCELLED"]
    event = await Event.get(name="programme_invitation.used")
    assert event.after == {"status": "USED", "application_id": str(draft.id)}


async def test_at_the_deadline_it_is_over_with_no_worker_running(time: Clock) -> None:
    partner, programme = await a_network_partner(time), await learning()
    invitation = await an_invitation(partner, programme, time)

    for worker_has_run in (False, True):
        if worker_has_run:
            await deadlines.expire_invitations(
                subject_ids=[invitation.id], now=invitation.expires_at
            )
        with pytest.raises(ProgrammeInvitationExpired) as refusal:
            await a_draft(of=partner, programme=programme, now=invitation.expires_at)
        assert refusal.value.expired_at == invitation.expires_at

    assert await ProgrammeApplication.filter(programme_id=programme.id).count() == 0


async def test_an_invitation_opens_a_closed_programme(time: Clock) -> None:
    """domain.md 5.1: open, or an invitation held."""
    partner = await a_company()
    closed = await a_programme("CLOSED", is_open=False)
    await an_invitation(partner, closed, time)

    draft = await a_draft(of=partner, programme=closed, now=time.now)
    submitted = await handed_in(draft, partner, time)

    assert submitted.status == "SUBMITTED"


async def handed_in(
    draft: ProgrammeApplication, partner: Partner, time: Clock
) -> ProgrammeApplication:
    return await submissions.submit(
        viewer=await an_administrator(partner),
        application_id=draft.id,
        expected_version=draft.version,
        now=time.now,
    )


async def test_only_partners_of_the_network_are_invited(time: Clock) -> None:
    """P-15: from HCPN members."""
    partner = await a_company()

    with pytest.raises(ConditionsNotMet) as refusal:
        await an_invitation(partner, await learning(), time)

    assert [each.wanted for each in refusal.value.conditions] == [["HCPN"]]
    assert not await ProgrammeInvitation.exists()
    assert not await Mail.exists()


async def test_a_second_invitation_waits_until_the_first_is_over(time: Clock) -> None:
    partner, programme = await a_network_partner(time), await learning()
    first = await an_invitation(partner, programme, time)

    time.now = first.expires_at - MICROSECOND
    with pytest.raises(AlreadyInvitedToProgramme) as refusal:
        await an_invitation(partner, programme, time)
    time.forward(microseconds=1)
    second = await an_invitation(partner, programme, time)

    assert refusal.value.expires_at == first.expires_at
    lapsed = await ProgrammeInvitation.get(id=first.id)
    assert (lapsed.status, lapsed.decided_at) == (Status.EXPIRED, first.expires_at)
    assert second.status is Status.PENDING


async def test_a_revoked_invitation_opens_nothing(time: Clock) -> None:
    partner, programme = await a_network_partner(time), await learning()
    invitation = await an_invitation(partner, programme, time)
    reviewer = await a_reviewer()

    await invitations.revoke(
        viewer=reviewer, invitation_id=invitation.id, reason="a mistake", now=time.now
    )

    with pytest.raises(InvitationNeeded):
        await a_draft(of=partner, programme=programme, now=time.now)
    with pytest.raises(WrongStatus):
        await invitations.revoke(viewer=reviewer, invitation_id=invitation.id, now=time.now)
    event = await Event.get(name="programme_invitation.revoked")
    assert (event.reason, event.after) == ("a mistake", {"status": "REVOKED"})
    assert not await Timer.exists(subject_id=invitation.id, state="SCHEDULED")


async def test_an_invitation_that_is_over_can_not_be_revoked(time: Clock) -> None:
    invitation = await an_invitation(await a_network_partner(time), await learning(), time)

    with pytest.raises(ProgrammeInvitationExpired):
        await invitations.revoke(
            viewer=await a_reviewer(), invitation_id=invitation.id, now=invitation.expires_at
        )

    assert (await ProgrammeInvitation.get(id=invitation.id)).status is Status.PENDING


async def test_only_the_platform_invites_and_revokes(time: Clock) -> None:
    partner, programme = await a_network_partner(time), await learning()
    invitation = await an_invitation(partner, programme, time)
    by = await an_administrator(partner)

    with pytest.raises(Forbidden):
        await invitations.invite(
            viewer=by, partner_id=partner.id, programme_id=programme.id, now=time.now
        )
    with pytest.raises(Forbidden):
        await invitations.revoke(viewer=by, invitation_id=invitation.id, now=time.now)
    for partner_id, programme_id in ((new_id(), programme.id), (partner.id, new_id())):
        with pytest.raises(NotFound):
            await invitations.invite(
                viewer=await a_reviewer(),
                partner_id=partner_id,
                programme_id=programme_id,
                now=time.now,
            )

    assert await ProgrammeInvitation.filter(status=Status.PENDING).count() == 1


@pytest.mark.parametrize(
    ("locale", "subject"), [("zh", "邀请 Acme 加入学习"), ("en", "Acme is invited to 学习")]
)
def test_the_mail_of_an_invitation_reads_well(time: Clock, locale: str, subject: str) -> None:
    message = render(
        template="programme_invitation",
        locale=locale,
        facts={
            "partner": "Acme",
            "programme": "学习",
            "expires_at": "2030-03-02T23:30:00+00:00",
        },
        recipient="a@example.com",
        sender="b@example.com",
        id=new_id(),
        at=time.now,
    )

    assert message["Subject"] == subject
    assert "2030-03-03 07:30" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
