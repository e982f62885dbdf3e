"""Two things happen to an invitation, or to a customer, in the same instant. Real locks."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.associations import closing, deadlines, sending
from domain.associations.accepting import Answer
from domain.associations.guards import InvitationVoid
from domain.associations.invitations import CustomerAlreadyInvited
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.members.guards import InvitationExpired
from domain.reports import deadlines as report_deadlines
from domain.reports import reviewing, submitting
from domain.reports.guards import ReportExpired
from kit.problems import NotFound
from kit.status import WrongStatus
from kit.transaction import transactional
from models.audit import Event
from models.customer_invitations import CustomerInvitation
from models.customer_invitations import CustomerInvitationStatus as Status
from models.customers import Association, Customer
from models.reports import CustomerReport, ReportStatus
from models.timers import Timer
from tests.associations.factories import a_link, a_mailed_invitation, accepted, invited
from tests.conftest import Clock
from tests.customers.factories import a_customer, a_manager, a_user_of
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.races import at_once
from tests.reports.factories import a_lead, a_live_report

pytestmark = pytest.mark.usefixtures("database")

MICROSECOND = timedelta(microseconds=1)

Verb = Callable[[], Coroutine[Any, Any, Any]]
BOTH = pytest.mark.parametrize("order", [(0, 1), (1, 0)])


async def in_order(verbs: Sequence[Verb], order: tuple[int, ...], **more: Any) -> tuple[Any, ...]:
    """The outcomes of the verbs, as they are given, when they come in this order."""
    outcomes = await at_once(*(verbs[place]() for place in order), **more)
    return tuple(outcomes[order.index(place)] for place in range(len(verbs)))


def came(outcome: Any) -> bool:
    return isinstance(outcome, Answer) and outcome.association is not None


def checks_of(outcome: Any) -> list[str]:
    refusal: Any = outcome.refusal if isinstance(outcome, Answer) else outcome
    return [check.code for check in refusal.checks]


async def the_customer_came_once(customer: Customer) -> None:
    stored = await Customer.get(id=customer.id)
    [association] = await Association.all()
    assert (stored.association_id, stored.partner_id) == (association.id, association.partner_id)
    assert await Event.filter(name="customer.associated").count() == 1
    assert await Event.filter(name="customer_invitation.accepted").count() == 1


@BOTH
async def test_of_two_users_of_a_customer_who_accept_its_mail_one_does(
    time: Clock, order: tuple[int, int]
) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead()
    users = [await a_user_of(lead, "One"), await a_user_of(lead, "Other")]
    sent = await a_mailed_invitation(by=by, to=lead, now=time.now)

    outcomes = await in_order(
        [
            lambda: accepted(sent, by=users[0], now=time.now),
            lambda: accepted(sent, by=users[1], now=time.now),
        ],
        order,
        while_locked=lead,
    )

    assert came(outcomes[order[0]])
    assert isinstance(outcomes[order[1]], WrongStatus)
    await the_customer_came_once(lead)


@BOTH
async def test_of_two_users_of_a_customer_who_accept_a_link_one_does(
    time: Clock, order: tuple[int, int]
) -> None:
    by = await an_administrator(await a_partner())
    customer = await a_customer()
    users = [await a_user_of(customer, "One"), await a_user_of(customer, "Other")]
    sent = await a_link(by=by, now=time.now)

    outcomes = await in_order(
        [
            lambda: accepted(sent, by=users[0], now=time.now),
            lambda: accepted(sent, by=users[1], now=time.now),
        ],
        order,
        while_locked=customer,
    )

    assert came(outcomes[order[0]])
    assert checks_of(outcomes[order[1]]) == ["ALREADY_ASSOCIATED"]
    await the_customer_came_once(customer)
    assert (await CustomerInvitation.get()).accepted_count == 1


@BOTH
async def test_of_two_partners_whose_invitations_are_accepted_one_has_the_customer(
    time: Clock, order: tuple[int, int]
) -> None:
    lead = await a_lead()
    users = [await a_user_of(lead, "One"), await a_user_of(lead, "Other")]
    partners = [await a_partner("One"), await a_partner("Other")]
    mailed = await a_mailed_invitation(
        by=await an_administrator(partners[0]), to=lead, now=time.now
    )
    link = await a_link(by=await an_administrator(partners[1]), now=time.now)

    outcomes = await in_order(
        [
            lambda: accepted(mailed, by=users[0], now=time.now),
            lambda: accepted(link, by=users[1], now=time.now),
        ],
        order,
        while_locked=lead,
    )

    assert came(outcomes[order[0]])
    assert checks_of(outcomes[order[1]]) == ["ALREADY_ASSOCIATED"]
    await the_customer_came_once(lead)
    assert (await Customer.get(id=lead.id)).partner_id == partners[order[0]].id
    status = (await CustomerInvitation.get(id=mailed.invitation.id)).status
    assert status is (Status.ACCEPTED if order[0] == 0 else Status.FAILED)


@BOTH
async def test_of_two_accounts_that_a_lead_may_mean_the_first_is_the_customer(
    time: Clock, order: tuple[int, int]
) -> None:
    by = await an_administrator(await a_partner())
    report = await submitting.submit(
        viewer=by, name="New", phone="13900000001", email="new@x.example", now=time.now
    )
    await reviewing.approve(
        viewer=await a_staff_viewer(Item.REPORT_REVIEW), report_id=report.id, now=time.now
    )
    sent = await invited(report, by=by, now=time.now)
    accounts = [await a_customer(phone="13900000001"), await a_customer(email="new@x.example")]
    users = [await a_user_of(account) for account in accounts]

    outcomes = await in_order(
        [
            lambda: accepted(sent, by=users[0], now=time.now),
            lambda: accepted(sent, by=users[1], now=time.now),
        ],
        order,
        while_locked=report,
    )

    assert came(outcomes[order[0]])
    assert type(outcomes[order[1]]).__name__ == "InvitedAnotherCustomer"
    await the_customer_came_once(accounts[order[0]])


@transactional
async def expire(invitation: CustomerInvitation, now: datetime) -> None:
    """As the worker does it: the row first, then its end."""
    await CustomerInvitation.select_for_update(no_key=True).get(id=invitation.id)
    await deadlines.expire(subject_ids=[invitation.id], now=now)


@BOTH
async def test_accepting_in_time_and_lapsing_end_it_once(
    time: Clock, order: tuple[int, int]
) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead()
    user = await a_user_of(lead)
    sent = await a_mailed_invitation(by=by, to=lead, now=time.now)
    end = sent.invitation.expires_at
    assert end is not None

    outcomes = await in_order(
        [
            lambda: accepted(sent, by=user, now=end - MICROSECOND),
            lambda: expire(sent.invitation, end),
        ],
        order,
        while_locked=sent.invitation,
    )

    final = (await CustomerInvitation.get()).status
    if order[0] == 0:
        assert came(outcomes[0])
        assert final is Status.ACCEPTED
        await the_customer_came_once(lead)
    else:
        # Who asked in time but came second is told so.
        assert isinstance(outcomes[0], InvitationExpired)
        assert final is Status.EXPIRED
        assert not await Association.exists()
    ends = await Event.filter(subject_id=sent.invitation.id).exclude(
        name="customer_invitation.sent"
    )
    assert len(ends) == 1


@transactional
async def expire_report(report: CustomerReport, now: datetime) -> None:
    await CustomerReport.select_for_update(no_key=True).get(id=report.id)
    await report_deadlines.expire(subject_ids=[report.id], now=now)


@BOTH
async def test_accepting_and_the_end_of_the_report_leave_one_of_them(
    time: Clock, order: tuple[int, int]
) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead()
    user = await a_user_of(lead)
    report = await a_live_report(by=by, of=lead, now=time.now)
    sent = await invited(report, by=by, now=time.now + timedelta(days=12))
    end = report.expires_at
    assert end is not None

    outcomes = await in_order(
        [
            lambda: accepted(sent, by=user, now=end - MICROSECOND),
            lambda: expire_report(report, end),
        ],
        order,
        while_locked=report,
    )

    assert came(outcomes[0]) is (order[0] == 0)
    if order[0] == 1:
        assert isinstance(outcomes[0], ReportExpired | InvitationVoid)
        assert not await Association.exists()
    status = (await CustomerReport.get()).status
    assert status is (ReportStatus.ASSOCIATED if order[0] == 0 else ReportStatus.EXPIRED)


@BOTH
@pytest.mark.parametrize("other", ["cancel", "resend", "delete"])
async def test_accepting_and_what_the_partner_does_come_one_after_the_other(
    time: Clock, other: str, order: tuple[int, int]
) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead()
    user = await a_user_of(lead)
    sent = await a_mailed_invitation(by=by, to=lead, now=time.now)
    id, report_id = sent.invitation.id, sent.invitation.report_id
    assert report_id is not None
    report = await CustomerReport.get(id=report_id)
    verbs: dict[str, Verb] = {
        "cancel": lambda: sending.cancel(viewer=by, invitation_id=id, now=time.now),
        "resend": lambda: sending.resend(viewer=by, invitation_id=id, now=time.now),
        "delete": lambda: closing.delete_report(viewer=by, report_id=report_id, now=time.now),
    }

    outcomes = await in_order(
        [lambda: accepted(sent, by=user, now=time.now), verbs[other]],
        order,
        while_locked=sent.invitation if other == "cancel" else report,
    )

    assert came(outcomes[0]) is (order[0] == 0)
    first = outcomes[order[0]]
    assert not isinstance(first, Exception)
    assert isinstance(outcomes[order[1]], WrongStatus | NotFound | type(None)) or other == "resend"
    stored = await CustomerInvitation.get()
    if order[0] == 0:
        assert isinstance(outcomes[1], Exception)
        assert stored.status is Status.ACCEPTED
        await the_customer_came_once(lead)
    else:
        assert isinstance(outcomes[0], WrongStatus | NotFound)
        assert stored.status is (Status.SENT if other == "resend" else Status.CANCELLED)
        assert not await Association.exists()
    live = await Timer.filter(subject_id=id, state="SCHEDULED").count()
    assert live == (1 if stored.status is Status.SENT else 0)


@transactional
async def take_from_manager(report: CustomerReport, seat_id: Any) -> None:
    held = await CustomerReport.select_for_update(no_key=True).get(id=report.id)
    held.manager_id = seat_id
    await held.save(update_fields=["manager_id"])


@BOTH
async def test_a_manager_who_loses_the_report_meanwhile_invites_nobody(
    time: Clock, order: tuple[int, int]
) -> None:
    partner = await a_partner()
    _, manager = await a_manager(partner)
    heir, _ = await a_manager(partner, "Lan")
    report = await a_live_report(by=manager, now=time.now)

    outcomes = await in_order(
        [
            lambda: invited(report, by=manager, now=time.now),
            lambda: take_from_manager(report, heir.id),
        ],
        order,
        while_locked=report,
    )

    assert outcomes[1] is None
    assert isinstance(outcomes[0], NotFound) is (order[0] == 1)
    assert await CustomerInvitation.all().count() == (1 if order[0] == 0 else 0)


async def test_of_two_who_invite_a_customer_in_the_same_instant_one_does(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    report = await a_live_report(by=by, now=time.now)

    outcomes = await at_once(
        invited(report, by=by, now=time.now),
        invited(report, by=by, now=time.now),
        while_locked=report,
    )

    assert isinstance(outcomes[1], CustomerAlreadyInvited)
    assert await CustomerInvitation.all().count() == 1


async def test_many_customers_come_by_one_link_at_once(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    sent = await a_link(by=by, now=time.now)
    users: list[Viewer] = [await a_user_of(await a_customer()) for _ in range(8)]

    outcomes = await asyncio.gather(
        *(accepted(sent, by=user, now=time.now) for user in users), return_exceptions=True
    )

    assert all(came(outcome) for outcome in outcomes), outcomes
    assert (await CustomerInvitation.get()).accepted_count == 8
    assert await Association.all().count() == 8
