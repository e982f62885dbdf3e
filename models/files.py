"""Files that people uploaded; their bytes lie in the object store."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from models.base import Record


class StoredFile(Record):
    """One uploaded file. `key` is where the store has it; unattached ones are swept away."""

    partner_id: UUID | None = fields.UUIDField(null=True)
    uploaded_by = fields.UUIDField()
    key = fields.CharField(200, unique=True)
    name = fields.CharField(200)
    content_type = fields.CharField(80)
    size = fields.IntField()
    sha256 = fields.CharField(64)
    attached_to: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "stored_file"
        indexes = (
            Index(fields=("partner_id", "created_at", "id"), name="stored_file_of_partner"),
            Index(fields=("attached_to",), name="stored_file_attached"),
        )
        constraints = (CheckConstraint(name="stored_file_not_empty", check="size > 0"),)
