"""Orders: what a customer buys, through whom, at which terms, and how it was paid."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Record, Versioned
from models.catalogue import (
    ChargeMode,
    Goods,
    GoodsCategory,
    GoodsKind,
    IncentiveStrategy,
    ShareModel,
    Sku,
)
from models.customers import AssociationType, Customer
from models.offers import ExclusiveOffer
from models.order_states import (
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
from models.partners import Partner
from models.private_offers import PrivateOffer


class Order(Versioned):
    """An order (订单). Its dimensions are kept apart: what it is, who pays, what is delivered.

    `partner` and `manager_id` are the customer's partner and its account manager when it was
    placed; `seller` is the partner it is bound to, who earns on it (绑定的客户服务商), by the
    policy of `policy_scene`. An order that refunds has `base_order` and amounts below zero.
    `due_amount` is what is to be paid: the deal price with its adjustment (订单调价). Amounts are
    tax-inclusive. `settled_at` is when it was paid, or placed as long as it isn't, for lists that
    are ordered by payment.
    """

    number = fields.CharField(32, unique=True)
    type = fields.CharEnumField(OrderType, max_length=16)
    source = fields.CharEnumField(OrderSource, max_length=16)
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.RESTRICT, related_name="orders"
    )
    customer_id: UUID
    partner: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="orders"
    )
    partner_id: UUID | None
    association_id: UUID | None = fields.UUIDField(null=True)
    association_type = fields.CharEnumField(AssociationType, max_length=16, null=True)
    manager_id: UUID | None = fields.UUIDField(null=True)
    seller: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="orders_sold"
    )
    seller_id: UUID | None
    base_order: fields.ForeignKeyNullableRelation["Order"] = fields.ForeignKeyField(
        "models.Order", null=True, on_delete=fields.RESTRICT, related_name="later_orders"
    )
    base_order_id: UUID | None
    placed_by: UUID | None = fields.UUIDField(null=True)
    status = fields.CharEnumField(OrderStatus, max_length=24)
    payment_state = fields.CharEnumField(PaymentState, max_length=32)
    supervision_state = fields.CharEnumField(
        SupervisionState, max_length=16, default=SupervisionState.NOT_INVOLVED
    )
    refund_state = fields.CharEnumField(RefundState, max_length=24, default=RefundState.NONE)
    policy_scene = fields.CharEnumField(PolicyScene, max_length=16, default=PolicyScene.NONE)
    currency = fields.CharField(3, default="CNY")
    list_amount: Decimal = fields.DecimalField(18, 2)
    deal_amount: Decimal = fields.DecimalField(18, 2)
    adjustment: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    due_amount: Decimal = fields.DecimalField(18, 2)
    refunded_amount: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    pay_by: datetime | None = fields.DatetimeField(null=True)
    payer: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="orders_to_pay"
    )
    payer_id: UUID | None
    paid_at: datetime | None = fields.DatetimeField(null=True)
    settled_at: datetime = fields.DatetimeField()
    repaid_at: datetime | None = fields.DatetimeField(null=True)
    completed_at: datetime | None = fields.DatetimeField(null=True)
    cancelled_at: datetime | None = fields.DatetimeField(null=True)
    cancel_reason = fields.CharEnumField(CancelReason, max_length=16, null=True)
    note = fields.CharField(500, null=True)

    def __init__(self, **values: Any) -> None:
        if "created_at" in values:
            values = {"settled_at": values.get("paid_at") or values["created_at"]} | values
        super().__init__(**values)

    class Meta:
        table = "sales_order"
        indexes = (
            Index(fields=("created_at", "id"), name="sales_order_by_age"),
            Index(fields=("settled_at", "id"), name="sales_order_by_payment"),
            Index(fields=("due_amount", "id"), name="sales_order_by_amount"),
            Index(fields=("partner_id", "created_at", "id"), name="sales_order_of_partner"),
            Index(fields=("seller_id", "created_at", "id"), name="sales_order_of_seller"),
            Index(fields=("customer_id", "created_at", "id"), name="sales_order_of_customer"),
            Index(fields=("manager_id", "created_at", "id"), name="sales_order_of_manager"),
            Index(fields=("base_order_id", "created_at", "id"), name="sales_order_after"),
        )
        constraints = (
            CheckConstraint(
                name="sales_order_associated_wholly",
                check="(partner_id is null) = (association_id is null)"
                " and (partner_id is null) = (association_type is null)",
            ),
            CheckConstraint(
                name="sales_order_scene_is_its_sellers",
                check="(policy_scene = 'NONE') = (seller_id is null)",
            ),
            CheckConstraint(
                name="sales_order_amounts",
                check="due_amount = deal_amount + adjustment"
                " and (type = 'UNSUBSCRIBE' or (list_amount >= 0 and due_amount >= 0"
                " and refunded_amount between 0 and due_amount))"
                " and (type <> 'UNSUBSCRIBE' or (due_amount <= 0 and base_order_id is not null))",
            ),
            CheckConstraint(
                name="sales_order_paid_has_moment",
                check="(payment_state in ('PAID', 'PAID_ON_CREDIT', 'REPAID'))"
                " = (paid_at is not null)",
            ),
            CheckConstraint(
                name="sales_order_cancelled_wholly",
                check="(status = 'CANCELLED') = (cancelled_at is not null)"
                " and (status = 'CANCELLED') = (cancel_reason is not null)"
                " and (status = 'CANCELLED') = (payment_state = 'CANCELLED')",
            ),
            CheckConstraint(
                name="sales_order_unpaid_waits",
                check="(status = 'PENDING_PAYMENT')"
                " = (payment_state in ('UNPAID', 'PENDING_PARTNER_PAYMENT'))"
                " and (status <> 'PENDING_PAYMENT' or pay_by is not null)",
            ),
            CheckConstraint(
                name="sales_order_partner_pays",
                check="payment_state <> 'PENDING_PARTNER_PAYMENT' or payer_id is not null",
            ),
        )


class OrderLine(Record):
    """One thing that an order buys, with the terms of its moment: nothing later changes them.

    `quantity` pieces for `periods` times `months` (0 periods where a SKU has none). `discount` is
    the share of the list price that is paid, None where a private offer names a price. The columns
    from `kind` to `requirement_id` are what settlement works with; `policy_id` is where they are
    from. `due_amount` is the line's part of what is paid, `refunded_amount` of what was given back.
    """

    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        "models.Order", on_delete=fields.CASCADE, related_name="lines"
    )
    order_id: UUID
    position = fields.IntField()
    goods: fields.ForeignKeyRelation[Goods] = fields.ForeignKeyField(
        "models.Goods", on_delete=fields.RESTRICT, related_name="order_lines"
    )
    goods_id: UUID
    sku: fields.ForeignKeyRelation[Sku] = fields.ForeignKeyField(
        "models.Sku", on_delete=fields.RESTRICT, related_name="order_lines"
    )
    sku_id: UUID
    merchant: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="order_lines"
    )
    merchant_id: UUID | None
    quantity = fields.IntField()
    periods = fields.IntField(default=0)
    charge_mode = fields.CharEnumField(ChargeMode, max_length=24)
    months: int | None = fields.IntField(null=True)
    unit_price: Decimal = fields.DecimalField(18, 2)
    list_amount: Decimal = fields.DecimalField(18, 2)
    discount: Decimal | None = fields.DecimalField(5, 4, null=True)
    deal_amount: Decimal = fields.DecimalField(18, 2)
    adjustment: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    due_amount: Decimal = fields.DecimalField(18, 2)
    refunded_amount: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    kind = fields.CharEnumField(GoodsKind, max_length=16)
    category = fields.CharEnumField(GoodsCategory, max_length=16)
    share_model = fields.CharEnumField(ShareModel, max_length=16)
    share_ratio: Decimal = fields.DecimalField(7, 6)
    strategy = fields.CharEnumField(IncentiveStrategy, max_length=16)
    tax_rate: Decimal = fields.DecimalField(5, 4)
    floor_amount: Decimal | None = fields.DecimalField(18, 2, null=True)
    requires_supervision = fields.BooleanField()
    five_day_refund = fields.BooleanField()
    policy_id: UUID = fields.UUIDField()
    exclusive_offer: fields.ForeignKeyNullableRelation[ExclusiveOffer] = fields.ForeignKeyField(
        "models.ExclusiveOffer", null=True, on_delete=fields.RESTRICT, related_name="order_lines"
    )
    exclusive_offer_id: UUID | None
    private_offer: fields.ForeignKeyNullableRelation[PrivateOffer] = fields.ForeignKeyField(
        "models.PrivateOffer", null=True, on_delete=fields.RESTRICT, related_name="order_lines"
    )
    private_offer_id: UUID | None
    requirement_id: UUID | None = fields.UUIDField(null=True)
    # Set when the line renews, changes or unsubscribes what an earlier one has brought.
    subscription_id: UUID | None = fields.UUIDField(null=True)
    fulfilment = fields.CharEnumField(Fulfilment, max_length=16, default=Fulfilment.WAITING)
    opened_at: datetime | None = fields.DatetimeField(null=True)
    effective_at: datetime | None = fields.DatetimeField(null=True)
    expires_at: datetime | None = fields.DatetimeField(null=True)
    supervision_state = fields.CharEnumField(
        SupervisionState, max_length=16, default=SupervisionState.NOT_INVOLVED
    )
    supervision_done_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "order_line"
        indexes = (
            Index(fields=("created_at", "id"), name="order_line_by_age"),
            Index(fields=("merchant_id", "created_at", "id"), name="order_line_of_merchant"),
            Index(fields=("goods_id", "order_id"), name="order_line_of_goods"),
            Index(fields=("exclusive_offer_id",), name="order_line_of_exclusive_offer"),
            Index(fields=("private_offer_id",), name="order_line_of_private_offer"),
            Index(fields=("subscription_id", "created_at"), name="order_line_of_subscription"),
            Index(fields=("due_amount", "id"), name="order_line_by_amount"),
        )
        constraints = (
            UniqueConstraint(fields=("order_id", "position"), name="order_line_once"),
            CheckConstraint(name="order_line_quantity", check="quantity > 0 and periods >= 0"),
            CheckConstraint(
                name="order_line_one_offer",
                check="exclusive_offer_id is null or private_offer_id is null",
            ),
            CheckConstraint(
                name="order_line_amounts", check="due_amount = deal_amount + adjustment"
            ),
            CheckConstraint(
                name="order_line_supervised",
                check="(supervision_state = 'DONE') = (supervision_done_at is not null)",
            ),
        )
