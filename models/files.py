"""Files that people uploaded; their bytes lie in the object store."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from models.base import Record


class StoredFile(Record):
    """One uploaded file. `key` is where the store has it; unattached ones are swept away.

    The row is there before its bytes (`stored_at` null) and after them (`removed_at` set), so that
    no crash leaves bytes behind that no row knows of. A copied file shares its key.
    """

    partner_id = fields.UUIDField()
    uploaded_by = fields.UUIDField()
    key = fields.CharField(200, db_index=True)
    name = fields.CharField(200)
    content_type = fields.CharField(80)
    size = fields.IntField()
    sha256 = fields.CharField(64)
    stored_at: datetime | None = fields.DatetimeField(null=True)
    removed_at: datetime | None = fields.DatetimeField(null=True)
    attached_to: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "stored_file"
        indexes = (
            Index(fields=("partner_id", "created_at", "id"), name="stored_file_of_partner"),
            Index(fields=("attached_to", "created_at"), name="stored_file_attached"),
        )
        constraints = (CheckConstraint(name="stored_file_not_empty", check="size > 0"),)
