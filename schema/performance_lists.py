"""Filters of lists of performance, what they are ordered by, and the enums in them."""

from enum import Enum
from typing import Any

import strawberry

from domain.incentives.counting import FIRST_MONTH, LAST_MONTH
from domain.performance.summing import PerformanceGrouping
from kit.reads import of_node, ordering, where, within
from models.catalogue import ChargeMode, IncentiveStrategy
from models.feedback import FeedbackState
from models.order_states import PolicyScene
from models.performance import IncentiveExclusion, PerformanceKind, PerformanceState
from schema import order_lists  # noqa: F401 -- the enums must be known first
from schema.enums import described
from schema.ranges import AmountRange, DateTimeRange
from schema.scalars import YearMonth
from schema.searching import search_customer, search_partner

described(
    PerformanceState,
    "How final performance is.",
    name="PerformanceStatus",
    ESTIMATED="预估: of the month that runs; more may come.",
    DRAFT="初稿: the month is over, the platform hasn't approved its sheet yet.",
    FINAL="终稿: approved; it never changes, corrections are lines of a later month.",
)
described(
    PerformanceKind,
    "What a line of performance stands for.",
    SALE="An order, or a part of it that one instrument has paid.",
    USAGE="A month's use of goods that are paid by use.",
    REFUND="退订: what came back; below zero.",
    ADJUSTMENT="调整: a correction of an earlier line.",
)
described(
    IncentiveExclusion,
    "Why performance earns no incentive, though its goods and scene would.",
    REBOUND_CUSTOMER="换绑客户: a mid or long-tail customer came from another partner less than six"
    " months before. It counts to the thresholds of incentives.",
)
described(
    FeedbackState,
    "Where a question about performance or incentives stands.",
    name="FeedbackStatus",
    NONE="Nobody has asked.",
    OPEN="已提交: it waits for the platform's answer.",
    ANSWERED="已答复: answered.",
    CLOSED="已关闭: put away by whoever has asked.",
)
described(
    PerformanceGrouping,
    "By what performance is summed up.",
    MONTH="A row for each month, the newest first.",
    MANAGER="A row for each account manager, who sold most first.",
    CUSTOMER="A row for each customer.",
    GOODS="A row for each of the goods.",
    RESELLER="A row for each reseller; what the distributor sold itself is a row without one.",
)

# A line has the state of its sheet.
LINE_STATE = (
    "case when {t}.sheet_id is null then 'ESTIMATED' else (select sheet.state"
    " from performance_sheet sheet where sheet.id = {t}.sheet_id) end"
)


def _supervised(description: str) -> Any:
    # As an array, so that the managers are found once.
    return of_node(
        "{t}.manager_id = any(array(select link.manager_id from supervisor_link link"
        " where link.supervisor_id = {value} and link.to_at is null))",
        "opr",
        description,
    )


def _of_incentive(description: str) -> Any:
    first, last = (each.replace("{t}", "earned") for each in (FIRST_MONTH, LAST_MONTH))
    return of_node(
        "exists (select from incentive earned join incentive_policy policy"
        " on policy.id = earned.policy_id where earned.id = {value}"
        " and earned.partner_id = {t}.partner_id"
        f" and {{t}}.period between {first} and {last}"
        " and {t}.scene = policy.scene and policy.strategies ? {t}.strategy)",
        "inc",
        description,
    )


@strawberry.input(description="Which sheets; all conditions together.")
class PerformanceSheetFilter:
    """Conditions over indexed columns."""

    number: str | None = where("{t}.number = {value}", "The one with exactly this number.")
    period: YearMonth | None = where("{t}.period = {value}", "Of this month.")
    from_period: YearMonth | None = where("{t}.period >= {value}", "Of this month or later.")
    to_period: YearMonth | None = where("{t}.period <= {value}", "Of this month or earlier.")
    status: list[PerformanceState] | None = where(
        "{t}.state = any({value})", "In any of these statuses; none is ESTIMATED."
    )
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    partner: str | None = search_partner()
    created: DateTimeRange | None = within("created_at", "Made in this span.")
    approved: DateTimeRange | None = within("approved_at", "Approved in this span.")
    amount: AmountRange | None = within("total_amount", "With a total in this span.")


@strawberry.enum(description="What sheets can be ordered by.")
class PerformanceSheetOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were made.")
    PERIOD = strawberry.enum_value("period", description="By month.")
    TOTAL_AMOUNT = strawberry.enum_value("total_amount", description="By what they come to.")


PerformanceSheetOrder = ordering("How sheets are ordered.", PerformanceSheetOrderField.CREATED_AT)


@strawberry.input(description="Which lines of performance; all conditions together.")
class PerformanceLineFilter:
    """I-05, O-08."""

    performed: DateTimeRange | None = within("performed_at", "业绩形成时间: in this span.")
    period: YearMonth | None = where("{t}.period = {value}", "That count in this month.")
    from_period: YearMonth | None = where("{t}.period >= {value}", "In this month or later.")
    to_period: YearMonth | None = where("{t}.period <= {value}", "In this month or earlier.")
    customer: str | None = search_customer(
        "A piece of the customer's name or account, at least 2 characters."
    )
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "By this customer.")
    order_number: str | None = where(
        "{t}.order_id = (select sold.id from sales_order sold where sold.number = {value})",
        "By the order with exactly this number, with what came back of it.",
    )
    sheet_id: strawberry.ID | None = of_node("sheet_id", "pfs", "Of this sheet.")
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    manager_id: strawberry.ID | None = of_node("manager_id", "opr", "For this account manager.")
    supervisor_id: strawberry.ID | None = _supervised(
        "For any account manager whom this supervisor oversees now."
    )
    reseller_id: strawberry.ID | None = of_node("reseller_id", "ptn", "Brought by this reseller.")
    goods_id: strawberry.ID | None = of_node("goods_id", "gds", "With these goods.")
    charge_mode: list[ChargeMode] | None = where(
        "{t}.charge_mode = any({value})", "Charged in any of these ways."
    )
    kind: list[PerformanceKind] | None = where("{t}.kind = any({value})", "Of any of these kinds.")
    strategy: list[IncentiveStrategy] | None = where(
        "{t}.strategy = any({value})", "Of goods with any of these strategies."
    )
    scene: list[PolicyScene] | None = where("{t}.scene = any({value})", "In any of these scenes.")
    incentive_id: strawberry.ID | None = _of_incentive(
        "That this incentive is worked out from: of its partner, months, scene and paid strategies;"
        " those with an `exclusion` are in its `excludedAmount`, the others in its performance."
    )
    exclusion: list[IncentiveExclusion] | None = where(
        "{t}.exclusion = any({value})", "That earn no incentive for any of these reasons."
    )
    status: list[PerformanceState] | None = where(
        f"({LINE_STATE}) = any({{value}})", "In any of these statuses."
    )


@strawberry.enum(description="What lines of performance can be ordered by.")
class PerformanceLineOrderField(Enum):
    """Names of columns."""

    PERFORMED_AT = strawberry.enum_value(
        "performed_at", description="By when the performance arose."
    )


PerformanceLineOrder = ordering(
    "How lines of performance are ordered.", PerformanceLineOrderField.PERFORMED_AT
)


@strawberry.input(description="Which questions; all conditions together.")
class PerformanceFeedbackFilter:
    """Conditions over indexed columns."""

    status: list[FeedbackState] | None = where(
        "{t}.state = any({value})", "In any of these statuses; none is NONE."
    )
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    sheet_id: strawberry.ID | None = of_node("sheet_id", "pfs", "About this sheet itself.")
    line_id: strawberry.ID | None = of_node("line_id", "pfl", "About this line.")
    partner: str | None = search_partner()
    created: DateTimeRange | None = within("created_at", "Asked in this span.")


@strawberry.enum(description="What questions about performance can be ordered by.")
class PerformanceFeedbackOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were asked.")


PerformanceFeedbackOrder = ordering(
    "How questions about performance are ordered.", PerformanceFeedbackOrderField.CREATED_AT
)
