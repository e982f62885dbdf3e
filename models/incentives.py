"""Incentives: the policies that pay for performance, and what is attained by them."""

from collections.abc import Mapping, Set
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Record, Versioned
from models.order_states import PolicyScene
from models.partners import Partner


class IncentivePeriod(StrEnum):
    """Over which span performance is summed up."""

    MONTH = "MONTH"
    QUARTER = "QUARTER"


class PaysBy(StrEnum):
    """Which way an incentive is paid, and who says how much.

    By APPLICATION and STATEMENT it is computed; MANUAL is what the platform enters, and is paid by
    application, too.
    """

    APPLICATION = "APPLICATION"
    STATEMENT = "STATEMENT"
    MANUAL = "MANUAL"


class IncentivePolicy(Versioned):
    """What performance earns in a scene (激励政策), as data; a code has versions by first month.

    Sales of `strategies` are paid for, those of `threshold_strategies` count to the threshold
    (G-02…G-05). `ladder` is a list of steps `{"from": "0.00", "ratio": "0.02"}`, rising: what
    counts reaches a step, and the whole base has its ratio. It holds from the month `valid_from`
    on, to the end of `valid_to`.
    """

    code = fields.CharField(64)
    name = fields.CharField(160)
    name_en = fields.CharField(160)
    scene = fields.CharEnumField(PolicyScene, max_length=16)
    period = fields.CharEnumField(IncentivePeriod, max_length=16)
    strategies: list[str] = fields.JSONField(default=list)
    threshold_strategies: list[str] = fields.JSONField(default=list)
    ladder: list[dict[str, Any]] = fields.JSONField(default=list)
    pays_by = fields.CharEnumField(PaysBy, max_length=16)
    valid_from = fields.CharField(7)
    valid_to = fields.CharField(7, null=True)
    set_by: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "incentive_policy"
        indexes = (Index(fields=("created_at", "id"), name="incentive_policy_by_age"),)
        constraints = (
            UniqueConstraint(fields=("code", "valid_from"), name="incentive_policy_once"),
            CheckConstraint(name="incentive_policy_forward", check="valid_to >= valid_from"),
            CheckConstraint(name="incentive_policy_scene", check="scene <> 'NONE'"),
        )


class IncentiveState(Status):
    """Life of an incentive (domain.md 5.14)."""

    ESTIMATED = "ESTIMATED"
    TO_CONFIRM = "TO_CONFIRM"
    CONFIRMED = "CONFIRMED"
    PAYING = "PAYING"
    PAID = "PAID"
    LAPSED = "LAPSED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Final with its sheets, confirmed or taken as such, paid in one part or several."""
        return {
            cls.ESTIMATED: {cls.TO_CONFIRM},
            cls.TO_CONFIRM: {cls.CONFIRMED, cls.LAPSED},
            cls.CONFIRMED: {cls.PAYING, cls.PAID, cls.LAPSED},
            cls.PAYING: {cls.CONFIRMED, cls.PAID},
            cls.PAID: {cls.CONFIRMED, cls.PAYING},
        }


class ConfirmedBy(StrEnum):
    """Who has confirmed an incentive."""

    PARTNER = "PARTNER"
    TIMEOUT = "TIMEOUT"


class Incentive(Versioned):
    """What a partner earns by a policy in a period, "2030-02" or "2030-Q1" (激励).

    `base_amount` is the performance that is paid for and `carry_in`, what the period before was
    below zero. `threshold_amount` is what counts to the threshold, with the same `carry_in`; it
    reaches the ladder's step that begins at `step_from`, and `ratio` is that step's.
    `policy_version` is that of the policy when it was computed last. `frozen_amount` is the part
    that was sold on credit and isn't repaid: it can't be paid yet (I-15). `excluded_amount` is
    performance that counts to the threshold and isn't paid for, of customers who were re-bound
    (I-13).
    """

    number = fields.CharField(32, unique=True)
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="incentives"
    )
    partner_id: UUID
    policy: fields.ForeignKeyRelation[IncentivePolicy] = fields.ForeignKeyField(
        "models.IncentivePolicy", on_delete=fields.RESTRICT, related_name="incentives"
    )
    policy_id: UUID
    policy_version = fields.IntField()
    code = fields.CharField(64)
    period = fields.CharField(7)
    starts_at: datetime = fields.DatetimeField()
    ends_at: datetime = fields.DatetimeField()
    state = fields.CharEnumField(IncentiveState, max_length=16, default=IncentiveState.ESTIMATED)
    currency = fields.CharField(3, default="CNY")
    performance_amount: Decimal = fields.DecimalField(18, 2)
    excluded_amount: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    carry_in: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    base_amount: Decimal = fields.DecimalField(18, 2)
    threshold_amount: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    step_from: Decimal | None = fields.DecimalField(18, 2, null=True)
    ratio: Decimal | None = fields.DecimalField(7, 6, null=True)
    amount: Decimal = fields.DecimalField(18, 2)
    frozen_amount: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    reason = fields.CharField(500, null=True)
    confirm_by: datetime | None = fields.DatetimeField(null=True)
    confirmed_at: datetime | None = fields.DatetimeField(null=True)
    confirmed_by = fields.CharEnumField(ConfirmedBy, max_length=16, null=True)

    class Meta:
        table = "incentive"
        indexes = (
            Index(fields=("created_at", "id"), name="incentive_by_age"),
            Index(fields=("partner_id", "created_at", "id"), name="incentive_of_partner"),
            Index(fields=("state", "created_at", "id"), name="incentive_by_state"),
            Index(fields=("policy_id",), name="incentive_of_policy"),
            Index(fields=("starts_at", "id"), name="incentive_by_begin"),
            Index(fields=("amount", "id"), name="incentive_by_amount"),
        )
        constraints = (
            UniqueConstraint(fields=("partner_id", "code", "period"), name="incentive_once"),
            CheckConstraint(
                name="incentive_adds_up",
                check="base_amount = performance_amount + carry_in and carry_in <= 0",
            ),
            CheckConstraint(
                name="incentive_amounts",
                check="amount >= 0 and frozen_amount between 0 and amount"
                " and (step_from is null) = (ratio is null)",
            ),
            CheckConstraint(
                name="incentive_confirmed_wholly",
                check="(state = 'ESTIMATED') = (confirm_by is null)"
                " and (confirmed_at is null) = (confirmed_by is null)"
                " and case when state in ('ESTIMATED', 'TO_CONFIRM') then confirmed_at is null"
                " when state = 'LAPSED' then true else confirmed_at is not null end",
            ),
        )


class PartState(Status):
    """Where a part of an incentive stands on its way to be paid."""

    READY = "READY"
    TAKEN = "TAKEN"
    PAID = "PAID"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Taken by an application or a statement, which may let it go, and paid with it."""
        return {
            cls.READY: {cls.TAKEN},
            cls.TAKEN: {cls.READY, cls.PAID},
            cls.PAID: {cls.READY, cls.TAKEN},
        }


class IncentivePart(Record):
    """What of a confirmed incentive is paid at once: all that isn't frozen, then what thaws.

    `thawed`: it was sold on credit, and has been repaid since. An application's item, or a line of
    a statement (`settlement_line.incentive_id`), names the part that it pays.
    """

    incentive: fields.ForeignKeyRelation[Incentive] = fields.ForeignKeyField(
        "models.Incentive", on_delete=fields.RESTRICT, related_name="parts"
    )
    incentive_id: UUID
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="incentive_parts"
    )
    partner_id: UUID
    state = fields.CharEnumField(PartState, max_length=16, default=PartState.READY)
    currency = fields.CharField(3, default="CNY")
    amount: Decimal = fields.DecimalField(18, 2)
    thawed = fields.BooleanField(default=False)

    class Meta:
        table = "incentive_part"
        indexes = (Index(fields=("incentive_id", "id"), name="incentive_part_of"),)
        constraints = (
            UniqueConstraint(
                fields=("incentive_id",), name="incentive_part_first_once", condition="not thawed"
            ),
            CheckConstraint(
                name="incentive_part_amount", check="amount >= 0 and (amount > 0 or not thawed)"
            ),
        )
