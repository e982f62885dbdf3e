"""What falls due: deadlines of subjects (timers) and periodic work (ticks)."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.timers import TickState, TimerState
from models.base import Leased, Record


class Timer(Record, Leased):
    """One deadline of one subject. `due_at` is business time and never moves with retries."""

    tenant_id = fields.UUIDField()
    kind = fields.CharField(64)
    subject_id = fields.UUIDField()
    generation = fields.IntField(default=1)
    due_at = fields.DatetimeField()
    on_timeout = fields.CharField(32)
    state = fields.CharEnumField(TimerState, max_length=16, default=TimerState.SCHEDULED)
    fired_at: datetime | None = fields.DatetimeField(null=True)
    lateness_ms: int | None = fields.BigIntField(null=True)
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


class Tick(Leased):
    """One run of a periodic job; the row stays, so that the same moment never runs twice."""

    name = fields.CharField(64)
    scheduled_for = fields.DatetimeField()
    id: UUID = fields.UUIDField(primary_key=True)
    state = fields.CharEnumField(TickState, max_length=16, default=TickState.SCHEDULED)
    finished_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "tick"
        constraints = (
            UniqueConstraint(fields=("name", "scheduled_for"), name="tick_once"),
            CheckConstraint(
                name="tick_state_known", check="state in ('SCHEDULED', 'DONE', 'DEAD')"
            ),
        )
