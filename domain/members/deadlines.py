"""The seven days of an invitation: its timers, the reminder a day before the end, the lapse."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from kit import database, timers
from kit.ids import new_id
from kit.request import request_id
from kit.timers import Waits
from models.members import MemberInvitation

LIFETIME = 7 * timedelta(hours=24)  # M-02
REMINDER = timedelta(hours=24)

EXPIRE = "member_invitation.expire"
REMIND = "member_invitation.remind"


async def schedule(invitation: MemberInvitation, *, now: datetime) -> None:
    """Set both timers of an invitation that was just sent; those of an earlier sending are void."""
    for kind, due_at, on_timeout in (
        (EXPIRE, invitation.expires_at, "EXPIRE"),
        (REMIND, invitation.expires_at - REMINDER, "REMIND"),
    ):
        await timers.schedule(
            kind,
            tenant_id=invitation.partner_id,
            subject_id=invitation.id,
            due_at=due_at,
            on_timeout=on_timeout,
            now=now,
        )


async def cancel(invitation: MemberInvitation) -> None:
    """Take both timers back: the invitation was answered or withdrawn."""
    await timers.cancel(EXPIRE, subject_id=invitation.id)
    await timers.cancel(REMIND, subject_id=invitation.id)


async def expire(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Let those invitations lapse whose time is over at `now`, and tell who sent them.

    The effect of the timer `member_invitation.expire`: early, late or twice is all the same, since
    the rows decide. The caller holds the locks on the rows.
    """
    ids = list(subject_ids)
    await database.execute(_EXPIRE, ids, now, request_id(), [new_id() for _ in ids])


async def remind(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Write once to those who have less than a day left to answer.

    The effect of the timer `member_invitation.remind`; it comes to nothing after the deadline.
    """
    ids = list(subject_ids)
    event_ids = [new_id() for _ in ids]
    await database.execute(_REMIND, ids, now, request_id(), event_ids, now + REMINDER)


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


# Thousands fall due in the same second, so each effect is one statement and no loop. Who let the
# invitation lapse has shown himself to nobody, so the inviter reads the address that was typed. The
# ids of events come from here: PostgreSQL's clock is another, and what a workflow records next must
# sort behind them.

_EXPIRE = """
with lapsed as (
  update member_invitation
  set status = 'EXPIRED', decided_at = expires_at, version = version + 1
  where id = any($1) and status = 'PENDING' and expires_at <= $2
  returning id, partner_id, person_id, email, invited_by, generation, expires_at
), told as (
  insert into event (id, created_at, tenant_id, name, subject_type, subject_id, person_id,
    actor_kind, actor_name, before, after, request_id, occurred_at)
  select event_id, $2, partner_id, 'member_invitation.expired', 'member_invitation', id, person_id,
    'SYSTEM', 'system', '{"status": "PENDING"}',
    jsonb_build_object('status', 'EXPIRED', 'generation', generation), $3, $2
  from lapsed join unnest($1::uuid[], $4::uuid[]) as given(id, event_id) using (id)
)
insert into mail (id, created_at, tenant_id, recipient, locale, template, facts, dedupe_key,
  status, attempts, next_attempt_at)
select uuidv7(), $2, partner_id, inviter.email, inviter.locale, 'member_invitation_expired',
  jsonb_build_object(
    'partner', case when inviter.locale like 'zh%' then partner.name
      else coalesce(partner.name_en, partner.name) end,
    'email', lapsed.email,
    'expires_at', to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
  'member_invitation.expired:' || lapsed.id || ':' || generation, 'QUEUED', 0, $2
from lapsed
join partner on partner.id = partner_id
join person inviter on inviter.id = invited_by
on conflict (dedupe_key) do nothing
"""

_REMIND = """
with reminded as (
  update member_invitation
  set reminded_at = $2, version = version + 1
  where id = any($1) and status = 'PENDING' and reminded_at is null
    and expires_at > $2 and expires_at <= $5
  returning id, partner_id, person_id, email, generation, expires_at
), told as (
  insert into event (id, created_at, tenant_id, name, subject_type, subject_id, person_id,
    actor_kind, actor_name, before, after, request_id, occurred_at)
  select event_id, $2, partner_id, 'member_invitation.reminded', 'member_invitation', id,
    person_id, 'SYSTEM', 'system', '{}', '{}', $3, $2
  from reminded join unnest($1::uuid[], $4::uuid[]) as given(id, event_id) using (id)
)
insert into mail (id, created_at, tenant_id, recipient, locale, template, facts, dedupe_key,
  status, attempts, next_attempt_at)
select uuidv7(), $2, partner_id, reminded.email, invited.locale, 'member_invitation_reminder',
  jsonb_build_object(
    'partner', case when invited.locale like 'zh%' then partner.name
      else coalesce(partner.name_en, partner.name) end,
    'name', invited.name,
    'expires_at', to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'link', jsonb_build_object('path', 'invitations/member', 'purpose', 'member-invitation',
      'id', reminded.id, 'generation', generation)),
  'member_invitation.reminded:' || reminded.id || ':' || generation, 'QUEUED', 0, $2
from reminded
join partner on partner.id = partner_id
join person invited on invited.id = person_id
on conflict (dedupe_key) do nothing
"""
