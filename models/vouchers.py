"""Vouchers, cash coupons and stored-value cards: what customers pay with beside money."""

from collections.abc import Mapping, Set
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Record
from models.customers import Customer
from models.partners import Partner
from models.quotas import TermsOfUse, VoucherQuota


class CouponKind(StrEnum):
    """What it is (代金券, 现金券, 储值卡; wire: coupon_type 1 and 4; payment types 301 to 303)."""

    VOUCHER = "VOUCHER"
    CASH_COUPON = "CASH_COUPON"
    STORED_VALUE_CARD = "STORED_VALUE_CARD"


class CouponStatus(Status):
    """Life of a coupon (wire: status 2, 3, 4, 5; 1 is a usable one before it begins)."""

    USABLE = "USABLE"
    USED = "USED"
    EXPIRED = "EXPIRED"
    RECLAIMED = "RECLAIMED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Used up, and usable again by a refund; over by time, or when it is taken back (5.11)."""
        return {
            cls.USABLE: {cls.USED, cls.EXPIRED, cls.RECLAIMED},
            cls.USED: {cls.USABLE},
        }


class Coupon(TermsOfUse):
    """Something of a value that a customer pays orders with, in parts if need be.

    Of `face_value` there is `balance` left; `used` paid orders, `reclaimed` went back to the quota,
    `lapsed` was lost. `partner` is who issued it, None for the platform, and `quota` out of which.
    `lock_order_id` is the order for which it is kept while its payment is under way.
    """

    number = fields.CharField(32, unique=True)
    kind = fields.CharEnumField(CouponKind, max_length=24)
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.RESTRICT, related_name="coupons"
    )
    customer_id: UUID
    partner: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="coupons"
    )
    partner_id: UUID | None
    quota: fields.ForeignKeyNullableRelation[VoucherQuota] = fields.ForeignKeyField(
        "models.VoucherQuota", null=True, on_delete=fields.RESTRICT, related_name="coupons"
    )
    quota_id: UUID | None
    counts_performance = fields.BooleanField()
    needs_repayment = fields.BooleanField(default=False)
    currency = fields.CharField(3, default="CNY")
    face_value: Decimal = fields.DecimalField(18, 2)
    balance: Decimal = fields.DecimalField(18, 2)
    used: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    reclaimed: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    lapsed: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    status = fields.CharEnumField(CouponStatus, max_length=16, default=CouponStatus.USABLE)
    is_frozen = fields.BooleanField(default=False)
    lock_order_id: UUID | None = fields.UUIDField(null=True)
    last_used_at: datetime | None = fields.DatetimeField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)
    note = fields.CharField(500, null=True)

    class Meta:
        table = "coupon"
        indexes = (
            Index(fields=("created_at", "id"), name="coupon_by_age"),
            Index(fields=("partner_id", "created_at", "id"), name="coupon_of_partner"),
            Index(fields=("customer_id", "created_at", "id"), name="coupon_of_customer"),
            Index(fields=("customer_id", "expires_at", "id"), name="coupon_of_customer_by_end"),
            Index(fields=("quota_id", "created_at", "id"), name="coupon_of_quota"),
            Index(fields=("partner_id", "expires_at", "id"), name="coupon_of_partner_by_end"),
            Index(fields=("expires_at", "id"), name="coupon_by_end"),
        )
        constraints = (
            CheckConstraint(
                name="coupon_conserved",
                check="face_value = balance + used + reclaimed + lapsed",
            ),
            CheckConstraint(
                name="coupon_never_negative",
                check="least(balance, used, reclaimed, lapsed) >= 0 and face_value > 0",
            ),
            CheckConstraint(name="coupon_lasts", check="effective_at < expires_at"),
            CheckConstraint(
                name="coupon_usable_has_rest", check="(status = 'USABLE') = (balance > 0)"
            ),
            CheckConstraint(
                name="coupon_of_quota_of_partner",
                check="(quota_id is null) = (partner_id is null)",
            ),
            CheckConstraint(
                name="coupon_counts",
                check="case kind when 'VOUCHER' then not counts_performance and not needs_repayment"
                " when 'STORED_VALUE_CARD' then counts_performance and not needs_repayment"
                " and quota_id is null else true end",
            ),
        )


class CouponOperation(StrEnum):
    """What moved a coupon (wire: operation_type 1, 2, 3, 4, 5, 8; none for USE, REFUND, LAPSE)."""

    ISSUE = "ISSUE"
    RECLAIM = "RECLAIM"
    UNBIND_RECLAIM = "UNBIND_RECLAIM"
    EXPIRY_RECLAIM = "EXPIRY_RECLAIM"
    UNSUBSCRIPTION_RECLAIM = "UNSUBSCRIPTION_RECLAIM"
    SWITCH_RECLAIM = "SWITCH_RECLAIM"
    USE = "USE"
    REFUND = "REFUND"
    LAPSE = "LAPSE"


class CouponRecord(Record):
    """One movement of a coupon: `amount` moved, and changed its balance by `change`.

    The changes of a coupon add up to its balance. `change` is 0 where what an order gave back went
    past the customer: to the quota, or nowhere. An attempt to issue or to reclaim one that failed
    has the code of its `failure`, and moved nothing; what wasn't issued is no coupon.
    """

    coupon: fields.ForeignKeyNullableRelation[Coupon] = fields.ForeignKeyField(
        "models.Coupon", null=True, on_delete=fields.RESTRICT, related_name="records"
    )
    coupon_id: UUID | None
    quota_id: UUID | None = fields.UUIDField(null=True)
    partner_id: UUID | None = fields.UUIDField(null=True)
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.RESTRICT, related_name="coupon_records"
    )
    customer_id: UUID
    order_id: UUID | None = fields.UUIDField(null=True)
    order_number = fields.CharField(32, null=True)
    operation = fields.CharEnumField(CouponOperation, max_length=24)
    amount: Decimal = fields.DecimalField(18, 2)
    change: Decimal = fields.DecimalField(18, 2)
    currency = fields.CharField(3, default="CNY")
    failure = fields.CharField(64, null=True)
    actor_id: UUID | None = fields.UUIDField(null=True)
    actor_name = fields.CharField(160)
    note = fields.CharField(500, null=True)

    class Meta:
        table = "coupon_record"
        indexes = (
            Index(fields=("created_at", "id"), name="coupon_record_by_age"),
            Index(fields=("coupon_id", "created_at", "id"), name="coupon_record_of_coupon"),
            Index(fields=("partner_id", "created_at", "id"), name="coupon_record_of_partner"),
            Index(fields=("customer_id", "created_at", "id"), name="coupon_record_of_customer"),
            Index(fields=("quota_id", "created_at", "id"), name="coupon_record_of_quota"),
            Index(fields=("order_id", "coupon_id"), name="coupon_record_of_order"),
            Index(fields=("amount", "id"), name="coupon_record_by_amount"),
        )
        constraints = (
            # Whatever comes twice: an order takes from a coupon once.
            UniqueConstraint(
                fields=("order_id", "coupon_id"),
                name="coupon_record_used_once",
                condition="operation = 'USE'",
            ),
            CheckConstraint(
                name="coupon_record_amount",
                check="amount >= 0 and abs(change) in (0, amount)"
                " and (amount > 0 or failure is not null)",
            ),
            CheckConstraint(
                name="coupon_record_failed_wholly",
                check="case when failure is null then coupon_id is not null else change = 0"
                " and operation in ('ISSUE', 'RECLAIM')"
                " and (operation = 'ISSUE') = (coupon_id is null) end",
            ),
            CheckConstraint(
                name="coupon_record_names_order",
                check="operation not in ('USE', 'REFUND', 'UNSUBSCRIPTION_RECLAIM')"
                " or order_id is not null",
            ),
        )
