"""Partners of the channel."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from models.base import Versioned


class PartnerKind(StrEnum):
    """What a partner is in the channel (domain.md 1.1)."""

    SOLUTION_PROVIDER = "SOLUTION_PROVIDER"
    DISTRIBUTOR = "DISTRIBUTOR"
    RESELLER = "RESELLER"
    MERCHANT = "MERCHANT"


class Site(StrEnum):
    """Where an account is registered; the two sites don't know each other's accounts."""

    CHINA = "CHINA"
    INTERNATIONAL = "INTERNATIONAL"


class Partner(Versioned):
    """A company that sells: solution provider, general distributor, reseller, or merchant.

    `direct_sales_email` is where the platform's direct sales who look after it are reached (X-05).
    """

    name = fields.CharField(160)
    name_en = fields.CharField(160, null=True)
    account_name = fields.CharField(64, unique=True)
    kind = fields.CharEnumField(PartnerKind, max_length=32)
    tier = fields.IntField()
    site = fields.CharEnumField(Site, max_length=16, default=Site.CHINA)
    city = fields.CharField(80, null=True)
    registered_on: date | None = fields.DateField(null=True)
    is_verified_enterprise = fields.BooleanField(default=True)
    contact_name = fields.CharField(160, null=True)
    contact_email = fields.CharField(254, null=True)
    contact_phone = fields.CharField(32, null=True)
    direct_sales_email = fields.CharField(320, null=True)
    step_up_enabled = fields.BooleanField(default=False)
    distributor: fields.ForeignKeyNullableRelation["Partner"] = fields.ForeignKeyField(
        "models.Partner",
        null=True,
        on_delete=fields.RESTRICT,
        db_index=True,
        related_name="resellers",
    )
    distributor_id: UUID | None

    class Meta:
        table = "partner"
        indexes = (
            Index(fields=("created_at", "id"), name="partner_by_age"),
            Index(fields=("name", "id"), name="partner_by_name"),
        )
        constraints = (
            CheckConstraint(name="partner_tier_known", check="tier between 1 and 3"),
            CheckConstraint(
                name="partner_reseller_has_distributor",
                check="(kind = 'RESELLER') = (distributor_id is not null)",
            ),
        )
