"""Reports (报备): a partner's claim on a lead, for fifteen days and for nobody else."""

from collections.abc import Mapping, Set
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Record, Versioned
from models.partners import Partner


class ReportStatus(Status):
    """Life of a report (domain.md 5.3)."""

    PENDING_REVIEW = "PENDING_REVIEW"
    REPORTED = "REPORTED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    ASSOCIATED = "ASSOCIATED"
    DELETED = "DELETED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Reviewed once; then consumed by an association, over after fifteen days, or deleted."""
        return {
            cls.PENDING_REVIEW: {cls.REPORTED, cls.FAILED, cls.DELETED},
            cls.REPORTED: {cls.ASSOCIATED, cls.EXPIRED, cls.DELETED},
            cls.FAILED: {cls.DELETED},
            cls.EXPIRED: {cls.DELETED},
        }


class ReportTrack(StrEnum):
    """On which track a lead is developed (报备纵队); the base has its own policy (G-06)."""

    STANDARD = "STANDARD"
    OPERATIONS_BASE = "OPERATIONS_BASE"


class CustomerReport(Versioned):
    """One report. `identity` is the first of its marks; a customer that is known has an id.

    A manager's report is his (O-03): `manager_id` is his seat; None when a system reported.
    """

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="reports"
    )
    partner_id: UUID
    customer_id: UUID | None = fields.UUIDField(null=True, db_index=True)
    reported_by = fields.UUIDField()
    manager_id: UUID | None = fields.UUIDField(null=True)
    identity = fields.CharField(330)
    name = fields.CharField(160)
    account_name = fields.CharField(64, null=True)
    email = fields.CharField(320, null=True)
    phone = fields.CharField(32, null=True)
    note = fields.CharField(500, null=True)
    track = fields.CharEnumField(ReportTrack, max_length=16, default=ReportTrack.STANDARD)
    status = fields.CharEnumField(ReportStatus, max_length=16)
    failure = fields.CharField(500, null=True)
    reviewed_at: datetime | None = fields.DatetimeField(null=True)
    expires_at: datetime | None = fields.DatetimeField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "customer_report"
        indexes = (
            Index(fields=("partner_id", "created_at", "id"), name="customer_report_by_age"),
            Index(fields=("created_at", "id"), name="customer_report_all_by_age"),
            Index(fields=("manager_id", "created_at", "id"), name="customer_report_of_manager"),
        )
        constraints = (
            # The lock on the lead: one open report per identity, whoever comes first.
            UniqueConstraint(
                fields=("identity",),
                name="customer_report_one_open",
                condition="status in ('PENDING_REVIEW', 'REPORTED')",
            ),
            CheckConstraint(
                name="customer_report_status_known",
                check="status in ('PENDING_REVIEW', 'REPORTED', 'FAILED', 'EXPIRED',"
                " 'ASSOCIATED', 'DELETED')",
            ),
            CheckConstraint(
                name="customer_report_reported_expires",
                check="status <> 'REPORTED' or expires_at is not null",
            ),
        )

    @property
    def is_over(self) -> bool:
        """Whether it holds its lead no longer, whatever the time."""
        return self.status not in (ReportStatus.PENDING_REVIEW, ReportStatus.REPORTED)

    def is_overdue(self, now: datetime) -> bool:
        """Whether its fifteen days are over, though nothing may have said so yet."""
        return (
            self.status is ReportStatus.REPORTED
            and self.expires_at is not None
            and self.expires_at <= now
        )


class ReportMark(Record):
    """One thing by which an open report's lead is known: `account:…`, `email:…`, `phone:…`.

    Rows are there as long as the report is open. That makes the lock on the lead hold even when
    two partners know it by different things, of which they share one.
    """

    report: fields.ForeignKeyRelation[CustomerReport] = fields.ForeignKeyField(
        "models.CustomerReport", on_delete=fields.CASCADE, db_index=True, related_name="marks"
    )
    report_id: UUID
    mark = fields.CharField(330)

    class Meta:
        table = "report_mark"
        constraints = (UniqueConstraint(fields=("mark",), name="report_mark_once"),)
