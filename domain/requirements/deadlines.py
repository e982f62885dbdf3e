"""The five days of a requirement: its timers, the reminder a day before, and silence as a no."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.requirements.letters import TELL_ANSWER, TELL_REMINDER
from kit import database, timers
from kit.request import request_id
from kit.timers import Waits
from models.requirements import CustomerRequirement

LIFETIME = 5 * timedelta(hours=24)
REMINDER = timedelta(hours=24)

EXPIRE = "customer_requirement.expire"
REMIND = "customer_requirement.remind"


async def schedule(requirement: CustomerRequirement, *, now: datetime) -> None:
    """Set both timers of a requirement that was just submitted."""
    assert requirement.expires_at is not None
    for kind, due_at, on_timeout in (
        (EXPIRE, requirement.expires_at, "REJECT"),
        (REMIND, requirement.expires_at - REMINDER, "REMIND"),
    ):
        await timers.schedule(
            kind,
            tenant_id=requirement.partner_id,
            subject_id=requirement.id,
            due_at=due_at,
            on_timeout=on_timeout,
            now=now,
        )


async def cancel(requirement: CustomerRequirement) -> None:
    """Take both timers back: the merchant has answered, or need not any more."""
    await timers.cancel(EXPIRE, subject_id=requirement.id)
    await timers.cancel(REMIND, subject_id=requirement.id)


async def expire(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Take the merchants' silence for a no where five days are over at `now`, and tell who asked.

    The effect of the timer `customer_requirement.expire` (R-04): early, late or twice is all the
    same, since the rows decide. The caller holds the locks on the rows.
    """
    await database.execute(_EXPIRE, list(subject_ids), now, request_id())


async def remind(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Write once to the merchants who have less than a day left to answer.

    The effect of the timer `customer_requirement.remind`; it comes to nothing after the deadline.
    """
    await database.execute(_REMIND, list(subject_ids), now, request_id(), now + REMINDER)


# Every requirement that waits for its merchant ends by a timer, and no other has one.
EXPIRE_WAITS = Waits(
    kind=EXPIRE,
    table="customer_requirement",
    live="status = 'PENDING_MERCHANT'",
    due_at="expires_at",
    tenant_id="partner_id",
    on_timeout="REJECT",
)


# Every requirement whose merchant nobody has reminded has a timer for it, and no other.
REMIND_WAITS = Waits(
    kind=REMIND,
    table="customer_requirement",
    live="status = 'PENDING_MERCHANT' and reminded_at is null and expires_at > moment.now",
    due_at="expires_at - interval '24 hours'",
    tenant_id="partner_id",
    on_timeout="REMIND",
)


# Thousands fall due in the same second, so each effect is one statement and no loop. What happens
# stands in the logs of both, the partner's and the merchant's.

_TOLD = """
  insert into event (id, created_at, tenant_id, name, subject_type, subject_id, customer_id,
    actor_kind, actor_name, before, after, request_id, occurred_at)
  select uuidv7(), $2, log.tenant_id, '{name}', 'customer_requirement', asked.id, log.customer_id,
    'SYSTEM', 'system', {before}, {after}, $3, $2
  from asked cross join lateral (
    values (asked.partner_id, asked.customer_id), (asked.merchant_id, null)
  ) as log (tenant_id, customer_id)
"""

_TIMED_OUT = _TOLD.format(
    name="customer_requirement.timed_out",
    before="""'{"status": "PENDING_MERCHANT"}'""",
    after="jsonb_build_object('status', asked.status, 'rejection', asked.rejection)",
)
_REMINDED = _TOLD.format(name="customer_requirement.reminded", before="'{}'", after="'{}'")

_EXPIRE = f"""
with asked as (
  update customer_requirement
  set status = on_timeout, rejection = 'TIMEOUT', decided_at = expires_at, ended_at = expires_at,
    version = version + 1
  where id = any($1) and status = 'PENDING_MERCHANT' and expires_at <= $2
  returning *
), told as ({_TIMED_OUT})
{TELL_ANSWER}
"""

_REMIND = f"""
with asked as (
  update customer_requirement
  set reminded_at = $2, version = version + 1
  where id = any($1) and status = 'PENDING_MERCHANT' and reminded_at is null
    and expires_at > $2 and expires_at <= $4
  returning *
), told as ({_REMINDED})
{TELL_REMINDER}
"""
