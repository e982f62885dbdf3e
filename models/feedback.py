"""What partners ask about their performance and their incentives, and the answers (问题反馈)."""

from collections.abc import Mapping, Set
from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Versioned
from models.incentives import Incentive
from models.partners import Partner
from models.performance import PerformanceLine, PerformanceSheet


class FeedbackState(Status):
    """Where a question stands; NONE is nobody has asked."""

    NONE = "NONE"
    OPEN = "OPEN"
    ANSWERED = "ANSWERED"
    CLOSED = "CLOSED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Asked, answered, and put away by whoever has asked; also without an answer."""
        return {
            cls.NONE: {cls.OPEN},
            cls.OPEN: {cls.ANSWERED, cls.CLOSED},
            cls.ANSWERED: {cls.CLOSED},
        }


class PerformanceFeedback(Versioned):
    """What a partner asks about a sheet, or about one of its lines, and the answer (问题反馈)."""

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="performance_feedback"
    )
    partner_id: UUID
    sheet: fields.ForeignKeyNullableRelation[PerformanceSheet] = fields.ForeignKeyField(
        "models.PerformanceSheet", null=True, on_delete=fields.RESTRICT, related_name="feedback"
    )
    sheet_id: UUID | None
    line: fields.ForeignKeyNullableRelation[PerformanceLine] = fields.ForeignKeyField(
        "models.PerformanceLine", null=True, on_delete=fields.RESTRICT, related_name="feedback"
    )
    line_id: UUID | None
    state = fields.CharEnumField(FeedbackState, max_length=16, default=FeedbackState.OPEN)
    text = fields.CharField(1000)
    asked_by = fields.CharField(160)
    answer = fields.CharField(1000, null=True)
    answered_at: datetime | None = fields.DatetimeField(null=True)
    closed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "performance_feedback"
        indexes = (
            Index(fields=("created_at", "id"), name="performance_feedback_by_age"),
            Index(
                fields=("partner_id", "created_at", "id"), name="performance_feedback_of_partner"
            ),
            Index(fields=("state", "created_at", "id"), name="performance_feedback_by_state"),
            Index(fields=("sheet_id", "created_at", "id"), name="performance_feedback_on_sheet"),
            Index(fields=("line_id", "created_at", "id"), name="performance_feedback_on_line"),
        )
        constraints = (
            UniqueConstraint(
                fields=("sheet_id",),
                name="performance_feedback_of_sheet",
                condition="state <> 'CLOSED'",
            ),
            UniqueConstraint(
                fields=("line_id",),
                name="performance_feedback_of_line",
                condition="state <> 'CLOSED'",
            ),
            CheckConstraint(
                name="performance_feedback_about_one", check="num_nonnulls(sheet_id, line_id) = 1"
            ),
            CheckConstraint(
                name="performance_feedback_state_known",
                check="state in ('OPEN', 'ANSWERED', 'CLOSED')"
                " and (answer is null) = (answered_at is null)"
                " and (state = 'CLOSED') = (closed_at is not null)"
                " and (state <> 'ANSWERED' or answer is not null)",
            ),
        )


class IncentiveFeedback(Versioned):
    """What a partner asks about an incentive while it is to confirm it, and the answer."""

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="incentive_feedback"
    )
    partner_id: UUID
    incentive: fields.ForeignKeyRelation[Incentive] = fields.ForeignKeyField(
        "models.Incentive", on_delete=fields.RESTRICT, related_name="feedback"
    )
    incentive_id: UUID
    state = fields.CharEnumField(FeedbackState, max_length=16, default=FeedbackState.OPEN)
    text = fields.CharField(1000)
    asked_by = fields.CharField(160)
    answer = fields.CharField(1000, null=True)
    answered_at: datetime | None = fields.DatetimeField(null=True)
    closed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "incentive_feedback"
        indexes = (
            Index(fields=("created_at", "id"), name="incentive_feedback_by_age"),
            Index(fields=("partner_id", "created_at", "id"), name="incentive_feedback_of_partner"),
            Index(fields=("incentive_id", "created_at", "id"), name="incentive_feedback_on"),
        )
        constraints = (
            UniqueConstraint(
                fields=("incentive_id",),
                name="incentive_feedback_one_open",
                condition="state <> 'CLOSED'",
            ),
            CheckConstraint(
                name="incentive_feedback_state_known",
                check="state in ('OPEN', 'ANSWERED', 'CLOSED')"
                " and (answer is null) = (answered_at is null)"
                " and (state = 'CLOSED') = (closed_at is not null)"
                " and (state <> 'ANSWERED' or answer is not null)",
            ),
        )
