"""Carts: what customers think of buying."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from models.base import Versioned
from models.catalogue import Sku
from models.customers import Customer
from models.offers import ExclusiveOffer
from models.partners import Partner
from models.private_offers import PrivateOffer


class CartLine(Versioned):
    """What a customer thinks of buying, put there by itself or by its partner for it."""

    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.CASCADE, related_name="cart_lines"
    )
    customer_id: UUID
    sku: fields.ForeignKeyRelation[Sku] = fields.ForeignKeyField(
        "models.Sku", on_delete=fields.RESTRICT, related_name="cart_lines"
    )
    sku_id: UUID
    quantity = fields.IntField()
    periods = fields.IntField(default=0)
    seller: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="cart_lines"
    )
    seller_id: UUID | None
    exclusive_offer: fields.ForeignKeyNullableRelation[ExclusiveOffer] = fields.ForeignKeyField(
        "models.ExclusiveOffer", null=True, on_delete=fields.SET_NULL, related_name="cart_lines"
    )
    exclusive_offer_id: UUID | None
    private_offer: fields.ForeignKeyNullableRelation[PrivateOffer] = fields.ForeignKeyField(
        "models.PrivateOffer", null=True, on_delete=fields.SET_NULL, related_name="cart_lines"
    )
    private_offer_id: UUID | None
    added_by = fields.UUIDField()

    class Meta:
        table = "cart_line"
        indexes = (Index(fields=("customer_id", "created_at", "id"), name="cart_line_of_customer"),)
        constraints = (
            CheckConstraint(name="cart_line_quantity", check="quantity > 0 and periods >= 0"),
        )
