"""What becomes of a report: approved, refused, lapsed, deleted, used up by an association."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.reports import deadlines, deleting, reports, reviewing, submitting
from domain.reports.checks import ReportCheckFailed
from domain.reports.guards import ReportExpired
from kit import timers
from kit.problems import Forbidden, InvalidInput, NotFound
from kit.status import WrongStatus
from kit.transaction import transactional
from models.audit import Event
from models.customers import Customer
from models.partners import Partner
from models.reports import CustomerReport, ReportMark
from models.reports import ReportStatus as Status
from models.timers import Timer
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.customers.factories import a_customer, a_manager
from tests.factories import a_distributor, a_partner, a_staff_viewer, an_administrator
from tests.reports.factories import a_lead, a_live_report, a_pending_report, rep
from workers.effects import EFFECTS, WAITS

pytestmark = pytest.mark.usefixtures("database")

MICROSECOND = timedelta(microseconds=1)


class Scene:
    """A partner, a rival, and who reviews for the platform."""

    partner: Partner
    by: Viewer
    rival: Viewer
    reviewer: Viewer


@pytest.fixture
async def scene() -> Scene:
    scene = Scene()
    scene.partner = await a_partner()
    scene.by = await an_administrator(scene.partner)
    scene.rival = await an_administrator(await a_partner("Rival"))
    scene.reviewer = await a_staff_viewer(Item.REPORT_REVIEW)
    return scene


async def status(report: CustomerReport) -> Status:
    return (await CustomerReport.get(id=report.id)).status


async def history(report: CustomerReport) -> list[str]:
    events = await Event.filter(subject_id=report.id).order_by("id")
    return [event.name.removeprefix("customer_report.") for event in events]


@transactional
async def consumed(report: CustomerReport, customer: Customer, now: Any) -> CustomerReport:
    return await reports.consume(report_id=report.id, customer_id=customer.id, now=now)


async def test_the_fifteen_days_begin_with_the_approval(scene: Scene, time: Clock) -> None:
    report = await a_pending_report(by=scene.by, now=time.now)
    time.forward(days=2)

    approved = await reviewing.approve(viewer=scene.reviewer, report_id=report.id, now=time.now)

    assert approved.status is Status.REPORTED
    assert approved.expires_at == time.now + timedelta(days=15)
    [timer] = await Timer.filter(subject_id=report.id)
    assert (timer.kind, timer.due_at) == (deadlines.EXPIRE, approved.expires_at)
    assert await history(report) == ["submitted", "approved"]


async def test_the_checks_are_made_anew_at_the_approval(scene: Scene, time: Clock) -> None:
    report = await a_pending_report(by=scene.by, now=time.now)
    await a_customer(of=await a_partner("Owner"), email=report.email)

    with pytest.raises(ReportCheckFailed):
        await reviewing.approve(viewer=scene.reviewer, report_id=report.id, now=time.now)

    assert await status(report) is Status.PENDING_REVIEW
    assert await history(report) == ["submitted"]


async def test_the_approval_holds_the_account_that_came_meanwhile(
    scene: Scene, time: Clock
) -> None:
    report = await a_pending_report(by=scene.by, now=time.now)
    account = await a_lead(email=report.email)

    approved = await reviewing.approve(viewer=scene.reviewer, report_id=report.id, now=time.now)

    assert approved.customer_id == account.id
    with pytest.raises(ReportCheckFailed):
        await submitting.submit(viewer=scene.rival, name="A", phone=account.phone, now=time.now)


async def test_what_another_holds_by_now_can_not_be_approved(scene: Scene, time: Clock) -> None:
    """Two know the same lead by different things, and only its account shows that it is one."""
    report = await a_pending_report(by=scene.by, now=time.now)
    await submitting.submit(viewer=scene.rival, name="A", phone="13899990000", now=time.now)
    await a_lead(email=report.email, phone="13899990000")

    with pytest.raises(ReportCheckFailed) as failed:
        await reviewing.approve(viewer=scene.reviewer, report_id=report.id, now=time.now)

    assert [check.code for check in failed.value.checks] == ["REPORTED_BY_PARTNER"]
    assert await status(report) is Status.PENDING_REVIEW
    assert await ReportMark.all().count() == 2


async def test_a_refusal_says_why_and_frees_the_lead(ask: Ask, scene: Scene, time: Clock) -> None:
    report = await a_pending_report(by=scene.by, now=time.now)

    answer = await ask(
        'mutation ($id: ID!) { customerReportReject(input: {id: $id, reason: " no such firm "}) {'
        " customerReport { status refusal endedAt } errors { code } } }",
        by=scene.reviewer,
        id=rep(report),
    )

    assert answer["customerReport"] == {
        "status": "FAILED",
        "refusal": "no such firm",
        "endedAt": "2030-01-31T23:30:00.000000Z",
    }
    again = await submitting.submit(viewer=scene.rival, name="A", email=report.email, now=time.now)
    assert again.status is Status.PENDING_REVIEW


async def test_only_the_platform_decides_and_only_once(scene: Scene, time: Clock) -> None:
    report = await a_pending_report(by=scene.by, now=time.now)
    for viewer in (scene.by, await a_staff_viewer(Item.OPERATE)):
        with pytest.raises(Forbidden):
            await reviewing.approve(viewer=viewer, report_id=report.id, now=time.now)
    with pytest.raises(InvalidInput):
        await reviewing.reject(viewer=scene.reviewer, report_id=report.id, reason=" ", now=time.now)
    with pytest.raises(NotFound):
        await reviewing.approve(viewer=scene.reviewer, report_id=uuid4(), now=time.now)

    await reviewing.approve(viewer=scene.reviewer, report_id=report.id, now=time.now)
    with pytest.raises(WrongStatus):
        await reviewing.approve(viewer=scene.reviewer, report_id=report.id, now=time.now)
    with pytest.raises(WrongStatus):
        await reviewing.reject(
            viewer=scene.reviewer, report_id=report.id, reason="late", now=time.now
        )
    assert await history(report) == ["submitted", "approved"]


def test_the_deadline_has_an_effect_and_a_sweep() -> None:
    assert EFFECTS[deadlines.EXPIRE].table == "customer_report"
    assert EFFECTS[deadlines.EXPIRE].run is not None
    assert WAITS[deadlines.EXPIRE] is deadlines.EXPIRE_WAITS


async def test_it_lapses_at_the_deadline_and_not_before(scene: Scene, time: Clock) -> None:
    report = await a_live_report(by=scene.by, now=time.now)
    assert report.expires_at is not None

    early = report.expires_at - MICROSECOND
    assert await deadlines.expire(subject_ids=[report.id], now=early) == []
    assert await status(report) is Status.REPORTED
    assert await deadlines.expire(subject_ids=[report.id], now=report.expires_at) == [report.id]
    assert await deadlines.expire(subject_ids=[report.id], now=report.expires_at) == []

    assert await status(report) is Status.EXPIRED
    assert await history(report) == ["submitted", "expired"]
    assert not await ReportMark.exists()
    event = await Event.get(name="customer_report.expired")
    assert (event.actor_kind, event.manager_id) == ("SYSTEM", scene.by.seat_id)
    assert (event.before, event.after) == ({"status": "REPORTED"}, {"status": "EXPIRED"})


async def test_only_what_is_live_and_due_lapses(scene: Scene, time: Clock) -> None:
    pending = await a_pending_report(by=scene.by, now=time.now)
    later = await a_live_report(by=scene.by, now=time.now + timedelta(days=1))

    lapsed = await deadlines.expire(
        subject_ids=[pending.id, later.id], now=time.now + timedelta(days=15)
    )

    assert lapsed == []


async def test_it_reads_as_expired_from_the_instant_on(ask: Ask, scene: Scene, time: Clock) -> None:
    report = await a_live_report(by=scene.by, now=time.now)
    query = "query ($id: ID!) { customerReport(id: $id) { status endedAt deadline { status } } }"
    time.forward(days=15, microseconds=-1)
    seen = await ask(query, by=scene.by, id=rep(report))
    assert (seen["status"], seen["endedAt"]) == ("REPORTED", None)

    time.forward(microseconds=1)
    assert await ask(query, by=scene.by, id=rep(report)) == {
        "status": "EXPIRED",
        "endedAt": "2030-02-15T23:30:00.000000Z",
        "deadline": {"status": "DUE"},
    }
    listed = (
        "query ($s: [ReportStatus!]) { customerReports(filter: {status: $s}) { nodes { id } } }"
    )
    assert len((await ask(listed, by=scene.by, s=["EXPIRED"]))["nodes"]) == 1
    assert len((await ask(listed, by=scene.by, s=["REPORTED"]))["nodes"]) == 0


async def test_lost_timers_are_made_again(scene: Scene, time: Clock) -> None:
    report = await a_live_report(by=scene.by, now=time.now)
    await Timer.all().delete()

    mended = await timers.mend(deadlines.EXPIRE_WAITS, now=time.now)

    assert (mended.created, mended.cancelled) == (1, 0)
    [timer] = await Timer.filter(subject_id=report.id)
    assert timer.due_at == report.expires_at


async def test_an_association_uses_the_report_up(scene: Scene, time: Clock) -> None:
    lead = await a_lead()
    report = await a_live_report(by=scene.by, of=lead, now=time.now)
    assert report.expires_at is not None

    used = await consumed(report, lead, report.expires_at - MICROSECOND)

    assert (used.status, used.customer_id) == (Status.ASSOCIATED, lead.id)
    assert await history(report) == ["submitted", "associated"]
    assert not await ReportMark.exists()
    assert [timer.state for timer in await Timer.all()] == ["CANCELLED"]
    with pytest.raises(WrongStatus):
        await consumed(report, lead, time.now)
    with pytest.raises(WrongStatus):
        await deleting.delete(viewer=scene.by, report_id=report.id, now=time.now)


async def test_at_the_deadline_it_is_too_late_for_that(scene: Scene, time: Clock) -> None:
    lead = await a_lead()
    report = await a_live_report(by=scene.by, of=lead, now=time.now)
    assert report.expires_at is not None

    for _ in range(2):  # before and after the worker has come
        with pytest.raises(ReportExpired) as expired:
            await consumed(report, lead, report.expires_at)
        assert expired.value.expired_at == report.expires_at
        await deadlines.expire(subject_ids=[report.id], now=report.expires_at)
    pending = await a_pending_report(by=scene.by, now=time.now)
    with pytest.raises(WrongStatus):
        await consumed(pending, lead, time.now)


async def test_who_holds_a_lead_is_found_by_each_of_its_marks(scene: Scene, time: Clock) -> None:
    lead = await a_lead()
    report = await a_live_report(by=scene.by, of=lead, now=time.now)
    for marks in (
        {"customer": lead},
        {"account_name": lead.account_name},
        {"email": lead.email},
        {"phone": lead.phone},
        {"phone": lead.phone, "partner_id": scene.partner.id},
    ):
        found = await reports.open_report_of(now=time.now, **marks)
        assert found is not None
        assert found.id == report.id
    assert (
        await reports.open_report_of(customer=lead, partner_id=scene.rival.partner_id, now=time.now)
        is None
    )
    assert await reports.open_report_of(email="else@nowhere.example", now=time.now) is None
    assert await reports.open_report_of(customer=lead, now=time.now + timedelta(days=15)) is None


DELETE = "mutation ($id: ID!) { customerReportDelete(input: {id: $id}) { errors { code } } }"
DELETE_MANY = """
mutation ($ids: [ID!]!) { customerReportsDelete(input: {ids: $ids}) {
  results { id done error { code } } errors { code path } } }
"""


async def test_deleting_frees_the_lead(ask: Ask, scene: Scene, time: Clock) -> None:
    lead = await a_lead()
    report = await a_live_report(by=scene.by, of=lead, now=time.now)

    assert (await ask(DELETE, by=scene.by, id=rep(report)))["errors"] == []

    assert await status(report) is Status.DELETED
    assert await history(report) == ["submitted", "deleted"]
    assert [timer.state for timer in await Timer.all()] == ["CANCELLED"]
    await a_live_report(by=scene.rival, of=lead, now=time.now)
    assert (await ask(DELETE, by=scene.by, id=rep(report)))["errors"] == [{"code": "WRONG_STATUS"}]


async def test_what_was_over_before_lapsed_first(scene: Scene, time: Clock) -> None:
    report = await a_live_report(by=scene.by, now=time.now)
    time.forward(days=16)

    await deleting.delete(viewer=scene.by, report_id=report.id, now=time.now)

    assert await history(report) == ["submitted", "expired", "deleted"]
    deleted = await CustomerReport.get(id=report.id)
    assert deleted.ended_at == report.expires_at
    assert deleted.version == report.version + 2


async def test_each_of_many_has_its_own_result(ask: Ask, scene: Scene, time: Clock) -> None:
    live = await a_live_report(by=scene.by, now=time.now)
    pending = await a_pending_report(by=scene.by, now=time.now)
    foreign = await a_live_report(by=scene.rival, now=time.now)
    lead = await a_lead()
    used = await a_live_report(by=scene.by, of=lead, now=time.now)
    await consumed(used, lead, time.now)

    given = [rep(each) for each in (live, foreign, pending, used, live)]
    answer = await ask(DELETE_MANY, by=scene.by, ids=given)

    assert answer["results"] == [
        {"id": rep(live), "done": True, "error": None},
        {"id": rep(foreign), "done": False, "error": {"code": "NOT_FOUND"}},
        {"id": rep(pending), "done": True, "error": None},
        {"id": rep(used), "done": False, "error": {"code": "WRONG_STATUS"}},
    ]
    assert await status(live) is await status(pending) is Status.DELETED
    assert await status(foreign) is Status.REPORTED
    none = await ask(DELETE_MANY, by=scene.by, ids=[])
    assert none["errors"] == [{"code": "INVALID_INPUT", "path": ["input", "ids"]}]


async def test_only_who_reported_deletes(ask: Ask, scene: Scene, time: Clock) -> None:
    distributor = await a_distributor()
    reseller = await a_partner("Corner shop", distributor=distributor)
    report = await a_live_report(by=await an_administrator(reseller), now=time.now)
    _, manager = await a_manager(reseller)

    for viewer, code in (
        (scene.rival, "NOT_FOUND"),
        (manager, "NOT_FOUND"),
        (await an_administrator(distributor), "CUSTOMER_OF_ANOTHER_PARTNER"),
    ):
        answer = await ask(DELETE, by=viewer, id=rep(report))
        assert answer["errors"] == [{"code": code}]
    assert await status(report) is Status.REPORTED
