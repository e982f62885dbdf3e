"""Subscriptions, what customers have of what they bought, as the API shows them."""

from enum import Enum

import strawberry

from domain.fulfilment import changing, ending, renewing
from domain.fulfilment.expiry import EXPIRE, RETENTION
from domain.fulfilment.policy import SUBSCRIPTIONS
from kit.reads import (
    Connection,
    Node,
    column,
    items,
    of_node,
    one,
    ordering,
    sql,
    table,
    where,
    within,
)
from kit.scope import INHERITED
from models import subscriptions as models
from models.catalogue import ChargeMode
from models.subscriptions import ExpirePolicy, SubscriptionStatus
from schema.actions import AvailableAction, available
from schema.deadlines import Deadline, deadline_of
from schema.enums import described
from schema.events import Event, happened
from schema.goods import GoodsRef, SkuRef
from schema.names import name_of
from schema.partners import PartnerRef
from schema.ranges import DateTimeRange
from schema.references import CustomerRef, OrderLineRef
from schema.scalars import DateTime
from schema.searching import search_customer

described(
    SubscriptionStatus,
    "Where a subscription stands.",
    IN_USE="使用中: it can be used.",
    FROZEN="已冻结: its time is over, and for fifteen days it can still be renewed; or its customer"
    " is frozen together with its resources.",
    EXPIRED="已过期: its time is over for good.",
    CLOSED="已关闭: it was given back, or ended.",
)
described(
    ExpirePolicy,
    "What becomes of a subscription whose time is over.",
    FREEZE="It is frozen and kept for fifteen days, so that it can be renewed.",
    END="It is over at once.",
)

# As of the customer's freeze, and to the microsecond of its end, also before a worker comes by.
_IS_KEPT = f"{{t}}.expires_at + interval '{RETENTION.total_seconds():.0f} seconds' > {{now}}"
STATUS_NOW = (
    "case when {t}.status in ('EXPIRED', 'CLOSED') then {t}.status"
    " when {t}.expires_at is null or {t}.expires_at > {now} then case when exists ("
    "select from customer rests where rests.id = {t}.customer_id"
    " and rests.freeze = 'ACCOUNT_AND_RESOURCES') then 'FROZEN' else {t}.status end"
    f" when ({{t}}.expire_policy = 'FREEZE' or {{t}}.status = 'FROZEN') and {_IS_KEPT}"
    " then 'FROZEN' else 'EXPIRED' end"
)
_WIRE = (
    f"case {STATUS_NOW} when 'IN_USE' then 2 when 'CLOSED' then 3 when 'FROZEN' then 4 else 5 end"
)


@strawberry.input(description="Which subscriptions; all conditions together.")
class SubscriptionFilter:
    """Conditions over indexed columns."""

    number: str | None = where("{t}.number = {value}", "The one with exactly this number.")
    customer: str | None = search_customer(
        "A piece of the customer's name or account, at least 2 characters."
    )
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "Of this customer.")
    partner_id: strawberry.ID | None = of_node(
        "partner_id", "ptn", "Bought when the customer was this partner's."
    )
    merchant_id: strawberry.ID | None = of_node("merchant_id", "ptn", "Of this merchant's goods.")
    goods_id: strawberry.ID | None = of_node("goods_id", "gds", "Of these goods.")
    order_id: strawberry.ID | None = of_node("order_id", "ord", "Brought by this order.")
    status: list[SubscriptionStatus] | None = where(
        f"({STATUS_NOW}) = any({{value}})", "In any of these statuses as of now."
    )
    charge_mode: list[ChargeMode] | None = where(
        "{t}.charge_mode = any({value})", "Charged in any of these ways."
    )
    auto_renew: bool | None = where("{t}.auto_renew = {value}", "Whether it renews itself.")
    expires: DateTimeRange | None = within("expires_at", "Ending in this span.")
    created: DateTimeRange | None = within("created_at", "Opened in this span.")


@strawberry.enum(description="What subscriptions can be ordered by.")
class SubscriptionOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were opened.")
    EXPIRES_AT = strawberry.enum_value(
        "expires_at", description="By when they end; what has no end counts as latest."
    )


SubscriptionOrder = ordering("How subscriptions are ordered.", SubscriptionOrderField.CREATED_AT)


@table(
    models.SubscriptionPeriod,
    prefix="spd",
    scope=INHERITED,
    description="A span of a subscription that one line of an order has paid.",
)
class SubscriptionPeriod:
    """Part of a subscription."""

    position: int = column("Its place, from 1 on.")
    line: OrderLineRef | None = one("line_id", "The line that has paid it.")
    months: int | None = column(
        "How many months; null for what has no end, 0 for a change (变更), which runs beside"
        " another span to its end."
    )
    started_at: DateTime | None = column("Its begin; null until a delivery is accepted.")
    ends_at: DateTime | None = column(
        "Its end; null until a delivery is accepted, and for what has none."
    )
    given_back_at: DateTime | None = column("When it was refunded; it counts no more then.")


@table(
    models.Subscription,
    prefix="sub",
    scope=SUBSCRIPTIONS,
    description="What a customer has in use (订购的资源): so many of some goods, from a moment up"
    " to another.",
)
class CustomerSubscription(Node):
    """3.6: resource status."""

    number: str = column("Its number, for people.")
    customer: CustomerRef | None = one(
        "customer_id", "Who uses it; null for a customer that you may not see."
    )
    customer_name: str = sql(
        name_of("customer", "customer_id"),
        "The name of who uses it.",
    )
    partner: PartnerRef | None = one(
        "partner_id", "The customer's partner when it was bought; null for none."
    )
    merchant: PartnerRef | None = one(
        "merchant_id", "Whose goods they are; null for the platform's, and when you may not see it."
    )
    goods: GoodsRef | None = one("goods_id", "Of which goods.")
    sku: SkuRef | None = one("sku_id", "Which way of buying them, as of the last change.")
    line: OrderLineRef | None = one("line_id", "The line of the order that has brought it.")
    quantity: int = column("How many it is now, after changes and refunds.")
    charge_mode: ChargeMode = column("How use is charged.")
    status: SubscriptionStatus = sql(STATUS_NOW, "Where it stands, to the microsecond of its end.")
    status_code: int = sql(_WIRE, "The cloud API's code of the status: 2, 4, 5, 3.")
    auto_renew: bool = column("Whether it renews itself a day before its end.")
    expire_policy: ExpirePolicy = column("What becomes of it when its time is over.")
    resource: str | None = column("What the cloud calls it.")
    opened_at: DateTime = column("When the cloud had opened it.")
    effective_at: DateTime | None = column(
        "From when on it counts; null while the delivery is supervised."
    )
    expires_at: DateTime | None = column("The end of what is paid; null for what has none.")
    ended_at: DateTime | None = column("When it was over, given back or ended.")
    created_at: DateTime = column("When it was opened.")
    version: int = column("Rises with every change.")
    periods: list[SubscriptionPeriod] = items(
        "subscription_id", "Its spans, one after the other.", order="position", limit=100
    )
    deadline: Deadline | None = deadline_of(
        EXPIRE, "When its time is over; once frozen, when it is over for good."
    )
    available_actions: list[AvailableAction] = available(
        renewing.ACTIONS | changing.ACTIONS | ending.ACTIONS,
        changing.COLUMNS,
    )
    history: Connection[Event] = happened()
