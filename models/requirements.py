"""Joint sale: what a customer wants, asked of the merchant whose goods it is."""

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
from models.catalogue import Goods, Sku
from models.customers import Customer
from models.partners import Partner


class RequirementStatus(Status):
    """Life of a customer requirement (客户需求, domain.md 5.8)."""

    DRAFT = "DRAFT"
    PENDING_MERCHANT = "PENDING_MERCHANT"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    CLOSED = "CLOSED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Asked of the merchant, who answers or is silent; closed when its offer is over."""
        return {
            cls.DRAFT: {cls.PENDING_MERCHANT, cls.CANCELLED},
            cls.PENDING_MERCHANT: {cls.ACCEPTED, cls.REJECTED, cls.CANCELLED},
            cls.ACCEPTED: {cls.CLOSED},
        }


class Rejection(StrEnum):
    """How a requirement came to be rejected: in so many words, or by silence (R-04)."""

    EXPLICIT = "EXPLICIT"
    TIMEOUT = "TIMEOUT"


class CustomerRequirement(Versioned):
    """What a customer wants of one merchant, and the share the partner expects (R-01).

    `expires_at` is set when it is submitted: five times 24 hours later silence is a no, which
    `on_timeout` says for those who read the row. `decided_at` is when the merchant answered or
    was too late to, `ended_at` when it came to an end of whatever kind.
    """

    number = fields.CharField(32, unique=True)
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="customer_requirements"
    )
    partner_id: UUID
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.RESTRICT, related_name="requirements"
    )
    customer_id: UUID
    merchant: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="requirements_received"
    )
    merchant_id: UUID
    expected_ratio: Decimal = fields.DecimalField(7, 6)
    note = fields.CharField(1000, null=True)
    status = fields.CharEnumField(RequirementStatus, max_length=24)
    rejection = fields.CharEnumField(Rejection, max_length=16, null=True)
    refusal = fields.CharField(500, null=True)
    on_timeout = fields.CharEnumField(
        RequirementStatus, max_length=24, default=RequirementStatus.REJECTED
    )
    created_by = fields.UUIDField()
    submitted_at: datetime | None = fields.DatetimeField(null=True)
    expires_at: datetime | None = fields.DatetimeField(null=True)
    reminded_at: datetime | None = fields.DatetimeField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "customer_requirement"
        indexes = (
            Index(fields=("partner_id", "created_at", "id"), name="customer_requirement_by_age"),
            Index(fields=("merchant_id", "created_at", "id"), name="customer_requirement_received"),
            Index(fields=("customer_id", "created_at", "id"), name="customer_requirement_of"),
            Index(fields=("created_at", "id"), name="customer_requirement_all_by_age"),
        )
        constraints = (
            CheckConstraint(
                name="customer_requirement_ratio", check="expected_ratio between 0 and 1"
            ),
            CheckConstraint(
                name="customer_requirement_status_known",
                check="status in ('DRAFT', 'PENDING_MERCHANT', 'ACCEPTED', 'REJECTED',"
                " 'CANCELLED', 'CLOSED')",
            ),
            CheckConstraint(
                name="customer_requirement_rejected_somehow",
                check="(status = 'REJECTED') = (rejection is not null)",
            ),
            CheckConstraint(
                name="customer_requirement_submitted_expires",
                check="(submitted_at is null) = (expires_at is null)"
                " and (status <> 'PENDING_MERCHANT' or expires_at is not null)",
            ),
        )


class RequirementLine(Record):
    """Goods that are wanted, and how many."""

    requirement: fields.ForeignKeyRelation[CustomerRequirement] = fields.ForeignKeyField(
        "models.CustomerRequirement", on_delete=fields.CASCADE, related_name="lines"
    )
    requirement_id: UUID
    position = fields.IntField()
    goods: fields.ForeignKeyRelation[Goods] = fields.ForeignKeyField(
        "models.Goods", on_delete=fields.RESTRICT, related_name="requirement_lines"
    )
    goods_id: UUID
    sku: fields.ForeignKeyNullableRelation[Sku] = fields.ForeignKeyField(
        "models.Sku", null=True, on_delete=fields.RESTRICT, related_name="requirement_lines"
    )
    sku_id: UUID | None
    quantity = fields.IntField(default=1)

    class Meta:
        table = "requirement_line"
        constraints = (
            UniqueConstraint(fields=("requirement_id", "position"), name="requirement_line_once"),
            CheckConstraint(name="requirement_line_quantity", check="quantity > 0"),
        )
