"""Two want the same lead, or the same report, in the same instant. Real locks, real commits."""

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.reports import deadlines, deleting, reports, reviewing, submitting
from domain.reports.checks import ReportCheckFailed
from domain.reports.guards import ReportExpired
from domain.reports.submitting import TooManyReports
from kit.status import WrongStatus
from kit.transaction import transactional
from models.audit import Event
from models.customers import Customer
from models.reports import CustomerReport, ReportMark
from models.reports import ReportStatus as Status
from tests.conftest import Clock
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.races import at_once
from tests.reports.factories import a_lead, a_live_report, a_pending_report

pytestmark = pytest.mark.usefixtures("database")

MICROSECOND = timedelta(microseconds=1)


async def rivals(number: int) -> list[Viewer]:
    return [await an_administrator(await a_partner(f"Rival {place}")) for place in range(number)]


def refusals(outcomes: Sequence[Any]) -> int:
    refused = [outcome for outcome in outcomes if isinstance(outcome, ReportCheckFailed)]
    for refusal in refused:
        assert [check.code for check in refusal.checks] == ["REPORTED_BY_PARTNER"]
    return len(refused)


async def test_of_two_who_report_an_account_in_the_same_instant_one_has_it(time: Clock) -> None:
    lead = await a_lead()
    outcomes = await at_once(
        *(a_live_report(by=by, of=lead, now=time.now) for by in await rivals(2)),
        while_locked=lead,
    )

    assert refusals(outcomes) == 1
    [report] = await CustomerReport.all()
    assert report.status is Status.REPORTED
    assert await Event.all().count() == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"email": "a@x.example"}, {"email": "a@x.example"}),
        ({"email": "a@x.example", "phone": "10086"}, {"phone": "10086"}),
        (
            {"email": "a@x.example", "phone": "10086"},
            {"phone": "10086", "email": "b@x.example"},
        ),
    ],
)
async def test_of_two_who_report_somebody_without_an_account_one_has_him(
    time: Clock, one: dict[str, Any], other: dict[str, Any]
) -> None:
    """No row is there to be locked: the unique indexes decide."""
    first, second = await rivals(2)
    for _ in range(5):
        outcomes = await asyncio.gather(
            submitting.submit(viewer=first, name="A", now=time.now, **one),
            submitting.submit(viewer=second, name="A", now=time.now, **other),
            return_exceptions=True,
        )

        assert refusals(outcomes) == 1, outcomes
        [report] = await CustomerReport.all()
        marks = {mark.report_id for mark in await ReportMark.all()}
        assert marks == {report.id}
        assert await Event.all().count() == 1
        for table in (ReportMark, CustomerReport, Event):
            await table.all().delete()


async def test_the_hundredth_is_one(time: Clock) -> None:
    [by] = await rivals(1)
    for place in range(99):
        await CustomerReport.create(
            created_at=time.now,
            partner_id=by.partner_id,
            reported_by=by.person_id,
            identity=f"email:{place}@x.example",
            name="One of many",
            status=Status.PENDING_REVIEW,
        )

    outcomes = await asyncio.gather(
        *(a_pending_report(by=by, now=time.now) for _ in range(3)), return_exceptions=True
    )

    assert sum(isinstance(outcome, TooManyReports) for outcome in outcomes) == 2
    assert await CustomerReport.all().count() == 100


@transactional
async def consume(report: CustomerReport, customer: Customer, now: Any) -> CustomerReport:
    return await reports.consume(report_id=report.id, customer_id=customer.id, now=now)


@transactional
async def expire(report: CustomerReport, now: Any) -> None:
    """As the worker does it: the row first, then its end."""
    await CustomerReport.select_for_update(no_key=True).get(id=report.id)
    await deadlines.expire(subject_ids=[report.id], now=now)


@pytest.mark.parametrize("first", ["consume", "expire"])
async def test_an_association_in_time_wins_over_a_worker_who_is_early_or_late(
    time: Clock, first: str
) -> None:
    [by] = await rivals(1)
    lead = await a_lead()
    report = await a_live_report(by=by, of=lead, now=time.now)
    assert report.expires_at is not None
    in_time = report.expires_at - MICROSECOND
    calls: dict[str, Coroutine[Any, Any, Any]] = {
        "consume": consume(report, lead, in_time),
        "expire": expire(report, report.expires_at),
    }
    order = [first, *(name for name in calls if name != first)]

    outcomes = dict(
        zip(order, await at_once(*(calls[n] for n in order), while_locked=report), strict=True)
    )

    final = (await CustomerReport.get(id=report.id)).status
    assert final is (Status.ASSOCIATED if first == "consume" else Status.EXPIRED)
    # The deadline has passed for the worker; who asked in time but came second is told so.
    assert isinstance(outcomes["consume"], ReportExpired) is (first == "expire")
    ends = await Event.filter(subject_id=report.id).exclude(name="customer_report.submitted")
    assert len(ends) == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize(
    "names", [("approve", "reject"), ("approve", "delete"), ("reject", "delete")]
)
async def test_of_two_decisions_the_first_holds(
    time: Clock, names: tuple[str, str], order: tuple[int, int]
) -> None:
    [by] = await rivals(1)
    reviewer = await a_staff_viewer(Item.REPORT_REVIEW)
    report = await a_pending_report(by=by, now=time.now)
    verbs = {
        "approve": lambda: reviewing.approve(viewer=reviewer, report_id=report.id, now=time.now),
        "reject": lambda: reviewing.reject(
            viewer=reviewer, report_id=report.id, reason="no", now=time.now
        ),
        "delete": lambda: deleting.delete(viewer=by, report_id=report.id, now=time.now),
    }
    first, second = (names[place] for place in order)

    outcomes = await at_once(verbs[first](), verbs[second](), while_locked=report)

    assert not isinstance(outcomes[0], Exception)
    # A decided report may still be deleted; nothing else follows a decision.
    assert isinstance(outcomes[1], WrongStatus) is (second != "delete")
    statuses = [
        event.after["status"] for event in await Event.filter(subject_id=report.id).order_by("id")
    ]
    assert statuses[-1] == (await CustomerReport.get(id=report.id)).status
    for before, after in pairwise(statuses):
        assert after in Status.arrows()[before]


async def test_deleting_and_associating_at_once_end_it_once(time: Clock) -> None:
    [by] = await rivals(1)
    lead = await a_lead()
    report = await a_live_report(by=by, of=lead, now=time.now)

    outcomes = await at_once(
        consume(report, lead, time.now),
        deleting.delete(viewer=by, report_id=report.id, now=time.now),
        while_locked=report,
    )

    assert isinstance(outcomes[1], WrongStatus)
    assert (await CustomerReport.get(id=report.id)).status is Status.ASSOCIATED
