"""Refunds as the API shows them."""

from enum import Enum

import strawberry

from domain.refunds import guards
from domain.refunds.policy import PARTS, REFUNDS
from kit.reads import (
    Connection,
    Node,
    column,
    items,
    money,
    of_node,
    one,
    ordering,
    sql,
    table,
    where,
    within,
)
from models import refunds as models
from models.payments import Instrument
from models.refunds import DecidedBy, RefundKind, RefundReason, RefundStatus, Returned
from schema.actions import AvailableAction, available
from schema.enums import described
from schema.events import Event, happened
from schema.money import Money
from schema.names import name_of
from schema.partners import PartnerRef
from schema.payments import BOOKED, PaymentPartRef
from schema.ranges import DateTimeRange
from schema.references import CustomerRef, OrderLineRef, OrderRef, TransferRef
from schema.scalars import DateTime
from schema.searching import search_customer
from schema.subscriptions import CustomerSubscription

described(
    RefundKind,
    "By which rule something comes back.",
    FULL_GUARANTEE="五天无理由退订: all of it, within five times 24 hours of the opening; ten times"
    " a calendar year.",
    NOT_EFFECTIVE="未生效退订: all of it: it has not begun, was not accepted yet, or could not be"
    " opened.",
    PARTIAL_USED="使用中退订: what is left of it by days; vouchers stay used up.",
)
described(
    RefundStatus,
    "Where a refund stands.",
    MERCHANT_REVIEW="待商家审批: the merchant has fifteen days; silence is a yes.",
    REFUNDED="已退款: what was to come back has come back.",
    REJECTED="已驳回: the merchant has said no; the platform may overrule it.",
    CANCELLED="已取消: the customer has taken its wish back.",
)
described(
    DecidedBy,
    "Who has decided on a refund.",
    name="RefundDecidedBy",
    RULE="Nobody had to: it comes back by rule.",
    MERCHANT="Whoever sold it.",
    TIMEOUT="The merchant was silent for fifteen days.",
    PLATFORM="The platform.",
    CUSTOMER="The customer, who has taken it back.",
)
described(
    RefundReason,
    "Why a customer gives something back.",
    NOT_NEEDED="It isn't needed.",
    WRONG_CHOICE="Something else was meant.",
    TOO_EXPENSIVE="It costs too much.",
    NOT_AS_DESCRIBED="It isn't what was described.",
    OTHER="Anything else.",
)
described(
    Returned,
    "Where what an instrument has paid went back to.",
    name="RefundedTo",
    CUSTOMER="To the customer: its account, its coupon.",
    PARTNER="To the partner that has paid it, or that had given the money to its agency customer in"
    " an association which is over.",
    QUOTA="To the quota that the coupon came from: the customer is another partner's by now.",
    LOST="Nowhere: the coupon has expired.",
)


@strawberry.input(description="Which refunds; all conditions together.")
class RefundFilter:
    """Conditions over indexed columns."""

    number: str | None = where("{t}.number = {value}", "The one with exactly this number.")
    customer: str | None = search_customer(
        "A piece of the customer's name or account, at least 2 characters."
    )
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "To this customer.")
    partner_id: strawberry.ID | None = of_node(
        "partner_id", "ptn", "Bought when the customer was this partner's."
    )
    merchant_id: strawberry.ID | None = of_node("merchant_id", "ptn", "Of this merchant's goods.")
    order_id: strawberry.ID | None = of_node("order_id", "ord", "Of this order.")
    subscription_id: strawberry.ID | None = of_node(
        "subscription_id", "sub", "Of this subscription."
    )
    kind: list[RefundKind] | None = where("{t}.kind = any({value})", "By any of these rules.")
    status: list[RefundStatus] | None = where(
        "{t}.status = any({value})", "In any of these statuses."
    )
    created: DateTimeRange | None = within("created_at", "Asked for in this span.")


@strawberry.enum(description="What refunds can be ordered by.")
class RefundOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were asked for.")
    AMOUNT = strawberry.enum_value("amount", description="By how much comes back.")


RefundOrder = ordering("How refunds are ordered.", RefundOrderField.CREATED_AT)


@table(
    models.RefundPart,
    prefix="rfp",
    scope=PARTS,
    description="What comes back of one instrument's payment. Not for the merchant.",
)
class RefundPart:
    """Part of a refund."""

    instrument: Instrument = column("By what it was paid.")
    payment_part: PaymentPartRef | None = one("part_id", "The payment that it takes back from.")
    counts_performance: bool = column("Whether the payment was part of the cash consumption.")
    amount: Money = money("amount", "currency", "How much of the payment comes back.")
    returned_to: Returned | None = column("Where it went; null until it has.", "returned")
    returned_amount: Money | None = money(
        "returned_amount", "currency", "How much arrived at `returnedTo`; null until it has."
    )
    transfer: TransferRef | None = one(
        "transfer_id",
        "How the money moved; null for coupons, and for who sees neither account.",
    )
    transfer_number: str | None = sql(
        BOOKED,
        "The number of `transfer`, to be quoted; null for coupons, and until the money moves.",
    )


@table(
    models.Refund,
    prefix="rfd",
    scope=REFUNDS,
    description="The wish to have a line's money back (退订), and what became of it. The amounts"
    " are those of when it was asked for.",
)
class Refund(Node):
    """D-06 … D-14, 6.6."""

    number: str = column("Its number, for people.")
    customer: CustomerRef | None = one(
        "customer_id", "To whom; null for a customer that you may not see."
    )
    customer_name: str = sql(
        name_of("customer", "customer_id"),
        "The name of who gets it back.",
    )
    partner: PartnerRef | None = one(
        "partner_id", "The customer's partner when it was bought; null for none."
    )
    merchant: PartnerRef | None = one(
        "merchant_id", "Whose goods they are; null for the platform's, and when you may not see it."
    )
    order: OrderRef | None = one("order_id", "Of which order.")
    line: OrderLineRef | None = one("line_id", "Of which line.")
    subscription: CustomerSubscription | None = one(
        "subscription_id", "What is given back; null for what was never opened."
    )
    refund_order: OrderRef | None = one(
        "refund_order_id", "The order with negative amounts; null until it came back."
    )
    kind: RefundKind = column("By which rule.")
    rule: str = column("The rule's id: `D-07`.")
    status: RefundStatus = column("Where it stands.")
    reason: RefundReason = column("Why the customer gives it back.")
    reason_code: int = sql(
        "case {t}.reason when 'NOT_NEEDED' then 1 when 'WRONG_CHOICE' then 2"
        " when 'TOO_EXPENSIVE' then 3 when 'NOT_AS_DESCRIBED' then 4 else 5 end",
        "The cloud API's code of the reason: 1 to 5.",
    )
    note: str | None = column("What the customer has added.")
    pieces: int = column("How many of the line's pieces.")
    amount: Money = money("amount", "currency", "What comes back.")
    consumed: Money = money("consumed", "currency", "What is kept for the days of use.")
    used_days: int | None = column("The days of use; null where they don't matter.")
    total_days: int | None = column("The days that were paid; null where they don't matter.")
    decide_by: DateTime | None = column("The instant from which the merchant's silence is a yes.")
    decided_at: DateTime | None = column("When it was decided.")
    decided_by: DecidedBy | None = column("By whom; null until then.")
    refusal: str | None = column("Why the merchant has said no.")
    refunded_at: DateTime | None = column("When it came back.")
    created_at: DateTime = column("When it was asked for.")
    version: int = column("Rises with every change.")
    parts: list[RefundPart] = items(
        "refund_id", "By which ways it comes back. Not for the merchant.", order="id", limit=10
    )
    available_actions: list[AvailableAction] = available(guards.ACTIONS, guards.COLUMNS)
    history: Connection[Event] = happened()
