"""What is to be sent to people, and whether it was."""

from collections.abc import Mapping, Set
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Record


class MailStatus(Status):
    """A mail waits, is handed to the mail server once, or is given up.

    One that is HELD waits for its reader's digest, and is FOLDED into it.
    """

    QUEUED = "QUEUED"
    SENT = "SENT"
    DEAD = "DEAD"
    HELD = "HELD"
    FOLDED = "FOLDED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """A dead mail may be queued again by an operator."""
        return {
            cls.QUEUED: {cls.SENT, cls.DEAD},
            cls.DEAD: {cls.QUEUED},
            cls.HELD: {cls.FOLDED, cls.QUEUED},
        }


class Mail(Record):
    """One mail to one person, written in the transaction of what it tells; sent after the commit.

    `template` and `facts` say what it tells: the text is made when it is sent, so that no secret
    (a link's token) lies in the table. `dedupe_key` keeps one event from mailing twice.
    """

    tenant_id = fields.UUIDField()
    recipient = fields.CharField(320)
    locale = fields.CharField(8)
    template = fields.CharField(64)
    facts: dict[str, Any] = fields.JSONField(default=dict)
    dedupe_key = fields.CharField(160)
    status = fields.CharEnumField(MailStatus, max_length=16, default=MailStatus.QUEUED)
    attempts = fields.IntField(default=0)
    next_attempt_at = fields.DatetimeField()
    lease_token: UUID | None = fields.UUIDField(null=True)
    leased_until: datetime | None = fields.DatetimeField(null=True)
    leased_by = fields.CharField(80, null=True)
    sent_at: datetime | None = fields.DatetimeField(null=True)
    last_error: str | None = fields.TextField(null=True)

    class Meta:
        table = "mail"
        constraints = (
            UniqueConstraint(fields=("dedupe_key",), name="mail_once"),
            CheckConstraint(
                name="mail_status_known",
                check="status in ('QUEUED', 'SENT', 'DEAD', 'HELD', 'FOLDED')",
            ),
        )
