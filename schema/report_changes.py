"""Reporting leads, deciding on reports, deleting them: inputs and payloads."""

import strawberry

from domain.customers.guards import CustomerOfAnotherPartner
from domain.reports.checks import ReportCheck, ReportCheckFailed
from domain.reports.submitting import AlreadyReported, MerchantsDontReport, TooManyReports
from kit.status import WrongStatus
from models.reports import ReportTrack
from schema.enums import described
from schema.inputs import idempotency_key
from schema.payloads import ItemResult, made, payload, per_item
from schema.reports import CustomerReport

described(
    ReportCheck,
    "The checks that a lead has to pass before it is a partner's.",
    OWNED_BY_DIRECT_SALES="Fails for who is followed by direct sales and registered more than seven"
    " times 24 hours ago, or has consumed for cash.",
    REPORTED_BY_PLATFORM="Fails for whom the platform has reported.",
    OWNED_BY_ONLINE_SALES="Fails for customers of online sales.",
    OWNED_BY_SUPPORT_CENTRE="Fails for customers of an authorized support centre.",
    ALREADY_ASSOCIATED="Fails for customers of a partner.",
    REPORTED_BY_PARTNER="Fails while another partner's report holds the lead.",
)

_REPORT = "The report as it stands now."


@strawberry.input(
    description="Whom to report: a name, and at least one of account, mail address and phone."
)
class CustomerReportSubmitInput:
    """For `customerReportSubmit`."""

    name: str = strawberry.field(description="How the lead is called, 1 to 160 characters.")
    account_name: str | None = strawberry.field(default=None, description="Its cloud account.")
    email: str | None = strawberry.field(default=None, description="Its mail address.")
    phone: str | None = strawberry.field(
        default=None, description="Its phone number; abroad with `+` and the country's code."
    )
    note: str | None = strawberry.field(
        default=None, description="Anything to add, at most 500 characters."
    )
    track: ReportTrack = strawberry.field(
        default=ReportTrack.STANDARD, description="On which track the lead is developed."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which report.")
class CustomerReportInput:
    """For the mutations that need nothing else."""

    id: strawberry.ID = strawberry.field(description="The report.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which report to refuse, and why.")
class CustomerReportRejectInput:
    """For `customerReportReject`."""

    id: strawberry.ID = strawberry.field(description="The report.")
    reason: str = strawberry.field(description="Why, for the partner, 1 to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which reports.")
class CustomerReportsDeleteInput:
    """For `customerReportsDelete`."""

    ids: list[strawberry.ID] = strawberry.field(
        description="The reports, 1 to 100; one named twice counts once."
    )
    idempotency_key: str | None = idempotency_key()


@payload(errors=(ReportCheckFailed, AlreadyReported, TooManyReports, MerchantsDontReport))
class CustomerReportSubmitPayload:
    customer_report: CustomerReport | None = made(_REPORT)


@payload(errors=(ReportCheckFailed, WrongStatus))
class CustomerReportApprovePayload:
    customer_report: CustomerReport | None = made(_REPORT)


@payload(errors=(WrongStatus,))
class CustomerReportRejectPayload:
    customer_report: CustomerReport | None = made(_REPORT)


@payload(errors=(WrongStatus, CustomerOfAnotherPartner))
class CustomerReportDeletePayload:
    customer_report: CustomerReport | None = made(_REPORT)


@payload()
class CustomerReportsDeletePayload:
    results: list[ItemResult] = per_item("What became of each, in the order given.", prefix="rep")
