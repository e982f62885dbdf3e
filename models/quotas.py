"""Voucher quota (代金券额度): what partners may issue vouchers from, and every movement of it."""

from collections.abc import Mapping, Set
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from kit.status import Status
from models.base import Record, Versioned
from models.partners import Partner


class QuotaKind(StrEnum):
    """What is issued from it: vouchers, or cash coupons (wire: quota_type 0, 1)."""

    VOUCHER = "VOUCHER"
    CASH_COUPON = "CASH_COUPON"


class QuotaStatus(Status):
    """Whether something may be issued from it (wire: quota_status 0, 3, 4, 5, 6)."""

    NORMAL = "NORMAL"
    INVALID = "INVALID"
    ADJUSTING = "ADJUSTING"
    FROZEN = "FROZEN"
    RECLAIMED = "RECLAIMED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """The platform holds it up and lets it go again; time or the platform ends it (5.10)."""
        return {
            cls.NORMAL: {cls.ADJUSTING, cls.FROZEN, cls.INVALID, cls.RECLAIMED},
            cls.ADJUSTING: {cls.NORMAL, cls.INVALID},
            cls.FROZEN: {cls.NORMAL, cls.INVALID},
        }


class TermsOfUse(Versioned):
    """From when until when (half open) and for what something is good: quotas and coupons alike.

    `categories` and `goods` (ids) are what it may pay, all where both are empty. `minimum` is the
    least that the order has to come to. With `excludes_discounts` it doesn't pay what is already
    discounted by a partner; with `strict_only` it pays strict-selected goods alone (严选).
    """

    effective_at: datetime = fields.DatetimeField()
    expires_at: datetime = fields.DatetimeField()
    categories: list[str] = fields.JSONField(default=list)
    goods: list[str] = fields.JSONField(default=list)
    minimum: Decimal | None = fields.DecimalField(18, 2, null=True)
    excludes_discounts = fields.BooleanField(default=False)
    strict_only = fields.BooleanField(default=False)

    class Meta:
        abstract = True


class VoucherQuota(TermsOfUse):
    """An amount that a partner may issue, and where all of it has gone.

    `value` is what was given; of that `balance` is left, `to_quotas` stands in resellers' quotas,
    `to_coupons` is in customers' hands or was spent by them, `lapsed` was lost, and `reclaimed`
    went back to the parent. What comes back is subtracted from where it had gone.
    `counts_performance` and `needs_repayment` are handed down to its cash coupons (D-11).
    `customers` (ids) are those to whom it is designated, none for all; with
    `first_associations_only` it is for those who belong to a partner for the first time.
    """

    number = fields.CharField(32, unique=True)
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="quotas"
    )
    partner_id: UUID
    parent: fields.ForeignKeyNullableRelation["VoucherQuota"] = fields.ForeignKeyField(
        "models.VoucherQuota", null=True, on_delete=fields.RESTRICT, related_name="children"
    )
    parent_id: UUID | None
    application_id: UUID | None = fields.UUIDField(null=True, unique=True)
    kind = fields.CharEnumField(QuotaKind, max_length=16)
    counts_performance = fields.BooleanField(default=False)
    needs_repayment = fields.BooleanField(default=False)
    first_associations_only = fields.BooleanField(default=False)
    customers: list[str] = fields.JSONField(default=list)
    currency = fields.CharField(3, default="CNY")
    value: Decimal = fields.DecimalField(18, 2)
    balance: Decimal = fields.DecimalField(18, 2)
    to_quotas: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    to_coupons: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    lapsed: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    reclaimed: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    status = fields.CharEnumField(QuotaStatus, max_length=16, default=QuotaStatus.NORMAL)
    ended_at: datetime | None = fields.DatetimeField(null=True)
    note = fields.CharField(500, null=True)

    class Meta:
        table = "voucher_quota"
        indexes = (
            Index(fields=("created_at", "id"), name="voucher_quota_by_age"),
            Index(fields=("partner_id", "created_at", "id"), name="voucher_quota_of_partner"),
            Index(fields=("parent_id", "created_at", "id"), name="voucher_quota_of_parent"),
            Index(fields=("expires_at", "id"), name="voucher_quota_by_end"),
        )
        constraints = (
            CheckConstraint(
                name="voucher_quota_conserved",
                check="value = balance + to_quotas + to_coupons + lapsed + reclaimed",
            ),
            CheckConstraint(
                name="voucher_quota_never_negative",
                check="least(balance, to_quotas, to_coupons, lapsed, reclaimed) >= 0 and value > 0",
            ),
            CheckConstraint(name="voucher_quota_lasts", check="effective_at < expires_at"),
            CheckConstraint(
                name="voucher_quota_over_is_empty",
                check="status not in ('INVALID', 'RECLAIMED')"
                " or balance = 0 and ended_at is not null",
            ),
            CheckConstraint(
                name="voucher_quota_vouchers_count_nothing",
                check="kind = 'CASH_COUPON' or not counts_performance and not needs_repayment",
            ),
        )


class QuotaOperation(StrEnum):
    """What moved a quota (wire: operation_type 10 for ISSUE, 11 for RECLAIM)."""

    GRANT = "GRANT"
    ISSUE = "ISSUE"
    RECLAIM = "RECLAIM"
    ADJUST = "ADJUST"
    LAPSE = "LAPSE"


class QuotaRecord(Record):
    """One movement of a quota; what coupons move is in their own records.

    `amount` is what moved; only an adjustment may be negative. Where `parent` is named, it moved
    from there (ISSUE) or to there (RECLAIM). `actor_id` is a person or an API key.
    """

    quota: fields.ForeignKeyRelation[VoucherQuota] = fields.ForeignKeyField(
        "models.VoucherQuota", on_delete=fields.RESTRICT, related_name="records"
    )
    quota_id: UUID
    parent: fields.ForeignKeyNullableRelation[VoucherQuota] = fields.ForeignKeyField(
        "models.VoucherQuota", null=True, on_delete=fields.RESTRICT, related_name="passed_on"
    )
    parent_id: UUID | None
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="quota_records"
    )
    partner_id: UUID
    operation = fields.CharEnumField(QuotaOperation, max_length=16)
    amount: Decimal = fields.DecimalField(18, 2)
    currency = fields.CharField(3, default="CNY")
    actor_id: UUID | None = fields.UUIDField(null=True)
    actor_name = fields.CharField(160)
    note = fields.CharField(500, null=True)

    class Meta:
        table = "quota_record"
        indexes = (
            Index(fields=("created_at", "id"), name="quota_record_by_age"),
            Index(fields=("partner_id", "created_at", "id"), name="quota_record_of_partner"),
            Index(fields=("quota_id", "created_at", "id"), name="quota_record_of_quota"),
            Index(fields=("parent_id", "created_at", "id"), name="quota_record_of_parent"),
            Index(fields=("amount", "id"), name="quota_record_by_amount"),
        )
        constraints = (
            CheckConstraint(
                name="quota_record_amount",
                check="amount > 0 or operation = 'ADJUST' and amount <> 0",
            ),
        )


class VoucherApplicationStatus(Status):
    """Life of an application for test vouchers (domain.md 5.10a)."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Written, submitted, decided once; a draft may be thrown away."""
        return {
            cls.DRAFT: {cls.SUBMITTED, cls.CANCELLED},
            cls.SUBMITTED: {cls.APPROVED, cls.REJECTED},
        }


class VoucherApplication(TermsOfUse):
    """What the partner's ecosystem manager asks for it, by its level (测试券申请, V-05)."""

    number = fields.CharField(32, unique=True)
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="test_voucher_applications"
    )
    partner_id: UUID
    tier = fields.IntField()
    amount: Decimal = fields.DecimalField(18, 2)
    currency = fields.CharField(3, default="CNY")
    purpose = fields.CharField(500)
    status = fields.CharEnumField(
        VoucherApplicationStatus, max_length=16, default=VoucherApplicationStatus.DRAFT
    )
    rejection = fields.CharField(500, null=True)
    created_by: UUID | None = fields.UUIDField(null=True)
    submitted_at: datetime | None = fields.DatetimeField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "test_voucher_application"
        indexes = (
            Index(fields=("created_at", "id"), name="test_voucher_application_by_age"),
            Index(
                fields=("partner_id", "created_at", "id"),
                name="test_voucher_application_of_partner",
            ),
            Index(fields=("amount", "id"), name="test_voucher_application_by_amount"),
        )
        constraints = (
            CheckConstraint(name="test_voucher_application_amount", check="amount > 0"),
            CheckConstraint(
                name="test_voucher_application_lasts", check="effective_at < expires_at"
            ),
            CheckConstraint(
                name="test_voucher_application_decided",
                check="(status in ('APPROVED', 'REJECTED')) = (decided_at is not null)",
            ),
        )
