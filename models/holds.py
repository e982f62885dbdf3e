"""Money of accounts that is held back for what isn't decided yet."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Record
from models.ledger import LedgerAccount


class HoldState(StrEnum):
    """What has become of money that was held back."""

    OPEN = "OPEN"
    RELEASED = "RELEASED"
    TAKEN = "TAKEN"


class LedgerHold(Record):
    """Money of an account that is promised to something, and can't be spent otherwise (冻结)."""

    account: fields.ForeignKeyRelation[LedgerAccount] = fields.ForeignKeyField(
        "models.LedgerAccount", on_delete=fields.RESTRICT, related_name="holds"
    )
    account_id: UUID
    amount: Decimal = fields.DecimalField(18, 2)
    subject_type = fields.CharField(40)
    subject_id: UUID = fields.UUIDField()
    state = fields.CharEnumField(HoldState, max_length=16, default=HoldState.OPEN)
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "ledger_hold"
        indexes = (Index(fields=("account_id", "created_at", "id"), name="ledger_hold_of_account"),)
        constraints = (
            UniqueConstraint(
                fields=("subject_id",), name="ledger_hold_one_open", condition="state = 'OPEN'"
            ),
            CheckConstraint(name="ledger_hold_amount", check="amount > 0"),
            CheckConstraint(
                name="ledger_hold_ended", check="(state = 'OPEN') = (ended_at is null)"
            ),
        )
