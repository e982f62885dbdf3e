"""What falls due: deadlines of subjects (timers) and periodic work (ticks)."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from kit.timers import TickState, TimerState
from models.base import Record


class Timer(Record):
    """One deadline of one subject. `due_at` is business time and never moves with retries."""

    tenant_id = fields.UUIDField()
    kind = fields.CharField(64)
    subject_id = fields.UUIDField()
    generation = fields.IntField(default=1)
    due_at = fields.DatetimeField()
    on_timeout = fields.CharField(32)
    state = fields.CharEnumField(TimerState, max_length=16, default=TimerState.SCHEDULED)
    attempts = fields.IntField(default=0)
    next_attempt_at = fields.DatetimeField()
    lease_token: UUID | None = fields.UUIDField(null=True)
    leased_until: datetime | None = fields.DatetimeField(null=True)
    leased_by = fields.CharField(80, null=True)
    fired_at: datetime | None = fields.DatetimeField(null=True)
    lateness_ms: int | None = fields.BigIntField(null=True)
    last_error = fields.TextField(null=True)
    traceparent = fields.CharField(55, null=True)

    class Meta:
        table = "timer"
        indexes = (Index(fields=("subject_id", "kind", "generation"), name="timer_of_subject"),)
        constraints = (
            UniqueConstraint(
                fields=("kind", "subject_id"),
                name="timer_one_live",
                condition="state = 'SCHEDULED'",
            ),
            CheckConstraint(
                name="timer_state_known",
                check="state in ('SCHEDULED', 'FIRED', 'CANCELLED', 'DEAD')",
            ),
        )


class Tick(Model):
    """One run of a periodic job; the row stays, so that the same moment never runs twice."""

    name = fields.CharField(64)
    scheduled_for = fields.DatetimeField()
    id: UUID = fields.UUIDField(primary_key=True)
    state = fields.CharEnumField(TickState, max_length=16, default=TickState.SCHEDULED)
    attempts = fields.IntField(default=0)
    next_attempt_at = fields.DatetimeField()
    lease_token: UUID | None = fields.UUIDField(null=True)
    leased_until: datetime | None = fields.DatetimeField(null=True)
    leased_by = fields.CharField(80, null=True)
    finished_at: datetime | None = fields.DatetimeField(null=True)
    last_error = fields.TextField(null=True)

    class Meta:
        table = "tick"
        constraints = (
            UniqueConstraint(fields=("name", "scheduled_for"), name="tick_once"),
            CheckConstraint(
                name="tick_state_known", check="state in ('SCHEDULED', 'DONE', 'DEAD')"
            ),
        )
