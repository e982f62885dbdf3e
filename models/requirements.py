"""Joint sale: what a customer wants, asked of the merchant, and the merchant's private offer."""

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


class PrivateOfferStatus(Status):
    """Life of a merchant's private offer (商家优惠)."""

    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    EFFECTIVE = "EFFECTIVE"
    USED = "USED"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Published, in force from its moment on, and used up by one order or over."""
        return {
            cls.DRAFT: {cls.PUBLISHED},
            cls.PUBLISHED: {cls.EFFECTIVE, cls.EXPIRED, cls.WITHDRAWN},
            cls.EFFECTIVE: {cls.USED, cls.EXPIRED, cls.WITHDRAWN},
        }


class PrivateOffer(Versioned):
    """A merchant's price for one customer, which a partner brings; its terms are versioned.

    The columns `ratio`, `effective_at` and `expires_at` repeat the published version's, or the
    first draft's until there is one. `order_id` is the order that used it up.
    """

    number = fields.CharField(32, unique=True)
    merchant: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="private_offers_made"
    )
    merchant_id: UUID
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="private_offers"
    )
    partner_id: UUID
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.RESTRICT, related_name="private_offers"
    )
    customer_id: UUID
    requirement: fields.ForeignKeyNullableRelation[CustomerRequirement] = fields.ForeignKeyField(
        "models.CustomerRequirement",
        null=True,
        on_delete=fields.RESTRICT,
        related_name="private_offers",
    )
    requirement_id: UUID | None
    cloned_from: UUID | None = fields.UUIDField(null=True)
    name = fields.CharField(160)
    status = fields.CharEnumField(PrivateOfferStatus, max_length=16)
    current_version_id: UUID | None = fields.UUIDField(null=True)
    ratio: Decimal = fields.DecimalField(7, 6)
    effective_at: datetime = fields.DatetimeField()
    expires_at: datetime = fields.DatetimeField()
    order_id: UUID | None = fields.UUIDField(null=True, unique=True)
    created_by = fields.UUIDField()
    published_at: datetime | None = fields.DatetimeField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)
    end_reason = fields.CharField(500, null=True)

    class Meta:
        table = "private_offer"
        indexes = (
            Index(fields=("merchant_id", "created_at", "id"), name="private_offer_by_age"),
            Index(fields=("partner_id", "created_at", "id"), name="private_offer_of_partner"),
            Index(fields=("customer_id", "created_at", "id"), name="private_offer_of_customer"),
            Index(fields=("created_at", "id"), name="private_offer_all_by_age"),
            Index(fields=("requirement_id", "created_at", "id"), name="private_offer_answering"),
        )
        constraints = (
            # A requirement that waits for one offer is not answered by two.
            UniqueConstraint(
                fields=("requirement_id",),
                name="private_offer_one_live",
                condition="status in ('DRAFT', 'PUBLISHED', 'EFFECTIVE')",
            ),
            CheckConstraint(
                name="private_offer_status_known",
                check="status in ('DRAFT', 'PUBLISHED', 'EFFECTIVE', 'USED', 'EXPIRED',"
                " 'WITHDRAWN')",
            ),
            CheckConstraint(
                name="private_offer_published_has_terms",
                check="(status = 'DRAFT') = (current_version_id is null)",
            ),
            CheckConstraint(name="private_offer_ratio", check="ratio between 0 and 1"),
            CheckConstraint(name="private_offer_lasts", check="expires_at > effective_at"),
            CheckConstraint(
                name="private_offer_used_by_order",
                check="(status = 'USED') = (order_id is not null)",
            ),
        )


class TermsStatus(Status):
    """Life of one version of a private offer's terms."""

    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    SUPERSEDED = "SUPERSEDED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Published once, until the next version is."""
        return {cls.DRAFT: {cls.PUBLISHED}, cls.PUBLISHED: {cls.SUPERSEDED}}


class PrivateOfferVersion(Versioned):
    """The terms of a private offer as they were at some time; only a draft can be edited."""

    offer: fields.ForeignKeyRelation[PrivateOffer] = fields.ForeignKeyField(
        "models.PrivateOffer", on_delete=fields.CASCADE, related_name="versions"
    )
    offer_id: UUID
    sequence = fields.IntField()
    status = fields.CharEnumField(TermsStatus, max_length=16)
    ratio: Decimal = fields.DecimalField(7, 6)
    effective_at: datetime = fields.DatetimeField()
    expires_at: datetime = fields.DatetimeField()
    note = fields.CharField(1000, null=True)
    created_by = fields.UUIDField()
    published_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "private_offer_version"
        constraints = (
            UniqueConstraint(fields=("offer_id", "sequence"), name="private_offer_version_once"),
            UniqueConstraint(
                fields=("offer_id",),
                name="private_offer_version_one_draft",
                condition="status = 'DRAFT'",
            ),
            CheckConstraint(name="private_offer_version_ratio", check="ratio between 0 and 1"),
            CheckConstraint(name="private_offer_version_lasts", check="expires_at > effective_at"),
        )


class PrivateOfferLine(Record):
    """A SKU in a version of the terms, with its price each, tax included."""

    terms: fields.ForeignKeyRelation[PrivateOfferVersion] = fields.ForeignKeyField(
        "models.PrivateOfferVersion", on_delete=fields.CASCADE, related_name="lines"
    )
    terms_id: UUID
    position = fields.IntField()
    sku: fields.ForeignKeyRelation[Sku] = fields.ForeignKeyField(
        "models.Sku", on_delete=fields.RESTRICT, related_name="private_offer_lines"
    )
    sku_id: UUID
    goods_id = fields.UUIDField(db_index=True)
    quantity = fields.IntField(default=1)
    unit_price: Decimal = fields.DecimalField(18, 2)
    currency = fields.CharField(3, default="CNY")

    class Meta:
        table = "private_offer_line"
        constraints = (
            UniqueConstraint(fields=("terms_id", "position"), name="private_offer_line_once"),
            CheckConstraint(
                name="private_offer_line_amounts", check="quantity > 0 and unit_price > 0"
            ),
        )
