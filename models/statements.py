"""Statements: what a partner is told and paid for a period, step by step (账单)."""

from collections.abc import Mapping, Set
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Versioned
from models.certification import BusinessInformation
from models.partners import Partner
from models.settlement import StatementKind
from models.settlement_runs import SettlementRun


class StatementStatus(Status):
    """Life of a statement (domain.md 5.12)."""

    GENERATED = "GENERATED"
    SENT = "SENT"
    TO_COUNTERSIGN = "TO_COUNTERSIGN"
    COUNTERSIGNING = "COUNTERSIGNING"
    SHEET_FAILED = "SHEET_FAILED"
    TO_INVOICE = "TO_INVOICE"
    INVOICE_RECEIVED = "INVOICE_RECEIVED"
    INVOICE_REJECTED = "INVOICE_REJECTED"
    PAYING = "PAYING"
    PAY_FAILED = "PAY_FAILED"
    PAID = "PAID"
    CARRIED_OVER = "CARRIED_OVER"
    REPAID = "REPAID"
    ZERO_CLOSED = "ZERO_CLOSED"
    CANCELLED = "CANCELLED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Reviewed and sent, countersigned, invoiced, paid; cancelled only until countersigned.

        What is below zero is carried by the next, or the partner pays it back.
        """
        return {
            cls.GENERATED: {cls.SENT, cls.CARRIED_OVER, cls.ZERO_CLOSED, cls.CANCELLED},
            cls.SENT: {cls.TO_COUNTERSIGN, cls.CANCELLED},
            cls.TO_COUNTERSIGN: {cls.COUNTERSIGNING, cls.CANCELLED},
            cls.COUNTERSIGNING: {cls.TO_INVOICE, cls.SHEET_FAILED, cls.CANCELLED},
            cls.SHEET_FAILED: {cls.COUNTERSIGNING, cls.TO_INVOICE},
            cls.TO_INVOICE: {cls.INVOICE_RECEIVED},
            cls.INVOICE_RECEIVED: {cls.PAYING, cls.INVOICE_REJECTED},
            cls.INVOICE_REJECTED: {cls.INVOICE_RECEIVED},
            cls.PAYING: {cls.PAID, cls.PAY_FAILED},
            cls.PAY_FAILED: {cls.PAYING, cls.PAID},
            cls.CARRIED_OVER: {cls.REPAID},
        }


class StatementStepKind(StrEnum):
    """The seven steps of a statement (S-01)."""

    GENERATE = "GENERATE"
    REVIEW = "REVIEW"
    COUNTERSIGN = "COUNTERSIGN"
    NOTIFY = "NOTIFY"
    INVOICE = "INVOICE"
    VERIFY = "VERIFY"
    PAY = "PAY"


class Statement(Versioned):
    """What a partner is paid for a period, of one kind and one pair of tax rates (S-02, A-26).

    `lines_amount` is the sum of the lines; with `carry_in`, what an earlier statement was below
    zero (`carried_from`), it makes `total_amount`. Above zero that is what is paid; below, it is
    carried to the next statement (结转), unless the partner pays it back by other means (补付).
    `business_information` is where it is paid to. The moments say when each step was done;
    `invoice_due_at` is until when an invoice is to come. `step` is the one that it is in, and
    `step_due_at` until when it is to be done: models/statement_steps.py has them all. The partner
    sees it from `sent_at` on. Of the requests to other systems, the last one counts.
    """

    number = fields.CharField(32, unique=True)
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="statements"
    )
    partner_id: UUID
    run: fields.ForeignKeyRelation[SettlementRun] = fields.ForeignKeyField(
        "models.SettlementRun", on_delete=fields.RESTRICT, related_name="statements"
    )
    run_id: UUID
    kind = fields.CharEnumField(StatementKind, max_length=16)
    period = fields.CharField(7)
    goods_tax_rate: Decimal | None = fields.DecimalField(5, 4, null=True)
    fee_tax_rate: Decimal = fields.DecimalField(5, 4)
    status = fields.CharEnumField(StatementStatus, max_length=24, default=StatementStatus.GENERATED)
    currency = fields.CharField(3, default="CNY")
    lines = fields.IntField()
    lines_amount: Decimal = fields.DecimalField(18, 2)
    carry_in: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    carried_from: fields.ForeignKeyNullableRelation["Statement"] = fields.ForeignKeyField(
        "models.Statement", null=True, on_delete=fields.RESTRICT, related_name="carried_into"
    )
    carried_from_id: UUID | None
    total_amount: Decimal = fields.DecimalField(18, 2)
    replaces: fields.ForeignKeyNullableRelation["Statement"] = fields.ForeignKeyField(
        "models.Statement", null=True, on_delete=fields.RESTRICT, related_name="replaced_by"
    )
    replaces_id: UUID | None
    business_information: fields.ForeignKeyRelation[BusinessInformation] = fields.ForeignKeyField(
        "models.BusinessInformation", on_delete=fields.RESTRICT, related_name="statements"
    )
    business_information_id: UUID
    sheet_number = fields.CharField(64, null=True)
    sheet_request_id: UUID | None = fields.UUIDField(null=True)
    payment_request_id: UUID | None = fields.UUIDField(null=True)
    step = fields.CharEnumField(StatementStepKind, max_length=16, null=True)
    step_due_at: datetime | None = fields.DatetimeField(null=True)
    reviewed_by: UUID | None = fields.UUIDField(null=True)
    sent_at: datetime | None = fields.DatetimeField(null=True)
    countersigned_at: datetime | None = fields.DatetimeField(null=True)
    notified_at: datetime | None = fields.DatetimeField(null=True)
    invoice_due_at: datetime | None = fields.DatetimeField(null=True)
    received_at: datetime | None = fields.DatetimeField(null=True)
    verified_at: datetime | None = fields.DatetimeField(null=True)
    paid_at: datetime | None = fields.DatetimeField(null=True)
    closed_at: datetime | None = fields.DatetimeField(null=True)
    invoice_address = fields.CharField(500, null=True)
    payment_reference = fields.CharField(128, null=True)
    failure = fields.CharField(64, null=True)
    cancel_reason = fields.CharField(500, null=True)

    class Meta:
        table = "statement"
        indexes = (
            Index(fields=("created_at", "id"), name="statement_by_age"),
            Index(fields=("partner_id", "created_at", "id"), name="statement_of_partner"),
            Index(fields=("status", "created_at", "id"), name="statement_by_status"),
            Index(fields=("run_id",), name="statement_of_run"),
            Index(fields=("total_amount", "id"), name="statement_by_amount"),
        )
        constraints = (
            UniqueConstraint(
                fields=("carried_from_id",),
                name="statement_carried_once",
                condition="carried_from_id is not null and status <> 'CANCELLED'",
            ),
            CheckConstraint(
                name="statement_adds_up",
                check="total_amount = lines_amount + carry_in and carry_in <= 0"
                " and (carry_in = 0) = (carried_from_id is null)",
            ),
            CheckConstraint(
                name="statement_ends_by_sign",
                check="case status when 'CARRIED_OVER' then total_amount < 0"
                " when 'REPAID' then total_amount < 0"
                " when 'ZERO_CLOSED' then total_amount = 0"
                " when 'GENERATED' then true when 'CANCELLED' then true else total_amount > 0 end",
            ),
            CheckConstraint(
                name="statement_closed_has_moment",
                check="(status in ('PAID', 'CARRIED_OVER', 'REPAID', 'ZERO_CLOSED', 'CANCELLED'))"
                " = (closed_at is not null)",
            ),
            CheckConstraint(
                name="statement_rate_of_goods",
                check="(kind = 'BASIC') = (goods_tax_rate is not null)",
            ),
            CheckConstraint(
                name="statement_due_step", check="step is not null or step_due_at is null"
            ),
        )
