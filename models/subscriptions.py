"""Subscriptions: what customers have of what they bought, period by period."""

from collections.abc import Mapping, Set
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Record, Versioned
from models.catalogue import ChargeMode, Goods, Sku
from models.customers import Customer
from models.orders import OrderLine
from models.partners import Partner


class SubscriptionStatus(Status):
    """Life of what was bought (wire: 2, 4, 5, 3)."""

    IN_USE = "IN_USE"
    FROZEN = "FROZEN"
    EXPIRED = "EXPIRED"
    CLOSED = "CLOSED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Frozen when its time is over, used again when it is renewed, else over for good."""
        return {
            cls.IN_USE: {cls.FROZEN, cls.EXPIRED, cls.CLOSED},
            cls.FROZEN: {cls.IN_USE, cls.EXPIRED, cls.CLOSED},
        }


class ExpirePolicy(StrEnum):
    """What becomes of a subscription whose time is over."""

    FREEZE = "FREEZE"
    END = "END"


class Subscription(Versioned):
    """What a customer has in use (订购的资源): goods, so many, from a moment up to another.

    `partner` and `manager_id` are those of the order that brought it. `effective_at` is empty as
    long as the platform supervises its delivery: its time runs from the acceptance. `expires_at` is
    the end of the last period that is paid, empty for what has no end. `resource` is what the
    cloud calls it; `renewal_tried_for` is the end before which it was to renew itself last.
    """

    number = fields.CharField(32, unique=True)
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.RESTRICT, related_name="subscriptions"
    )
    customer_id: UUID
    partner: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="subscriptions"
    )
    partner_id: UUID | None
    manager_id: UUID | None = fields.UUIDField(null=True)
    merchant: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="subscriptions_served"
    )
    merchant_id: UUID | None
    goods: fields.ForeignKeyRelation[Goods] = fields.ForeignKeyField(
        "models.Goods", on_delete=fields.RESTRICT, related_name="subscriptions"
    )
    goods_id: UUID
    sku: fields.ForeignKeyRelation[Sku] = fields.ForeignKeyField(
        "models.Sku", on_delete=fields.RESTRICT, related_name="subscriptions"
    )
    sku_id: UUID
    line: fields.ForeignKeyRelation[OrderLine] = fields.ForeignKeyField(
        "models.OrderLine", on_delete=fields.RESTRICT, related_name="subscriptions"
    )
    line_id: UUID
    order_id: UUID = fields.UUIDField()
    quantity = fields.IntField()
    charge_mode = fields.CharEnumField(ChargeMode, max_length=24)
    status = fields.CharEnumField(SubscriptionStatus, max_length=16)
    auto_renew = fields.BooleanField(default=False)
    expire_policy = fields.CharEnumField(ExpirePolicy, max_length=16, default=ExpirePolicy.FREEZE)
    resource = fields.CharField(128, null=True)
    opened_at: datetime = fields.DatetimeField()
    effective_at: datetime | None = fields.DatetimeField(null=True)
    expires_at: datetime | None = fields.DatetimeField(null=True)
    renewal_tried_for: datetime | None = fields.DatetimeField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "subscription"
        indexes = (
            Index(fields=("created_at", "id"), name="subscription_by_age"),
            Index(fields=("customer_id", "created_at", "id"), name="subscription_of_customer"),
            Index(fields=("partner_id", "created_at", "id"), name="subscription_of_partner"),
            Index(fields=("merchant_id", "created_at", "id"), name="subscription_of_merchant"),
            Index(fields=("customer_id", "expires_at", "id"), name="subscription_of_by_end"),
            Index(fields=("partner_id", "expires_at", "id"), name="subscription_partner_by_end"),
            Index(fields=("expires_at", "id"), name="subscription_by_end"),
            Index(fields=("order_id",), name="subscription_of_order"),
        )
        constraints = (
            UniqueConstraint(fields=("line_id",), name="subscription_of_line_once"),
            CheckConstraint(name="subscription_quantity", check="quantity > 0"),
            CheckConstraint(
                name="subscription_status_known",
                check="status in ('IN_USE', 'FROZEN', 'EXPIRED', 'CLOSED')",
            ),
            CheckConstraint(
                name="subscription_ended_wholly",
                check="(status in ('EXPIRED', 'CLOSED')) = (ended_at is not null)",
            ),
            CheckConstraint(
                name="subscription_period_ends",
                check="charge_mode <> 'PERIOD' or (effective_at is null) = (expires_at is null)",
            ),
        )


class SubscriptionPeriod(Record):
    """A span of a subscription that one order line has paid; the next begins where it ends.

    `started_at` is empty until a supervised delivery is accepted. `given_back_at` is when it was
    refunded, and then no part of the subscription's time any more.
    """

    subscription: fields.ForeignKeyRelation[Subscription] = fields.ForeignKeyField(
        "models.Subscription", on_delete=fields.CASCADE, related_name="periods"
    )
    subscription_id: UUID
    line: fields.ForeignKeyRelation[OrderLine] = fields.ForeignKeyField(
        "models.OrderLine", on_delete=fields.RESTRICT, related_name="subscription_periods"
    )
    line_id: UUID
    position = fields.IntField()
    months: int | None = fields.IntField(null=True)
    started_at: datetime | None = fields.DatetimeField(null=True)
    ends_at: datetime | None = fields.DatetimeField(null=True)
    given_back_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "subscription_period"
        constraints = (
            UniqueConstraint(fields=("subscription_id", "position"), name="period_once"),
            UniqueConstraint(fields=("line_id",), name="period_of_line_once"),
            CheckConstraint(name="period_lasts", check="ends_at is null or ends_at >= started_at"),
        )
