"""What operators have stopped for a while, by whom and why; the rows stay."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Record


class Pause(Record):
    """A kind of timed work, or all that falls due for a tenant, is held until somebody ends it.

    A `kind` is that of timers, or the name of periodic work.
    """

    kind = fields.CharField(64, null=True)
    tenant_id: UUID | None = fields.UUIDField(null=True)
    reason = fields.TextField()
    begun_by = fields.CharField(160)
    ended_at: datetime | None = fields.DatetimeField(null=True)
    ended_by = fields.CharField(160, null=True)
    end_reason = fields.TextField(null=True)

    class Meta:
        table = "pause"
        indexes = (Index(fields=("created_at", "id"), name="pause_by_age"),)
        constraints = (
            CheckConstraint(name="pause_of_one", check="(kind is null) <> (tenant_id is null)"),
            CheckConstraint(
                name="pause_ended_by_somebody",
                check="(ended_at is null) = (ended_by is null)"
                " and (ended_at is null) = (end_reason is null)",
            ),
            UniqueConstraint(
                fields=("kind",), name="pause_of_kind_once", condition="ended_at is null"
            ),
            UniqueConstraint(
                fields=("tenant_id",), name="pause_of_tenant_once", condition="ended_at is null"
            ),
        )
