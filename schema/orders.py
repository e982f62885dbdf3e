"""Orders, their lines and what paid them, as the API shows them."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from domain.orders import guards
from domain.orders.deadlines import EXPIRE
from domain.orders.policy import IS_WHOLE, LINES, ORDERS, SEES_FLOOR, SEES_SHARE, WHOLE_AMOUNT
from kit.reads import Connection, Node, column, connection, embedded, items, one, sql
from kit.reads import table as read_from
from models import orders as models
from models.catalogue import (
    ChargeMode,
    GoodsCategory,
    GoodsKind,
    IncentiveStrategy,
    ShareModel,
)
from models.customers import AssociationType
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
from schema.actions import AvailableAction, available
from schema.deadlines import Deadline, deadline_of
from schema.events import Event, happened
from schema.goods import GoodsRef, SkuRef
from schema.identity import Operator
from schema.money import Money
from schema.names import name_of
from schema.order_lists import IS_BILLED, IS_OVERDUE, PAYMENT_NOW, STATUS_NOW, OrderOrder
from schema.partners import PartnerRef
from schema.payments import OnlinePayment, PaymentPart, PaymentShare, yuan
from schema.references import CustomerRef, OrderRef
from schema.scalars import DateTime, Decimal

if TYPE_CHECKING:
    from schema.offers import ExclusiveOffer
    from schema.private_offers import PrivateOffer
    from schema.refunds import Refund
    from schema.service_supervision import ServiceSupervision
    from schema.subscriptions import CustomerSubscription

ExclusiveOfferRef = Annotated["ExclusiveOffer", strawberry.lazy("schema.offers")]
PrivateOfferRef = Annotated["PrivateOffer", strawberry.lazy("schema.private_offers")]
RefundRef = Annotated["Refund", strawberry.lazy("schema.refunds")]
SubscriptionRef = Annotated["CustomerSubscription", strawberry.lazy("schema.subscriptions")]
SupervisionRef = Annotated["ServiceSupervision", strawberry.lazy("schema.service_supervision")]

_WIRE_STATUS = (
    f"case ({STATUS_NOW}) when 'PENDING_PAYMENT' then 6 when 'PROCESSING' then 3"
    " when 'COMPLETED' then 5 else 4 end"
)
_FLOOR = f"(case when {SEES_FLOOR} then {{t}}.floor_amount end)"
_WIRE_TYPE = "case {t}.type when 'NEW' then 1 when 'RENEW' then 2 when 'CHANGE' then 3 else 4 end"


def _whole(column: str, description: str) -> Any:
    """An amount of the whole order, which a merchant of a part of it isn't told."""
    parts = {"amount": f"{{t}}.{column}", "currency": "{t}.currency"}
    return embedded(
        parts,
        f"{description} Null to a merchant while others' goods are in it, too: see the lines.",
        unless=f"not {IS_WHOLE}",
    )


def _earned(column: str, description: str) -> Any:
    return sql(
        f"case when {SEES_SHARE} then {{t}}.{column} end",
        f"{description} For the partner that sells it, the merchant, and the platform.",
    )


@read_from(
    models.OrderLine,
    prefix="orl",
    scope=LINES,
    description="One thing that an order buys, with the terms of its moment: nothing later changes"
    " them.",
)
class OrderLine(Node):
    """Merchants see those with goods of their shop."""

    order: OrderRef | None = one("order_id", "Of which order.")
    position: int = column("Its place in the order, from 1 on.")
    goods: GoodsRef | None = one("goods_id", "Which goods.")
    sku: SkuRef | None = one("sku_id", "Which way of buying them.")
    merchant: PartnerRef | None = one(
        "merchant_id", "Whose goods they are; null for the platform's, and when you may not see it."
    )
    quantity: int = column("How many.")
    periods: int = column("For how many periods; 0 for what has none.")
    months: int | None = column("How many months a period has.")
    charge_mode: ChargeMode = column("How use is charged.")
    kind: GoodsKind = column("Who stands behind the goods.")
    category: GoodsCategory = column("What is delivered.")
    unit_price: Money = yuan("unit_price", "The list price of one, for a period.")
    list_amount: Money = yuan("list_amount", "What it costs at list price.")
    discount_ratio: Decimal | None = column(
        "The share of the list price that is paid; null where a merchant's private offer, or the"
        " difference to another line, is the price.",
        "discount",
    )
    deal_amount: Money = yuan("deal_amount", "What was agreed, before an adjustment.")
    adjustment: Money = yuan("adjustment", "By how much the deal amount was adjusted (订单调价).")
    due_amount: Money = yuan("due_amount", "What is paid for it.")
    refunded_amount: Money = yuan("refunded_amount", "What of the due amount was given back.")
    exclusive_offer: ExclusiveOfferRef | None = one(
        "exclusive_offer_id",
        "By which exclusive offer; null for none, and for one that you may not see (any more).",
    )
    private_offer: PrivateOfferRef | None = one(
        "private_offer_id", "By which private offer of the merchant; null as `exclusiveOffer` is."
    )
    share_model: ShareModel | None = _earned("share_model", "How the share is worked out.")
    share_ratio: Decimal | None = _earned("share_ratio", "The partner's share.")
    strategy: IncentiveStrategy | None = _earned("strategy", "What the sale counts for.")
    tax_ratio: Decimal | None = _earned("tax_rate", "The output tax of the goods.")
    floor_amount: Money | None = embedded(
        {"amount": _FLOOR, "currency": "'CNY'"},
        "What the line is settled with (底价). For the merchant and the platform.",
        unless=f"{_FLOOR} is null",
    )
    requires_supervision: bool = column("Whether its delivery is supervised.")
    five_day_refund: bool = column("Whether it comes back without a reason within five days.")
    fulfilment: Fulfilment = column("What has become of it.")
    opened_at: DateTime | None = column("When it was opened.")
    effective_at: DateTime | None = column("From when on it counts.")
    expires_at: DateTime | None = column("When it ends.")
    supervision_state: SupervisionState = column("Where its supervision stands.")
    supervision_done_at: DateTime | None = column("When its supervision was done.")
    subscription: SubscriptionRef | None = one(
        "subscription_id",
        "What it has brought, renews, changes or gives back; null until it is opened.",
    )
    service_supervision: SupervisionRef | None = one(
        "id", "The platform's watch over its delivery; null without one.", match="line_id"
    )
    refunds: list[RefundRef] = items(
        "line_id", "What was asked back of it, one after the other.", order="created_at", limit=20
    )
    payment_shares: list[PaymentShare] = items(
        "line_id", "What paid it.", order="part_id", limit=10
    )
    created_at: DateTime = column("When it was ordered.")


@read_from(
    models.Order,
    prefix="ord",
    scope=ORDERS,
    description="An order (订单). What it is, who pays and what is delivered are told apart.",
    veils={"due_amount": {"OPERATOR.MERCHANT": WHOLE_AMOUNT}},
)
class Order(Node):
    """5.9, 3.6."""

    number: str = column("Its number, for people.")
    type: OrderType = column("What it is for.")
    type_code: int = sql(_WIRE_TYPE, "The cloud API's code of the type: 1, 2, 3, 4.")
    source: OrderSource = column("Who placed it.")
    source_code: int = sql(
        "case {t}.source when 'CUSTOMER' then 1 else 2 end",
        "The cloud API's code of the source: 1, 2.",
    )
    status: OrderStatus = sql(STATUS_NOW, "Where it stands, to the microsecond of its deadline.")
    status_code: int = sql(_WIRE_STATUS, "The cloud API's code of the status: 6, 3, 5, 4.")
    payment_state: PaymentState = sql(PAYMENT_NOW, "Who has paid, or is to pay.")
    supervision_state: SupervisionState = column("Where the supervision of its lines stands.")
    refund_state: RefundState = column("How much of it was given back.")
    policy_scene: PolicyScene = column("By which policy the sale earns incentives.")
    billing_state: BillingState = sql(
        f"case when {IS_BILLED} then 'BILLED' else 'PENDING' end",
        "Whether the partner's share was billed: BILLED as soon as that of one of its lines was.",
    )
    customer: CustomerRef | None = one(
        "customer_id", "Who buys; null for a customer that you may not see."
    )
    customer_name: str = sql(
        name_of("customer", "customer_id"),
        "The name of who buys.",
    )
    account_name: str = sql(
        name_of("customer", "customer_id", "account_name"),
        "The cloud account of who buys.",
    )
    partner: PartnerRef | None = one(
        "partner_id", "The customer's partner when it ordered; null for none."
    )
    association_type: AssociationType | None = column("How it belonged to that partner.")
    manager: Operator | None = one(
        "manager_id", "The customer's account manager then; null for who may not see it."
    )
    seller: PartnerRef | None = one(
        "seller_id",
        "The partner that it is bound to, who earns on it (绑定的客户服务商); null for none.",
    )
    base_order: OrderRef | None = one(
        "base_order_id", "The order that it goes on from, changes or gives back."
    )
    list_amount: Money | None = _whole("list_amount", "What it costs at list price.")
    deal_amount: Money | None = _whole("deal_amount", "What was agreed, before an adjustment.")
    adjustment: Money | None = _whole(
        "adjustment", "By how much the deal amount was adjusted (订单调价)."
    )
    due_amount: Money | None = _whole("due_amount", "What is to be paid, tax included.")
    refunded_amount: Money | None = _whole(
        "refunded_amount", "What of the due amount was given back."
    )
    pay_by: DateTime | None = column("The instant from which it can't be paid any more.")
    payer: PartnerRef | None = one(
        "payer_id", "The partner that was asked to pay it, or has; null for none."
    )
    is_partner_paid: bool = sql(
        "{t}.payer_id is not null", "Whether a partner pays it, or is to (`is_agent_pay`)."
    )
    paid_at: DateTime | None = column("When it was paid.")
    repaid_at: DateTime | None = column("When what was lent for it was repaid.")
    completed_at: DateTime | None = column("When all of it was delivered.")
    cancelled_at: DateTime | None = sql(
        f"case when {IS_OVERDUE} then {{t}}.pay_by else {{t}}.cancelled_at end",
        "When it was cancelled.",
    )
    cancel_reason: CancelReason | None = sql(
        f"case when {IS_OVERDUE} then 'DEADLINE' else {{t}}.cancel_reason end",
        "Why it was cancelled.",
    )
    note: str | None = column("What the buyer has noted.")
    created_at: DateTime = column("When it was placed.")
    version: int = column("Rises with every change; pass it as `expectedVersion`.")
    lines: list[OrderLine] = items("order_id", "What it buys.", order="position", limit=50)
    payment_parts: list[PaymentPart] = items(
        "order_id", "What has paid it.", order="position", limit=10
    )
    online_payment: OnlinePayment | None = one(
        "id", "The last try to pay it online.", match="order_id", newest="created_at"
    )
    deadline: Deadline | None = deadline_of(EXPIRE, "When it ends unpaid.")
    available_actions: list[AvailableAction] = available(
        guards.ACTIONS,
        guards.COLUMNS,
        told={"lines": guards.LINES},
    )
    later_orders: Connection[OrderRef] = connection(
        "base_order_id",
        "Orders that go on from it, change it or give it back, the latest first.",
        order=OrderOrder,
    )
    history: Connection[Event] = happened()
