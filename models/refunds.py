"""Refunds: what customers want back of what they paid, and what came back by which way (退订)."""

from collections.abc import Mapping, Set
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Record, Versioned
from models.customers import Customer
from models.orders import Order, OrderLine
from models.partners import Partner
from models.payments import Instrument, PaymentPart
from models.subscriptions import Subscription


class RefundKind(StrEnum):
    """By which rule an amount comes back (domain.md 6.6)."""

    FULL_GUARANTEE = "FULL_GUARANTEE"
    NOT_EFFECTIVE = "NOT_EFFECTIVE"
    PARTIAL_USED = "PARTIAL_USED"


class RefundStatus(Status):
    """Life of a refund."""

    MERCHANT_REVIEW = "MERCHANT_REVIEW"
    REFUNDED = "REFUNDED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Decided by the merchant, by its silence or over its head; a no can be overruled."""
        return {
            cls.MERCHANT_REVIEW: {cls.REFUNDED, cls.REJECTED, cls.CANCELLED},
            cls.REJECTED: {cls.REFUNDED},
        }


class DecidedBy(StrEnum):
    """Who has decided on a refund."""

    RULE = "RULE"
    MERCHANT = "MERCHANT"
    TIMEOUT = "TIMEOUT"
    PLATFORM = "PLATFORM"
    CUSTOMER = "CUSTOMER"


class RefundReason(StrEnum):
    """Why a customer unsubscribes (wire: reason type 1 … 5)."""

    NOT_NEEDED = "NOT_NEEDED"
    WRONG_CHOICE = "WRONG_CHOICE"
    TOO_EXPENSIVE = "TOO_EXPENSIVE"
    NOT_AS_DESCRIBED = "NOT_AS_DESCRIBED"
    OTHER = "OTHER"


class Returned(StrEnum):
    """Where what an instrument paid has gone back to."""

    CUSTOMER = "CUSTOMER"
    PARTNER = "PARTNER"
    QUOTA = "QUOTA"
    LOST = "LOST"


class Refund(Versioned):
    """The wish to have a line's money back, and what became of it.

    `amount` is what comes back, `consumed` what is kept for `used_days` of `total_days`; both were
    worked out when it was asked for and don't change while others decide. `pieces` of the line are
    given up, all of them or some.
    """

    number = fields.CharField(32, unique=True)
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.RESTRICT, related_name="refunds"
    )
    customer_id: UUID
    partner: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="refunds"
    )
    partner_id: UUID | None
    manager_id: UUID | None = fields.UUIDField(null=True)
    merchant: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="refunds_decided"
    )
    merchant_id: UUID | None
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        "models.Order", on_delete=fields.RESTRICT, related_name="refunds"
    )
    order_id: UUID
    line: fields.ForeignKeyRelation[OrderLine] = fields.ForeignKeyField(
        "models.OrderLine", on_delete=fields.RESTRICT, related_name="refunds"
    )
    line_id: UUID
    subscription: fields.ForeignKeyNullableRelation[Subscription] = fields.ForeignKeyField(
        "models.Subscription", null=True, on_delete=fields.RESTRICT, related_name="refunds"
    )
    subscription_id: UUID | None
    refund_order: fields.ForeignKeyNullableRelation[Order] = fields.ForeignKeyField(
        "models.Order", null=True, on_delete=fields.RESTRICT, related_name="refunds_made"
    )
    refund_order_id: UUID | None
    kind = fields.CharEnumField(RefundKind, max_length=24)
    rule = fields.CharField(32)
    status = fields.CharEnumField(RefundStatus, max_length=24)
    reason = fields.CharEnumField(RefundReason, max_length=24)
    note = fields.CharField(500, null=True)
    pieces = fields.IntField()
    amount: Decimal = fields.DecimalField(18, 2)
    consumed: Decimal = fields.DecimalField(18, 2)
    currency = fields.CharField(3, default="CNY")
    used_days: int | None = fields.IntField(null=True)
    total_days: int | None = fields.IntField(null=True)
    guarantee_year: int | None = fields.IntField(null=True)
    requested_by: UUID | None = fields.UUIDField(null=True)
    decide_by: datetime | None = fields.DatetimeField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)
    decided_by = fields.CharEnumField(DecidedBy, max_length=16, null=True)
    refusal = fields.CharField(500, null=True)
    refunded_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "refund"
        indexes = (
            Index(fields=("created_at", "id"), name="refund_by_age"),
            Index(fields=("customer_id", "created_at", "id"), name="refund_of_customer"),
            Index(fields=("partner_id", "created_at", "id"), name="refund_of_partner"),
            Index(fields=("merchant_id", "created_at", "id"), name="refund_of_merchant"),
            Index(fields=("status", "created_at", "id"), name="refund_by_status"),
            Index(fields=("line_id", "created_at"), name="refund_of_line"),
            Index(fields=("customer_id", "guarantee_year"), name="refund_of_year"),
            Index(fields=("amount", "id"), name="refund_by_amount"),
        )
        constraints = (
            UniqueConstraint(
                fields=("line_id",), name="refund_one_open", condition="status = 'MERCHANT_REVIEW'"
            ),
            CheckConstraint(
                name="refund_amounts", check="amount >= 0 and consumed >= 0 and pieces > 0"
            ),
            CheckConstraint(
                name="refund_status_known",
                check="status in ('MERCHANT_REVIEW', 'REFUNDED', 'REJECTED', 'CANCELLED')",
            ),
            CheckConstraint(
                name="refund_decided_wholly",
                check="(status = 'MERCHANT_REVIEW') = (decided_at is null)"
                " and (decided_at is null) = (decided_by is null)",
            ),
            CheckConstraint(
                name="refund_waits_till",
                check="status <> 'MERCHANT_REVIEW' or decide_by is not null",
            ),
            CheckConstraint(
                name="refund_done_has_order",
                check="(status = 'REFUNDED') = (refunded_at is not null)"
                " and (status = 'REFUNDED') = (refund_order_id is not null)",
            ),
        )


class RefundPart(Record):
    """What comes back of one instrument's part of the payment, and where it went.

    `returned` is empty until it is done. `returned_amount` is less than `amount` where a coupon
    could not take it back.
    """

    refund: fields.ForeignKeyRelation[Refund] = fields.ForeignKeyField(
        "models.Refund", on_delete=fields.CASCADE, related_name="parts"
    )
    refund_id: UUID
    part: fields.ForeignKeyRelation[PaymentPart] = fields.ForeignKeyField(
        "models.PaymentPart", on_delete=fields.RESTRICT, related_name="refund_parts"
    )
    part_id: UUID
    instrument = fields.CharEnumField(Instrument, max_length=24)
    counts_performance = fields.BooleanField()
    amount: Decimal = fields.DecimalField(18, 2)
    currency = fields.CharField(3, default="CNY")
    returned = fields.CharEnumField(Returned, max_length=16, null=True)
    returned_amount: Decimal | None = fields.DecimalField(18, 2, null=True)
    transfer_id: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "refund_part"
        constraints = (
            UniqueConstraint(fields=("refund_id", "part_id"), name="refund_part_once"),
            CheckConstraint(
                name="refund_part_amount",
                check="amount >= 0 and returned_amount between 0 and amount",
            ),
        )
