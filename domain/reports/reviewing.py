"""The platform's decision on reports that the checks could not decide."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.reports import checks, deadlines, guards, history, leads
from domain.reports.leads import Lead
from domain.reports.policy import REPORTS
from domain.reports.submitting import hold
from kit import database, texts
from kit.guards import refuse
from kit.transaction import lock, transactional
from models.partners import Partner
from models.reports import CustomerReport
from models.reports import ReportStatus as Status


@transactional
async def approve(*, viewer: Viewer, report_id: UUID, now: datetime) -> CustomerReport:
    """Accept a report: the lead is its partner's for fifteen times 24 hours from now.

    The checks are made anew, since the lead may have an account by now. Raises ReportCheckFailed,
    WrongStatus when it doesn't wait for review.
    """
    permissions.require(viewer, "customerReportApprove")
    await REPORTS.require(CustomerReport, report_id, viewer=viewer, now=now, thing="report")
    # What it says of the lead never changes, so it may be read before anything is locked.
    seen = await CustomerReport.get(id=report_id)
    partner = await Partner.get(id=seen.partner_id)
    lead = Lead(account_name=seen.account_name, email=seen.email, phone=seen.phone)
    found = await leads.candidates(lead, site=partner.site)
    report = await lock(CustomerReport, id=report_id)
    assert report is not None
    refuse(guards.approve(report, viewer, now))
    checks.refuse(checks.failures(found, is_reported=False, now=now))
    await hold(report.id, leads.all_marks(lead, found), now=now)

    report.customer_id = found[0].id if len(found) == 1 else None
    report.expires_at = now + deadlines.LIFETIME
    await _decide(report, Status.REPORTED, "approved", viewer=viewer, reason=None, now=now)
    await deadlines.schedule(report, now=now)
    return report


@transactional
async def reject(*, viewer: Viewer, report_id: UUID, reason: str, now: datetime) -> CustomerReport:
    """Refuse a report and say why; the lead is free. Raises WrongStatus."""
    permissions.require(viewer, "customerReportReject")
    reason = texts.reason(reason)
    report = await REPORTS.lock(CustomerReport, report_id, viewer=viewer, now=now, thing="report")
    refuse(guards.reject(report, viewer, now))

    report.failure = reason
    report.ended_at = now
    await _decide(report, Status.FAILED, "rejected", viewer=viewer, reason=reason, now=now)
    await database.execute("delete from report_mark where report_id = $1", report.id)
    return report


async def _decide(
    report: CustomerReport,
    wanted: Status,
    happened: str,
    *,
    viewer: Viewer,
    reason: str | None,
    now: datetime,
) -> None:
    before = report.status
    report.status = before.to(wanted)
    report.reviewed_at = now
    report.version += 1
    await report.save(
        update_fields=[
            "status",
            "customer_id",
            "reviewed_at",
            "expires_at",
            "failure",
            "ended_at",
            "version",
        ]
    )
    await history.of_report(
        happened, report, viewer=viewer, before=before.value, reason=reason, now=now
    )
