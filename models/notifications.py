"""What is to be sent to people, and whether it was."""

from collections.abc import Mapping, Set
from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Leased, Record


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


class Message(Record, Leased):
    """What one person is told, written in the transaction of what happened, sent after the commit.

    `facts` say what it tells: the text is made when it is sent, so that no secret (a link's token)
    lies in the table. `dedupe_key` keeps one event from telling twice.
    """

    tenant_id = fields.UUIDField()
    locale = fields.CharField(8)
    facts: dict[str, Any] = fields.JSONField(default=dict)
    dedupe_key = fields.CharField(160)
    sent_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        abstract = True


class Mail(Message):
    """A message by mail; `template` says how it is told."""

    recipient = fields.CharField(320)
    template = fields.CharField(64)
    status = fields.CharEnumField(MailStatus, max_length=16, default=MailStatus.QUEUED)

    class Meta:
        table = "mail"
        constraints = (
            UniqueConstraint(fields=("dedupe_key",), name="mail_once"),
            CheckConstraint(
                name="mail_status_known",
                check="status in ('QUEUED', 'SENT', 'DEAD', 'HELD', 'FOLDED')",
            ),
        )
