"""Consumption: what customers have spent, by month and instrument, and what partners are told."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Record
from models.catalogue import Goods
from models.customers import AssociationType, Customer
from models.orders import Order, OrderLine
from models.partners import Partner
from models.refunds import Refund
from models.usage import UsageImport


class BillType(StrEnum):
    """What a record of consumption is about (domain.md 3.7)."""

    NEW = "NEW"
    RENEW = "RENEW"
    CHANGE = "CHANGE"
    REFUND = "REFUND"
    USAGE = "USAGE"


# What the cloud's own API calls them (`bill_type`).
BILL_WIRE: Mapping[BillType, int] = {
    BillType.NEW: 1,
    BillType.RENEW: 2,
    BillType.CHANGE: 3,
    BillType.REFUND: 4,
    BillType.USAGE: 5,
}


class PartnerBill(Record):
    """A partner's overview of a month (伙伴账单, K-03): what its customers spent and got back.

    `adjustments` is what was recorded for earlier months after their bills were made.
    """

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="bills"
    )
    partner_id: UUID
    period = fields.CharField(7)
    currency = fields.CharField(3, default="CNY")
    consumption_amount: Decimal = fields.DecimalField(18, 2)
    refund_amount: Decimal = fields.DecimalField(18, 2)
    adjustment_amount: Decimal = fields.DecimalField(18, 2)
    total_amount: Decimal = fields.DecimalField(18, 2)
    records = fields.IntField()

    class Meta:
        table = "partner_bill"
        indexes = (
            Index(fields=("period", "id"), name="partner_bill_by_period"),
            Index(fields=("total_amount", "id"), name="partner_bill_by_amount"),
        )
        constraints = (
            UniqueConstraint(fields=("partner_id", "period"), name="partner_bill_once"),
            CheckConstraint(
                name="partner_bill_adds_up",
                check="total_amount = consumption_amount + refund_amount + adjustment_amount",
            ),
        )


class ConsumptionRecord(Record):
    """What a customer spent of one instrument on one thing, or got back (消费; below zero then).

    `period` is the month in Beijing. Partner, association and manager are those of that moment; a
    refund has those of what it gives back. `source_id` is the payment's share, or the refund's
    part, that it tells of. `payer` is the partner that paid instead of the customer: it is in
    `cash`. Of what isn't covered, the rest is `debt`. `partner_bill` is where it was counted. Usage
    that was told too high comes back by a record below zero that `corrects` what was charged.
    """

    period = fields.CharField(7)
    bill_type = fields.CharEnumField(BillType, max_length=16)
    occurred_at: datetime = fields.DatetimeField()
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.RESTRICT, related_name="consumption"
    )
    customer_id: UUID
    partner: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="consumption"
    )
    partner_id: UUID | None
    association_id: UUID | None = fields.UUIDField(null=True)
    association_type = fields.CharEnumField(AssociationType, max_length=16, null=True)
    manager_id: UUID | None = fields.UUIDField(null=True)
    goods: fields.ForeignKeyRelation[Goods] = fields.ForeignKeyField(
        "models.Goods", on_delete=fields.RESTRICT, related_name="consumption"
    )
    goods_id: UUID
    merchant_id: UUID | None = fields.UUIDField(null=True)
    order: fields.ForeignKeyNullableRelation[Order] = fields.ForeignKeyField(
        "models.Order", null=True, on_delete=fields.RESTRICT, related_name="consumption"
    )
    order_id: UUID | None
    line: fields.ForeignKeyNullableRelation[OrderLine] = fields.ForeignKeyField(
        "models.OrderLine", null=True, on_delete=fields.RESTRICT, related_name="consumption"
    )
    line_id: UUID | None
    refund: fields.ForeignKeyNullableRelation[Refund] = fields.ForeignKeyField(
        "models.Refund", null=True, on_delete=fields.RESTRICT, related_name="consumption"
    )
    refund_id: UUID | None
    usage_import: fields.ForeignKeyNullableRelation[UsageImport] = fields.ForeignKeyField(
        "models.UsageImport", null=True, on_delete=fields.RESTRICT, related_name="consumption"
    )
    usage_import_id: UUID | None
    corrects: fields.ForeignKeyNullableRelation["ConsumptionRecord"] = fields.ForeignKeyField(
        "models.ConsumptionRecord", null=True, on_delete=fields.RESTRICT, related_name="corrections"
    )
    corrects_id: UUID | None
    source_id: UUID | None = fields.UUIDField(null=True, unique=True)
    transfer_id: UUID | None = fields.UUIDField(null=True)
    payer: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="consumption_paid"
    )
    payer_id: UUID | None
    counts_performance = fields.BooleanField()
    currency = fields.CharField(3, default="CNY")
    official_amount: Decimal = fields.DecimalField(18, 2)
    discount_amount: Decimal = fields.DecimalField(18, 2)
    erased_amount: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    consume_amount: Decimal = fields.DecimalField(18, 2)
    cash: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    credit: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    voucher: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    cash_coupon: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    stored_value_card: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    bonus: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    debt: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    adjustment: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    partner_bill: fields.ForeignKeyNullableRelation[PartnerBill] = fields.ForeignKeyField(
        "models.PartnerBill", null=True, on_delete=fields.RESTRICT, related_name="consumption"
    )
    partner_bill_id: UUID | None

    class Meta:
        table = "consumption_record"
        indexes = (
            Index(fields=("occurred_at", "id"), name="consumption_by_age"),
            Index(fields=("customer_id", "occurred_at", "id"), name="consumption_of_customer"),
            Index(fields=("partner_id", "occurred_at", "id"), name="consumption_of_partner"),
            Index(fields=("goods_id", "occurred_at", "id"), name="consumption_of_goods"),
            Index(fields=("period", "occurred_at", "id"), name="consumption_of_month"),
            Index(
                fields=("partner_id", "period", "occurred_at", "id"),
                name="consumption_of_partner_month",
            ),
            Index(
                fields=("customer_id", "period", "occurred_at", "id"),
                name="consumption_of_customer_month",
            ),
            Index(fields=("line_id",), name="consumption_of_line"),
            Index(fields=("partner_bill_id", "occurred_at", "id"), name="consumption_of_bill"),
            Index(fields=("corrects_id",), name="consumption_correcting"),
        )
        constraints = (
            CheckConstraint(
                name="consumption_adds_up",
                check="consume_amount = cash + credit + voucher + cash_coupon + stored_value_card"
                " + bonus + debt + adjustment"
                " and official_amount = discount_amount + erased_amount + consume_amount",
            ),
            CheckConstraint(
                name="consumption_direction",
                check="(bill_type = 'REFUND' or corrects_id is not null) = (consume_amount < 0)"
                " and consume_amount <> 0 and (corrects_id is null or bill_type = 'USAGE')",
            ),
            CheckConstraint(
                name="consumption_has_origin",
                check="(bill_type = 'USAGE') = (usage_import_id is not null)"
                " and (bill_type = 'USAGE') = (source_id is null)"
                " and (bill_type = 'USAGE') = (line_id is null)"
                " and (bill_type = 'USAGE') = (order_id is null)"
                " and (bill_type = 'REFUND') = (refund_id is not null)",
            ),
            CheckConstraint(
                name="consumption_associated_wholly",
                check="(partner_id is null) = (association_id is null)"
                " and (partner_id is null) = (association_type is null)",
            ),
            CheckConstraint(
                name="consumption_billed_to_partner",
                check="partner_bill_id is null or partner_id is not null",
            ),
        )
