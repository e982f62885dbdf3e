"""Files that somebody has a list written to."""

from collections.abc import Mapping, Set
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from kit.status import Status
from models.base import Leased, Versioned


class ExportState(Status):
    """Life of an export (5.15)."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """What broke off waits again; what has ended without a file may be asked for anew."""
        return {
            cls.QUEUED: {cls.RUNNING, cls.CANCELLED, cls.FAILED},
            cls.RUNNING: {cls.DONE, cls.FAILED, cls.CANCELLED, cls.QUEUED},
            cls.DONE: {cls.EXPIRED},
            cls.FAILED: {cls.QUEUED},
            cls.CANCELLED: {cls.QUEUED},
            cls.EXPIRED: {cls.QUEUED},
        }


class ExportFormat(StrEnum):
    """What a file is."""

    XLSX = "XLSX"
    CSV = "CSV"
    JSONL = "JSONL"


class ExportLanguage(StrEnum):
    """Of headings and words."""

    ZH = "ZH"
    EN = "EN"


class ExportFailure(StrEnum):
    """Why there is no file."""

    RIGHT_LOST = "RIGHT_LOST"
    STORE_REFUSED = "STORE_REFUSED"
    WORKERS_LOST = "WORKERS_LOST"
    UNEXPECTED = "UNEXPECTED"


class Export(Versioned, Leased):
    """A list, asked for by somebody with a filter, as a file.

    `tenant_id` is who takes turns with others: the partner, the customer, the platform (the nil
    UUID), or a person in its own name. `viewer` is the creator as of then, whose sight the file
    never goes beyond; `title` is how the list was called then. `seen_as` is the viewer as of when
    the file was made, with the rights that its rows and values have asked for (see
    `domain.exports.viewing`). `key` is where the store has the bytes of the attempt that is under
    way, and then the whole file's; it is written down before they are, so that none are left
    behind.
    """

    tenant_id = fields.UUIDField()
    created_by = fields.UUIDField()
    creator_name = fields.CharField(160)
    viewer: dict[str, Any] = fields.JSONField()
    seen_as: Any = fields.JSONField(null=True)
    listing = fields.CharField(40)
    title = fields.CharField(80)
    title_en = fields.CharField(80)
    arguments: dict[str, Any] = fields.JSONField(default=dict)
    parent_id: UUID | None = fields.UUIDField(null=True)
    columns: Any = fields.JSONField()
    format = fields.CharEnumField(ExportFormat, max_length=8)
    language = fields.CharEnumField(ExportLanguage, max_length=2)
    csv_bom = fields.BooleanField(default=False)
    state = fields.CharEnumField(ExportState, max_length=16, default=ExportState.QUEUED)
    failure = fields.CharEnumField(ExportFailure, max_length=16, null=True)
    started_at: datetime | None = fields.DatetimeField(null=True)
    rows_expected: int | None = fields.BigIntField(null=True)
    rows_done = fields.BigIntField(default=0)
    busy_ms = fields.BigIntField(default=0)
    finished_at: datetime | None = fields.DatetimeField(null=True)
    expires_at: datetime | None = fields.DatetimeField(null=True)
    key = fields.CharField(200, null=True)
    size: int | None = fields.BigIntField(null=True)
    sha256 = fields.CharField(64, null=True)
    traceparent = fields.CharField(55, null=True)

    class Meta:
        table = "export"
        indexes = (
            Index(fields=("tenant_id", "created_at", "id"), name="export_of_tenant"),
            Index(fields=("created_at", "id"), name="export_by_age"),
            Index(fields=("tenant_id", "started_at"), name="export_turns"),
        )
        constraints = (
            CheckConstraint(
                name="export_state_known",
                check="state in ('QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED', 'EXPIRED')",
            ),
            CheckConstraint(
                name="export_running_is_leased",
                check="(state = 'RUNNING') = (lease_token is not null)",
            ),
            CheckConstraint(
                name="export_done_is_whole",
                check="state <> 'DONE' or (key is not null and size is not null and"
                " sha256 is not null and expires_at is not null)",
            ),
            CheckConstraint(
                name="export_failed_says_why", check="(state = 'FAILED') = (failure is not null)"
            ),
        )
