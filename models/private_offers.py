"""A merchant's private offer: a price for one customer, in versions of its terms (商家优惠)."""

from collections.abc import Mapping, Set
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Record, Versioned
from models.catalogue import Sku
from models.customers import Customer
from models.partners import Partner
from models.requirements import CustomerRequirement


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
