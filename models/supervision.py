"""Supervised deliveries: the steps from what the buyer needs to its acceptance (服务监管)."""

from collections.abc import Mapping, Set
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Versioned
from models.customers import Customer
from models.orders import Order, OrderLine
from models.partners import Partner


class SupervisionStep(Status):
    """Where a supervised delivery stands (domain.md 5.9)."""

    SUBMIT_REQUIREMENT = "SUBMIT_REQUIREMENT"
    MERCHANT_CONFIRM = "MERCHANT_CONFIRM"
    DELIVERING = "DELIVERING"
    BUYER_ACCEPT = "BUYER_ACCEPT"
    PLATFORM_REVIEW = "PLATFORM_REVIEW"
    DONE = "DONE"
    CANCELLED = "CANCELLED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Forward step by step; the buyer may send it back, and a refund ends it anywhere."""
        ends = {cls.PLATFORM_REVIEW, cls.DONE, cls.CANCELLED}
        return {
            cls.SUBMIT_REQUIREMENT: {cls.MERCHANT_CONFIRM, cls.CANCELLED},
            cls.MERCHANT_CONFIRM: {cls.DELIVERING, cls.SUBMIT_REQUIREMENT, cls.CANCELLED},
            cls.DELIVERING: {cls.BUYER_ACCEPT} | ends,
            cls.BUYER_ACCEPT: {cls.DELIVERING} | ends,
            cls.PLATFORM_REVIEW: {cls.DONE, cls.DELIVERING, cls.CANCELLED},
        }


class AppealState(StrEnum):
    """Whether the merchant has turned to the platform (申诉)."""

    NONE = "NONE"
    OPEN = "OPEN"
    GRANTED = "GRANTED"
    REFUSED = "REFUSED"


class ServiceSupervision(Versioned):
    """The platform's watch over the delivery of one order line.

    `step_since` is when it came to where it is, `rejections` how often the buyer has sent the
    delivery back. `appeal_due_on` is the working day (in China) by whose end the platform decides.
    """

    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        "models.Order", on_delete=fields.CASCADE, related_name="supervisions"
    )
    order_id: UUID
    line: fields.ForeignKeyRelation[OrderLine] = fields.ForeignKeyField(
        "models.OrderLine", on_delete=fields.CASCADE, related_name="supervisions"
    )
    line_id: UUID
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.RESTRICT, related_name="supervisions"
    )
    customer_id: UUID
    partner: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="supervisions"
    )
    partner_id: UUID | None
    manager_id: UUID | None = fields.UUIDField(null=True)
    merchant: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="supervisions_served"
    )
    merchant_id: UUID | None
    step = fields.CharEnumField(SupervisionStep, max_length=24)
    step_since: datetime = fields.DatetimeField()
    needs_review = fields.BooleanField(default=False)
    requirement = fields.CharField(2000, null=True)
    rejections = fields.IntField(default=0)
    rejection = fields.CharField(500, null=True)
    appeal = fields.CharEnumField(AppealState, max_length=16, default=AppealState.NONE)
    appeal_reason = fields.CharField(500, null=True)
    appealed_at: datetime | None = fields.DatetimeField(null=True)
    appeal_due_on: date | None = fields.DateField(null=True)
    appeal_decision = fields.CharField(500, null=True)
    done_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "service_supervision"
        indexes = (
            Index(fields=("created_at", "id"), name="service_supervision_by_age"),
            Index(fields=("merchant_id", "created_at", "id"), name="service_supervision_served"),
            Index(fields=("partner_id", "created_at", "id"), name="service_supervision_partner"),
            Index(fields=("customer_id", "created_at", "id"), name="service_supervision_customer"),
            Index(fields=("step", "created_at", "id"), name="service_supervision_by_step"),
            Index(fields=("order_id",), name="service_supervision_of_order"),
        )
        constraints = (
            UniqueConstraint(fields=("line_id",), name="service_supervision_once"),
            CheckConstraint(
                name="service_supervision_step_known",
                check="step in ('SUBMIT_REQUIREMENT', 'MERCHANT_CONFIRM', 'DELIVERING',"
                " 'BUYER_ACCEPT', 'PLATFORM_REVIEW', 'DONE', 'CANCELLED')",
            ),
            CheckConstraint(
                name="service_supervision_done_has_moment",
                check="(step = 'DONE') = (done_at is not null)",
            ),
            CheckConstraint(
                name="service_supervision_appealed_wholly",
                check="(appeal = 'NONE') = (appealed_at is null)"
                " and (appeal = 'NONE') = (appeal_due_on is null)",
            ),
        )
