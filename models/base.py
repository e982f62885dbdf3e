"""What every table has."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from kit import rows
from kit.ids import new_id


class Record(Model):
    """A row with a UUIDv7 id and the business time of its making."""

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField()

    class Meta:
        abstract = True

    def __init__(self, **values: Any) -> None:
        # Tortoise drops what it doesn't know; a misspelt column must not become a default.
        if unknown := values.keys() - self._meta.fields_map.keys():
            raise TypeError(f"{type(self).__name__} has no {', '.join(sorted(unknown))}")
        super().__init__(**values)

    async def insert(self) -> None:
        """Write the new row by a statement that is made once per table."""
        await rows.insert(self)


class Leased(Model):
    """A row that waits for a worker, as `kit.leases` claims it: for a while, by a token."""

    attempts = fields.IntField(default=0)
    next_attempt_at = fields.DatetimeField()
    lease_token: UUID | None = fields.UUIDField(null=True)
    leased_until: datetime | None = fields.DatetimeField(null=True)
    leased_by = fields.CharField(80, null=True)
    last_error: str | None = fields.TextField(null=True)

    class Meta:
        abstract = True


class Versioned(Record):
    """A row that people edit: `version` rises with every change, so that a lost update is seen."""

    version = fields.IntField(default=1)

    class Meta:
        abstract = True
