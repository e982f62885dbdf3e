"""What ends by itself: memberships, invitations to programmes, certifications of roles."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from kit import database, timers
from kit.ids import new_id
from kit.request import request_id
from kit.timers import Waits
from kit.workdays import SHANGHAI
from models.certification import RoleCertification
from models.programmes import ProgrammeApplication, ProgrammeInvitation

LIFETIME = 30 * timedelta(hours=24)  # of an invitation; ours, P-15 names none

EXPIRE_APPLICATION = "programme_application.expire"
EXPIRE_INVITATION = "programme_invitation.expire"
EXPIRE_ROLE = "role_certification.expire"


def months_later(day: date, months: int) -> date:
    """The same day so many months on; where the month has no such day, its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 27, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def end_of_validity(begin: datetime, months: int) -> datetime:
    """So many calendar months after `begin` as Shanghai counts them, at the same time of day."""
    local = begin.astimezone(SHANGHAI)
    end = datetime.combine(months_later(local.date(), months), local.timetz())
    return end.astimezone(begin.tzinfo)


def end_of_day(day: date) -> datetime:
    """The instant at which the day is over in Shanghai."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)


def today(now: datetime) -> date:
    """The day it is in Shanghai."""
    return now.astimezone(SHANGHAI).date()


async def schedule(
    kind: str,
    subject: ProgrammeApplication | ProgrammeInvitation | RoleCertification,
    *,
    due_at: datetime,
    now: datetime,
) -> None:
    """Let the subject expire at `due_at`; an earlier date is void."""
    await timers.schedule(
        kind,
        tenant_id=subject.partner_id,
        subject_id=subject.id,
        due_at=due_at,
        on_timeout="EXPIRE",
        now=now,
    )


async def expire_applications(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """End the memberships whose validity is over at `now`.

    The effect of `programme_application.expire`: early, late or twice is all the same, since the
    rows decide. The caller holds the locks on the rows.
    """
    await _expire(_APPLICATIONS, subject_ids, now)


async def expire_invitations(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """End the invitations whose time is over; the effect of `programme_invitation.expire`."""
    await _expire(_INVITATIONS, subject_ids, now)


async def expire_roles(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Put certifications that are over back to the start of their path.

    The effect of `role_certification.expire`; what was achieved stays counted.
    """
    await _expire(_ROLES, subject_ids, now)


async def _expire(statement: str, subject_ids: Sequence[UUID], now: datetime) -> None:
    ids = list(subject_ids)
    await database.execute(statement, ids, now, request_id(), [new_id() for _ in ids])


# Every membership with an end has its timer, and no other.
EXPIRE_APPLICATION_WAITS = Waits(
    kind=EXPIRE_APPLICATION,
    table="programme_application",
    live="status = 'APPROVED' and expires_at is not null",
    due_at="expires_at",
    tenant_id="partner_id",
    on_timeout="EXPIRE",
)


# Every pending invitation has its timer, and no other.
EXPIRE_INVITATION_WAITS = Waits(
    kind=EXPIRE_INVITATION,
    table="programme_invitation",
    live="status = 'PENDING'",
    due_at="expires_at",
    tenant_id="partner_id",
    on_timeout="EXPIRE",
)


# Every certification with an end has its timer, and no other.
EXPIRE_ROLE_WAITS = Waits(
    kind=EXPIRE_ROLE,
    table="role_certification",
    live="expires_at is not null",
    due_at="expires_at",
    tenant_id="partner_id",
    on_timeout="EXPIRE",
)


# Thousands fall due in the same second, so each effect is one statement and no loop. The ids of
# events are given: PostgreSQL's clock is another, and what is recorded next must sort behind them.

_TOLD = """
insert into event (id, created_at, tenant_id, name, subject_type, subject_id,
  actor_kind, actor_name, before, after, request_id, occurred_at)
select event_id, $2, partner_id, '{thing}.expired', '{thing}', id,
  'SYSTEM', 'system', {before}, {after}, $3, $2
from ended join unnest($1::uuid[], $4::uuid[]) as given(id, event_id) using (id)
"""

_APPLICATIONS = """
with ended as (
  update programme_application
  set status = 'EXPIRED', ended_at = expires_at, version = version + 1
  where id = any($1) and status = 'APPROVED' and expires_at <= $2
  returning id, partner_id
)""" + _TOLD.format(
    thing="programme_application",
    before="""'{"status": "APPROVED"}'""",
    after="""'{"status": "EXPIRED"}'""",
)

_INVITATIONS = """
with ended as (
  update programme_invitation
  set status = 'EXPIRED', decided_at = expires_at, version = version + 1
  where id = any($1) and status = 'PENDING' and expires_at <= $2
  returning id, partner_id
)""" + _TOLD.format(
    thing="programme_invitation",
    before="""'{"status": "PENDING"}'""",
    after="""'{"status": "EXPIRED"}'""",
)

_ROLES = """
with ended as (
  update role_certification
  set stage = 'SELECTED', valid_from = null, valid_to = null, expires_at = null,
    version = version + 1
  where id = any($1) and expires_at <= $2
  returning id, partner_id, old.stage as stage
)""" + _TOLD.format(
    thing="role_certification",
    before="""jsonb_build_object('stage', stage)""",
    after="""'{"stage": "SELECTED"}'""",
)
