"""A customer accepts: it is the partner's customer from then on, in every row that says so."""

from datetime import timedelta

import pytest

from domain.associations import accepting, effects
from domain.associations.accepting import NoticeNotAccepted
from domain.associations.checks import AssociationCheckFailed
from domain.associations.effects import Made
from domain.associations.guards import CustomerSeatNeeded, InvitationVoid, InvitedAnotherCustomer
from domain.identity import operators
from domain.identity.items import Item
from domain.members.guards import InvitationExpired
from domain.reports import reviewing, submitting
from kit.ids import new_id
from kit.problems import InvalidInput, NotFound
from kit.status import WrongStatus
from models.audit import Event
from models.customer_invitations import CustomerInvitation
from models.customer_invitations import CustomerInvitationStatus as Status
from models.customers import (
    Association,
    AssociationState,
    AssociationType,
    Customer,
    CustomerAssignment,
)
from models.notifications import Mail
from models.reports import CustomerReport, ReportMark, ReportStatus
from models.timers import Timer
from tests.associations.factories import a_link, a_mailed_invitation, accepted, invited, token_of
from tests.conftest import Clock
from tests.customers.factories import a_customer, a_manager, a_user_of
from tests.factories import a_partner, a_person, a_staff_viewer, an_administrator, as_person
from tests.reports.factories import a_lead, a_live_report

pytestmark = pytest.mark.usefixtures("database")

MICROSECOND = timedelta(microseconds=1)


async def nobody_came() -> None:
    assert not await Association.exists()
    assert not await Customer.exists(partner_id__not_isnull=True)
    assert not await Event.exists(name__in=["customer.associated", "customer_invitation.accepted"])


async def test_accepting_a_mail_makes_the_reported_customer_the_partner_s(time: Clock) -> None:
    partner = await a_partner("Acme")
    seat, manager = await a_manager(partner)
    lead = await a_lead()
    user = await a_user_of(lead)
    sent = await a_mailed_invitation(by=manager, to=lead, now=time.now, type=AssociationType.AGENCY)
    time.forward(days=2)

    answer = await accepted(sent, by=user, now=time.now)

    association = await Association.get()
    assert answer.association is not None
    assert association.id == answer.association.id
    assert (association.customer_id, association.partner_id) == (lead.id, partner.id)
    assert (association.type, association.state) == (
        AssociationType.AGENCY,
        AssociationState.ACTIVE,
    )
    assert (association.started_at, association.invitation_id) == (time.now, sent.invitation.id)
    customer = await Customer.get(id=lead.id)
    assert (customer.partner_id, customer.association_id) == (partner.id, association.id)
    assert (customer.association_type, customer.listed_at) == (AssociationType.AGENCY, time.now)
    assert customer.manager_id == seat.id
    assignment = await CustomerAssignment.get()
    assert (assignment.manager_id, assignment.from_at, assignment.to_at) == (
        *(seat.id, time.now),
        None,
    )
    invitation = await CustomerInvitation.get()
    assert (invitation.status, invitation.decided_at, invitation.accepted_count) == (
        *(Status.ACCEPTED, time.now),
        1,
    )
    report = await CustomerReport.get()
    assert (report.status, report.ended_at) == (ReportStatus.ASSOCIATED, time.now)
    assert not await ReportMark.exists()
    assert {timer.state for timer in await Timer.all()} == {"CANCELLED"}
    told = await Event.filter(occurred_at=time.now).order_by("id")
    assert [event.name for event in told][:3] == [
        "customer_invitation.accepted",
        "customer.associated",
        "customer_report.associated",
    ]
    assert {event.actor_id for event in told} == {user.person_id}
    assert {event.tenant_id for event in told} == {partner.id}


async def test_who_invited_is_told_by_mail(time: Clock) -> None:
    by = await an_administrator(await a_partner("Acme"))
    lead = await a_lead()
    sent = await a_mailed_invitation(by=by, to=lead, now=time.now)

    await accepted(sent, by=await a_user_of(lead), now=time.now)

    mail = await Mail.get(template="customer_associated")
    assert mail.recipient == by.email
    assert (mail.facts["name"], mail.facts["type"]) == (lead.name, "a referral")


async def test_an_administrator_s_invitation_leaves_the_customer_to_whose_lead_it_is(
    time: Clock,
) -> None:
    partner = await a_partner()
    seat, manager = await a_manager(partner)
    administrator = await an_administrator(partner)
    leads = [await a_lead(), await a_lead()]
    for by, lead, expected in zip((manager, administrator), leads, (seat.id, None), strict=True):
        report = await a_live_report(by=by, of=lead, now=time.now)
        sent = await invited(report, by=administrator, now=time.now)
        await accepted(sent, by=await a_user_of(lead), now=time.now)

        assert (await Customer.get(id=lead.id)).manager_id == expected


async def test_a_manager_who_is_gone_gets_no_customer(time: Clock) -> None:
    partner = await a_partner()
    seat, manager = await a_manager(partner)
    lead = await a_lead()
    sent = await a_mailed_invitation(by=manager, to=lead, now=time.now)
    await operators.remove(
        viewer=await an_administrator(partner), operator_id=seat.id, now=time.now
    )

    await accepted(sent, by=await a_user_of(lead), now=time.now)

    assert (await Customer.get(id=lead.id)).manager_id is None
    assert not await CustomerAssignment.exists()


async def test_a_link_is_accepted_by_many_and_stays(time: Clock) -> None:
    partner = await a_partner()
    seat, manager = await a_manager(partner)
    sent = await a_link(by=manager, now=time.now)
    time.forward(days=400)

    for _ in range(3):
        await accepted(sent, by=await a_user_of(await a_customer()), now=time.now)

    invitation = await CustomerInvitation.get()
    assert (invitation.status, invitation.accepted_count) == (Status.SENT, 3)
    associations = await Association.all()
    assert {row.tag for row in associations} == {invitation.tag}
    assert {row.manager_id for row in await Customer.all()} == {seat.id}
    counts = [
        event.after["accepted_count"]
        for event in await Event.filter(name="customer_invitation.accepted").order_by("id")
    ]
    assert counts == [1, 2, 3]


async def test_a_link_uses_up_the_partner_s_own_reports_and_takes_back_its_mails(
    time: Clock,
) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead()
    mailed = await a_mailed_invitation(by=by, to=lead, now=time.now)
    link = await a_link(by=by, now=time.now)

    await accepted(link, by=await a_user_of(lead), now=time.now)

    assert (await CustomerReport.get()).status is ReportStatus.ASSOCIATED
    closed = await CustomerInvitation.get(id=mailed.invitation.id)
    assert (closed.status, closed.decided_at) == (Status.CANCELLED, time.now)
    event = await Event.get(name="customer_invitation.cancelled")
    assert event.reason == "ASSOCIATED"
    assert not await Timer.exists(state="SCHEDULED")


async def test_the_customer_s_choice_leaves_another_partner_s_claims_as_they_are(
    time: Clock,
) -> None:
    """They come to nothing by themselves: its invitation fails, its report lapses."""
    lead = await a_lead()
    user = await a_user_of(lead)
    loser = await an_administrator(await a_partner("Loser"))
    mailed = await a_mailed_invitation(by=loser, to=lead, now=time.now)
    link = await a_link(by=await an_administrator(await a_partner("Winner")), now=time.now)
    await accepted(link, by=user, now=time.now)

    answer = await accepted(mailed, by=user, now=time.now)

    assert answer.refusal is not None
    assert [check.code for check in answer.refusal.checks] == ["ALREADY_ASSOCIATED"]
    assert (await CustomerReport.get()).status is ReportStatus.REPORTED
    assert await Association.all().count() == 1


async def test_a_lead_without_an_account_is_known_again_by_any_of_its_marks(time: Clock) -> None:
    """C-15."""
    by = await an_administrator(await a_partner())
    report = await submitting.submit(viewer=by, name="New", phone="13900000001", now=time.now)
    await reviewing.approve(
        viewer=await a_staff_viewer(Item.REPORT_REVIEW), report_id=report.id, now=time.now
    )
    sent = await invited(report, by=by, email="new@x.example", now=time.now)
    stranger = await a_user_of(await a_customer())
    newcomer = await a_customer("New", phone="13900000001", registered_at=time.now)

    with pytest.raises(InvitedAnotherCustomer):
        await accepted(sent, by=stranger, now=time.now)
    await nobody_came()
    answer = await accepted(sent, by=await a_user_of(newcomer), now=time.now)

    assert answer.association is not None
    assert answer.association.customer_id == newcomer.id
    assert (await CustomerReport.get()).customer_id == newcomer.id
    assert (await CustomerInvitation.get()).customer_id == newcomer.id


async def test_a_mail_can_be_accepted_by_id_and_a_link_only_by_its_token(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead()
    user = await a_user_of(lead)
    link = await a_link(by=by, now=time.now)
    mailed = await a_mailed_invitation(by=by, to=lead, now=time.now)

    with pytest.raises(NotFound):
        await accepting.accept(
            viewer=user, invitation_id=link.invitation.id, consent=True, now=time.now
        )
    answer = await accepting.accept(
        viewer=user, invitation_id=mailed.invitation.id, consent=True, now=time.now
    )

    assert answer.association is not None


async def test_only_the_invited_customer_answers_and_only_with_consent(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead()
    user = await a_user_of(lead)
    stranger = await a_user_of(await a_customer())
    sent = await a_mailed_invitation(by=by, to=lead, now=time.now)

    with pytest.raises(InvitedAnotherCustomer):
        await accepted(sent, by=stranger, now=time.now)
    with pytest.raises(NotFound):
        await accepting.accept(
            viewer=stranger, invitation_id=sent.invitation.id, consent=True, now=time.now
        )
    for viewer in (by, await as_person(await a_person())):
        with pytest.raises(CustomerSeatNeeded):
            await accepted(sent, by=viewer, now=time.now)
    with pytest.raises(NoticeNotAccepted):
        await accepting.accept(viewer=user, token=token_of(sent), consent=False, now=time.now)

    await nobody_came()
    assert (await CustomerInvitation.get()).status is Status.SENT


@pytest.mark.parametrize("token", ["", "x", "é" * 75, "0" * 32 + "A" * 43, "f" * 10_000, "\x00"])
async def test_bad_tokens_open_nothing(time: Clock, token: str) -> None:
    user = await a_user_of(await a_customer())

    with pytest.raises(NotFound):
        await accepting.accept(viewer=user, token=token, consent=True, now=time.now)

    await nobody_came()


async def test_a_token_with_another_s_proof_opens_nothing(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    one, other = await a_link(by=by, now=time.now), await a_link(by=by, now=time.now)
    forged = token_of(one)[:32] + token_of(other)[32:]
    user = await a_user_of(await a_customer())

    with pytest.raises(NotFound):
        await accepting.accept(viewer=user, token=forged, consent=True, now=time.now)
    with pytest.raises(InvalidInput):
        await accepting.accept(viewer=user, consent=True, now=time.now)
    with pytest.raises(NotFound):
        await accepting.accept(viewer=user, invitation_id=new_id(), consent=True, now=time.now)

    await nobody_came()


async def test_at_the_deadline_it_is_over_though_no_worker_has_run(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead()
    user = await a_user_of(lead)
    sent = await a_mailed_invitation(by=by, to=lead, now=time.now)
    assert sent.invitation.expires_at is not None

    with pytest.raises(InvitationExpired) as refused:
        await accepted(sent, by=user, now=sent.invitation.expires_at)
    assert refused.value.expired_at == sent.invitation.expires_at
    await nobody_came()

    answer = await accepted(sent, by=user, now=sent.invitation.expires_at - MICROSECOND)
    assert answer.association is not None


async def test_when_the_report_is_over_the_invitation_is_too(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead()
    user = await a_user_of(lead)
    report = await a_live_report(by=by, of=lead, now=time.now)
    time.forward(days=10)
    sent = await invited(report, by=by, now=time.now)
    assert report.expires_at is not None

    with pytest.raises(InvitationVoid) as refused:
        await accepted(sent, by=user, now=report.expires_at)
    assert refused.value.ended_at == report.expires_at
    await nobody_came()

    answer = await accepted(sent, by=user, now=report.expires_at - MICROSECOND)
    assert answer.association is not None


async def test_an_accepted_mail_is_used_up(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead()
    user = await a_user_of(lead)
    sent = await a_mailed_invitation(by=by, to=lead, now=time.now)
    await accepted(sent, by=user, now=time.now)

    with pytest.raises(WrongStatus):
        await accepted(sent, by=user, now=time.now)

    assert await Association.all().count() == 1


async def test_what_follows_of_an_association_learns_of_it_and_can_undo_it(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    customer = await a_customer()
    user = await a_user_of(customer)
    sent = await a_link(by=by, now=time.now)
    told: list[Made] = []

    async def listen(made: Made) -> dict[str, int]:
        told.append(made)
        if len(told) == 1:
            raise WrongStatus(status="A", wanted="B")
        return {}

    with effects.MADE.also(listener=listen):
        with pytest.raises(WrongStatus):
            await accepted(sent, by=user, now=time.now)
        await nobody_came()
        answer = await accepted(sent, by=user, now=time.now)

    assert answer.association is not None
    assert told[1].association_id == answer.association.id
    assert (told[1].customer_id, told[1].partner_id) == (customer.id, by.partner_id)


async def test_who_comes_second_by_a_link_is_told_that_the_customer_is_taken(time: Clock) -> None:
    customer = await a_customer(of=await a_partner("Earlier"))
    sent = await a_link(by=await an_administrator(await a_partner()), now=time.now)

    with pytest.raises(AssociationCheckFailed) as refused:
        await accepted(sent, by=await a_user_of(customer), now=time.now)

    assert [check.code for check in refused.value.checks] == ["ALREADY_ASSOCIATED"]
    invitation = await CustomerInvitation.get()
    assert (invitation.status, invitation.failed_checks) == (Status.SENT, [])
