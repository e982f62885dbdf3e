"""Filters and orders of lists of orders and their lines, and the enums in them."""

from enum import Enum

import strawberry

from domain.orders.policy import IS_WHOLE
from kit.reads import of_node, ordering, search, where, within
from models.catalogue import ChargeMode
from models.order_states import (
    BillingState,
    CancelReason,
    Fulfilment,
    OrderSource,
    OrderStatus,
    OrderType,
    PaymentState,
    PolicyScene,
    RefundState,
    SupervisionState,
)
from schema.enums import described
from schema.ranges import AmountRange, DateTimeRange
from schema.searching import search_customer

described(
    OrderType,
    "What an order is for.",
    NEW="开通: something new.",
    RENEW="续订: a subscription goes on.",
    CHANGE="变更: a subscription becomes another one.",
    UNSUBSCRIBE="退订: it gives back what an earlier order has brought; its amounts are negative.",
)
described(
    OrderSource,
    "Who placed an order.",
    CUSTOMER="The customer itself.",
    PARTNER="代客下单: its partner on behalf of it.",
)
described(
    OrderStatus,
    "Where an order stands.",
    PENDING_PAYMENT="待支付: it waits to be paid.",
    PROCESSING="处理中: it is paid, and being delivered.",
    COMPLETED="已完成: all is delivered, and supervision is done.",
    CANCELLED="已取消: it was never paid.",
)
described(
    PaymentState,
    "Who has paid an order, or is to pay it.",
    UNPAID="The customer is to pay.",
    PENDING_PARTNER_PAYMENT="待伙伴支付: the partner was asked to pay.",
    PAID="已支付: it is paid.",
    PAID_ON_CREDIT="It is paid by credit, or a coupon, that has to be repaid yet.",
    REPAID="已还款: nothing that was lent for it is owed any more: it is repaid, or it came back"
    " with a refund.",
    CANCELLED="Nobody will pay it.",
)
described(
    CancelReason,
    "Why an order was never paid.",
    CUSTOMER="The customer has cancelled it.",
    PARTNER="Its partner has, on behalf of it.",
    DEADLINE="Its time to be paid went by.",
    SUBSCRIPTION="The subscription that it was to renew or change was given back, or changed.",
)
described(
    RefundState,
    "How much of an order was given back (退订).",
    NONE="Nothing, and nobody has asked.",
    REQUESTED="It is asked for.",
    PARTLY_REFUNDED="A part.",
    REFUNDED="All of it.",
)
described(
    SupervisionState,
    "Where the supervision of a delivery stands (服务监管).",
    NOT_INVOLVED="不涉及: it isn't supervised.",
    IN_PROGRESS="It is under way.",
    DONE="已完成: the buyer, or the platform, has accepted.",
)
described(
    BillingState,
    "Whether a partner's share was billed (出账状态).",
    PENDING="待出账: not yet.",
    BILLED="已出账: it was.",
)
described(
    PolicyScene,
    "By which policy a sale earns incentives, decided when it is ordered.",
    NONE="By none: nobody is bound to the order.",
    DISTRIBUTOR="By the partners' sales-incentive policy: whoever sells is the customer's own"
    " partner, or the distributor of that.",
    CSP="客户服务商分成: a share of each sale, which statements pay.",
    OPERATIONS_BASE="伙伴运营基地: by a policy of its own, entered by the platform.",
)
described(
    Fulfilment,
    "What has become of a line that was paid.",
    WAITING="It isn't paid yet, or about to be opened.",
    PROVISIONING="The cloud was asked to open it.",
    OPEN="It is open.",
    FAILED="The cloud couldn't open it; it is tried again, or given back.",
    CANCELLED="It was given back before it was open.",
)

# By the time, whether or not a worker has come by.
IS_OVERDUE = "{t}.status = 'PENDING_PAYMENT' and {t}.pay_by <= {now}"
STATUS_NOW = f"case when {IS_OVERDUE} then 'CANCELLED' else {{t}}.status end"
PAYMENT_NOW = f"case when {IS_OVERDUE} then 'CANCELLED' else {{t}}.payment_state end"
# A share was billed when it stands in a statement that wasn't cancelled.
IS_BILLED = (
    "exists (select from settlement_line share join order_line sold on sold.id ="
    " share.order_line_id where sold.order_id = {t}.id and share.kind = 'ORIGINAL'"
    " and share.voided_at is null)"
)
_IN_BILLING_STATE = f"(case when {IS_BILLED} then 'BILLED' else 'PENDING' end) = any({{value}})"


def _of_line(column: str, prefix: str, description: str) -> strawberry.ID | None:
    # The lines as a list of orders: few of something rare are found by its own index. A merchant
    # finds an order by its own lines alone, and not what else it buys from whom.
    return of_node(  # type: ignore[no-any-return]
        f"exists (select from order_line of where of.order_id = {{t}}.id and of.{column}"
        " = {value} and (not {viewer.is_merchant}::boolean"
        " or of.merchant_id = {viewer.partner_id}))",
        prefix,
        description,
    )


@strawberry.input(description="Which orders a list is about; all conditions together.")
class OrderFilter:
    """Conditions over indexed columns."""

    number: str | None = where("{t}.number = {value}", "The one with exactly this number.")
    search: str | None = search(
        "number", description="A piece of the number, at least 3 characters.", shortest=3
    )
    customer: str | None = search_customer(
        "A piece of the customer's name or account, at least 2 characters."
    )
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "Of this customer.")
    partner_id: strawberry.ID | None = of_node(
        "partner_id", "ptn", "Of customers that this partner had when they ordered."
    )
    seller_id: strawberry.ID | None = of_node(
        "seller_id", "ptn", "Bound to this partner, who earns on it."
    )
    manager_id: strawberry.ID | None = of_node(
        "manager_id", "opr", "Of customers in the hands of this account manager when they ordered."
    )
    merchant_id: strawberry.ID | None = _of_line(
        "merchant_id", "ptn", "With goods of this merchant."
    )
    goods_id: strawberry.ID | None = _of_line("goods_id", "gds", "With these goods.")
    exclusive_offer_id: strawberry.ID | None = _of_line(
        "exclusive_offer_id", "eof", "By this exclusive offer."
    )
    private_offer_id: strawberry.ID | None = _of_line(
        "private_offer_id", "pvo", "By this private offer."
    )
    type: list[OrderType] | None = where("{t}.type = any({value})", "Of any of these types.")
    source: list[OrderSource] | None = where("{t}.source = any({value})", "Placed by any of them.")
    status: list[OrderStatus] | None = where(
        f"({STATUS_NOW}) = any({{value}})", "In any of these statuses as of now."
    )
    payment_state: list[PaymentState] | None = where(
        f"({PAYMENT_NOW}) = any({{value}})", "In any of these states of payment as of now."
    )
    refund_state: list[RefundState] | None = where(
        "{t}.refund_state = any({value})", "In any of these states of refund."
    )
    supervision_state: list[SupervisionState] | None = where(
        "{t}.supervision_state = any({value})", "In any of these states of supervision."
    )
    policy_scene: list[PolicyScene] | None = where(
        "{t}.policy_scene = any({value})", "Earning by any of these policies."
    )
    billing_state: list[BillingState] | None = where(
        _IN_BILLING_STATE, "In any of these states of billing."
    )
    created: DateTimeRange | None = within("created_at", "Placed in this span.")
    paid: DateTimeRange | None = within("paid_at", "Paid in this span.")
    amount: AmountRange | None = within(
        "due_amount",
        "With an amount due in this span; for a merchant, of orders with its goods alone.",
        when=IS_WHOLE,
    )


@strawberry.enum(description="What orders can be ordered by.")
class OrderOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were placed.")
    PAID_AT = strawberry.enum_value(
        "settled_at", description="By when they were paid; what isn't, by when it was placed."
    )
    DUE_AMOUNT = strawberry.enum_value(
        "due_amount",
        description="By what is due; for a merchant, an order with others' goods counts as 0.",
    )


OrderOrder = ordering("How orders are ordered.", OrderOrderField.CREATED_AT)


def _of_order(column: str, prefix: str, description: str) -> strawberry.ID | None:
    return of_node(  # type: ignore[no-any-return]
        "exists (select from sales_order of where of.id = {t}.order_id"
        f" and of.{column} = {{value}})",
        prefix,
        description,
    )


@strawberry.input(description="Which lines of orders; all conditions together.")
class OrderLineFilter:
    """Conditions over indexed columns."""

    goods_id: strawberry.ID | None = of_node("goods_id", "gds", "Of these goods.")
    merchant_id: strawberry.ID | None = of_node("merchant_id", "ptn", "Of this merchant.")
    fulfilment: list[Fulfilment] | None = where(
        "{t}.fulfilment = any({value})", "Of which this has become."
    )
    supervision_state: list[SupervisionState] | None = where(
        "{t}.supervision_state = any({value})", "In any of these states of supervision."
    )
    status: list[OrderStatus] | None = where(
        "exists (select from sales_order of where of.id = {t}.order_id and ("
        + STATUS_NOW.replace("{t}", "of")
        + ") = any({value}))",
        "Of orders in any of these statuses as of now.",
    )
    created: DateTimeRange | None = within("created_at", "Placed in this span.")
    order_id: strawberry.ID | None = of_node("order_id", "ord", "Of this order.")
    order_number: str | None = where(
        "{t}.order_id = (select of.id from sales_order of where of.number = {value})",
        "Of the order with exactly this number.",
    )
    customer_id: strawberry.ID | None = _of_order("customer_id", "cus", "Of this customer.")
    partner_id: strawberry.ID | None = _of_order(
        "partner_id", "ptn", "Of customers that this partner had when they ordered."
    )
    charge_mode: list[ChargeMode] | None = where(
        "{t}.charge_mode = any({value})", "Charged in any of these ways."
    )
    amount: AmountRange | None = within("due_amount", "With an amount due in this span.")


@strawberry.enum(description="What lines of orders can be ordered by.")
class OrderLineOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were placed.")
    DUE_AMOUNT = strawberry.enum_value("due_amount", description="By what is due.")


OrderLineOrder = ordering("How lines of orders are ordered.", OrderLineOrderField.CREATED_AT)
