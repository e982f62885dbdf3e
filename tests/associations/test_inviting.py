"""Inviting reported customers by mail, and anybody by a link (C-02, C-17)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.associations import invitations
from domain.associations.guards import ReportNeeded
from domain.associations.invitations import CustomerAlreadyInvited, MerchantsDontInvite
from domain.customers.guards import CustomerOfAnotherPartner
from domain.identity.items import Item
from domain.notifications.rendering import render
from domain.reports import reviewing
from kit.ids import new_id
from kit.problems import Forbidden, InvalidInput, NotFound, Problem
from models.audit import Event
from models.customer_invitations import CustomerInvitation, InvitationChannel
from models.customer_invitations import CustomerInvitationStatus as Status
from models.customers import AssociationType
from models.identity import Person
from models.notifications import Mail
from models.partners import PartnerKind
from models.timers import Timer
from tests.associations.factories import a_link, a_mailed_invitation, token_of
from tests.conftest import Clock
from tests.customers.factories import a_manager, a_supervisor
from tests.factories import a_distributor, a_partner, a_person, a_staff_viewer, an_administrator
from tests.reports.factories import a_lead, a_live_report, a_pending_report

pytestmark = pytest.mark.usefixtures("database")

MICROSECOND = timedelta(microseconds=1)


async def invite(viewer: Any, report_id: Any, now: datetime, **more: Any) -> Any:
    return await invitations.invite_by_mail(
        viewer=viewer,
        report_id=report_id,
        type=more.pop("type", AssociationType.REFERRAL),
        now=now,
        **more,
    )


async def nothing_was_sent() -> None:
    assert not await CustomerInvitation.exists()
    assert not await Timer.exists(kind="customer_invitation.expire")
    assert not await Mail.exists()
    assert not await Event.exists(subject_type="customer_invitation")


async def test_a_reported_customer_is_invited_by_mail_for_a_week(time: Clock) -> None:
    partner = await a_partner("Acme")
    seat, manager = await a_manager(partner)
    lead = await a_lead(email="buyer@yangtze.example")
    report = await a_live_report(by=manager, of=lead, now=time.now)
    time.forward(days=1)

    sent = await invite(manager, report.id, time.now, type=AssociationType.AGENCY)

    stored = await CustomerInvitation.get(id=sent.invitation.id)
    assert (stored.status, stored.channel, stored.type) == (
        *(Status.SENT, InvitationChannel.EMAIL),
        AssociationType.AGENCY,
    )
    assert (stored.email, stored.tag, stored.customer_id) == (
        "buyer@yangtze.example",
        None,
        lead.id,
    )
    assert (stored.manager_id, stored.report_id) == (seat.id, report.id)
    assert stored.expires_at == time.now + timedelta(days=7)
    assert stored.token_hash not in sent.link
    timer = await Timer.get(subject_id=stored.id)
    assert (timer.kind, timer.due_at) == ("customer_invitation.expire", stored.expires_at)
    event = await Event.get(subject_id=stored.id)
    assert (event.name, event.after["status"], event.manager_id) == (
        *("customer_invitation.sent", "SENT"),
        seat.id,
    )
    mail = await Mail.get()
    assert (mail.recipient, mail.template, mail.tenant_id) == (
        *("buyer@yangtze.example", "customer_invitation"),
        partner.id,
    )


@pytest.mark.parametrize(
    ("locale", "subject", "said"),
    [
        ("zh", "Acme 邀请贵司关联", "以代售模式与该伙伴关联"),
        ("en", "Acme invites your company", "as an agency customer"),
    ],
)
async def test_the_mail_says_who_invites_and_until_when(
    time: Clock, locale: str, subject: str, said: str
) -> None:
    by = await an_administrator(await a_partner("Acme"))
    lead = await a_lead(email="reader@x.example")
    await a_person(email="reader@x.example", locale=locale)
    sent = await a_mailed_invitation(by=by, to=lead, now=time.now, type=AssociationType.AGENCY)
    mail = await Mail.get()

    message = render(
        template=mail.template,
        locale=mail.locale,
        facts=mail.facts,
        recipient=mail.recipient,
        sender="Partner Center <no-reply@example.com>",
        id=mail.id,
        at=time.now,
    )

    body = message.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert message["Subject"] == subject
    assert said in text
    assert sent.link in text
    assert "2030-02-08 07:30" in text
    assert "link" in mail.facts
    assert token_of(sent) not in str(mail.facts)


async def test_an_invitation_ends_with_the_report_behind_it(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    report = await a_live_report(by=by, now=time.now)
    time.forward(days=10)

    sent = await invite(by, report.id, time.now)

    assert sent.invitation.expires_at == time.now + timedelta(days=7)
    assert sent.invitation.ends_at == report.expires_at == time.now + timedelta(days=5)
    assert (await Timer.get(subject_id=sent.invitation.id)).due_at == report.expires_at


async def test_a_report_is_good_for_an_invitation_until_the_instant_of_its_end(
    time: Clock,
) -> None:
    by = await an_administrator(await a_partner())
    report = await a_live_report(by=by, now=time.now)
    assert report.expires_at is not None

    with pytest.raises(ReportNeeded):
        await invite(by, report.id, report.expires_at)

    await nothing_was_sent()
    assert await invite(by, report.id, report.expires_at - MICROSECOND)


async def test_only_a_live_report_is_good_for_an_invitation(time: Clock) -> None:
    """C-02."""
    by = await an_administrator(await a_partner())
    reviewer = await a_staff_viewer(Item.REPORT_REVIEW)
    report = await a_pending_report(by=by, now=time.now)

    with pytest.raises(ReportNeeded):
        await invite(by, report.id, time.now)
    await reviewing.reject(viewer=reviewer, report_id=report.id, reason="no", now=time.now)
    with pytest.raises(ReportNeeded):
        await invite(by, report.id, time.now)

    await nothing_was_sent()


async def test_only_who_holds_the_report_invites(time: Clock) -> None:
    distributor = await a_distributor()
    partner = await a_partner("Reseller", distributor=distributor)
    _, manager = await a_manager(partner)
    _, colleague = await a_manager(partner, "Lan")
    _, supervisor = await a_supervisor(partner)
    report = await a_live_report(by=manager, now=time.now)
    refusals: list[tuple[Any, type[Problem]]] = [
        (colleague, NotFound),
        (supervisor, Forbidden),
        (await an_administrator(await a_partner("Foreign")), NotFound),
        (await an_administrator(distributor), CustomerOfAnotherPartner),
        (await a_staff_viewer(Item.REPORT_REVIEW), Forbidden),
    ]

    for viewer, problem in refusals:
        with pytest.raises(problem):
            await invite(viewer, report.id, time.now)
    with pytest.raises(NotFound):
        await invite(manager, new_id(), time.now)

    await nothing_was_sent()


async def test_one_invitation_of_a_type_waits_at_a_time(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    report = await a_live_report(by=by, now=time.now)
    first = await invite(by, report.id, time.now)

    with pytest.raises(CustomerAlreadyInvited) as refused:
        await invite(by, report.id, time.now + timedelta(days=7) - MICROSECOND)
    other = await invite(by, report.id, time.now, type=AssociationType.AGENCY)

    assert refused.value.expires_at == first.invitation.expires_at
    assert await CustomerInvitation.all().count() == 2
    assert other.invitation.status is Status.SENT


async def test_what_is_overdue_is_ended_before_the_next_is_sent(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    report = await a_live_report(by=by, now=time.now)
    first = await invite(by, report.id, time.now)
    time.forward(days=7)

    second = await invite(by, report.id, time.now)

    earlier = await CustomerInvitation.get(id=first.invitation.id)
    assert (earlier.status, earlier.decided_at) == (Status.EXPIRED, time.now)
    assert (await Timer.get(subject_id=earlier.id)).state == "CANCELLED"
    assert second.invitation.id != earlier.id


async def test_the_mail_goes_to_the_reported_customer_and_nobody_else(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    known = await a_live_report(by=by, of=await a_lead(email="known@x.example"), now=time.now)
    nameless = await a_live_report(by=by, of=await a_lead(email=None), now=time.now)

    with pytest.raises(InvalidInput) as refused:
        await invite(by, known.id, time.now, email="me@elsewhere.example")
    assert refused.value.path == ("input", "email")
    with pytest.raises(InvalidInput):
        await invite(by, nameless.id, time.now)
    with pytest.raises(InvalidInput):
        await invite(by, nameless.id, time.now, email="no address")
    await nothing_was_sent()

    same = await invite(by, known.id, time.now, email=" Known@x.example ")
    told = await invite(by, nameless.id, time.now, email="told@x.example")

    assert (same.invitation.email, told.invitation.email) == ("known@x.example", "told@x.example")


async def test_a_link_carries_the_account_name_of_who_made_it_and_has_no_end(time: Clock) -> None:
    """C-17."""
    partner = await a_partner()
    seat, manager = await a_manager(partner)
    person = await Person.get(id=manager.person_id)

    sent = await a_link(by=manager, now=time.now)

    stored = await CustomerInvitation.get(id=sent.invitation.id)
    assert (stored.channel, stored.tag) == (InvitationChannel.LINK, person.account_name)
    assert (stored.expires_at, stored.ends_at, stored.email) == (None, None, None)
    assert (stored.manager_id, stored.partner_id) == (seat.id, partner.id)
    assert not await Timer.exists()
    assert not await Mail.exists()
    assert (await Event.get()).name == "customer_invitation.sent"


async def test_merchants_and_who_has_no_right_make_no_links(time: Clock) -> None:
    merchant = await an_administrator(await a_partner(kind=PartnerKind.MERCHANT))
    _, supervisor = await a_supervisor(await a_partner())

    with pytest.raises(MerchantsDontInvite):
        await a_link(by=merchant, now=time.now)
    with pytest.raises(Forbidden):
        await a_link(by=supervisor, now=time.now)

    await nothing_was_sent()
