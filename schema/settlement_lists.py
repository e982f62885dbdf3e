"""Filters of lists of settlement lines, runs and transactions, and the enums in them."""

from enum import Enum

import strawberry

from domain.settlement.eligibility import EARNING, PendingReason, RepaymentState
from kit.reads import flag, of_node, ordering, where, within
from models.order_states import BillingState, PolicyScene, SupervisionState
from models.settlement import SettledKind
from models.settlement_runs import RunState
from schema.enums import described
from schema.order_lists import IS_BILLED
from schema.ranges import AmountRange, DateTimeRange
from schema.searching import search_customer

described(
    SettledKind,
    "What a settlement line stands for.",
    ORIGINAL="原始订单: a line of an order that was sold.",
    REVERSAL="退订: a refund, which takes back from the line that it refunds.",
    USAGE="按需用量: a month's use that was charged.",
    INCENTIVE="激励: what was attained in a quarter.",
    ADJUSTMENT="调账: an amount that was entered to put something right.",
)
described(
    RunState,
    "Where a run stands.",
    name="SettlementRunStatus",
    RUNNING="出账中: workers are making its statements, a partner at a time.",
    DONE="已完成: all of them are made.",
)
described(
    PendingReason,
    "Why a sale isn't settled: what it waits for, or why it never will be.",
    NOT_REPAID="未还款: it isn't paid, or what was lent for it isn't repaid.",
    UNDER_SUPERVISION="服务监管中: its delivery isn't accepted yet.",
    NOT_OPENED="未开通: the cloud hasn't opened it.",
    NOT_EFFECTIVE="未生效: it begins later.",
    NOT_CERTIFIED="The seller has no certified business information.",
    ORIGINAL_WAITS="A refund: the sale that it takes back isn't settled.",
    LATER_PERIOD="It came after the period.",
    STATEMENT_EXISTS="The period has a statement at these rates: it comes into the next one.",
    SETTLED_BY_USE="Never as a sale: what is used is settled, month by month.",
    NO_OFFER="Never: it was sold without an offer of the seller.",
    NOT_A_MEMBER="Never: the seller was no customer service provider then.",
    DISTRIBUTOR_POLICY="Never: it earns by the partners' sales-incentive policy instead.",
    OPERATIONS_BASE="Never: it earns by the operations base's own policy.",
    KIND_WITHOUT_SHARE="Never: nothing is shared of goods of this kind.",
)


described(
    RepaymentState,
    "Whether what was lent for an order is repaid (后付费客户还款状态).",
    NOT_APPLICABLE="不涉及: nothing was lent.",
    UNPAID="未还款: not yet.",
    REPAID="已还款: it is, or it came back with a refund.",
)


def _of_order_number() -> str | None:
    return where(  # type: ignore[no-any-return]
        "{t}.order_line_id = any(array(select sold.id from sales_order bought"
        " join order_line sold on sold.order_id = bought.id where bought.number = {value}))",
        "Of the order with exactly this number.",
        prepare=lambda value: value.strip().upper(),
    )


@strawberry.input(description="Which settlement lines; all conditions together.")
class SettlementLineFilter:
    """Conditions over indexed columns."""

    statement_id: strawberry.ID | None = of_node("statement_id", "stm", "Of this statement.")
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "Of this customer.")
    goods_id: strawberry.ID | None = of_node("goods_id", "gds", "Of these goods.")
    kind: list[SettledKind] | None = where("{t}.kind = any({value})", "Of any of these kinds.")
    order_number: str | None = _of_order_number()
    period: str | None = where(
        "{t}.period = {value}::text", "Of this period: a month `2025-10`, a quarter `2025-Q4`."
    )
    voided: bool | None = flag(
        "{t}.voided_at is not null",
        "{t}.voided_at is null",
        "Whether its statement was cancelled.",
    )
    amount: AmountRange | None = within("amount", "With an amount in this span.")


@strawberry.enum(description="What settlement lines can be ordered by.")
class SettlementLineOrderField(Enum):
    """Names of columns."""

    AGE = strawberry.enum_value(
        "id",
        description="By when they were made; within a statement, by"
        " when they could be settled, a refund behind what it refunds.",
    )
    AMOUNT = strawberry.enum_value("amount", description="By what they come to.")


SettlementLineOrder = ordering("How settlement lines are ordered.", SettlementLineOrderField.AGE)


def _sold(condition: str) -> str:
    return f"exists (select from order_line l where l.order_id = {{t}}.id and {condition})"


@strawberry.input(description="Which transactions; all conditions together.")
class SettlementTransactionFilter:
    """Conditions over orders that a partner has sold."""

    number: str | None = where("{t}.number = {value}", "The order with exactly this number.")
    customer: str | None = search_customer(
        "A piece of the customer's name or account, at least 2 characters."
    )
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "To this customer.")
    partner_id: strawberry.ID | None = of_node("seller_id", "ptn", "Sold by this partner.")
    goods_id: strawberry.ID | None = of_node(
        _sold("l.goods_id = {value}"), "gds", "With these goods."
    )
    policy_scene: list[PolicyScene] | None = where(
        "{t}.policy_scene = any({value})", "Earning by any of these policies."
    )
    repayment_state: list[RepaymentState] | None = where(
        "(case {t}.payment_state when 'PAID_ON_CREDIT' then 'UNPAID' when 'REPAID' then 'REPAID'"
        " else 'NOT_APPLICABLE' end) = any({value})",
        "In any of these states of repayment.",
    )
    billing_state: list[BillingState] | None = where(
        f"(case when {IS_BILLED} then 'BILLED' else 'PENDING' end) = any({{value}}::text[])",
        "BILLED when one of its lines was.",
    )
    earns: bool | None = flag(
        _sold(EARNING), f"not {_sold(EARNING)}", "Whether any of its lines earns a share."
    )
    paid: DateTimeRange | None = within("paid_at", "Paid in this span.")
    created: DateTimeRange | None = within("created_at", "Placed in this span.")
    supervision_state: list[SupervisionState] | None = where(
        "{t}.supervision_state = any({value})", "In any of these states of supervision."
    )
    amount: AmountRange | None = within("due_amount", "With an amount due in this span.")


@strawberry.enum(description="What transactions can be ordered by.")
class SettlementTransactionOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were placed.")
    PAID_AT = strawberry.enum_value("settled_at", description="By when they were paid.")
    DUE_AMOUNT = strawberry.enum_value("due_amount", description="By what was due.")


SettlementTransactionOrder = ordering(
    "How transactions are ordered.", SettlementTransactionOrderField.CREATED_AT
)
