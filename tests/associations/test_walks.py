"""Random walks through the machine of invitations (domain.md 5.4): whatever is tried, it holds.

A manager, an administrator, a second partner and three customers try everything. A refusal is as
good as a success; what counts is what rows, timers and histories look like afterwards.
"""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.associations import accepting, closing, deadlines, invitations, letters, sending
from domain.identity.viewer import Viewer
from domain.reports import deadlines as report_deadlines
from domain.reports import submitting
from kit.problems import Problem
from kit.transaction import transactional
from models.audit import Event
from models.customer_invitations import CustomerInvitation, InvitationChannel
from models.customer_invitations import CustomerInvitationStatus as Status
from models.customers import Association, AssociationType, Customer
from models.reports import CustomerReport, ReportMark
from models.timers import Timer
from tests.conftest import Clock
from tests.customers.factories import a_customer, a_manager, a_user_of
from tests.factories import a_partner, an_administrator

pytestmark = pytest.mark.usefixtures("database")

VERBS = (
    *("report", "invite", "link", "accept", "resend", "cancel"),
    *("delete", "lapse", "lapse_report", "break", "mend"),
)

walks = st.lists(
    st.tuples(
        st.sampled_from((*VERBS, "report", "invite", "accept", "accept")),
        st.integers(0, 2),  # who, and which customer
        st.integers(0, 5),  # which of the invitations, the latest first
        st.sampled_from([0, 1, 24, 5 * 24, 7 * 24, 8 * 24]),
    ),
    min_size=5,
    max_size=28,
)


class Walker:
    """What can be tried, and by whom."""

    sellers: list[Viewer]
    customers: list[Customer]
    users: list[Viewer]

    async def step(self, verb: str, who: int, which: int, now: datetime) -> None:
        """Try it."""
        by = self.sellers[who]
        type = list(AssociationType)[which % 2]
        if verb == "report":
            account = self.customers[which % 3].account_name
            await submitting.submit(viewer=by, name="A", account_name=account, now=now)
        elif verb in ("invite", "delete", "lapse_report"):
            report = await CustomerReport.all().order_by("-id").offset(which % 3).first()
            if report is not None:
                await self.about_a_report(verb, by, report, type, now)
        elif verb == "link":
            await invitations.invite_by_link(viewer=by, type=type, now=now)
        elif verb in ("break", "mend"):
            flawed = self.customers[which % 3].id
            await Customer.filter(id=flawed).update(has_credit_account=verb == "break")
        else:
            found = await CustomerInvitation.all().order_by("-id").offset(which).first()
            if found is not None:
                await self.about_an_invitation(verb, who, found, now)

    async def about_a_report(
        self, verb: str, by: Viewer, report: CustomerReport, type: AssociationType, now: datetime
    ) -> None:
        """Invite, delete or let lapse."""
        if verb == "invite":
            await invitations.invite_by_mail(viewer=by, report_id=report.id, type=type, now=now)
        elif verb == "delete":
            await closing.delete_report(viewer=by, report_id=report.id, now=now)
        else:
            await report_deadlines.expire(subject_ids=[report.id], now=now)

    async def about_an_invitation(
        self, verb: str, who: int, found: CustomerInvitation, now: datetime
    ) -> None:
        """Accept by the link, resend, cancel or let lapse."""
        by = self.sellers[who]
        if verb == "accept":
            token = letters.token_of(id=found.id, generation=found.generation)
            user = self.users[who]
            await accepting.accept(viewer=user, token=token, consent=True, now=now)
        elif verb == "resend":
            await sending.resend(viewer=by, invitation_id=found.id, now=now)
        elif verb == "cancel":
            await sending.cancel(viewer=by, invitation_id=found.id, now=now)
        else:
            await self.lapse(found, now)

    @transactional
    async def lapse(self, found: CustomerInvitation, now: datetime) -> None:
        """As a worker does, with the timer's end."""
        await deadlines.expire(subject_ids=[found.id], now=now)
        if not (await CustomerInvitation.get(id=found.id)).is_open:
            await deadlines.cancel([found.id])


@given(walk=walks)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_no_walk_leaves_the_table(time: Clock, walk: list[tuple[str, int, int, int]]) -> None:
    for table in (CustomerInvitation, ReportMark, CustomerReport, Event, Timer):
        await table.all().delete()
    partner = await a_partner("A")
    _, manager = await a_manager(partner)
    walker = Walker()
    walker.sellers = [
        manager,
        await an_administrator(partner),
        await an_administrator(await a_partner("B")),
    ]
    walker.customers = [await a_customer() for _ in range(3)]
    walker.users = [await a_user_of(customer) for customer in walker.customers]
    now = time.now

    for verb, who, which, hours in walk:
        now += timedelta(hours=hours)
        try:
            await walker.step(verb, who, which, now)
        except Problem:
            continue

    for invitation in await CustomerInvitation.all():
        await its_history_holds(invitation)
    for customer in walker.customers:
        await it_belongs_to_one(customer)


async def its_history_holds(row: CustomerInvitation) -> None:
    """Only arrows of the table were followed; who is open has a timer, and nobody else."""
    status: Status | None = None
    for event in await Event.filter(subject_id=row.id).order_by("id"):
        wanted = Status(event.after["status"])
        if status is None:
            assert (wanted, event.before) == (Status.SENT, {})
        else:
            assert event.before["status"] == status
            # A link that is accepted, a mail that is sent again while it waits, and one that fails
            # in another way stay where they are.
            assert wanted is status or wanted in Status.arrows()[status]
        status = wanted
    assert status is row.status
    live = await Timer.filter(subject_id=row.id, state="SCHEDULED")
    if row.channel is InvitationChannel.LINK:
        assert not live
        assert row.status in (Status.SENT, Status.CANCELLED)
        return
    assert [timer.due_at for timer in live] == ([row.ends_at] if row.is_open else [])
    assert (row.decided_at is None) is row.is_open
    assert (row.accepted_count == 1) is (row.status is Status.ACCEPTED)
    assert bool(row.failed_checks) or row.status is not Status.FAILED
    made = await Association.filter(invitation_id=row.id)
    assert len(made) == row.accepted_count


async def it_belongs_to_one(customer: Customer) -> None:
    """Its row repeats its one association, which came of an invitation of that partner."""
    stored = await Customer.get(id=customer.id)
    associations = await Association.filter(customer_id=customer.id)
    assert [row.id for row in associations] == (
        [stored.association_id] if stored.association_id else []
    )
    for row in associations:
        assert (row.partner_id, row.type) == (stored.partner_id, stored.association_type)
        invitation = await CustomerInvitation.get(id=row.invitation_id)
        assert (invitation.partner_id, invitation.type) == (row.partner_id, row.type)
