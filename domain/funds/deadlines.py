"""The 24 hours of an online payment: its timer, and giving it up."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.audit.events import PLATFORM_TENANT
from kit import database, timers
from kit.request import request_id
from kit.timers import Waits
from models.funds import Recharge

EXPIRE = "recharge.expire"


async def schedule(recharge: Recharge, *, now: datetime) -> None:
    """Set the timer of a recharge that has an end."""
    if recharge.expires_at is not None:
        await timers.schedule(
            EXPIRE,
            tenant_id=recharge.partner_id or PLATFORM_TENANT,
            subject_id=recharge.id,
            due_at=recharge.expires_at,
            on_timeout="EXPIRE",
            now=now,
        )


async def cancel(recharge: Recharge) -> None:
    """Take the timer back."""
    await timers.cancel(EXPIRE, subject_id=recharge.id)


async def expire(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Give up what nobody has paid by its end. The effect of the timer `recharge.expire`.

    Money that lands later is credited nevertheless. The caller holds the rows.
    """
    await database.execute(_EXPIRE, list(subject_ids), now, request_id())


# Every online recharge that waits is given up by a timer, and no other has one.
EXPIRE_WAITS = Waits(
    kind=EXPIRE,
    table="recharge",
    live="status = 'WAITING' and expires_at is not null",
    due_at="expires_at",
    tenant_id=f"coalesce(partner_id, '{PLATFORM_TENANT}'::uuid)",
    on_timeout="EXPIRE",
)


_EXPIRE = f"""
with over as (
  update recharge set status = 'EXPIRED', version = version + 1
  where id = any($1) and status = 'WAITING' and expires_at <= $2
  returning id, partner_id, customer_id
)
insert into event (id, created_at, tenant_id, name, subject_type, subject_id, customer_id,
  actor_kind, actor_name, before, after, request_id, occurred_at)
select uuidv7(), $2, coalesce(partner_id, '{PLATFORM_TENANT}'::uuid), 'recharge.expired',
  'recharge', id, customer_id, 'SYSTEM', 'system', '{{"status": "WAITING"}}',
  '{{"status": "EXPIRED"}}', $3, $2
from over
"""
