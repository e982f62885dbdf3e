"""Invitations against their timers: what the sweep compares, and puts right where they differ."""

from domain.members.deadlines import EXPIRE, REMIND
from kit.timers import Waits

# Every pending invitation lapses by a timer, and no other has one.
EXPIRE_WAITS = Waits(
    kind=EXPIRE,
    table="member_invitation",
    live="status = 'PENDING'",
    due_at="expires_at",
    tenant_id="partner_id",
    on_timeout="EXPIRE",
)


# Every pending invitation that nobody was reminded of has a timer for it, and no other.
REMIND_WAITS = Waits(
    kind=REMIND,
    table="member_invitation",
    live="status = 'PENDING' and reminded_at is null and expires_at > moment.now",
    due_at="expires_at - interval '24 hours'",
    tenant_id="partner_id",
    on_timeout="REMIND",
)
