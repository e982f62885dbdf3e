"""Applications for the payment of incentives, and the invoices that come with them."""

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
from models.certification import BusinessInformation
from models.incentives import Incentive, IncentivePart
from models.partners import Partner


class ApplicationKind(StrEnum):
    """Whether a payment application gathers incentives or has a single one (I-09)."""

    BATCH = "BATCH"
    SINGLE = "SINGLE"


class PaymentApplicationState(Status):
    """Life of a payment application (申付单, domain.md 5.14)."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    INVOICE_PENDING = "INVOICE_PENDING"
    NO_INVOICE = "NO_INVOICE"
    INVOICED = "INVOICED"
    PAYING = "PAYING"
    PAY_FAILED = "PAY_FAILED"
    DONE = "DONE"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Reviewed, invoiced unless it comes to nothing, and paid by the bank."""
        return {
            cls.DRAFT: {cls.SUBMITTED, cls.CANCELLED},
            cls.SUBMITTED: {cls.INVOICE_PENDING, cls.NO_INVOICE, cls.REJECTED},
            cls.INVOICE_PENDING: {cls.INVOICED},
            cls.NO_INVOICE: {cls.DONE},
            cls.INVOICED: {cls.INVOICE_PENDING, cls.PAYING},
            cls.PAYING: {cls.DONE, cls.PAY_FAILED},
            cls.PAY_FAILED: {cls.PAYING, cls.DONE},
        }


class PaymentApplication(Versioned):
    """A partner's wish to be paid incentives (申付单); what it names is fixed when it is made.

    `business_information` is where it is paid to, by the facts that were certified when it was
    submitted, and `fee_tax_rate` the rate of its invoices.
    """

    number = fields.CharField(32, unique=True)
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="payment_applications"
    )
    partner_id: UUID
    kind = fields.CharEnumField(ApplicationKind, max_length=16)
    state = fields.CharEnumField(
        PaymentApplicationState, max_length=16, default=PaymentApplicationState.DRAFT
    )
    currency = fields.CharField(3, default="CNY")
    total_amount: Decimal = fields.DecimalField(18, 2)
    business_information: fields.ForeignKeyNullableRelation[BusinessInformation] = (
        fields.ForeignKeyField(
            "models.BusinessInformation",
            null=True,
            on_delete=fields.RESTRICT,
            related_name="payment_applications",
        )
    )
    business_information_id: UUID | None
    fee_tax_rate: Decimal | None = fields.DecimalField(5, 4, null=True)
    submitted_at: datetime | None = fields.DatetimeField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)
    invoiced_at: datetime | None = fields.DatetimeField(null=True)
    paid_at: datetime | None = fields.DatetimeField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)
    refusal = fields.CharField(500, null=True)
    payment_reference = fields.CharField(128, null=True)
    failure = fields.CharField(64, null=True)
    created_by: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "payment_application"
        indexes = (
            Index(fields=("created_at", "id"), name="payment_application_by_age"),
            Index(fields=("partner_id", "created_at", "id"), name="payment_application_of_partner"),
            Index(fields=("state", "created_at", "id"), name="payment_application_by_state"),
            Index(fields=("total_amount", "id"), name="payment_application_by_amount"),
        )
        constraints = (
            CheckConstraint(
                name="payment_application_ended_has_moment",
                check="(state in ('DONE', 'REJECTED', 'CANCELLED')) = (ended_at is not null)",
            ),
            CheckConstraint(
                name="payment_application_submitted_wholly",
                check="state in ('DRAFT', 'CANCELLED') or (submitted_at is not null"
                " and business_information_id is not null and fee_tax_rate is not null)",
            ),
            CheckConstraint(
                name="payment_application_no_invoice",
                check="case state when 'NO_INVOICE' then total_amount = 0"
                " when 'INVOICE_PENDING' then total_amount > 0"
                " when 'INVOICED' then total_amount > 0 when 'PAYING' then total_amount > 0"
                " when 'PAY_FAILED' then total_amount > 0 else total_amount >= 0 end",
            ),
        )


class PaymentApplicationItem(Record):
    """A part of an incentive that an application asks for, until it is `let_go`."""

    application: fields.ForeignKeyRelation[PaymentApplication] = fields.ForeignKeyField(
        "models.PaymentApplication", on_delete=fields.CASCADE, related_name="items"
    )
    application_id: UUID
    part: fields.ForeignKeyRelation[IncentivePart] = fields.ForeignKeyField(
        "models.IncentivePart", on_delete=fields.RESTRICT, related_name="application_items"
    )
    part_id: UUID
    incentive: fields.ForeignKeyRelation[Incentive] = fields.ForeignKeyField(
        "models.Incentive", on_delete=fields.RESTRICT, related_name="application_items"
    )
    incentive_id: UUID
    currency = fields.CharField(3, default="CNY")
    amount: Decimal = fields.DecimalField(18, 2)
    let_go = fields.BooleanField(default=False)

    class Meta:
        table = "payment_application_item"
        indexes = (
            Index(fields=("application_id", "id"), name="payment_application_item_of"),
            Index(fields=("incentive_id",), name="payment_application_item_of_incentive"),
        )
        constraints = (
            UniqueConstraint(
                fields=("part_id",), name="payment_application_item_once", condition="not let_go"
            ),
        )


class IncentiveInvoice(Record):
    """A VAT special invoice (增值税专用发票) for an application; `returned_at` if it went back.

    `code` is empty for electronic invoices, which have a number alone.
    """

    application: fields.ForeignKeyRelation[PaymentApplication] = fields.ForeignKeyField(
        "models.PaymentApplication", on_delete=fields.RESTRICT, related_name="invoices"
    )
    application_id: UUID
    code = fields.CharField(12, default="")
    number = fields.CharField(20)
    issued_on: date = fields.DateField()
    currency = fields.CharField(3, default="CNY")
    net_amount: Decimal = fields.DecimalField(18, 2)
    tax_amount: Decimal = fields.DecimalField(18, 2)
    total_amount: Decimal = fields.DecimalField(18, 2)
    tax_rate: Decimal = fields.DecimalField(5, 4)
    returned_at: datetime | None = fields.DatetimeField(null=True)
    return_reason = fields.CharField(500, null=True)

    class Meta:
        table = "incentive_invoice"
        indexes = (
            Index(fields=("application_id", "id"), name="incentive_invoice_of"),
            Index(fields=("number",), name="incentive_invoice_by_number"),
        )
        constraints = (
            UniqueConstraint(
                fields=("code", "number"),
                name="incentive_invoice_once",
                condition="returned_at is null",
            ),
            CheckConstraint(
                name="incentive_invoice_adds_up",
                check="total_amount = net_amount + tax_amount and total_amount > 0"
                " and net_amount > 0 and tax_amount >= 0",
            ),
            CheckConstraint(
                name="incentive_invoice_returned_wholly",
                check="(returned_at is null) = (return_reason is null)",
            ),
        )
