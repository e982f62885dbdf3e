"""Reporting a lead: what is certain, what waits, what is refused, and who holds it (C-15, C-16)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.audit import relay
from domain.identity.items import Item
from domain.identity.presets import Preset
from domain.identity.viewer import Viewer
from domain.reports import deadlines, submitting
from domain.reports.checks import ReportCheck, ReportCheckFailed
from domain.reports.submitting import (
    AlreadyReported,
    MerchantsDontReport,
    TooManyReports,
)
from kit.problems import Forbidden, InvalidInput
from models.audit import Event
from models.customers import Customer
from models.partners import PartnerKind
from models.reports import CustomerReport, ReportMark
from models.reports import ReportStatus as Status
from models.timers import Timer
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.customers.factories import a_customer, a_manager, a_seat_with, a_supervisor
from tests.factories import (
    LONG_AGO,
    a_partner,
    a_staff_viewer,
    an_administrator,
    as_operator,
)
from tests.reports.factories import a_lead, a_live_report, a_pending_report

pytestmark = pytest.mark.usefixtures("database")

SUBMIT = """
mutation ($input: CustomerReportSubmitInput!) {
  customerReportSubmit(input: $input) {
    customerReport {
      status name email phone expiresAt customer { id }
      manager { person { name } } reporter { name }
      deadline { dueAt onTimeout status }
      availableActions { name allowed }
      history { nodes { name } }
    }
    errors { code path ... on ReportCheckFailed { checks { code rule message } } }
  }
}
"""


@pytest.fixture
async def by() -> Viewer:
    """An administrator of a partner."""
    return await an_administrator(await a_partner())


async def test_a_known_lead_that_passes_is_reported_at_once(ask: Ask, time: Clock) -> None:
    partner = await a_partner()
    _, by_wei = await a_manager(partner)
    lead = await a_lead(email="wang@customer.example")

    answer = await ask(
        SUBMIT, by=by_wei, input={"name": " Yangtze ", "email": "Wang@Customer.example "}
    )

    assert answer["errors"] == []
    report = answer["customerReport"]
    assert report == {
        "status": "REPORTED",
        "name": "Yangtze",
        "email": "wang@customer.example",
        "phone": None,
        "expiresAt": "2030-02-15T23:30:00.000000Z",
        "customer": None,  # it is nobody's yet, and nothing is told of it
        "manager": {"person": {"name": "Wei"}},
        "reporter": {"name": "Wei"},
        "deadline": {
            "dueAt": "2030-02-15T23:30:00.000000Z",
            "onTimeout": "EXPIRE",
            "status": "SCHEDULED",
        },
        "availableActions": [
            {"name": "customerReportDelete", "allowed": True},
            {"name": "customerReportApprove", "allowed": False},
            {"name": "customerReportReject", "allowed": False},
        ],
        "history": {"nodes": [{"name": "customer_report.submitted"}]},
    }
    stored = await CustomerReport.get()
    assert (stored.customer_id, stored.manager_id) == (lead.id, by_wei.seat_id)
    assert {row.mark for row in await ReportMark.all()} == {
        f"account:{lead.account_name}",
        "email:wang@customer.example",
        f"phone:{lead.phone}",
    }


async def test_a_lead_without_an_account_waits_for_the_platform(by: Viewer, time: Clock) -> None:
    report = await a_pending_report(by=by, now=time.now)

    assert report.status is Status.PENDING_REVIEW
    assert (report.customer_id, report.expires_at) == (None, None)
    assert not await Timer.exists()


async def test_a_lead_whose_marks_lead_to_different_accounts_waits(by: Viewer, time: Clock) -> None:
    one, other = await a_lead(), await a_lead()

    report = await submitting.submit(
        viewer=by, name="Both", account_name=one.account_name, phone=other.phone, now=time.now
    )

    assert report.status is Status.PENDING_REVIEW
    assert report.customer_id is None


async def test_everything_that_fails_is_told_at_once(ask: Ask, by: Viewer) -> None:
    lead = await a_customer(
        of=await a_partner("Owner"),
        owned_by_direct_sales=True,
        owned_by_online_sales=True,
        owned_by_support_centre=True,
        reported_by_platform=True,
    )

    answer = await ask(
        SUBMIT, by=by, locale="zh", input={"name": "X", "accountName": lead.account_name}
    )

    [error] = answer["errors"]
    assert error["code"] == "REPORT_CHECK_FAILED"
    assert [check["code"] for check in error["checks"]] == [
        "OWNED_BY_DIRECT_SALES",
        "REPORTED_BY_PLATFORM",
        "OWNED_BY_ONLINE_SALES",
        "OWNED_BY_SUPPORT_CENTRE",
        "ALREADY_ASSOCIATED",
    ]
    assert error["checks"][4] == {
        "code": "ALREADY_ASSOCIATED",
        "rule": "C-16",
        "message": "客户已关联伙伴。",
    }
    assert not await CustomerReport.exists()
    assert not await ReportMark.exists()
    assert not await Event.exists()


SEVEN_DAYS = timedelta(days=7)
MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("age", "pays_cash", "fails"),
    [
        (SEVEN_DAYS, False, False),
        (SEVEN_DAYS + MICROSECOND, False, True),
        (timedelta(), True, True),
        (timedelta(), False, False),
    ],
)
async def test_direct_sales_keeps_who_is_older_than_seven_days_or_pays_cash(
    by: Viewer, time: Clock, age: timedelta, pays_cash: bool, fails: bool
) -> None:
    lead = await a_lead(
        owned_by_direct_sales=True,
        has_cash_consumption=pays_cash,
        registered_at=time.now - age,
    )

    if fails:
        with pytest.raises(ReportCheckFailed) as failed:
            await a_live_report(by=by, of=lead, now=time.now)
        assert [check.code for check in failed.value.checks] == [ReportCheck.OWNED_BY_DIRECT_SALES]
        assert not await CustomerReport.exists()
    else:
        assert (await a_live_report(by=by, of=lead, now=time.now)).status is Status.REPORTED


async def test_old_accounts_that_direct_sales_does_not_follow_are_free(
    by: Viewer, time: Clock
) -> None:
    lead = await a_lead(has_cash_consumption=True, registered_at=LONG_AGO)

    assert (await a_live_report(by=by, of=lead, now=time.now)).status is Status.REPORTED


@pytest.mark.parametrize("known_by", ["account_name", "email", "phone"])
async def test_who_holds_a_lead_holds_all_that_it_is_known_by(
    by: Viewer, time: Clock, known_by: str
) -> None:
    lead = await a_lead()
    await a_live_report(by=by, of=lead, now=time.now)
    other = await an_administrator(await a_partner("Rival"))

    with pytest.raises(ReportCheckFailed) as failed:
        await submitting.submit(
            viewer=other, name="Mine", now=time.now, **{known_by: getattr(lead, known_by)}
        )

    assert [check.code for check in failed.value.checks] == [ReportCheck.REPORTED_BY_PARTNER]
    assert await CustomerReport.all().count() == 1


async def test_a_lead_without_an_account_is_held_by_each_of_its_marks(
    by: Viewer, time: Clock
) -> None:
    await submitting.submit(
        viewer=by, name="A", email="a@nowhere.example", phone="+86 138-1234-5678", now=time.now
    )
    other = await an_administrator(await a_partner("Rival"))

    marks: tuple[dict[str, Any], ...] = ({"email": "A@NOWHERE.example"}, {"phone": "13812345678"})
    for mark in marks:
        with pytest.raises(ReportCheckFailed):
            await submitting.submit(viewer=other, name="A", now=time.now, **mark)
    # Registering doesn't free it: the account's marks are the same.
    account = await a_lead(email="a@nowhere.example")
    with pytest.raises(ReportCheckFailed):
        await a_live_report(by=other, of=account, now=time.now)
    assert await CustomerReport.all().count() == 1


async def test_ones_own_open_report_is_told_as_that(by: Viewer, time: Clock) -> None:
    lead = await a_lead()
    await a_live_report(by=by, of=lead, now=time.now)

    with pytest.raises(AlreadyReported) as already:
        await a_live_report(by=by, of=lead, now=time.now)

    assert already.value.status == "REPORTED"
    assert await CustomerReport.all().count() == 1


async def test_at_the_deadline_the_lead_is_free_though_no_worker_has_come(
    by: Viewer, time: Clock
) -> None:
    lead = await a_lead()
    first = await a_live_report(by=by, of=lead, now=time.now)
    assert first.expires_at == time.now + timedelta(days=15)
    rival = await an_administrator(await a_partner("Rival"))

    with pytest.raises(ReportCheckFailed):
        await a_live_report(by=rival, of=lead, now=first.expires_at - MICROSECOND)
    second = await a_live_report(by=rival, of=lead, now=first.expires_at)

    assert second.status is Status.REPORTED
    lapsed = await CustomerReport.get(id=first.id)
    assert (lapsed.status, lapsed.ended_at) == (Status.EXPIRED, first.expires_at)
    assert await Event.filter(name="customer_report.expired").count() == 1
    assert [timer.state for timer in await Timer.filter(subject_id=first.id)] == ["CANCELLED"]
    # The worker that comes late finds nothing to do.
    assert await deadlines.expire(subject_ids=[first.id], now=time.now + timedelta(days=16)) == []


async def many(by: Viewer, statuses: dict[Status, int], time: Clock) -> None:
    for status, number in statuses.items():
        for place in range(number):
            await CustomerReport.create(
                created_at=time.now,
                partner_id=by.partner_id,
                reported_by=by.person_id,
                identity=f"email:{status}{place}@x.example",
                name="One of many",
                status=status,
                expires_at=time.now + timedelta(days=1) if status is Status.REPORTED else None,
            )


async def test_a_hundred_open_ones_are_the_most(by: Viewer, time: Clock) -> None:
    await many(
        by,
        {Status.PENDING_REVIEW: 40, Status.REPORTED: 59, Status.EXPIRED: 9, Status.FAILED: 9},
        time,
    )

    await a_pending_report(by=by, now=time.now)
    with pytest.raises(TooManyReports) as refused:
        await a_live_report(by=by, now=time.now)
    assert refused.value.maximum == 100

    # The 59 fall due: from that instant on they don't count.
    time.forward(days=1)
    await a_live_report(by=by, now=time.now)
    # Nobody else is concerned.
    await a_live_report(by=await an_administrator(await a_partner("Rival")), now=time.now)


async def test_supervisors_look_on_and_merchants_sell_goods(time: Clock) -> None:
    """O-04."""
    partner = await a_partner()
    _, supervisor = await a_supervisor(partner)
    with pytest.raises(Forbidden):
        await a_live_report(by=supervisor, now=time.now)
    with pytest.raises(Forbidden):
        await a_live_report(by=await a_staff_viewer(Item.REPORT_SUBMIT), now=time.now)
    merchant = await a_partner("Shop", kind=PartnerKind.MERCHANT)
    with pytest.raises(MerchantsDontReport):
        await a_live_report(by=await an_administrator(merchant), now=time.now)
    assert not await CustomerReport.exists()


async def test_a_managers_report_is_his(ask: Ask, time: Clock) -> None:
    """O-03: the others of the partner don't see it, but for those who see all."""
    partner = await a_partner()
    _, by_wei = await a_manager(partner)
    _, by_ming = await a_manager(partner, "Ming")
    await a_live_report(by=by_wei, now=time.now)
    query = "{ customerReports { nodes { name history { nodes { name } } } } }"
    seen = {
        "nodes": [
            {"name": "Yangtze", "history": {"nodes": [{"name": "customer_report.submitted"}]}}
        ]
    }

    assert await ask(query, by=by_wei) == seen
    assert await ask(query, by=by_ming) == {"nodes": []}
    assert await ask(query, by=await an_administrator(partner)) == seen
    finance = await as_operator(await a_seat_with(partner, Preset.FINANCE))
    assert await ask(query, by=finance) == seen
    assert await ask(query, by=await an_administrator(await a_partner("Rival"))) == {"nodes": []}


async def test_a_systems_report_is_nobodys_but_theirs_who_see_all(ask: Ask, time: Clock) -> None:
    partner = await a_partner()
    _, by_wei = await a_manager(partner)
    administrator = await an_administrator(partner)
    key = replace(administrator, person_id=None, seat_id=None, api_key_id=partner.id)
    await a_live_report(by=key, now=time.now)
    await relay.place_all(now=time.now)
    query = "{ events { nodes { name } } }"

    assert (await CustomerReport.get()).manager_id is None
    assert await ask(query, by=by_wei) == {"nodes": []}
    seen = await ask(query, by=administrator)
    assert seen == {"nodes": [{"name": "customer_report.submitted"}]}


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"name": "  ", "email": "a@b.example"}, ("input", "name")),
        ({"name": "x" * 161, "email": "a@b.example"}, ("input", "name")),
        ({"name": "A"}, ("input",)),
        ({"name": "A", "email": " ", "phone": "", "account_name": " "}, ("input",)),
        ({"name": "A", "email": "nonsense"}, ("input", "email")),
        ({"name": "A", "phone": "call me"}, ("input", "phone")),
        ({"name": "A", "phone": "1" * 21}, ("input", "phone")),
        ({"name": "A", "account_name": "x" * 65}, ("input", "accountName")),
        ({"name": "A\x00", "email": "a@b.example"}, ("input", "name")),
        ({"name": "A", "email": "a@b.example", "note": "x" * 501}, ("input", "note")),
    ],
)
async def test_bad_input_is_named(
    by: Viewer, time: Clock, given: dict[str, Any], path: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await submitting.submit(viewer=by, now=time.now, **given)

    assert refused.value.path == path
    assert not await CustomerReport.exists()


async def test_the_other_sites_accounts_are_not_known_here(by: Viewer, time: Clock) -> None:
    lead = await a_lead(site="INTERNATIONAL")

    report = await a_live_report(by=by, of=lead, now=time.now)

    assert report.status is Status.PENDING_REVIEW
    assert (await Customer.get(id=lead.id)).version == 1
