"""Performance: what partners have sold, in money that counts, by line and by month (业绩)."""

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
from models.catalogue import ChargeMode, Goods, IncentiveStrategy
from models.consumption import ConsumptionRecord
from models.customers import AssociationType, Customer
from models.order_states import PolicyScene
from models.orders import Order, OrderLine
from models.partners import Partner
from models.refunds import Refund


class PerformanceState(Status):
    """How final performance is: a line has its sheet's state, and is ESTIMATED before (I-02)."""

    ESTIMATED = "ESTIMATED"
    DRAFT = "DRAFT"
    FINAL = "FINAL"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """The month ends, then the platform approves; what is final never changes."""
        return {cls.ESTIMATED: {cls.DRAFT}, cls.DRAFT: {cls.FINAL}}


class PerformanceKind(StrEnum):
    """What a line of performance stands for."""

    SALE = "SALE"
    USAGE = "USAGE"
    REFUND = "REFUND"
    ADJUSTMENT = "ADJUSTMENT"


class IncentiveExclusion(StrEnum):
    """Why performance earns no incentive, though its goods and scene would."""

    REBOUND_CUSTOMER = "REBOUND_CUSTOMER"


class PerformanceClosing(Record):
    """That the sheets of a month were made: whatever comes later is of the month that runs."""

    period = fields.CharField(7, unique=True)

    class Meta:
        table = "performance_closing"


class PerformanceSheet(Versioned):
    """A partner's performance of a month (业绩单): made as the month is over, then approved.

    Its lines never change, so neither does `total_amount`. Partners see it from `visible_at` on.
    """

    number = fields.CharField(32, unique=True)
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="performance_sheets"
    )
    partner_id: UUID
    period = fields.CharField(7)
    state = fields.CharEnumField(PerformanceState, max_length=16, default=PerformanceState.DRAFT)
    lines = fields.IntField()
    currency = fields.CharField(3, default="CNY")
    total_amount: Decimal = fields.DecimalField(18, 2)
    visible_at: datetime = fields.DatetimeField()
    approved_at: datetime | None = fields.DatetimeField(null=True)
    approved_by: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "performance_sheet"
        indexes = (
            Index(fields=("created_at", "id"), name="performance_sheet_by_age"),
            Index(fields=("partner_id", "created_at", "id"), name="performance_sheet_of_partner"),
            Index(fields=("period", "created_at", "id"), name="performance_sheet_of_month"),
            Index(fields=("state", "created_at", "id"), name="performance_sheet_by_state"),
            Index(fields=("period", "id"), name="performance_sheet_by_month"),
            Index(fields=("total_amount", "id"), name="performance_sheet_by_amount"),
        )
        constraints = (
            UniqueConstraint(fields=("partner_id", "period"), name="performance_sheet_once"),
            CheckConstraint(
                name="performance_sheet_state_known", check="state in ('DRAFT', 'FINAL')"
            ),
            CheckConstraint(
                name="performance_sheet_final_has_moment",
                check="(state = 'FINAL') = (approved_at is not null)",
            ),
        )


class PerformanceLine(Record):
    """One record of consumption that counts, a refund below zero, or a correction (业绩明细).

    `partner` is whose performance it is; of a reseller's sale its distributor, and `reseller` says
    whose sale it was. `manager_id` is who looked after the customer on that day (O-07). `period` is
    the month it counts in: of its day, or the one that runs when that month has its sheets.
    Partners see it from `visible_at` on. `credit_amount` is how much of it was lent to the
    customer. Usage that was debt counts when it is paid: by a line for the `transfer` that paid it.
    `strategy` and `scene` are the sale's, and decide which incentives it counts for; with an
    `exclusion` it only counts to their thresholds. Of a re-bound customer that is what is sold it
    until `excluded_until`, and what comes back of that at any time (I-13).
    """

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="performance"
    )
    partner_id: UUID
    reseller: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="performance_brought"
    )
    reseller_id: UUID | None
    kind = fields.CharEnumField(PerformanceKind, max_length=16)
    period = fields.CharField(7)
    performed_at: datetime = fields.DatetimeField()
    visible_at: datetime = fields.DatetimeField()
    consumption_record: fields.ForeignKeyNullableRelation[ConsumptionRecord] = (
        fields.ForeignKeyField(
            "models.ConsumptionRecord",
            null=True,
            on_delete=fields.RESTRICT,
            related_name="performance",
        )
    )
    consumption_record_id: UUID | None
    transfer_id: UUID | None = fields.UUIDField(null=True)
    sheet: fields.ForeignKeyNullableRelation[PerformanceSheet] = fields.ForeignKeyField(
        "models.PerformanceSheet",
        null=True,
        on_delete=fields.RESTRICT,
        related_name="performance_lines",
    )
    sheet_id: UUID | None
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.RESTRICT, related_name="performance"
    )
    customer_id: UUID
    manager_id: UUID | None = fields.UUIDField(null=True)
    association_type = fields.CharEnumField(AssociationType, max_length=16, null=True)
    goods: fields.ForeignKeyRelation[Goods] = fields.ForeignKeyField(
        "models.Goods", on_delete=fields.RESTRICT, related_name="performance"
    )
    goods_id: UUID
    order: fields.ForeignKeyNullableRelation[Order] = fields.ForeignKeyField(
        "models.Order", null=True, on_delete=fields.RESTRICT, related_name="performance"
    )
    order_id: UUID | None
    order_line: fields.ForeignKeyNullableRelation[OrderLine] = fields.ForeignKeyField(
        "models.OrderLine", null=True, on_delete=fields.RESTRICT, related_name="performance"
    )
    order_line_id: UUID | None
    refund: fields.ForeignKeyNullableRelation[Refund] = fields.ForeignKeyField(
        "models.Refund", null=True, on_delete=fields.RESTRICT, related_name="performance"
    )
    refund_id: UUID | None
    corrects: fields.ForeignKeyNullableRelation["PerformanceLine"] = fields.ForeignKeyField(
        "models.PerformanceLine", null=True, on_delete=fields.RESTRICT, related_name="corrections"
    )
    corrects_id: UUID | None
    strategy = fields.CharEnumField(IncentiveStrategy, max_length=16)
    scene = fields.CharEnumField(PolicyScene, max_length=16)
    charge_mode = fields.CharEnumField(ChargeMode, max_length=24, null=True)
    exclusion = fields.CharEnumField(IncentiveExclusion, max_length=24, null=True)
    excluded_until: datetime | None = fields.DatetimeField(null=True)
    currency = fields.CharField(3, default="CNY")
    amount: Decimal = fields.DecimalField(18, 2)
    credit_amount: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    reason = fields.CharField(500, null=True)
    entered_by: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "performance_line"
        indexes = (
            Index(fields=("performed_at", "id"), name="performance_line_by_age"),
            Index(fields=("partner_id", "performed_at", "id"), name="performance_line_of_partner"),
            Index(
                fields=("reseller_id", "performed_at", "id"), name="performance_line_of_reseller"
            ),
            Index(fields=("manager_id", "performed_at", "id"), name="performance_line_of_manager"),
            Index(
                fields=("customer_id", "performed_at", "id"), name="performance_line_of_customer"
            ),
            Index(fields=("goods_id", "performed_at", "id"), name="performance_line_of_goods"),
            Index(fields=("sheet_id", "performed_at", "id"), name="performance_line_of_sheet"),
            Index(fields=("period", "partner_id"), name="performance_line_of_month"),
            Index(fields=("order_id",), name="performance_line_of_order"),
            Index(fields=("corrects_id",), name="performance_line_correcting"),
        )
        constraints = (
            UniqueConstraint(
                fields=("consumption_record_id",),
                name="performance_line_once",
                condition="transfer_id is null",
            ),
            UniqueConstraint(fields=("transfer_id",), name="performance_line_paid_later_once"),
            CheckConstraint(
                name="performance_line_says_what",
                check="case kind when 'ADJUSTMENT' then corrects_id is not null"
                " and reason is not null and consumption_record_id is null"
                " else consumption_record_id is not null end"
                " and (kind = 'REFUND') = (refund_id is not null)"
                " and (transfer_id is null or kind = 'USAGE')",
            ),
            CheckConstraint(
                name="performance_line_direction",
                check="amount <> 0 and case kind when 'SALE' then amount > 0"
                " when 'REFUND' then amount < 0 else true end",
            ),
            CheckConstraint(
                name="performance_line_excluded_wholly",
                check="(exclusion is null) = (excluded_until is null)",
            ),
            CheckConstraint(
                name="performance_line_scene", check="scene <> 'NONE' and strategy <> 'NONE'"
            ),
        )
