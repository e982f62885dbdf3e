"""Webhooks: where partners want events sent, what is to go there, and every attempt at it."""

from collections.abc import Mapping, Set
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Leased, Record, Versioned
from models.partners import Partner


class EndpointState(Status):
    """An endpoint is sent to, rests by its owner's wish or because it failed, or is gone."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    DISABLED = "DISABLED"
    DELETED = "DELETED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Resumed from both kinds of rest; deleted for good."""
        return {
            cls.ACTIVE: {cls.PAUSED, cls.DISABLED, cls.DELETED},
            cls.PAUSED: {cls.ACTIVE, cls.DELETED},
            cls.DISABLED: {cls.ACTIVE, cls.DELETED},
        }


class DisabledReason(StrEnum):
    """Why nothing is sent any more: it has said so itself, or nothing got through for days."""

    GONE = "GONE"
    FAILING = "FAILING"


class DeliveryState(Status):
    """A delivery waits for its next attempt, has arrived, or is given up."""

    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """What has arrived or failed may be sent anew; what lost its endpoint is over."""
        return {
            cls.WAITING: {cls.DELIVERED, cls.FAILED, cls.CANCELLED},
            cls.DELIVERED: {cls.WAITING},
            cls.FAILED: {cls.WAITING},
        }


class WebhookEndpoint(Versioned):
    """An address that is told what stands in its partner's log.

    `position` is up to where the log was turned into deliveries. The secrets lie in no table: they
    are made of the salts and of the deployment's key. `failures` are those in a row, and
    `failing_since` when they began; these and `previous_until` are wall time.
    """

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, db_index=True
    )
    partner_id: UUID
    url = fields.CharField(2000)
    description = fields.CharField(200)
    types: list[str] = fields.JSONField(default=list)
    state = fields.CharEnumField(EndpointState, max_length=16, default=EndpointState.ACTIVE)
    disabled_reason = fields.CharEnumField(DisabledReason, max_length=16, null=True)
    disabled_at: datetime | None = fields.DatetimeField(null=True)
    deleted_at: datetime | None = fields.DatetimeField(null=True)
    salt = fields.CharField(64)
    previous_salt = fields.CharField(64, null=True)
    previous_until: datetime | None = fields.DatetimeField(null=True)
    position = fields.BigIntField()
    failures = fields.IntField(default=0)
    failing_since: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "webhook_endpoint"
        indexes = (
            Index(fields=("partner_id", "created_at", "id"), name="webhook_endpoint_by_age"),
        )
        constraints = (
            CheckConstraint(
                name="webhook_endpoint_state_known",
                check="state in ('ACTIVE', 'PAUSED', 'DISABLED', 'DELETED')",
            ),
            CheckConstraint(
                name="webhook_endpoint_disabled_why",
                check="(state = 'DISABLED') = (disabled_reason is not null)"
                " and (state = 'DISABLED') = (disabled_at is not null)",
            ),
            CheckConstraint(
                name="webhook_endpoint_failing_since",
                check="(failures > 0) = (failing_since is not null)",
            ),
        )


class WebhookDelivery(Record, Leased):
    """One event on its way to one endpoint; without an event it is a trial that somebody wished.

    What is sent is made of the event, which never changes, so all attempts carry the same body.
    `next_attempt_at`, `first_attempt_at`, `delivered_at` and the lease are wall time. `attempts`
    count since it was last begun, `attempted` all of them.
    """

    endpoint: fields.ForeignKeyRelation[WebhookEndpoint] = fields.ForeignKeyField(
        "models.WebhookEndpoint", on_delete=fields.CASCADE, related_name="deliveries"
    )
    endpoint_id: UUID
    event_id: UUID | None = fields.UUIDField(null=True)
    position = fields.BigIntField(null=True)
    type = fields.CharField(80)
    state = fields.CharEnumField(DeliveryState, max_length=16, default=DeliveryState.WAITING)
    attempted = fields.IntField(default=0)
    first_attempt_at: datetime | None = fields.DatetimeField(null=True)
    delivered_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "webhook_delivery"
        indexes = (
            Index(fields=("endpoint_id", "created_at", "id"), name="webhook_delivery_by_age"),
            Index(
                fields=("endpoint_id", "state", "created_at", "id"),
                name="webhook_delivery_by_state",
            ),
            Index(fields=("event_id",), name="webhook_delivery_of_event"),
        )
        constraints = (
            UniqueConstraint(fields=("endpoint_id", "event_id"), name="webhook_delivery_once"),
            CheckConstraint(
                name="webhook_delivery_state_known",
                check="state in ('WAITING', 'DELIVERED', 'FAILED', 'CANCELLED')",
            ),
            CheckConstraint(
                name="webhook_delivery_delivered_when",
                check="state <> 'DELIVERED' or delivered_at is not null",
            ),
            CheckConstraint(
                name="webhook_delivery_of_event_placed",
                check="(event_id is null) = (position is null)",
            ),
        )


class WebhookAttempt(Record):
    """One try to deliver: what the other side said, or why it could not be asked; wall time."""

    delivery: fields.ForeignKeyRelation[WebhookDelivery] = fields.ForeignKeyField(
        "models.WebhookDelivery", on_delete=fields.CASCADE, related_name="attempts_made"
    )
    delivery_id: UUID
    number = fields.IntField()
    status_code: int | None = fields.IntField(null=True)
    milliseconds = fields.IntField()
    answer: str | None = fields.TextField(null=True)
    error: str | None = fields.TextField(null=True)

    class Meta:
        table = "webhook_attempt"
        constraints = (
            UniqueConstraint(fields=("delivery_id", "number"), name="webhook_attempt_once"),
            CheckConstraint(
                name="webhook_attempt_forward", check="number > 0 and milliseconds >= 0"
            ),
        )
