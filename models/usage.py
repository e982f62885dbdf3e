"""Usage as its sources tell it: the files that were taken in, and their lines (用量, 话单)."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Record
from models.catalogue import Goods, Sku
from models.customers import Customer
from models.partners import Partner


class UsageImport(Record):
    """One file of usage (用量) that was taken in, and what became of its lines.

    `partner` is whose file it is. Of the `added` lines `corrections` say anew what was said before;
    by them `returned_amount` of earlier charges came back, off what was owed or as cash. `errors`
    are the first lines that were refused: number, code and the texts.
    """

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="usage_imports"
    )
    partner_id: UUID
    file_id: UUID = fields.UUIDField(unique=True)
    file_name = fields.CharField(200)
    imported_by: UUID | None = fields.UUIDField(null=True)
    lines = fields.IntField()
    added = fields.IntField()
    repeated = fields.IntField()
    failed = fields.IntField()
    corrections = fields.IntField(default=0)
    currency = fields.CharField(3, default="CNY")
    charged_amount: Decimal = fields.DecimalField(18, 2)
    debt_amount: Decimal = fields.DecimalField(18, 2)
    returned_amount: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    errors: list[dict[str, Any]] = fields.JSONField(default=list)

    class Meta:
        table = "usage_import"
        indexes = (
            Index(fields=("created_at", "id"), name="usage_import_by_age"),
            Index(fields=("partner_id", "created_at", "id"), name="usage_import_of_partner"),
            Index(fields=("charged_amount", "id"), name="usage_import_by_amount"),
        )
        constraints = (
            CheckConstraint(
                name="usage_import_counts",
                check="lines = added + repeated + failed"
                " and added >= 0 and repeated >= 0 and failed >= 0"
                " and corrections between 0 and added",
            ),
            CheckConstraint(
                name="usage_import_amounts",
                check="debt_amount between 0 and charged_amount and returned_amount >= 0",
            ),
        )


class UsageRecord(Record):
    """That a customer has used goods (话单), at the price of that moment; nothing is rounded here.

    Its `source` calls it `record_id`, within what the partner `owner_id` hands in. One that
    `corrects` another says how much it was instead, and `amount` is what that adds or takes:
    `corrected_quantity` is what the other had said.
    """

    usage_import: fields.ForeignKeyRelation[UsageImport] = fields.ForeignKeyField(
        "models.UsageImport", on_delete=fields.RESTRICT, related_name="records"
    )
    usage_import_id: UUID
    owner_id: UUID = fields.UUIDField()
    source = fields.CharField(64)
    record_id = fields.CharField(128)
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.RESTRICT, related_name="usage_records"
    )
    customer_id: UUID
    goods: fields.ForeignKeyRelation[Goods] = fields.ForeignKeyField(
        "models.Goods", on_delete=fields.RESTRICT, related_name="usage_records"
    )
    goods_id: UUID
    sku: fields.ForeignKeyRelation[Sku] = fields.ForeignKeyField(
        "models.Sku", on_delete=fields.RESTRICT, related_name="usage_records"
    )
    sku_id: UUID
    period = fields.CharField(7)
    used_at: datetime = fields.DatetimeField()
    corrects: fields.ForeignKeyNullableRelation["UsageRecord"] = fields.ForeignKeyField(
        "models.UsageRecord", null=True, on_delete=fields.RESTRICT, related_name="corrections"
    )
    corrects_id: UUID | None
    quantity: Decimal = fields.DecimalField(20, 8)
    corrected_quantity: Decimal = fields.DecimalField(20, 8, default=Decimal(0))
    unit_price: Decimal = fields.DecimalField(18, 2)
    amount: Decimal = fields.DecimalField(32, 10)

    class Meta:
        table = "usage_record"
        indexes = (
            Index(fields=("customer_id", "goods_id", "period"), name="usage_record_of_month"),
            Index(fields=("usage_import_id",), name="usage_record_of_import"),
        )
        constraints = (
            UniqueConstraint(fields=("owner_id", "source", "record_id"), name="usage_record_once"),
            UniqueConstraint(fields=("corrects_id",), name="usage_record_corrected_once"),
            CheckConstraint(
                name="usage_record_amount",
                check="amount = (quantity - corrected_quantity) * unit_price"
                " and quantity >= 0 and corrected_quantity >= 0"
                " and (corrects_id is not null or quantity > 0 and corrected_quantity = 0)",
            ),
        )
