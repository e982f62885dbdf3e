"""Settlement lines, and what partners have sold, as the API shows them."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from domain.settlement import eligibility
from domain.settlement.eligibility import PendingReason, RepaymentState
from domain.settlement.policy import LINES, SALES
from kit.reads import Connection, Node, column, connection, items, money, one, sql, table
from kit.scope import INHERITED
from models import orders, settlement
from models.catalogue import GoodsKind, ShareModel
from models.order_states import BillingState, Fulfilment, PolicyScene, SupervisionState
from models.settlement import SettledKind
from schema.consumption import ConsumptionRecord
from schema.explanations import SettlementExplanation, of_line
from schema.goods import GoodsRef
from schema.money import Money
from schema.order_lists import IS_BILLED
from schema.partners import PartnerRef
from schema.payments import BOOKED, yuan
from schema.references import CustomerRef, OrderLineRef, OrderRef, TransferRef
from schema.scalars import DateTime, Decimal
from schema.settled import SettledIncentive, SettledRefund, SettledUsage
from schema.settlement_lists import SettlementLineFilter, SettlementLineOrder

if TYPE_CHECKING:
    from schema.refunds import Refund
    from schema.statements import Statement

RefundRef = Annotated["Refund", strawberry.lazy("schema.refunds")]
StatementRef = Annotated["Statement", strawberry.lazy("schema.statements")]
SettlementLineRef = Annotated["SettlementLine", strawberry.lazy("schema.settlement")]


@table(
    settlement.SettlementLine,
    prefix="stl",
    scope=LINES,
    description="What one sale, refund, month of use or attained incentive comes to (结算明细):"
    " with the inputs of its formula, as they were then. The partner sees it with its statement.",
)
class SettlementLine(Node):
    """6.1-6.6."""

    statement: StatementRef | None = one("statement_id", "In which statement.")
    partner: PartnerRef | None = one("partner_id", "Whom it pays.")
    kind: SettledKind = column("What it stands for.")
    period: str = column("Of which period.")
    customer: CustomerRef | None = one(
        "customer_id", "Who has bought; null for a customer that you may not see."
    )
    customer_name: str | None = sql(
        "(select buys.name from customer buys where buys.id = {t}.customer_id)",
        "The name of who has bought.",
    )
    goods: GoodsRef | None = one("goods_id", "What was sold.")
    order_number: str | None = sql(
        "(select bought.number from order_line sold join sales_order bought"
        " on bought.id = sold.order_id where sold.id = {t}.order_line_id)",
        "The number of the order.",
    )
    order_line: OrderLineRef | None = one("order_line_id", "Which line of an order.")
    refund: RefundRef | None = one(
        "refund_id", "Of a REVERSAL: the refund; null where the customer isn't yours."
    )
    settled_refund: SettledRefund | None = one(
        "refund_id", "Of a REVERSAL: what came back, whoever's customer it is."
    )
    consumption_record: ConsumptionRecord | None = one(
        "consumption_record_id", "Of USAGE: what was charged; null where the customer isn't yours."
    )
    settled_usage: SettledUsage | None = one(
        "consumption_record_id", "Of USAGE: what was charged, whoever's customer it is."
    )
    settled_incentive: SettledIncentive | None = one(
        "incentive_id", "Of an INCENTIVE: which part of which incentive it pays."
    )
    is_paid_later: bool = sql(
        "({t}.transfer_id is not null)",
        "Of USAGE: whether it was debt (欠费) when it was charged, and is settled as paid since.",
    )
    paid_later_by: TransferRef | None = one(
        "transfer_id", "The transfer that has paid that debt; null for who sees neither account."
    )
    paid_later_by_number: str | None = sql(
        BOOKED, "The number of `paidLaterBy`, to be quoted; null where nothing was debt."
    )
    original: SettlementLineRef | None = one(
        "original_id",
        "Of a REVERSAL, the line that it takes back from; of an ADJUSTMENT, that it puts right.",
    )
    reversals: list[SettlementLineRef] = items(
        "original_id", "What was taken back of it.", order="id", limit=50
    )
    eligible_at: DateTime = column("Since when it could be settled.")
    share_model: ShareModel | None = column("By which formula; null where there is none.")
    goods_kind: GoodsKind | None = column("Who stands behind the goods.")
    cash: Money = money(
        "cash", "currency", "The cash consumption (现金消费); of a REVERSAL what came back of it."
    )
    deal_amount: Money | None = money(
        "deal_amount", "currency", "The deal price; of a REVERSAL what came back of it."
    )
    ratio: Decimal | None = column("The partner's share.")
    goods_tax_ratio: Decimal | None = column("The tax rate of the goods.", "goods_tax_rate")
    fee_tax_ratio: Decimal = column("The tax rate of the partner's fee.", "fee_tax_rate")
    rule_version: str = column("By which version of the rules.")
    takes_remainder: bool = column("Whether it is the last refund, and takes all that is left.")
    amount: Money = money("amount", "currency", "What it comes to, tax included.")
    reason: str | None = column("Why an ADJUSTMENT was entered.")
    voided_at: DateTime | None = column(
        "When its statement was cancelled; what it stands for waits again."
    )
    created_at: DateTime = column("As of when it was made.")
    explanation: SettlementExplanation | None = of_line()


@table(
    orders.OrderLine,
    prefix="trl",
    scope=INHERITED,
    description="A line of a transaction: whether it is settled, and what it waits for.",
)
class SettlementTransactionLine:
    """S-10, S-23."""

    order_line: OrderLineRef | None = one("id", "The line itself; null when you may not see it.")
    goods: GoodsRef | None = one("goods_id", "What was sold.")
    fulfilment: Fulfilment = column("What has become of it.")
    supervision_state: SupervisionState = column("Where its supervision stands (服务监管状态).")
    effective_at: DateTime | None = column("From when on it counts (生效时间).")
    due_amount: Money = yuan("due_amount", "What was paid for it.")
    refunded_amount: Money = yuan("refunded_amount", "What of it was given back.")
    eligible_at: DateTime | None = sql(
        eligibility.over_line(eligibility.eligible_at("{now}")),
        "Since when it can be settled, as of now; null while something is missing.",
    )
    billing_state: BillingState = sql(
        f"case when {eligibility.IS_SETTLED} then 'BILLED' else 'PENDING' end",
        "Whether it was billed (出账状态).",
    )
    waiting_for: list[PendingReason] = sql(
        f"case when {eligibility.IS_SETTLED} then array[]::text[] else"
        f" {eligibility.over_line(eligibility.pending('{now}'))} end",
        "Why it isn't settled; empty when it was, or will be with the next statement.",
    )
    settlement_lines: list[SettlementLine] = items(
        "order_line_id", "What of it was settled, voided lines included.", order="id", limit=50
    )


@table(
    orders.Order,
    prefix="trx",
    scope=SALES,
    description="What a partner has sold (交易明细): paid, and settled or on its way to be.",
)
class SettlementTransaction(Node):
    """S-10, S-23."""

    number: str = column("The number of the order.")
    order: OrderRef | None = one("id", "The order itself; null when you may not see it.")
    partner: PartnerRef | None = one("seller_id", "Who has sold it.")
    customer: CustomerRef | None = one(
        "customer_id", "Who has bought; null for a customer that you may not see."
    )
    customer_name: str = sql(
        "(select buys.name from customer buys where buys.id = {t}.customer_id)",
        "The name of who has bought.",
    )
    policy_scene: PolicyScene = column("By which policy the sale earns incentives.")
    repayment_state: RepaymentState = sql(
        "case {t}.payment_state when 'PAID_ON_CREDIT' then 'UNPAID' when 'REPAID' then 'REPAID'"
        " else 'NOT_APPLICABLE' end",
        "Whether what was lent for it is repaid (还款状态).",
    )
    supervision_state: SupervisionState = column("Where the supervision of its lines stands.")
    billing_state: BillingState = sql(
        f"case when {IS_BILLED} then 'BILLED' else 'PENDING' end",
        "BILLED as soon as one of its lines was.",
    )
    due_amount: Money = money("due_amount", "currency", "What was paid for it.")
    refunded_amount: Money = money("refunded_amount", "currency", "What of it was given back.")
    paid_at: DateTime | None = column("When it was paid.")
    repaid_at: DateTime | None = column("When what was lent for it was repaid.")
    created_at: DateTime = column("When it was placed.")
    lines: list[SettlementTransactionLine] = items(
        "order_id", "What was sold.", order="position", limit=50
    )


def lines_of_statement() -> Connection[SettlementLine]:
    """The field of a statement."""
    return connection(  # type: ignore[no-any-return]
        "statement_id",
        "Its lines.",
        filter=SettlementLineFilter,
        order=SettlementLineOrder,
    )
