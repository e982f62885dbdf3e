"""Step-up verification: a code by mail before a sensitive operation (O-10, O-11)."""

from datetime import datetime

from tortoise import fields
from tortoise.indexes import Index

from models.base import Record


class StepUpCode(Record):
    """A code sent to a person for one operation, good for minutes (wall time).

    The six digits follow from the id and the deployment's secret, so no table holds them.
    """

    person_id = fields.UUIDField()
    operation = fields.CharField(64)
    attempts = fields.IntField(default=0)
    expires_at = fields.DatetimeField()
    used_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "step_up_code"
        indexes = (Index(fields=("person_id", "operation", "id"), name="step_up_code_of"),)
