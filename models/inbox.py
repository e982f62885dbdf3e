"""What people are told beside mails: messages in their inbox, text messages, and what they wish."""

from collections.abc import Mapping, Set
from datetime import datetime
from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Record
from models.notifications import Message


class Topic(StrEnum):
    """What messages are about; people choose by it what they are told (L-10)."""

    ACCOUNT = "ACCOUNT"
    INVITATION = "INVITATION"
    ASSOCIATION = "ASSOCIATION"
    STATEMENT = "STATEMENT"
    CUSTOMER = "CUSTOMER"
    LABEL = "LABEL"
    REQUIREMENT = "REQUIREMENT"
    OFFER = "OFFER"
    ORDER = "ORDER"
    VOUCHER = "VOUCHER"
    FUNDS = "FUNDS"
    PROGRAMME = "PROGRAMME"
    INDICATOR = "INDICATOR"
    PERFORMANCE = "PERFORMANCE"
    ESTIMATED_INCENTIVE = "ESTIMATED_INCENTIVE"
    INCENTIVE = "INCENTIVE"
    EXPORT = "EXPORT"
    RESELLER = "RESELLER"


class Channel(StrEnum):
    """On which way somebody is told."""

    INBOX = "INBOX"
    MAIL = "MAIL"
    SMS = "SMS"


class InboxMessage(Record):
    """One event, told to one seat. The text is made when it is read, of `facts`.

    A person's seats have an inbox each; what is for the person itself is in that of its own name.
    Ids rise in the order in which messages are committed, since one planner at a time writes them.
    """

    seat_id = fields.UUIDField()
    person_id = fields.UUIDField()
    tenant_id = fields.UUIDField()
    event_id = fields.UUIDField()
    topic = fields.CharEnumField(Topic, max_length=24)
    name = fields.CharField(80)
    subject_type = fields.CharField(40)
    subject_id = fields.UUIDField()
    facts: dict[str, Any] = fields.JSONField(default=dict)
    occurred_at = fields.DatetimeField()
    read_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "inbox_message"
        indexes = (
            Index(fields=("seat_id", "id"), name="inbox_message_of_seat"),
            Index(fields=("seat_id", "topic", "id"), name="inbox_message_by_topic"),
        )
        constraints = (UniqueConstraint(fields=("event_id", "seat_id"), name="inbox_message_once"),)


class NotificationPreference(Record):
    """What a person has said about a topic and a channel; what isn't said is as the topic says."""

    person_id = fields.UUIDField()
    topic = fields.CharEnumField(Topic, max_length=24)
    channel = fields.CharEnumField(Channel, max_length=8)
    enabled = fields.BooleanField()

    class Meta:
        table = "notification_preference"
        constraints = (
            UniqueConstraint(
                fields=("person_id", "topic", "channel"), name="notification_preference_once"
            ),
        )


class NotificationDigest(Record):
    """That a person (its id) wants mails that can wait once a day, at this hour of Shanghai."""

    hour = fields.IntField()

    class Meta:
        table = "notification_digest"
        constraints = (
            CheckConstraint(name="notification_digest_hour", check="hour between 0 and 23"),
        )


class NotificationReader(Record):
    """Up to which position messages were made of a tenant's log; the id is the tenant's."""

    position = fields.BigIntField(default=0)

    class Meta:
        table = "notification_reader"


class TextStatus(Status):
    """A text message waits, is handed to the gateway, or is given up."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    DEAD = "DEAD"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """What is dead may be queued again."""
        return {cls.QUEUED: {cls.SENT, cls.DEAD}, cls.DEAD: {cls.QUEUED}}


class TextMessage(Message):
    """One text message to one phone. What it says is made when it is sent, as that of a mail."""

    recipient = fields.CharField(32)
    status = fields.CharEnumField(TextStatus, max_length=16, default=TextStatus.QUEUED)

    class Meta:
        table = "text_message"
        constraints = (
            UniqueConstraint(fields=("dedupe_key",), name="text_message_once"),
            CheckConstraint(
                name="text_message_status_known", check="status in ('QUEUED', 'SENT', 'DEAD')"
            ),
        )
