"""Sending invitations again and taking them back (C-07), and losing them with their reports."""

from datetime import timedelta

import pytest

from domain.associations import closing, deadlines, sending
from domain.associations.guards import InvitationVoid, OnlyMailsAreResent, ReportNeeded
from domain.associations.invitations import CustomerAlreadyInvited
from domain.customers.guards import CustomerOfAnotherPartner
from domain.members.guards import InvitationExpired
from domain.reports import deleting
from kit.problems import Forbidden, NotFound
from kit.status import WrongStatus
from kit.transaction import transactional
from models.audit import Event
from models.customer_invitations import CustomerInvitation
from models.customer_invitations import CustomerInvitationStatus as Status
from models.customers import AssociationType
from models.notifications import Mail
from models.reports import CustomerReport, ReportStatus
from models.timers import Timer
from tests.associations.factories import a_link, a_mailed_invitation, accepted, invited
from tests.conftest import Clock
from tests.customers.factories import a_manager, a_supervisor, a_user_of
from tests.factories import a_distributor, a_partner, an_administrator
from tests.reports.factories import a_lead, a_live_report

pytestmark = pytest.mark.usefixtures("database")


@transactional
async def lapse(invitation: CustomerInvitation) -> None:
    """As the worker does it, at the very instant."""
    assert invitation.ends_at is not None
    await deadlines.expire(subject_ids=[invitation.id], now=invitation.ends_at)
    await Timer.filter(subject_id=invitation.id).update(state="FIRED")


async def test_a_second_sending_has_a_new_link_and_a_new_week(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead()
    user = await a_user_of(lead)
    first = await a_mailed_invitation(by=by, to=lead, now=time.now)
    time.forward(days=3)

    again = await sending.resend(viewer=by, invitation_id=first.invitation.id, now=time.now)

    assert again.link != first.link
    stored = await CustomerInvitation.get()
    assert (stored.status, stored.generation, stored.sent_at) == (Status.SENT, 2, time.now)
    assert stored.expires_at == time.now + timedelta(days=7)
    timer = await Timer.get(subject_id=stored.id, state="SCHEDULED")
    assert timer.due_at == stored.expires_at
    # The first mail had not gone out yet.
    [mail] = await Mail.filter(template="customer_invitation")
    assert mail.facts["link"]["generation"] == 2
    with pytest.raises(NotFound):
        await accepted(first, by=user, now=time.now)
    assert (await accepted(again, by=user, now=time.now)).association is not None


@pytest.mark.parametrize("state", ["failed", "lapsed", "cancelled"])
async def test_whatever_became_of_a_mail_it_can_be_sent_again(time: Clock, state: str) -> None:
    """C-07."""
    by = await an_administrator(await a_partner())
    lead = await a_lead(has_special_contract=state == "failed")
    sent = await a_mailed_invitation(by=by, to=lead, now=time.now)
    if state == "failed":
        await accepted(sent, by=await a_user_of(lead), now=time.now)
    elif state == "lapsed":
        await lapse(sent.invitation)
        time.forward(days=7)
    else:
        await sending.cancel(viewer=by, invitation_id=sent.invitation.id, now=time.now)

    await sending.resend(viewer=by, invitation_id=sent.invitation.id, now=time.now)

    stored = await CustomerInvitation.get()
    assert (stored.status, stored.decided_at, stored.failed_checks) == (Status.SENT, None, [])
    event = await Event.get(name="customer_invitation.resent")
    expected = {"failed": "FAILED", "lapsed": "EXPIRED", "cancelled": "CANCELLED"}[state]
    assert event.before == {"status": expected}
    assert await Timer.filter(subject_id=stored.id, state="SCHEDULED").count() == 1


async def test_what_is_overdue_lapses_in_its_history_before_it_is_sent_again(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    sent = await a_mailed_invitation(by=by, now=time.now)
    time.forward(days=8)

    await sending.resend(viewer=by, invitation_id=sent.invitation.id, now=time.now)

    names = [
        event.name.partition(".")[2]
        for event in await Event.filter(subject_id=sent.invitation.id).order_by("id")
    ]
    assert names == ["sent", "expired", "resent"]


async def test_after_its_report_an_invitation_needs_a_new_report(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead()
    sent = await a_mailed_invitation(by=by, to=lead, now=time.now)
    time.forward(days=15)

    with pytest.raises(ReportNeeded):
        await sending.resend(viewer=by, invitation_id=sent.invitation.id, now=time.now)
    assert (await CustomerInvitation.get()).generation == 1
    later = await a_live_report(by=by, of=lead, now=time.now)
    again = await sending.resend(viewer=by, invitation_id=sent.invitation.id, now=time.now)

    assert again.invitation.report_id == later.id
    assert again.invitation.report_ends_at == later.expires_at
    await accepted(again, by=await a_user_of(lead), now=time.now)
    assert (await CustomerReport.get(id=later.id)).status is ReportStatus.ASSOCIATED


async def test_an_accepted_mail_and_a_link_are_not_sent_again(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead()
    link = await a_link(by=by, now=time.now)
    sent = await a_mailed_invitation(by=by, to=lead, now=time.now)
    await accepted(sent, by=await a_user_of(lead), now=time.now)

    with pytest.raises(OnlyMailsAreResent):
        await sending.resend(viewer=by, invitation_id=link.invitation.id, now=time.now)
    with pytest.raises(WrongStatus):
        await sending.resend(viewer=by, invitation_id=sent.invitation.id, now=time.now)

    assert not await Event.exists(name="customer_invitation.resent")


async def test_no_second_one_of_the_type_comes_back_to_life(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    report = await a_live_report(by=by, now=time.now)
    first = await invited(report, by=by, now=time.now)
    await sending.cancel(viewer=by, invitation_id=first.invitation.id, now=time.now)
    second = await invited(report, by=by, now=time.now)

    with pytest.raises(CustomerAlreadyInvited):
        await sending.resend(viewer=by, invitation_id=first.invitation.id, now=time.now)

    assert (await CustomerInvitation.get(id=first.invitation.id)).status is Status.CANCELLED
    assert (await CustomerInvitation.get(id=second.invitation.id)).status is Status.SENT


async def test_a_cancelled_mail_is_dead_and_recalled(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead()
    sent = await a_mailed_invitation(by=by, to=lead, now=time.now)
    time.forward(days=1)

    await sending.cancel(viewer=by, invitation_id=sent.invitation.id, reason="oops", now=time.now)

    stored = await CustomerInvitation.get()
    assert (stored.status, stored.decided_at) == (Status.CANCELLED, time.now)
    assert (await Timer.get(subject_id=stored.id)).state == "CANCELLED"
    assert not await Mail.exists()
    assert (await Event.get(name="customer_invitation.cancelled")).reason == "oops"
    with pytest.raises(WrongStatus):
        await accepted(sent, by=await a_user_of(lead), now=time.now)
    with pytest.raises(WrongStatus):
        await sending.cancel(viewer=by, invitation_id=sent.invitation.id, now=time.now)


async def test_a_cancelled_link_is_dead_for_everybody(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    sent = await a_link(by=by, now=time.now)
    await accepted(sent, by=await a_user_of(await a_lead()), now=time.now)

    await sending.cancel(viewer=by, invitation_id=sent.invitation.id, now=time.now)

    with pytest.raises(WrongStatus):
        await accepted(sent, by=await a_user_of(await a_lead()), now=time.now)


async def test_what_is_over_can_t_be_cancelled(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    sent = await a_mailed_invitation(by=by, now=time.now)
    report = await a_live_report(by=by, now=time.now)
    time.forward(days=7)

    with pytest.raises(InvitationExpired):
        await sending.cancel(viewer=by, invitation_id=sent.invitation.id, now=time.now)
    time.forward(days=6)
    late = await invited(report, by=by, now=time.now)
    time.forward(days=2)
    with pytest.raises(InvitationVoid):
        await sending.cancel(viewer=by, invitation_id=late.invitation.id, now=time.now)
    await lapse(late.invitation)
    with pytest.raises(InvitationVoid):
        await sending.cancel(viewer=by, invitation_id=late.invitation.id, now=time.now)

    assert not await Event.exists(name="customer_invitation.cancelled", actor_kind="OPERATOR")


async def test_everybody_keeps_to_his_own_invitations(time: Clock) -> None:
    distributor = await a_distributor()
    partner = await a_partner("Reseller", distributor=distributor)
    _, manager = await a_manager(partner)
    _, colleague = await a_manager(partner, "Lan")
    _, supervisor = await a_supervisor(partner)
    sent = await a_mailed_invitation(by=manager, now=time.now)
    id = sent.invitation.id

    for verb in (sending.resend, sending.cancel):
        for viewer, problem in (
            (colleague, NotFound),
            (supervisor, Forbidden),
            (await an_administrator(await a_partner("Foreign")), NotFound),
            (await an_administrator(distributor), CustomerOfAnotherPartner),
            (await a_user_of(await a_lead()), Forbidden),
        ):
            with pytest.raises(problem):
                await verb(viewer=viewer, invitation_id=id, now=time.now)

    assert (await CustomerInvitation.get()).version == 1
    await sending.cancel(viewer=await an_administrator(partner), invitation_id=id, now=time.now)


async def test_an_invitation_goes_with_its_deleted_report(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    reports = [await a_live_report(by=by, now=time.now) for _ in range(3)]
    for report in reports:
        await invited(report, by=by, now=time.now)
        await invited(report, by=by, now=time.now, type=AssociationType.AGENCY)
    one, *others = reports

    await closing.delete_report(viewer=by, report_id=one.id, now=time.now)
    assert await CustomerInvitation.filter(status=Status.CANCELLED).count() == 2
    outcomes = await closing.delete_reports(
        viewer=by, report_ids=[report.id for report in reports], now=time.now
    )

    assert [outcome.problem is None for outcome in outcomes] == [False, True, True]
    assert await CustomerInvitation.filter(status=Status.CANCELLED).count() == 6
    events = await Event.filter(name="customer_invitation.cancelled")
    assert {event.reason for event in events} == {"REPORT_DELETED"}
    assert not await Timer.exists(state="SCHEDULED")
    assert others


async def test_without_its_report_nothing_is_accepted_even_if_the_invitation_was_forgotten(
    time: Clock,
) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead()
    sent = await a_mailed_invitation(by=by, to=lead, now=time.now)
    await deleting.delete(viewer=by, report_id=sent.invitation.report_id, now=time.now)  # type: ignore[arg-type]

    with pytest.raises(WrongStatus):
        await accepted(sent, by=await a_user_of(lead), now=time.now)

    assert (await CustomerInvitation.get()).status is Status.SENT
