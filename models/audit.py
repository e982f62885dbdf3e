"""The event log: audit trail, history, webhooks, notifications and live updates all read it."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from models.base import Record


class Event(Record):
    """A business fact, written once, in the transaction that made it true.

    `tenant_id` is the partner it belongs to (the platform's own events: the nil UUID);
    `person_id` the natural person it is about, who may see it too. What is about a customer or a
    lead says so by `customer_id` or `manager_id`: account managers see only those of their own.
    `position` counts without gaps within the tenant and is given after the commit by the relay:
    null until then. `traceparent` is set by the database, from the transaction that tells it.
    """

    tenant_id = fields.UUIDField()
    position = fields.BigIntField(null=True)
    name = fields.CharField(80)
    subject_type = fields.CharField(40)
    subject_id = fields.UUIDField()
    person_id: UUID | None = fields.UUIDField(null=True)
    customer_id: UUID | None = fields.UUIDField(null=True)
    manager_id: UUID | None = fields.UUIDField(null=True)
    actor_kind = fields.CharField(16)
    actor_id: UUID | None = fields.UUIDField(null=True)
    actor_name = fields.CharField(160)
    on_behalf_of: UUID | None = fields.UUIDField(null=True)
    reason = fields.TextField(null=True)
    before: dict[str, Any] = fields.JSONField(default=dict)
    after: dict[str, Any] = fields.JSONField(default=dict)
    request_id = fields.CharField(64, null=True)
    traceparent = fields.CharField(55, null=True)
    occurred_at = fields.DatetimeField()

    class Meta:
        table = "event"
        indexes = (
            Index(fields=("subject_id", "id"), name="event_of_subject"),
            Index(fields=("person_id", "id"), name="event_of_person"),
        )
        constraints = (
            # Partial, so that the search for what has no position yet can't walk through this one.
            UniqueConstraint(
                fields=("tenant_id", "position"),
                name="event_position_once",
                condition="position is not null",
            ),
        )


class EventCounter(Record):
    """The last position given in a tenant; its row lock is what makes positions gap-free."""

    last_position = fields.BigIntField(default=0)

    class Meta:
        table = "event_counter"
