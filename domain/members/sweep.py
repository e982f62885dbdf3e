"""Invitations against their timers: what the sweep compares, and puts right where they differ."""

from datetime import datetime

from domain.members.deadlines import EXPIRE, REMIND
from kit import timers
from kit.timers import Mended


async def mend_expiries(*, now: datetime) -> Mended:
    """Every pending invitation lapses by a timer, and no other has one."""
    return await timers.mend(
        EXPIRE,
        table="member_invitation",
        live="status = 'PENDING'",
        due_at="expires_at",
        tenant_id="partner_id",
        on_timeout="EXPIRE",
        now=now,
    )


async def mend_reminders(*, now: datetime) -> Mended:
    """Every pending invitation that nobody was reminded of has a timer for it, and no other."""
    return await timers.mend(
        REMIND,
        table="member_invitation",
        live="status = 'PENDING' and reminded_at is null and expires_at > moment.now",
        due_at="expires_at - interval '24 hours'",
        tenant_id="partner_id",
        on_timeout="REMIND",
        now=now,
    )
