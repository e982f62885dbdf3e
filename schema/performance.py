"""Performance as the API shows it: lines, sheets, questions about them, and sums."""

from typing import Annotated

import strawberry

from domain.performance import guards
from domain.performance.policy import FEEDBACK, LINES, SHEETS
from domain.performance.summing import PerformanceGrouping, Sum
from kit import ids
from kit.reads import Connection, Node, column, connection, money, one, sql, table
from models import feedback
from models import performance as models
from models.catalogue import ChargeMode, IncentiveStrategy
from models.customers import AssociationType
from models.feedback import FeedbackState
from models.order_states import PolicyScene
from models.performance import IncentiveExclusion, PerformanceKind, PerformanceState
from schema.actions import AvailableAction, available
from schema.consumption import ConsumptionRecord, OperatorRef, RefundRef
from schema.events import Event, happened
from schema.goods import GoodsRef
from schema.money import Money
from schema.partners import PartnerRef
from schema.performance_lists import (
    LINE_STATE,
    PerformanceFeedbackOrder,
    PerformanceLineFilter,
    PerformanceLineOrder,
)
from schema.references import CustomerRef, OrderLineRef, OrderRef, TransferRef
from schema.scalars import DateTime, YearMonth

LineRef = Annotated["PerformanceLine", strawberry.lazy("schema.performance")]


def _asked(key: str) -> str:
    """Where the latest question about a row stands."""
    return (
        "coalesce((select asked.state from performance_feedback asked"
        f" where asked.{key} = {{t}}.id order by asked.created_at desc, asked.id desc limit 1),"
        " 'NONE')"
    )


@table(
    feedback.PerformanceFeedback,
    prefix="pff",
    scope=FEEDBACK,
    description="What a partner asks about a sheet, or a line of it, and the answer (问题反馈)."
    " It holds nothing up: what is put right is a line of a later month.",
)
class PerformanceFeedback(Node):
    """I-04."""

    partner: PartnerRef | None = one("partner_id", "Who asks.")
    sheet: Annotated["PerformanceSheet", strawberry.lazy("schema.performance")] | None = one(
        "sheet_id", "About which sheet; null when it is about a line."
    )
    line: LineRef | None = one("line_id", "About which line; null when it is about a sheet.")
    status: FeedbackState = column("Where it stands.", "state")
    text: str = column("What is asked.")
    asked_by: str = column("The name of the person who asks.")
    answer: str | None = column("What the platform answers; null until then.")
    created_at: DateTime = column("When it was asked.")
    answered_at: DateTime | None = column("When it was answered.")
    closed_at: DateTime | None = column("When it was put away.")
    version: int = column("Rises with every change.")
    available_actions: list[AvailableAction] = available(guards.FEEDBACK_ACTIONS, guards.COLUMNS)
    history: Connection[Event] = happened()


@table(
    models.PerformanceLine,
    prefix="pfl",
    scope=LINES,
    description="A piece of performance (业绩明细): a record of consumption that counts, a refund"
    " below zero, or a correction. Cash, credit, stored-value cards and cash coupons that count;"
    " never vouchers, and never the purchase of a card. Partners see it from the next working day"
    " on.",
)
class PerformanceLine(Node):
    """I-05, I-07."""

    partner: PartnerRef | None = one("partner_id", "Whose performance it is.")
    reseller: PartnerRef | None = one(
        "reseller_id", "The reseller that brought it to its distributor; null for none."
    )
    kind: PerformanceKind = column("What it stands for.")
    status: PerformanceState = sql(LINE_STATE, "How final it is.")
    period: YearMonth = column(
        "The month that it counts in: its own, or a later one when that had its sheet already."
    )
    performed_at: DateTime = column("业绩形成时间: when it arose.")
    visible_at: DateTime = column("From when on partners see it.")
    customer: CustomerRef | None = one(
        "customer_id", "Who spent it; null for a customer that you may not see any more."
    )
    customer_name: str = sql(
        "(select buys.name from customer buys where buys.id = {t}.customer_id)",
        "The name of who spent it.",
    )
    association_type: AssociationType | None = column(
        "How the customer belonged to its partner; null for none."
    )
    manager: OperatorRef | None = one(
        "manager_id",
        "The account manager that it counts for: of that day, from the day after he"
        " was given the customer; null for none.",
    )
    goods: GoodsRef | None = one("goods_id", "With which goods.")
    charge_mode: ChargeMode | None = column("How they are charged; null where it isn't known.")
    strategy: IncentiveStrategy = column("What the sale counts for.")
    scene: PolicyScene = column("By which policy it earns.")
    exclusion: IncentiveExclusion | None = column(
        "Why it earns no incentive all the same; null where nothing stands in the way."
    )
    excluded_until: DateTime | None = column(
        "The first instant from which sales to this customer earn incentives again; what comes back"
        " of earlier sales is excluded as they were. Null without an `exclusion`."
    )
    order: OrderRef | None = one(
        "order_id", "By which order, of a refund the one it gives back; null for use without one."
    )
    order_number: str | None = sql(
        "(select sold.number from sales_order sold where sold.id = {t}.order_id)",
        "The number of the order; null for use without one.",
    )
    order_line: OrderLineRef | None = one("order_line_id", "By which line of it.")
    refund: RefundRef | None = one("refund_id", "By which refund; null for anything else.")
    consumption: ConsumptionRecord | None = one(
        "consumption_record_id",
        "What was spent; null for corrections, and for what you may not see.",
    )
    is_paid_later: bool = sql(
        "({t}.transfer_id is not null)",
        "Of USAGE: whether it was debt (欠费) when it was charged, and counts as paid since.",
    )
    transfer: TransferRef | None = one(
        "transfer_id", "The transfer that has paid that debt; null for who sees neither account."
    )
    sheet: Annotated["PerformanceSheet", strawberry.lazy("schema.performance")] | None = one(
        "sheet_id", "Its sheet; null until the month is over, or not for you."
    )
    corrects: LineRef | None = one(
        "corrects_id", "The line that it corrects; null for anything else."
    )
    corrections: Connection[LineRef] = connection(
        "corrects_id",
        "What has corrected it.",
        order=PerformanceLineOrder,
    )
    amount: Money = money("amount", "currency", "How much it counts; below zero for a refund.")
    credit_amount: Money = money(
        "credit_amount", "currency", "How much of `amount` was lent to the customer."
    )
    reason: str | None = column("Why it was corrected; null for anything else.")
    feedback_state: FeedbackState = sql(_asked("line_id"), "Where the latest question stands.")
    feedback: Connection[PerformanceFeedback] = connection(
        "line_id",
        "What was asked about it, the latest first.",
        order=PerformanceFeedbackOrder,
    )
    created_at: DateTime = column("When it was written down.")
    available_actions: list[AvailableAction] = available(
        guards.LINE_ACTIONS,
        ("partner_id",),
        told={"state": LINE_STATE},
    )
    history: Connection[Event] = happened()


@table(
    models.PerformanceSheet,
    prefix="pfs",
    scope=SHEETS,
    description="A partner's performance of a month (业绩单). It is made as the month is over in"
    " Beijing, a draft until the platform approves it, and its lines never change. Not for account"
    " managers, who see only some customers.",
)
class PerformanceSheet(Node):
    """I-01, I-02."""

    number: str = column("业绩单ID: its number, for people.")
    partner: PartnerRef | None = one("partner_id", "Whose performance.")
    period: YearMonth = column("对账期次: of which month.")
    status: PerformanceState = column("初稿 or 终稿.", "state")
    line_count: int = column("How many lines it has.", "lines")
    total_amount: Money = money("total_amount", "currency", "业绩总金额: all its lines together.")
    visible_at: DateTime = column("From when on the partner sees it, with all its lines.")
    approved_at: DateTime | None = column("When it was approved; null until then.")
    created_at: DateTime = column("When it was made.")
    version: int = column("Rises with every change.")
    lines: Connection[PerformanceLine] = connection(
        "sheet_id",
        "What it counts.",
        filter=PerformanceLineFilter,
        order=PerformanceLineOrder,
    )
    feedback_state: FeedbackState = sql(_asked("sheet_id"), "Where the latest question stands.")
    feedback: Connection[PerformanceFeedback] = connection(
        "sheet_id",
        "What was asked about the sheet itself, the latest first.",
        order=PerformanceFeedbackOrder,
    )
    available_actions: list[AvailableAction] = available(guards.SHEET_ACTIONS, guards.COLUMNS)
    history: Connection[Event] = happened()


@strawberry.type(description="What one month, account manager, customer, goods or reseller sold.")
class PerformanceSum:
    period: YearMonth | None = strawberry.field(description="The month; null by anything else.")
    id: strawberry.ID | None = strawberry.field(
        description="The account manager's seat, the customer, the goods or the reseller; null by"
        " months, and for what is nobody's."
    )
    name: str | None = strawberry.field(
        description="How what `id` names is called; null where `id` is."
    )
    line_count: int = strawberry.field(description="How many lines.")
    amount: Money = strawberry.field(description="What the lines come to.")
    refund_amount: Money = strawberry.field(description="What of `amount` came back; below zero.")
    adjustment_amount: Money = strawberry.field(description="What of `amount` are corrections.")


_PREFIXES = {
    PerformanceGrouping.MANAGER: "opr",
    PerformanceGrouping.CUSTOMER: "cus",
    PerformanceGrouping.GOODS: "gds",
    PerformanceGrouping.RESELLER: "ptn",
}


def sum_of(by: PerformanceGrouping, found: Sum) -> PerformanceSum:
    """As the API tells it."""

    return PerformanceSum(
        period=YearMonth(found.period) if found.period else None,
        id=strawberry.ID(ids.encode(_PREFIXES[by], found.id)) if found.id else None,
        name=found.name,
        line_count=found.lines,
        amount=Money.yuan(found.amount),
        refund_amount=Money.yuan(found.refund_amount),
        adjustment_amount=Money.yuan(found.adjustment_amount),
    )
