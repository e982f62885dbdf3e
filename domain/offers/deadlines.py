"""An offer's two moments: from when it is in force, and from when it is over."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.identity.viewer import SYSTEM
from domain.offers import history
from kit import database, timers
from kit.request import request_id
from kit.timers import Waits
from models.offers import ExclusiveOffer
from models.offers import OfferStatus as Status

START = "offer.start"
END = "offer.end"


async def schedule_start(offer: ExclusiveOffer, *, now: datetime) -> None:
    """Let an approved offer begin by itself."""
    await timers.schedule(
        START,
        tenant_id=offer.partner_id,
        subject_id=offer.id,
        due_at=offer.effective_at,
        on_timeout="START",
        now=now,
    )


async def schedule_end(offer: ExclusiveOffer, *, now: datetime) -> None:
    """Let an offer end by itself, wherever it stands by then."""
    await timers.schedule(
        END,
        tenant_id=offer.partner_id,
        subject_id=offer.id,
        due_at=offer.expires_at,
        on_timeout="EXPIRE",
        now=now,
    )


async def cancel(offer_ids: Sequence[UUID]) -> None:
    """Take both timers back: the offers are over otherwise."""
    await timers.cancel_many(START, subject_ids=offer_ids)
    await timers.cancel_many(END, subject_ids=offer_ids)


async def catch_up(offer: ExclusiveOffer, *, now: datetime) -> None:
    """Begin what was to begin by `now`, when nothing has done so yet; the caller holds the row.

    So that a history has every step. Not by the timer's own statement: PostgreSQL's event ids and
    ours, which come after, need not be in order when they are made in the same instant.
    """
    if offer.status is not Status.SCHEDULED or offer.effective_at > now:
        return
    before: Status = offer.status
    offer.status = before.to(Status.EFFECTIVE)
    offer.version += 1
    await offer.save(update_fields=["status", "version"])
    await timers.cancel(START, subject_id=offer.id)
    await history.of_offer("started", offer, viewer=SYSTEM, before=before.value, now=now)


async def start(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Put those offers in force whose time has come at `now`.

    The effect of the timer `offer.start`: early, late or twice is all the same, since the rows
    decide. The caller holds the locks on the rows.
    """
    await database.execute(_START, list(subject_ids), now, request_id())


async def end(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """End those offers whose time is over at `now`, reviewed or not, with their applications.

    The effect of the timer `offer.end`. What had not even begun begins first: both are late then.
    """
    ids = list(subject_ids)
    await start(subject_ids=ids, now=now)
    ended = await database.rows(_END, ids, now, request_id())
    await timers.cancel_many(START, subject_ids=[row["id"] for row in ended])


# Every approved offer begins by a timer, and no other has one.
START_WAITS = Waits(
    kind=START,
    table="exclusive_offer",
    live="status = 'SCHEDULED'",
    due_at="effective_at",
    tenant_id="partner_id",
    on_timeout="START",
)


# Every offer that is submitted and not over ends by a timer, and no other has one.
END_WAITS = Waits(
    kind=END,
    table="exclusive_offer",
    live="status in ('MANUAL_REVIEW', 'SCHEDULED', 'EFFECTIVE')",
    due_at="expires_at",
    tenant_id="partner_id",
    on_timeout="EXPIRE",
)


# Thousands fall due in the same second, so each is one statement and no loop.

_START = """
with started as (
  update exclusive_offer set status = 'EFFECTIVE', version = version + 1
  where id = any($1) and status = 'SCHEDULED' and effective_at <= $2
  returning id, partner_id, customer_id, manager_id
)
insert into event (id, created_at, tenant_id, name, subject_type, subject_id, customer_id,
  manager_id, actor_kind, actor_name, before, after, request_id, occurred_at)
select uuidv7(), $2, partner_id, 'exclusive_offer.started', 'exclusive_offer', id, customer_id,
  manager_id, 'SYSTEM', 'system', '{"status": "SCHEDULED"}', '{"status": "EFFECTIVE"}', $3, $2
from started
"""

_END = """
with ended as (
  update exclusive_offer
  set status = 'EXPIRED', ended_at = expires_at, version = version + 1
  where id = any($1) and status in ('MANUAL_REVIEW', 'EFFECTIVE') and expires_at <= $2
  returning id, partner_id, customer_id, manager_id, old.status as before
), cancelled as (
  update special_application asked
  set status = 'CANCELLED', decided_at = asked.expires_at, version = asked.version + 1
  from ended
  where asked.offer_id = ended.id and asked.status in ('SUBMITTED', 'IN_CRM')
  returning asked.id, asked.partner_id, ended.customer_id, ended.manager_id, old.status as before
), told as (
  insert into event (id, created_at, tenant_id, name, subject_type, subject_id, customer_id,
    manager_id, actor_kind, actor_name, before, after, request_id, occurred_at)
  select uuidv7(), $2, partner_id, name, subject_type, id, customer_id, manager_id,
    'SYSTEM', 'system', jsonb_build_object('status', before), jsonb_build_object('status', after),
    $3, $2
  from (
    select *, 'exclusive_offer.expired' as name, 'exclusive_offer' as subject_type,
      'EXPIRED' as after from (select id, partner_id, customer_id, manager_id, before from ended)
    union all
    select *, 'special_application.cancelled', 'special_application', 'CANCELLED' from cancelled
  ) told
)
select id from ended
"""
