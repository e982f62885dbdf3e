"""What a statement goes through: its steps, who signs it, its invoices, and what is doubted."""

from collections.abc import Mapping, Set
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Record, Versioned
from models.partners import Partner
from models.settlement import SettlementLine
from models.statements import Statement, StatementStepKind


class StatementStep(Record):
    """A step of a statement, and until when it is to be done (S-01).

    A working-day deadline ends with the day `due_on` in Shanghai; `provisional`, while the calendar
    of a year in between isn't announced. `breached_at` is the instant from which it was late, also
    when it was done after all. What was sent back has another `attempt`; what a cancellation left
    undone is dropped.
    """

    statement: fields.ForeignKeyRelation[Statement] = fields.ForeignKeyField(
        "models.Statement", on_delete=fields.CASCADE, related_name="steps"
    )
    statement_id: UUID
    kind = fields.CharEnumField(StatementStepKind, max_length=16)
    attempt = fields.IntField(default=1)
    started_at: datetime = fields.DatetimeField()
    due_on: date | None = fields.DateField(null=True)
    due_at: datetime | None = fields.DatetimeField(null=True)
    provisional = fields.BooleanField(default=False)
    done_at: datetime | None = fields.DatetimeField(null=True)
    dropped_at: datetime | None = fields.DatetimeField(null=True)
    breached_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "statement_step"
        constraints = (
            UniqueConstraint(
                fields=("statement_id", "kind", "attempt"), name="statement_step_once"
            ),
            UniqueConstraint(
                fields=("statement_id",),
                name="statement_step_one_open",
                condition="done_at is null and dropped_at is null",
            ),
            CheckConstraint(name="statement_step_due", check="(due_on is null) = (due_at is null)"),
            CheckConstraint(
                name="statement_step_ends_once", check="done_at is null or dropped_at is null"
            ),
        )


class SignerRole(StrEnum):
    """In whose name a statement is countersigned (会签)."""

    BUSINESS = "BUSINESS"
    FINANCE = "FINANCE"


class StatementSignature(Record):
    """That somebody countersigns a statement: wanted since it was started, given when signed."""

    statement: fields.ForeignKeyRelation[Statement] = fields.ForeignKeyField(
        "models.Statement", on_delete=fields.CASCADE, related_name="signatures"
    )
    statement_id: UUID
    role = fields.CharEnumField(SignerRole, max_length=16)
    signed_by: UUID | None = fields.UUIDField(null=True)
    signed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "statement_signature"
        constraints = (
            UniqueConstraint(fields=("statement_id", "role"), name="statement_signature_once"),
            UniqueConstraint(
                fields=("statement_id", "signed_by"), name="statement_signature_by_another"
            ),
            CheckConstraint(
                name="statement_signature_given",
                check="(signed_by is null) = (signed_at is null)",
            ),
        )


class InvoiceKind(StrEnum):
    """What an invoice is in tax law: only a special one lets its reader deduct the tax."""

    VAT_SPECIAL = "VAT_SPECIAL"
    VAT_ORDINARY = "VAT_ORDINARY"


class InvoiceStatus(Status):
    """Life of an invoice."""

    SUBMITTED = "SUBMITTED"
    RECEIVED = "RECEIVED"
    VERIFIED = "VERIFIED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Told, then there on paper, then found right or wrong; or replaced before it came."""
        return {
            cls.SUBMITTED: {cls.RECEIVED, cls.WITHDRAWN},
            cls.RECEIVED: {cls.VERIFIED, cls.REJECTED},
        }


class Invoice(Versioned):
    """An invoice that a partner has issued for a statement (S-12, S-20).

    Several may cover one statement, one never two: an invoice is known by its `code` (paper has
    one, electronic invoices don't) and `number`.
    """

    statement: fields.ForeignKeyRelation[Statement] = fields.ForeignKeyField(
        "models.Statement", on_delete=fields.RESTRICT, related_name="invoices"
    )
    statement_id: UUID
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="invoices"
    )
    partner_id: UUID
    code = fields.CharField(20, null=True)
    number = fields.CharField(32)
    kind = fields.CharEnumField(InvoiceKind, max_length=16)
    issued_on: date = fields.DateField()
    tax_rate: Decimal = fields.DecimalField(5, 4)
    net_amount: Decimal = fields.DecimalField(18, 2)
    tax_amount: Decimal = fields.DecimalField(18, 2)
    total_amount: Decimal = fields.DecimalField(18, 2)
    currency = fields.CharField(3, default="CNY")
    status = fields.CharEnumField(InvoiceStatus, max_length=16, default=InvoiceStatus.SUBMITTED)
    submitted_by: UUID | None = fields.UUIDField(null=True)
    received_at: datetime | None = fields.DatetimeField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)
    refusal = fields.CharField(500, null=True)

    class Meta:
        table = "invoice"
        indexes = (
            Index(fields=("created_at", "id"), name="invoice_by_age"),
            Index(fields=("partner_id", "created_at", "id"), name="invoice_of_partner"),
            Index(fields=("statement_id",), name="invoice_of_statement"),
            Index(fields=("number",), name="invoice_by_number"),
            Index(fields=("issued_on", "id"), name="invoice_by_day"),
            Index(fields=("total_amount", "id"), name="invoice_by_amount"),
        )
        constraints = (
            CheckConstraint(
                name="invoice_adds_up",
                check="net_amount + tax_amount = total_amount and net_amount > 0"
                " and tax_amount >= 0",
            ),
            CheckConstraint(
                name="invoice_decided_has_moment",
                check="(status in ('VERIFIED', 'REJECTED', 'WITHDRAWN'))"
                " = (decided_at is not null)",
            ),
        )


class DisputeStatus(Status):
    """Life of a doubt about a statement."""

    OPEN = "OPEN"
    ANSWERED = "ANSWERED"
    CLOSED = "CLOSED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Answered, then closed; the partner may also let it be before it has an answer."""
        return {
            cls.OPEN: {cls.ANSWERED, cls.CLOSED},
            cls.ANSWERED: {cls.CLOSED},
        }


class StatementDispute(Versioned):
    """What a partner doubts about a statement, or about one of its lines (账单反馈).

    It stops nothing: what is put right comes with the next period, by the `adjustment_id` that the
    answer has entered, which is an amount that waits for its statement.
    """

    statement: fields.ForeignKeyRelation[Statement] = fields.ForeignKeyField(
        "models.Statement", on_delete=fields.RESTRICT, related_name="disputes"
    )
    statement_id: UUID
    line: fields.ForeignKeyNullableRelation[SettlementLine] = fields.ForeignKeyField(
        "models.SettlementLine", null=True, on_delete=fields.RESTRICT, related_name="disputes"
    )
    line_id: UUID | None
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="statement_disputes"
    )
    partner_id: UUID
    status = fields.CharEnumField(DisputeStatus, max_length=16, default=DisputeStatus.OPEN)
    text = fields.CharField(2000)
    opened_by: UUID | None = fields.UUIDField(null=True)
    answer = fields.CharField(2000, null=True)
    answered_at: datetime | None = fields.DatetimeField(null=True)
    adjustment_id: UUID | None = fields.UUIDField(null=True)
    adjustment_amount: Decimal | None = fields.DecimalField(18, 2, null=True)
    closed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "statement_dispute"
        indexes = (
            Index(fields=("created_at", "id"), name="statement_dispute_by_age"),
            Index(fields=("statement_id", "created_at", "id"), name="statement_dispute_of"),
        )
        constraints = (
            CheckConstraint(
                name="statement_dispute_answered",
                check="(answer is null) = (answered_at is null)"
                " and (status <> 'ANSWERED' or answer is not null)",
            ),
            CheckConstraint(
                name="statement_dispute_closed",
                check="(status = 'CLOSED') = (closed_at is not null)",
            ),
        )
