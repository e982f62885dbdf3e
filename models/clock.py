"""How far a sandbox's business time runs ahead."""

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model


class ClockOffset(Model):
    """One row: the seconds that business time is ahead of wall time. Zero outside a sandbox."""

    id = fields.IntField(primary_key=True, default=1)
    seconds = fields.BigIntField(default=0)

    class Meta:
        table = "clock_offset"
        constraints = (
            CheckConstraint(name="clock_offset_one_row", check="id = 1"),
            CheckConstraint(name="clock_offset_forward_only", check="seconds >= 0"),
        )
