"""Deleting reports, one or many: an open one lets its lead go."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import SYSTEM, Viewer
from domain.reports import deadlines, guards, history
from domain.reports.policy import REPORTS
from kit import batches, database
from kit.batches import ItemOutcome
from kit.guards import refuse
from kit.problems import NotFound, Problem
from kit.transaction import transactional
from models.reports import CustomerReport
from models.reports import ReportStatus as Status


@transactional
async def delete(*, viewer: Viewer, report_id: UUID, now: datetime) -> CustomerReport:
    """Delete one report. Raises WrongStatus when it came to an association, or is deleted."""
    permissions.require(viewer, "customerReportDelete")
    report = await REPORTS.lock(CustomerReport, report_id, viewer=viewer, now=now, thing="report")
    refuse(guards.delete(report, viewer, now))
    await _delete([report], viewer=viewer, now=now)
    return report


@transactional
async def delete_many(
    *, viewer: Viewer, report_ids: Sequence[UUID], now: datetime
) -> list[ItemOutcome]:
    """Delete up to 100 reports, an outcome for each in the order given; one named twice is one."""
    permissions.require(viewer, "customerReportsDelete")
    wanted = batches.checked(report_ids, path=("input", "ids"))
    reports = await REPORTS.locked(CustomerReport, wanted, viewer=viewer, now=now)
    refused: dict[UUID, Problem | None] = {id: NotFound(thing="report") for id in wanted}
    refused |= {report.id: guards.delete(report, viewer, now) for report in reports}
    await _delete(
        [report for report in reports if refused[report.id] is None], viewer=viewer, now=now
    )
    return [ItemOutcome(id, refused[id]) for id in wanted]


async def _delete(reports: Sequence[CustomerReport], *, viewer: Viewer, now: datetime) -> None:
    ids = [report.id for report in reports]
    await deadlines.cancel(ids)
    await database.execute("delete from report_mark where report_id = any($1)", ids)
    for report in reports:
        if report.is_overdue(now):
            await _lapse(report, now)
        before = report.status
        report.status = before.to(Status.DELETED)
        report.ended_at = report.ended_at or now
        report.version += 1
        await report.save(update_fields=["status", "ended_at", "version"])
        await history.of_report("deleted", report, viewer=viewer, before=before.value, now=now)


async def _lapse(report: CustomerReport, now: datetime) -> None:
    """What was over before it was deleted, lapsed first: its history says so.

    Not by the deadline's own statement: PostgreSQL's event ids and ours, which come after, need not
    be in order when they are made in the same instant.
    """
    before = report.status
    report.status = before.to(Status.EXPIRED)
    report.ended_at = report.expires_at
    report.version += 1
    await history.of_report("expired", report, viewer=SYSTEM, before=before.value, now=now)
