"""Exclusive offers: the discount that a partner grants one customer on some goods."""

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


class OfferOrigin(StrEnum):
    """Who made an offer: a person, or the payment of an order at list price (X-09)."""

    MANUAL = "MANUAL"
    AUTOMATIC = "AUTOMATIC"


class QuotationKind(StrEnum):
    """What is quoted: goods whatever the SKU, or a list of SKUs with quantities (X-14)."""

    GOODS = "GOODS"
    CONFIGURATION = "CONFIGURATION"


class OfferStatus(Status):
    """Life of an exclusive offer (专属优惠, domain.md 5.7)."""

    DRAFT = "DRAFT"
    SYSTEM_REVIEW = "SYSTEM_REVIEW"
    MANUAL_REVIEW = "MANUAL_REVIEW"
    SCHEDULED = "SCHEDULED"
    EFFECTIVE = "EFFECTIVE"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Reviewed by the system or by people, then waiting, in force, and over.

        What people haven't decided when its time is over has lapsed, too.
        """
        return {
            cls.DRAFT: {cls.SYSTEM_REVIEW, cls.MANUAL_REVIEW, cls.WITHDRAWN},
            cls.SYSTEM_REVIEW: {cls.SCHEDULED, cls.EFFECTIVE, cls.REJECTED, cls.WITHDRAWN},
            cls.MANUAL_REVIEW: {
                cls.SCHEDULED,
                cls.EFFECTIVE,
                cls.REJECTED,
                cls.WITHDRAWN,
                cls.EXPIRED,
            },
            cls.SCHEDULED: {cls.EFFECTIVE, cls.WITHDRAWN},
            cls.EFFECTIVE: {cls.EXPIRED, cls.WITHDRAWN},
        }


class ExclusiveOffer(Versioned):
    """A share of the list price for one customer, from a moment up to another (half open).

    `discount` is what is paid: 0.85 of the list price, 1 for no reduction at all (A-03); `floor`
    the least of it that is authorized, or granted in its stead, once it was submitted.
    `account_name` is the customer's account as the partner has named it: the customer need not be
    associated with the partner. An offer for one that isn't is in the hands of `manager_id`, the
    seat that made it; else it is the customer's manager's. `order_id` is the order whose payment
    made it, when it is AUTOMATIC; it is good for that order alone.
    """

    number = fields.CharField(32, unique=True)
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="exclusive_offers"
    )
    partner_id: UUID
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.RESTRICT, related_name="exclusive_offers"
    )
    customer_id: UUID
    account_name = fields.CharField(64)
    manager_id: UUID | None = fields.UUIDField(null=True)
    origin = fields.CharEnumField(OfferOrigin, max_length=16)
    quotation = fields.CharEnumField(QuotationKind, max_length=16)
    name = fields.CharField(160)
    note = fields.CharField(500, null=True)
    discount: Decimal = fields.DecimalField(5, 4)
    floor: Decimal | None = fields.DecimalField(5, 4, null=True)
    effective_at: datetime = fields.DatetimeField()
    expires_at: datetime = fields.DatetimeField()
    status = fields.CharEnumField(OfferStatus, max_length=16)
    refusal = fields.CharField(500, null=True)
    order_id: UUID | None = fields.UUIDField(null=True, unique=True)
    created_by: UUID | None = fields.UUIDField(null=True)
    submitted_at: datetime | None = fields.DatetimeField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "exclusive_offer"
        indexes = (
            Index(fields=("partner_id", "created_at", "id"), name="exclusive_offer_by_age"),
            Index(fields=("customer_id", "created_at", "id"), name="exclusive_offer_of_customer"),
            Index(fields=("created_at", "id"), name="exclusive_offer_all_by_age"),
        )
        constraints = (
            CheckConstraint(
                name="exclusive_offer_discount", check="discount > 0 and discount <= 1"
            ),
            CheckConstraint(
                name="exclusive_offer_lasts",
                check="expires_at > effective_at or submitted_at is null",
            ),
            # Nothing below the authorized floor is ever in force without a grant.
            CheckConstraint(
                name="exclusive_offer_authorized",
                check="status not in ('SCHEDULED', 'EFFECTIVE')"
                " or (floor is not null and discount >= floor)",
            ),
            CheckConstraint(
                name="exclusive_offer_automatic_has_order",
                check="(origin = 'AUTOMATIC') = (order_id is not null)",
            ),
        )


class ExclusiveOfferLine(Record):
    """Goods that an offer is good for; of a configuration, which SKU and how many.

    `authorized_floor` is what the policy of the goods authorized when the offer was submitted.
    """

    offer: fields.ForeignKeyRelation[ExclusiveOffer] = fields.ForeignKeyField(
        "models.ExclusiveOffer", on_delete=fields.CASCADE, related_name="lines"
    )
    offer_id: UUID
    position = fields.IntField()
    goods: fields.ForeignKeyRelation[Goods] = fields.ForeignKeyField(
        "models.Goods", on_delete=fields.RESTRICT, related_name="offer_lines"
    )
    goods_id: UUID
    sku: fields.ForeignKeyNullableRelation[Sku] = fields.ForeignKeyField(
        "models.Sku", null=True, on_delete=fields.RESTRICT, related_name="offer_lines"
    )
    sku_id: UUID | None
    quantity: int | None = fields.IntField(null=True)
    authorized_floor: Decimal | None = fields.DecimalField(5, 4, null=True)

    class Meta:
        table = "exclusive_offer_line"
        indexes = (
            Index(fields=("goods_id", "offer_id"), name="exclusive_offer_line_of_goods"),
            Index(fields=("created_at", "id"), name="exclusive_offer_line_by_age"),
        )
        constraints = (
            UniqueConstraint(fields=("offer_id", "position"), name="exclusive_offer_line_once"),
            CheckConstraint(
                name="exclusive_offer_line_quantity",
                check="(sku_id is null) = (quantity is null) and quantity > 0",
            ),
        )


class ApplicationStatus(Status):
    """Life of a special commercial application (特殊商务申请)."""

    SUBMITTED = "SUBMITTED"
    IN_CRM = "IN_CRM"
    GRANTED = "GRANTED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Taken up in the CRM, then granted or not."""
        return {
            cls.SUBMITTED: {cls.IN_CRM, cls.GRANTED, cls.REJECTED, cls.CANCELLED},
            cls.IN_CRM: {cls.GRANTED, cls.REJECTED, cls.CANCELLED},
        }


class SpecialApplication(Versioned):
    """The wish to go below the authorized floor, decided by people (X-04…X-06).

    `sent_to` is the mailbox that was told (X-05); `granted_floor` what was granted in the CRM.
    `expires_at` repeats the offer's: nobody decides after it.
    """

    offer: fields.OneToOneRelation[ExclusiveOffer] = fields.OneToOneField(
        "models.ExclusiveOffer", on_delete=fields.RESTRICT, related_name="special_application"
    )
    offer_id: UUID
    partner_id = fields.UUIDField()
    status = fields.CharEnumField(ApplicationStatus, max_length=16)
    reason = fields.CharField(500)
    sent_to = fields.CharField(320)
    expires_at: datetime = fields.DatetimeField()
    crm_number = fields.CharField(64, null=True)
    granted_floor: Decimal | None = fields.DecimalField(5, 4, null=True)
    refusal = fields.CharField(500, null=True)
    decided_by: UUID | None = fields.UUIDField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "special_application"
        indexes = (
            Index(fields=("status", "created_at", "id"), name="special_application_queue"),
            Index(fields=("partner_id", "created_at", "id"), name="special_application_by_age"),
            Index(fields=("created_at", "id"), name="special_application_all_by_age"),
        )
        constraints = (
            CheckConstraint(
                name="special_application_granted_wholly",
                check="(status = 'GRANTED') = (granted_floor is not null)",
            ),
        )


class PrivateLink(Record):
    """The way to an effective offer for its one customer (私有链接, X-12…X-14), its token hashed.

    It is laid when the offer is approved, and open exactly as long as the offer is in force, so
    that it has no beginning and no end of its own.
    """

    offer: fields.OneToOneRelation[ExclusiveOffer] = fields.OneToOneField(
        "models.ExclusiveOffer", on_delete=fields.RESTRICT, related_name="private_link"
    )
    offer_id: UUID
    token_hash = fields.CharField(64, unique=True)
    opened = fields.IntField(default=0)
    last_opened_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "private_link"


class CustomerBinding(Record):
    """That a customer has chosen a partner as its service provider on an order (绑定, A-04).

    Made by the first order that binds the partner, whoever the customer is associated with.
    """

    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.RESTRICT, related_name="bindings"
    )
    customer_id: UUID
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="bindings"
    )
    partner_id: UUID

    class Meta:
        table = "customer_binding"
        constraints = (
            UniqueConstraint(fields=("customer_id", "partner_id"), name="customer_binding_once"),
        )
