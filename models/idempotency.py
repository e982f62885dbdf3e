"""What was answered to an idempotency key, stored with the effect."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from models.base import Record


class IdempotencyRecord(Record):
    """The outcome of one mutation under one key: ids of what it made, or the refusals."""

    caller_id = fields.UUIDField()
    mutation = fields.CharField(64)
    key = fields.CharField(128)
    input_hash = fields.CharField(64)
    outcome: dict[str, Any] = fields.JSONField(default=dict)
    subject_id: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "idempotency_record"
        indexes = (Index(fields=("created_at",), name="idempotency_record_age"),)
        constraints = (
            UniqueConstraint(
                fields=("caller_id", "mutation", "key"), name="idempotency_record_once"
            ),
        )
