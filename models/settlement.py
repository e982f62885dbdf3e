"""Settlement: what waits to be settled, and the lines that it comes to."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Record
from models.catalogue import Goods, GoodsKind, ShareModel
from models.customers import Customer
from models.orders import OrderLine
from models.partners import Partner
from models.refunds import Refund

if TYPE_CHECKING:
    from models.statements import Statement


class StatementKind(StrEnum):
    """What a statement pays: the share of sales of a month, or what was attained in a quarter.

    BASIC is the basic incentive (客户服务商基础激励账单), monthly; ASSESSMENT the incentive by
    performance (业绩考核激励账单), quarterly (S-05, S-06).
    """

    BASIC = "BASIC"
    ASSESSMENT = "ASSESSMENT"


class SettledKind(StrEnum):
    """What a settlement line stands for."""

    ORIGINAL = "ORIGINAL"
    REVERSAL = "REVERSAL"
    USAGE = "USAGE"
    INCENTIVE = "INCENTIVE"
    ADJUSTMENT = "ADJUSTMENT"


class Unsettled(Record):
    """What a partner is to be paid for, or pays back, and no statement has yet (待出账).

    Written when it happens, in its transaction, and deleted by the run that settles it; what can
    never be settled isn't here. One of the ids says what it is. An ORIGINAL carries its cash
    consumption: what is paid is paid, and a run needn't look for a million sales' payments. Usage
    that was debt when it was charged comes once more for each `transfer` that pays of it later,
    with the cash of that. An ADJUSTMENT carries its own `amount` and `goods_tax_rate`, `reason`
    says why and `line_id` which line it puts right.
    """

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="unsettled"
    )
    partner_id: UUID
    kind = fields.CharEnumField(SettledKind, max_length=16)
    order_line: fields.ForeignKeyNullableRelation[OrderLine] = fields.ForeignKeyField(
        "models.OrderLine", null=True, on_delete=fields.RESTRICT, related_name="unsettled"
    )
    order_line_id: UUID | None
    refund: fields.ForeignKeyNullableRelation[Refund] = fields.ForeignKeyField(
        "models.Refund", null=True, on_delete=fields.RESTRICT, related_name="unsettled"
    )
    refund_id: UUID | None
    consumption_record_id: UUID | None = fields.UUIDField(null=True)
    transfer_id: UUID | None = fields.UUIDField(null=True)
    line_id: UUID | None = fields.UUIDField(null=True)
    cash: Decimal | None = fields.DecimalField(18, 2, null=True)
    amount: Decimal | None = fields.DecimalField(18, 2, null=True)
    goods_tax_rate: Decimal | None = fields.DecimalField(5, 4, null=True)
    reason = fields.CharField(500, null=True)
    entered_by: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "unsettled"
        indexes = (Index(fields=("partner_id", "id"), name="unsettled_of_partner"),)
        constraints = (
            UniqueConstraint(
                fields=("order_line_id",),
                name="unsettled_original_once",
                condition="kind = 'ORIGINAL'",
            ),
            UniqueConstraint(
                fields=("refund_id",), name="unsettled_reversal_once", condition="kind = 'REVERSAL'"
            ),
            UniqueConstraint(
                fields=("consumption_record_id",),
                name="unsettled_usage_once",
                condition="kind = 'USAGE' and transfer_id is null",
            ),
            UniqueConstraint(fields=("transfer_id",), name="unsettled_paid_later_once"),
            CheckConstraint(
                name="unsettled_says_what",
                check="case kind"
                " when 'ORIGINAL' then order_line_id is not null and refund_id is null"
                " and cash is not null"
                " when 'REVERSAL' then order_line_id is not null and refund_id is not null"
                " when 'USAGE' then order_line_id is not null"
                " and consumption_record_id is not null"
                " when 'ADJUSTMENT' then amount is not null and goods_tax_rate is not null"
                " and reason is not null else false end"
                " and (transfer_id is null or kind = 'USAGE' and cash > 0)",
            ),
        )


class SettlementLine(Record):
    """What one sale, refund, month of use or attained incentive comes to (结算明细).

    The columns from `share_model` to `fee_tax_rate` are the inputs of the formula at that moment,
    `rule_version` says which formula, `amount` what came of it, rounded once. `cash` is the cash
    consumption (现金消费). A REVERSAL has the `original` that it takes back from and its terms, and
    below zero what was refunded, as `cash` and `deal_amount`. Others had `taken_before` of it, zero
    or above; `takes_remainder`: it was the last, and is what was left. A month's USAGE of goods by
    a customer is rounded as a whole: a line has the cash of those that stand before it in the
    statement, `cash_before`, and is what it adds to their share. What was debt then is settled when
    it is paid: such a line names the `transfer` that paid it, and has no price. `eligible_at` is
    since when it could be settled. A line whose statement was cancelled is void, and what it stood
    for waits again. `id`s of a statement's lines are in the order in which they are shown.
    """

    statement: fields.ForeignKeyRelation["Statement"] = fields.ForeignKeyField(
        "models.Statement", on_delete=fields.RESTRICT, related_name="settlement_lines"
    )
    statement_id: UUID
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner",
        on_delete=fields.NO_ACTION,
        db_constraint=False,  # its statement's; a check of each of a million rows takes seconds
        related_name="settlement_lines",
    )
    partner_id: UUID
    kind = fields.CharEnumField(SettledKind, max_length=16)
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        "models.Customer",
        null=True,
        on_delete=fields.NO_ACTION,
        db_constraint=False,
        related_name="settlement_lines",
    )
    customer_id: UUID | None
    goods: fields.ForeignKeyNullableRelation[Goods] = fields.ForeignKeyField(
        "models.Goods",
        null=True,
        on_delete=fields.NO_ACTION,
        db_constraint=False,
        related_name="settlement_lines",
    )
    goods_id: UUID | None
    order_line: fields.ForeignKeyNullableRelation[OrderLine] = fields.ForeignKeyField(
        "models.OrderLine",
        null=True,
        on_delete=fields.NO_ACTION,
        db_constraint=False,
        related_name="settlement_lines",
    )
    order_line_id: UUID | None
    refund: fields.ForeignKeyNullableRelation[Refund] = fields.ForeignKeyField(
        "models.Refund", null=True, on_delete=fields.RESTRICT, related_name="settlement_lines"
    )
    refund_id: UUID | None
    consumption_record_id: UUID | None = fields.UUIDField(null=True)
    transfer_id: UUID | None = fields.UUIDField(null=True)
    incentive_id: UUID | None = fields.UUIDField(null=True)
    original: fields.ForeignKeyNullableRelation["SettlementLine"] = fields.ForeignKeyField(
        "models.SettlementLine", null=True, on_delete=fields.RESTRICT, related_name="reversals"
    )
    original_id: UUID | None
    period = fields.CharField(7)
    eligible_at: datetime = fields.DatetimeField()
    share_model = fields.CharEnumField(ShareModel, max_length=16, null=True)
    goods_kind = fields.CharEnumField(GoodsKind, max_length=16, null=True)
    cash: Decimal = fields.DecimalField(18, 2)
    deal_amount: Decimal | None = fields.DecimalField(18, 2, null=True)
    floor_amount: Decimal | None = fields.DecimalField(18, 2, null=True)
    ratio: Decimal | None = fields.DecimalField(7, 6, null=True)
    goods_tax_rate: Decimal | None = fields.DecimalField(5, 4, null=True)
    fee_tax_rate: Decimal = fields.DecimalField(5, 4)
    rule_version = fields.CharField(16)
    takes_remainder = fields.BooleanField(default=False)
    taken_before: Decimal | None = fields.DecimalField(18, 2, null=True)
    cash_before: Decimal | None = fields.DecimalField(18, 2, null=True)
    amount: Decimal = fields.DecimalField(18, 2)
    currency = fields.CharField(3, default="CNY")
    reason = fields.CharField(500, null=True)
    voided_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "settlement_line"
        indexes = (
            Index(fields=("statement_id", "id"), name="settlement_line_of_statement"),
            Index(fields=("partner_id", "id"), name="settlement_line_of_partner"),
            Index(fields=("order_line_id",), name="settlement_line_of_order_line"),
        )
        constraints = (
            UniqueConstraint(
                fields=("order_line_id",),
                name="settlement_line_original_once",
                condition="kind = 'ORIGINAL' and voided_at is null",
            ),
            UniqueConstraint(
                fields=("refund_id",),
                name="settlement_line_reversal_once",
                condition="kind = 'REVERSAL' and voided_at is null",
            ),
            UniqueConstraint(
                fields=("consumption_record_id",),
                name="settlement_line_usage_once",
                condition="kind = 'USAGE' and transfer_id is null and voided_at is null",
            ),
            UniqueConstraint(
                fields=("transfer_id",),
                name="settlement_line_paid_later_once",
                condition="transfer_id is not null and voided_at is null",
            ),
            UniqueConstraint(
                fields=("incentive_id",),
                name="settlement_line_incentive_once",
                condition="kind = 'INCENTIVE' and voided_at is null",
            ),
            CheckConstraint(
                name="settlement_line_says_what",
                check="case kind"
                " when 'ORIGINAL' then order_line_id is not null and refund_id is null"
                " when 'REVERSAL' then refund_id is not null and original_id is not null"
                " when 'USAGE' then consumption_record_id is not null"
                " when 'INCENTIVE' then incentive_id is not null"
                " else reason is not null end and (transfer_id is null or kind = 'USAGE')",
            ),
            CheckConstraint(
                name="settlement_line_direction",
                check="case kind when 'REVERSAL' then amount <= 0 and cash <= 0"
                " when 'ORIGINAL' then amount >= 0 and cash >= 0 else true end",
            ),
        )
