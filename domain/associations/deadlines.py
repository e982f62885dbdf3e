"""The end of an invitation by mail: seven days, or that of the report behind it (C-02, C-17)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from kit import database, timers
from kit.request import request_id
from kit.timers import Waits
from models.customer_invitations import CustomerInvitation

LIFETIME = 7 * timedelta(hours=24)

EXPIRE = "customer_invitation.expire"


async def schedule(invitation: CustomerInvitation, *, now: datetime) -> None:
    """Set the timer of an invitation that was just sent; that of an earlier sending is void."""
    assert invitation.ends_at is not None
    await timers.schedule(
        EXPIRE,
        tenant_id=invitation.partner_id,
        subject_id=invitation.id,
        due_at=invitation.ends_at,
        on_timeout="EXPIRE",
        now=now,
    )


async def cancel(invitation_ids: Sequence[UUID]) -> None:
    """Take the timers back: the invitations were answered or taken back."""
    await timers.cancel_many(EXPIRE, subject_ids=invitation_ids)


async def expire(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """End those invitations whose time is over at `now`, and tell who sent what lapsed.

    EXPIRED by their seven days, CANCELLED when the report was over before. The effect of the timer
    `customer_invitation.expire`: early, late or twice is all the same, since the rows decide. The
    caller holds the locks on the rows.
    """
    await database.execute(_END, list(subject_ids), now, request_id())


# Every invitation by mail that is open ends by a timer, and no other has one.
EXPIRE_WAITS = Waits(
    kind=EXPIRE,
    table="customer_invitation",
    live="channel = 'EMAIL' and status in ('SENT', 'FAILED')",
    due_at="least(expires_at, report_ends_at)",
    tenant_id="partner_id",
    on_timeout="EXPIRE",
)


# Thousands fall due in the same second, so it is one statement and no loop.
_END = """
with ended as (
  update customer_invitation
  set status = case when report_ends_at < expires_at then 'CANCELLED' else 'EXPIRED' end,
    decided_at = least(expires_at, report_ends_at), version = version + 1
  where id = any($1) and status in ('SENT', 'FAILED') and channel = 'EMAIL'
    and least(expires_at, report_ends_at) <= $2
  returning id, partner_id, manager_id, invited_by, email, generation, expires_at,
    old.status as before, new.status as status
), told as (
  insert into event (id, created_at, tenant_id, name, subject_type, subject_id, manager_id,
    actor_kind, actor_name, reason, before, after, request_id, occurred_at)
  select uuidv7(), $2, partner_id,
    case status when 'EXPIRED' then 'customer_invitation.expired'
      else 'customer_invitation.cancelled' end,
    'customer_invitation', id, coalesce(manager_id, invited_by), 'SYSTEM', 'system',
    case status when 'CANCELLED' then 'REPORT_EXPIRED' end,
    jsonb_build_object('status', before),
    jsonb_build_object('status', status, 'generation', generation), $3, $2
  from ended
)
insert into mail (id, created_at, tenant_id, recipient, locale, template, facts, dedupe_key,
  status, attempts, next_attempt_at)
select uuidv7(), $2, partner_id, inviter.email, inviter.locale, 'customer_invitation_expired',
  jsonb_build_object(
    'partner', case when inviter.locale like 'zh%' then partner.name
      else coalesce(partner.name_en, partner.name) end,
    'email', ended.email,
    'expires_at', to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
  'customer_invitation.expired:' || ended.id || ':' || generation, 'QUEUED', 0, $2
from ended
join partner on partner.id = partner_id
join person inviter on inviter.id = invited_by
where ended.status = 'EXPIRED'
on conflict (dedupe_key) do nothing
"""
