"""Reporting a lead (报备): checked, locked for its partner, or left to the platform."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.partners.own import own_partner
from domain.reports import checks, deadlines, history, leads
from domain.reports.checks import FailedReportCheck, ReportCheck, ReportCheckFailed
from kit import database, texts
from kit.ids import new_id
from kit.problems import Problem
from kit.transaction import lock, transactional
from kit.violations import answering
from models.customers import Customer
from models.partners import Partner, PartnerKind
from models.reports import CustomerReport, ReportTrack
from models.reports import ReportStatus as Status

MOST_OPEN = 100
LONGEST_NAME = 160
LONGEST_NOTE = 500


class AlreadyReported(Problem):
    """An earlier report of this partner holds the lead."""

    en = "Your partner has reported this customer already; that report is {status}."
    zh = "该客户已由贵司报备,当前状态为 {status}。"
    about = {"status": "Where the earlier report stands."}
    status: str


class TooManyReports(Problem):
    """The partner has as many open reports as it may have (C-16)."""

    en = "At most {maximum} reports may be waiting for review or live at once."
    zh = "待审核和已报备的客户之和最多为 {maximum} 个。"
    about = {"maximum": "How many may be open."}
    maximum: int


class MerchantsDontReport(Problem):
    """A merchant sells goods at the marketplace and develops no customers of its own."""

    en = "Merchants don't report customers."
    zh = "商家不支持报备客户。"


@transactional
async def submit(
    *,
    viewer: Viewer,
    name: str,
    account_name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    note: str | None = None,
    track: ReportTrack = ReportTrack.STANDARD,
    now: datetime,
) -> CustomerReport:
    """Report a lead by its name and its account, mail address or phone number.

    REPORTED at once, for fifteen times 24 hours, when it leads to exactly one account that passes
    every check; otherwise PENDING_REVIEW. Raises ReportCheckFailed with all that fails,
    AlreadyReported, TooManyReports, MerchantsDontReport. A manager's report is his (O-03).
    """
    permissions.require(viewer, "customerReportSubmit")
    name = texts.needed(name, longest=LONGEST_NAME, path=("input", "name"))
    note = texts.optional(note, longest=LONGEST_NOTE, path=("input", "note"))
    lead = leads.checked(account_name=account_name, email=email, phone=phone)
    partner = await _own_partner(viewer)
    found = await leads.candidates(lead, site=partner.site)
    # Reports of one partner one after the other: that is what makes a hundred the most.
    await lock(Partner, id=partner.id)
    marks = leads.all_marks(lead, found)
    others = await _open_holders(marks, now)
    await _refuse(partner, found, others, now)

    is_certain = len(found) == 1
    report = CustomerReport(
        id=new_id(),
        created_at=now,
        partner_id=partner.id,
        customer_id=found[0].id if is_certain else None,
        reported_by=viewer.actor_id,
        manager_id=viewer.seat_id,
        identity=marks_first(marks),
        name=name,
        account_name=lead.account_name,
        email=lead.email,
        phone=lead.phone,
        note=note,
        track=track,
        status=Status.REPORTED if is_certain else Status.PENDING_REVIEW,
        reviewed_at=now if is_certain else None,
        expires_at=now + deadlines.LIFETIME if is_certain else None,
    )
    with answering(customer_report_one_open=_taken):
        await report.insert()
    await hold(report.id, marks, now=now)
    await history.of_report("submitted", report, viewer=viewer, before=None, now=now)
    if is_certain:
        await deadlines.schedule(report, now=now)
    return report


async def hold(report_id: UUID, marks: Sequence[str], *, now: datetime) -> None:
    """Lock the lead for a report. Raises ReportCheckFailed when another holds a part of it.

    Whoever comes second in the same instant waits here for the first's commit.
    """
    await database.execute(
        "insert into report_mark (id, created_at, report_id, mark)"
        " select uuidv7(), $1, $2, mark from unnest($3::text[]) as mark order by mark"
        " on conflict (mark) do nothing",
        now,
        report_id,
        sorted(marks),
    )
    if await leads.holders(marks) != [report_id]:
        raise _taken()


def marks_first(marks: Sequence[str]) -> str:
    """The mark that stands for the lead: its account before its mail before its phone."""
    return min(marks)


async def _own_partner(viewer: Viewer) -> Partner:
    partner = await own_partner(viewer, needs=Item.REPORT_SUBMIT)
    if partner.kind is PartnerKind.MERCHANT:
        raise MerchantsDontReport()
    return partner


async def _open_holders(marks: Sequence[str], now: datetime) -> list[CustomerReport]:
    """Reports that hold the lead now; those that are overdue are lapsed first."""
    holders = await leads.holders(marks)
    if not holders:
        return []
    held = await CustomerReport.filter(id__in=holders).order_by("id").select_for_update(no_key=True)
    overdue = [report.id for report in held if report.is_overdue(now)]
    if overdue:
        await deadlines.expire(subject_ids=overdue, now=now)
        await deadlines.cancel(overdue)
    return [report for report in held if report.id not in overdue and not report.is_over]


async def _refuse(
    partner: Partner, found: Sequence[Customer], others: Sequence[CustomerReport], now: datetime
) -> None:
    for other in others:
        if other.partner_id == partner.id:
            raise AlreadyReported(status=other.status.value)
    counted = await database.row(
        "select count(*) as open from customer_report where partner_id = $1"
        " and (status = 'PENDING_REVIEW' or status = 'REPORTED' and expires_at > $2)",
        partner.id,
        now,
    )
    assert counted is not None
    if counted["open"] >= MOST_OPEN:
        raise TooManyReports(maximum=MOST_OPEN)
    checks.refuse(checks.failures(found, is_reported=bool(others), now=now))


def _taken() -> ReportCheckFailed:
    return ReportCheckFailed(checks=[FailedReportCheck(ReportCheck.REPORTED_BY_PARTNER)])
