"""Filters of lists of statements, their invoices and disputes."""

from enum import Enum

import strawberry

from kit.reads import flag, of_node, ordering, search, where, within
from schema.ranges import AmountRange, DateRange, DateTimeRange
from schema.searching import search_partner
from schema.statement_enums import (
    DisputeStatus,
    InvoiceKind,
    InvoiceStatus,
    StatementKind,
    StatementStatus,
)

IS_OVERDUE = "({t}.step_due_at is not null and {t}.step_due_at <= {now})"
_IN_TIME = "({t}.step_due_at is null or {t}.step_due_at > {now})"


@strawberry.input(description="Which statements; all conditions together.")
class StatementFilter:
    """Conditions over indexed columns."""

    number: str | None = search(
        "number", description="A piece of the number, at least 3 characters.", shortest=3
    )
    status: list[StatementStatus] | None = where(
        "{t}.status = any({value})", "In any of these statuses."
    )
    kind: list[StatementKind] | None = where("{t}.kind = any({value})", "Of any of these kinds.")
    period: str | None = where(
        "{t}.period = {value}::text", "Of this period: a month `2025-10`, a quarter `2025-Q4`."
    )
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    is_overdue: bool | None = flag(
        IS_OVERDUE, _IN_TIME, "Whether the step that it is in should be done by now."
    )
    amount: AmountRange | None = within("total_amount", "With a total in this span.")
    created: DateTimeRange | None = within("created_at", "Generated in this span.")
    partner: str | None = search_partner()


@strawberry.enum(description="What statements can be ordered by.")
class StatementOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were generated.")
    TOTAL_AMOUNT = strawberry.enum_value("total_amount", description="By what they come to.")
    DUE_AT = strawberry.enum_value(
        "step_due_at",
        description="By when the step that they are in is to be done; those in none count as"
        " latest.",
    )


StatementOrder = ordering("How statements are ordered.", StatementOrderField.CREATED_AT)


@strawberry.input(description="Which invoices; all conditions together.")
class InvoiceFilter:
    """Conditions over indexed columns."""

    number: str | None = where("{t}.number = {value}::text", "With exactly this number.")
    status: list[InvoiceStatus] | None = where(
        "{t}.status = any({value})", "In any of these statuses."
    )
    statement_id: strawberry.ID | None = of_node("statement_id", "stm", "For this statement.")
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    created: DateTimeRange | None = within("created_at", "Told of in this span.")
    partner: str | None = search_partner()
    kind: list[InvoiceKind] | None = where("{t}.kind = any({value})", "Of any of these kinds.")
    issued: DateRange | None = within("issued_on", "Issued in this span.")
    received: DateTimeRange | None = within("received_at", "Received in this span.")
    amount: AmountRange | None = within("total_amount", "With a total in this span.")


@strawberry.enum(description="What invoices can be ordered by.")
class InvoiceOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were told of.")
    ISSUED_ON = strawberry.enum_value("issued_on", description="By the day on them.")
    TOTAL_AMOUNT = strawberry.enum_value(
        "total_amount", description="By what they come to, tax included."
    )


InvoiceOrder = ordering("How invoices are ordered.", InvoiceOrderField.CREATED_AT)


@strawberry.input(description="Which disputes; all conditions together.")
class StatementDisputeFilter:
    """Conditions over indexed columns."""

    status: list[DisputeStatus] | None = where(
        "{t}.status = any({value})", "In any of these statuses."
    )
    statement_id: strawberry.ID | None = of_node("statement_id", "stm", "About this statement.")
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    partner: str | None = search_partner()
    created: DateTimeRange | None = within("created_at", "Opened in this span.")


@strawberry.enum(description="What disputes can be ordered by.")
class StatementDisputeOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were opened.")


StatementDisputeOrder = ordering("How disputes are ordered.", StatementDisputeOrderField.CREATED_AT)
