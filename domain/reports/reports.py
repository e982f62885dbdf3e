"""What others ask of reports: whose is the lead, and its being used up by an association."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.identity.viewer import SYSTEM, Viewer
from domain.reports import deadlines, guards, history, leads
from kit import database
from kit.guards import refuse
from kit.problems import NotFound
from kit.transaction import lock
from models.customers import Customer
from models.reports import CustomerReport
from models.reports import ReportStatus as Status


async def open_report_of(
    *,
    customer: Customer | None = None,
    account_name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    partner_id: UUID | None = None,
    now: datetime,
) -> CustomerReport | None:
    """The report that holds this customer, or the lead with any of these marks, at `now`.

    REPORTED before its deadline, else PENDING_REVIEW; of several the oldest, None when it is free.
    `partner_id` looks only at that partner's. Locks nothing.
    """
    marks = leads.marks_of(account_name=account_name, email=email, phone=phone)
    if customer is not None:
        marks += leads.marks_of_customer(customer)
    return min(await _holding(marks, partner_id, now), key=_first, default=None)


async def live_reports_of(
    *, customer: Customer, partner_id: UUID, now: datetime
) -> list[CustomerReport]:
    """All of a partner's reports that hold this customer and are REPORTED at `now`.

    Several when it reported somebody by different marks before there was an account. Locks nothing.
    """
    held = await _holding(leads.marks_of_customer(customer), partner_id, now)
    return [report for report in held if report.status is Status.REPORTED]


async def consume(
    *, viewer: Viewer = SYSTEM, report_id: UUID, customer_id: UUID, now: datetime
) -> CustomerReport:
    """The lead was associated: REPORTED -> ASSOCIATED, the lock on it is let go.

    Call it in the association's transaction, with the customer locked; it locks the report. Raises
    ReportExpired at or after its deadline, WrongStatus when it isn't REPORTED.
    """
    report = await lock(CustomerReport, id=report_id)
    if report is None:
        raise NotFound(thing="report")
    refuse(guards.consume(report, viewer, now))

    before = report.status
    report.status = before.to(Status.ASSOCIATED)
    report.customer_id = customer_id
    report.ended_at = now
    report.version += 1
    await report.save(update_fields=["status", "customer_id", "ended_at", "version"])
    await database.execute("delete from report_mark where report_id = $1", report.id)
    await deadlines.cancel([report.id])
    await history.of_report("associated", report, viewer=viewer, before=before.value, now=now)
    return report


async def _holding(
    marks: Sequence[str], partner_id: UUID | None, now: datetime
) -> list[CustomerReport]:
    held = await CustomerReport.filter(id__in=await leads.holders(marks))
    return [
        report
        for report in held
        if not report.is_over
        and not report.is_overdue(now)
        and partner_id in (None, report.partner_id)
    ]


def _first(report: CustomerReport) -> tuple[bool, UUID]:
    return report.status is not Status.REPORTED, report.id
