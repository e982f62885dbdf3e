"""Queries and mutations of reports."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.associations import closing
from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.reports import reviewing, submitting
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import report_changes as changes
from schema.reports import CustomerReport, CustomerReportFilter, CustomerReportOrder


@strawberry.type
class ReportQuery:
    customer_report: CustomerReport | None = root_one(
        "A report by its id; null when you may not see it.", prefix="rep"
    )
    customer_reports: Connection[CustomerReport] = root_connection(
        "Reports of the partners that you may see; an account manager's are his own."
        f" {describe('customerReports')}",
        filter=CustomerReportFilter,
        order=CustomerReportOrder,
        guard=may_list("customerReports"),
    )


@strawberry.type
class ReportMutation:
    @mutation(
        "Report somebody who might buy (报备). It is yours at once for fifteen times 24 hours when"
        " the machine is certain, and waits for the platform's review otherwise.",
        changes.CustomerReportSubmitPayload,
        requires=describe("customerReportSubmit"),
    )
    async def customer_report_submit(
        self, viewer: Viewer, input: changes.CustomerReportSubmitInput, now: datetime
    ) -> Outcome:
        report = await submitting.submit(
            viewer=viewer,
            name=input.name,
            account_name=input.account_name,
            email=input.email,
            phone=input.phone,
            note=input.note,
            track=input.track,
            now=now,
        )
        return Outcome(customer_report=report.id)

    @mutation(
        "Accept a report: the lead is its partner's for fifteen times 24 hours from now.",
        changes.CustomerReportApprovePayload,
        requires=describe("customerReportApprove"),
    )
    async def customer_report_approve(
        self, viewer: Viewer, input: changes.CustomerReportInput, now: datetime
    ) -> Outcome:
        report = await reviewing.approve(viewer=viewer, report_id=_id(input.id), now=now)
        return Outcome(customer_report=report.id)

    @mutation(
        "Refuse a report and say why.",
        changes.CustomerReportRejectPayload,
        requires=describe("customerReportReject"),
    )
    async def customer_report_reject(
        self, viewer: Viewer, input: changes.CustomerReportRejectInput, now: datetime
    ) -> Outcome:
        report = await reviewing.reject(
            viewer=viewer, report_id=_id(input.id), reason=input.reason, now=now
        )
        return Outcome(customer_report=report.id)

    @mutation(
        "Delete a report, unless it has come to an association. An open one frees its lead, and"
        " its open invitations are taken back.",
        changes.CustomerReportDeletePayload,
        requires=describe("customerReportDelete"),
    )
    async def customer_report_delete(
        self, viewer: Viewer, input: changes.CustomerReportInput, now: datetime
    ) -> Outcome:
        report = await closing.delete_report(viewer=viewer, report_id=_id(input.id), now=now)
        return Outcome(customer_report=report.id)

    @mutation(
        "Delete reports, all in one transaction, with a result for each.",
        changes.CustomerReportsDeletePayload,
        requires=describe("customerReportsDelete"),
    )
    async def customer_reports_delete(
        self, viewer: Viewer, input: changes.CustomerReportsDeleteInput, now: datetime
    ) -> Outcome:
        outcomes = await closing.delete_reports(
            viewer=viewer,
            report_ids=[ids.decode("rep", id, path=("input", "ids")) for id in input.ids],
            now=now,
        )
        return Outcome(results=outcomes)


def _id(text: str) -> UUID:
    return ids.decode("rep", text, path=("input", "id"))
