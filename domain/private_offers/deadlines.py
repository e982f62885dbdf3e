"""The beginning and the end of private offers: timers, and what happens when they are due."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kit import database, timers
from kit.request import request_id
from kit.timers import Waits
from models.private_offers import PrivateOffer

START = "private_offer.start"
END = "private_offer.end"


async def schedule(offer: PrivateOffer, *, now: datetime) -> None:
    """Set the timers of an offer whose terms were just published; those of earlier terms are void.

    What begins at once has only an end.
    """
    if offer.effective_at > now:
        await _set(START, offer, offer.effective_at, "START", now)
    else:
        await timers.cancel(START, subject_id=offer.id)
    await _set(END, offer, offer.expires_at, "EXPIRE", now)


async def cancel(offer: PrivateOffer) -> None:
    """Take both timers back: it was used or withdrawn."""
    await timers.cancel(START, subject_id=offer.id)
    await timers.cancel(END, subject_id=offer.id)


async def start(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Put those into force whose moment has come at `now`.

    The effect of the timer `private_offer.start`: early, late or twice is all the same, since the
    rows decide. The caller holds the locks on the rows.
    """
    await database.execute(_START, list(subject_ids), now, request_id())


async def end(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Let those lapse whose time is over at `now`, used by nobody.

    The effect of the timer `private_offer.end`, to which the same applies.
    """
    await database.execute(_END, list(subject_ids), now, request_id())


# Every offer that waits for its moment comes into force by a timer, and no other has one.
START_WAITS = Waits(
    kind=START,
    table="private_offer",
    live="status = 'PUBLISHED'",
    due_at="effective_at",
    tenant_id="merchant_id",
    on_timeout="START",
)


# Every offer that is published or in force ends by a timer, and no other has one.
END_WAITS = Waits(
    kind=END,
    table="private_offer",
    live="status in ('PUBLISHED', 'EFFECTIVE')",
    due_at="expires_at",
    tenant_id="merchant_id",
    on_timeout="EXPIRE",
)


async def _set(
    kind: str, offer: PrivateOffer, due_at: datetime, on_timeout: str, now: datetime
) -> None:
    await timers.schedule(
        kind,
        tenant_id=offer.merchant_id,
        subject_id=offer.id,
        due_at=due_at,
        on_timeout=on_timeout,
        now=now,
    )


# Thousands fall due in the same second, so each effect is one statement and no loop. What happens
# stands in the logs of both, the merchant's and the partner's.

_TOLD = """
insert into event (id, created_at, tenant_id, name, subject_type, subject_id, customer_id,
  actor_kind, actor_name, before, after, request_id, occurred_at)
select uuidv7(), $2, log.tenant_id, '{name}', 'private_offer', changed.id, log.customer_id,
  'SYSTEM', 'system', jsonb_build_object('status', changed.before), '{after}', $3, $2
from changed cross join lateral (
  values (changed.merchant_id, null), (changed.partner_id, changed.customer_id)
) as log (tenant_id, customer_id)
"""

_START = f"""
with changed as (
  update private_offer
  set status = 'EFFECTIVE', version = version + 1
  where id = any($1) and status = 'PUBLISHED' and effective_at <= $2
  returning id, merchant_id, partner_id, customer_id, 'PUBLISHED' as before
)
{_TOLD.format(name="private_offer.started", after='{"status": "EFFECTIVE"}')}
"""

_END = f"""
with changed as (
  update private_offer
  set status = 'EXPIRED', ended_at = expires_at, version = version + 1
  where id = any($1) and status in ('PUBLISHED', 'EFFECTIVE') and expires_at <= $2
  returning id, merchant_id, partner_id, customer_id, old.status as before
)
{_TOLD.format(name="private_offer.expired", after='{"status": "EXPIRED"}')}
"""
