"""Random walks through the machine of reports: whatever is tried in whatever order, it holds.

Two partners and the platform try everything on two leads. A refusal is as good as a success; what
counts is what the rows, the marks, the timers and the histories look like afterwards.
"""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.reports import deadlines, deleting, reports, reviewing, submitting
from kit.problems import Problem
from kit.transaction import transactional
from models.audit import Event
from models.customers import Customer
from models.reports import CustomerReport, ReportMark
from models.reports import ReportStatus as Status
from models.timers import Timer
from tests.conftest import Clock
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.reports.factories import a_lead

pytestmark = pytest.mark.usefixtures("database")

VERBS = ("submit", "submit_unknown", "approve", "reject", "expire", "delete", "consume")

walks = st.lists(
    st.tuples(
        st.sampled_from((*VERBS, "submit", "approve")),
        st.integers(0, 1),  # which partner
        st.integers(0, 7),  # which of the reports, the latest first
        st.sampled_from([0, 1, 24, 14 * 24, 15 * 24, 16 * 24]),
    ),
    min_size=4,
    max_size=24,
)


class Walker:
    """What can be tried, and by whom."""

    partners: list[Viewer]
    reviewer: Viewer
    lead: Customer

    @transactional
    async def step(self, verb: str, who: int, which: int, now: datetime) -> None:
        """Try it on one of the reports."""
        by = self.partners[who]
        if verb == "submit":
            await submitting.submit(viewer=by, name="A", phone=self.lead.phone, now=now)
            return
        if verb == "submit_unknown":
            await submitting.submit(viewer=by, name="B", email="b@nowhere.example", now=now)
            return
        found = await CustomerReport.all().order_by("-id").offset(which).first()
        if found is None:
            return
        if verb == "approve":
            await reviewing.approve(viewer=self.reviewer, report_id=found.id, now=now)
        elif verb == "reject":
            await reviewing.reject(viewer=self.reviewer, report_id=found.id, reason="no", now=now)
        elif verb == "expire":
            await deadlines.expire(subject_ids=[found.id], now=now)
        elif verb == "delete":
            await deleting.delete(viewer=by, report_id=found.id, now=now)
        else:
            await reports.consume(report_id=found.id, customer_id=self.lead.id, now=now)


@given(walk=walks)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_no_walk_leaves_the_table(time: Clock, walk: list[tuple[str, int, int, int]]) -> None:
    for table in (ReportMark, CustomerReport, Event, Timer):
        await table.all().delete()
    walker = Walker()
    walker.partners = [await an_administrator(await a_partner(name)) for name in ("A", "B")]
    walker.reviewer = await a_staff_viewer(Item.REPORT_REVIEW)
    walker.lead = await a_lead()
    now = time.now

    for verb, who, which, hours in walk:
        now += timedelta(hours=hours)
        try:
            await walker.step(verb, who, which, now)
        except Problem:
            continue

    await it_holds()


async def it_holds() -> None:
    """Only arrows of the table were followed; who is open holds his marks, and nobody else."""
    rows = await CustomerReport.all()
    for row in rows:
        status: Status | None = None
        for event in await Event.filter(subject_id=row.id).order_by("id"):
            wanted = Status(event.after["status"])
            if status is None:
                assert wanted in (Status.PENDING_REVIEW, Status.REPORTED)
                assert event.before == {}
            else:
                assert event.before == {"status": status}
                assert wanted in status.arrows()[status]
            status = wanted
        assert status is row.status
        is_open = row.status in (Status.PENDING_REVIEW, Status.REPORTED)
        marks = await ReportMark.filter(report_id=row.id).count()
        assert (marks > 0) is is_open
        live = await Timer.filter(subject_id=row.id, state="SCHEDULED")
        if row.status is Status.REPORTED:
            assert [timer.due_at for timer in live] == [row.expires_at]
        assert (row.ended_at is None) is is_open
    leads = [row.phone or row.email for row in rows if not row.is_over]
    assert len(leads) == len(set(leads))
