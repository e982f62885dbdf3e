"""Reports as the API shows them: the type, its filter and order."""

from enum import Enum

import strawberry

from domain.reports import guards
from domain.reports.deadlines import EXPIRE
from domain.reports.policy import REPORTS
from kit.reads import (
    Connection,
    Node,
    column,
    of_node,
    one,
    ordering,
    search,
    sql,
    table,
    where,
    within,
)
from models import reports as models
from models.reports import ReportStatus, ReportTrack
from schema.actions import AvailableAction, available
from schema.customers import Customer
from schema.deadlines import Deadline, deadline_of
from schema.enums import described
from schema.events import Event, happened
from schema.identity import Operator, Person
from schema.partners import PartnerRef
from schema.personal import personal_email, personal_phone
from schema.ranges import DateTimeRange
from schema.scalars import DateTime

described(
    ReportStatus,
    "Where a report stands.",
    PENDING_REVIEW="待审核: the checks could not decide; the platform will.",
    REPORTED="已报备: the lead is the partner's alone, for fifteen times 24 hours.",
    FAILED="报备失败: the platform has refused it.",
    EXPIRED="已失效: the fifteen days are over; the lead is free.",
    ASSOCIATED="已关联: the lead has become the partner's customer.",
    DELETED="The partner has deleted it.",
)

described(
    ReportTrack,
    "On which track a lead is developed (报备纵队).",
    STANDARD="As usual.",
    OPERATIONS_BASE="伙伴运营基地: by the partner operations base, whose sales have a policy of"
    " their own.",
)

# A report past its deadline is expired, whether or not a worker has come by.
STATUS_NOW = (
    "case when {t}.status = 'REPORTED' and {t}.expires_at <= {now} then 'EXPIRED'"
    " else {t}.status end"
)


@strawberry.input(description="Which reports a list is about; all conditions together.")
class CustomerReportFilter:
    """Conditions over indexed columns."""

    status: list[ReportStatus] | None = where(
        f"{STATUS_NOW} = any({{value}})", "In any of these statuses as of now."
    )
    search: str | None = search(
        "name", description="A piece of the lead's name, at least 2 characters."
    )
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    manager_id: strawberry.ID | None = of_node("manager_id", "opr", "Reported by this operator.")
    created: DateTimeRange | None = within("created_at", "Reported in this span.")
    expires: DateTimeRange | None = within("expires_at", "Ending in this span.")


@strawberry.enum(description="What reports can be ordered by.")
class CustomerReportOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were submitted.")


CustomerReportOrder = ordering("How reports are ordered.", CustomerReportOrderField.CREATED_AT)


@table(
    models.CustomerReport,
    prefix="rep",
    scope=REPORTS,
    description="A partner's claim on somebody who might buy (报备): for fifteen times 24 hours,"
    " and for nobody else.",
)
class CustomerReport(Node):
    """C-15, C-16."""

    partner: PartnerRef | None = one("partner_id", "Who has reported.")
    manager: Operator | None = one(
        "manager_id", "Whose lead it is: the seat that reported it; null for a system."
    )
    reporter: Person | None = one("reported_by", "Who reported it; null for a system.")
    customer: Customer | None = one(
        "customer_id", "The account that it led to; null while it is none that you may see."
    )
    name: str = column("How the lead is called.")
    account_name: str | None = column("Its cloud account, if that was told.")
    email: str | None = personal_email("email", "Its mail address.", owner="reported_by")
    phone: str | None = personal_phone("phone", "Its phone number.", owner="reported_by")
    note: str | None = column("What the reporter has added.")
    track: ReportTrack = column("On which track the lead is developed.")
    status: ReportStatus = sql(
        STATUS_NOW, "Where it stands now: EXPIRED from the deadline on, to the microsecond."
    )
    refusal: str | None = column("Why the platform has refused it.", "failure")
    created_at: DateTime = column("When it was submitted.")
    reviewed_at: DateTime | None = column("When it was approved or refused, by machine or people.")
    expires_at: DateTime | None = column(
        "The instant from which the lead is free; null until it is approved."
    )
    ended_at: DateTime | None = sql(
        "case when {t}.status = 'REPORTED' and {t}.expires_at <= {now} then {t}.expires_at"
        " else {t}.ended_at end",
        "When the lead was let go or became a customer.",
    )
    version: int = column("Rises with every change.")
    deadline: Deadline | None = deadline_of(EXPIRE, "Its fifteen days.")
    available_actions: list[AvailableAction] = available(guards.ACTIONS, guards.COLUMNS)
    history: Connection[Event] = happened()
