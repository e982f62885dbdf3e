"""Runs: the makings of statements, and each partner's part of one."""

from collections.abc import Mapping, Set
from datetime import date, datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Record
from models.partners import Partner
from models.settlement import StatementKind


class RunState(Status):
    """Life of a run."""

    RUNNING = "RUNNING"
    DONE = "DONE"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """It goes on, whoever dies, until every partner is done."""
        return {cls.RUNNING: {cls.DONE}}


class SettlementRun(Record):
    """One making of the statements of a kind and period (出账).

    `as_of` is the moment whose facts it settles: whatever comes later waits for the next run, so
    that a run which was killed and goes on says the same. `partner` is None for the run of a
    period, of which there is one; else it is a run for that partner alone: its statements are made
    again, or what it has confirmed after the quarter's run.
    """

    kind = fields.CharEnumField(StatementKind, max_length=16)
    period = fields.CharField(7)
    starts_at: datetime = fields.DatetimeField()
    ends_at: datetime = fields.DatetimeField()
    as_of: datetime = fields.DatetimeField()
    billing_day: date = fields.DateField()
    rule_version = fields.CharField(16)
    partner: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="settlement_runs"
    )
    partner_id: UUID | None
    started_by: UUID | None = fields.UUIDField(null=True)
    state = fields.CharEnumField(RunState, max_length=16, default=RunState.RUNNING)
    finished_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "settlement_run"
        indexes = (
            Index(fields=("created_at", "id"), name="settlement_run_by_age"),
            Index(fields=("starts_at", "id"), name="settlement_run_by_begin"),
        )
        constraints = (
            UniqueConstraint(
                fields=("kind", "period"),
                name="settlement_run_once",
                condition="partner_id is null",
            ),
            UniqueConstraint(
                fields=("partner_id", "kind", "period"),
                name="settlement_run_of_partner_once",
                condition="partner_id is not null and state = 'RUNNING'",
            ),
            CheckConstraint(
                name="settlement_run_period", check="starts_at < ends_at and ends_at <= as_of"
            ),
            CheckConstraint(
                name="settlement_run_finished", check="(state = 'DONE') = (finished_at is not null)"
            ),
        )


class SettlementShare(Record):
    """A partner's part of a run: done in one transaction, by whichever worker comes first.

    `lines` and `statements` are what came of it, `waiting` how many more its partner has that
    could not be settled yet. One that has failed is tried again, and keeps nobody waiting.
    """

    run: fields.ForeignKeyRelation[SettlementRun] = fields.ForeignKeyField(
        "models.SettlementRun", on_delete=fields.CASCADE, related_name="shares"
    )
    run_id: UUID
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="settlement_shares"
    )
    partner_id: UUID
    lines: int | None = fields.IntField(null=True)
    statements: int | None = fields.IntField(null=True)
    waiting: int | None = fields.IntField(null=True)
    failed_at: datetime | None = fields.DatetimeField(null=True)
    failure = fields.CharField(500, null=True)
    done_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "settlement_share"
        constraints = (
            UniqueConstraint(fields=("run_id", "partner_id"), name="settlement_share_once"),
            CheckConstraint(
                name="settlement_share_done",
                check="(done_at is null) = (lines is null) and (done_at is null) ="
                " (statements is null) and (done_at is null) = (waiting is null)",
            ),
        )
