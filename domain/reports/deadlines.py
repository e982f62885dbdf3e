"""The fifteen days of a report: its timer, and the lapse that frees the lead (C-16)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from kit import database, timers
from kit.ids import new_id
from kit.request import request_id
from kit.timers import Waits
from models.reports import CustomerReport

LIFETIME = 15 * timedelta(hours=24)

EXPIRE = "customer_report.expire"


async def schedule(report: CustomerReport, *, now: datetime) -> None:
    """Set the timer of a report that was just approved."""
    assert report.expires_at is not None
    await timers.schedule(
        EXPIRE,
        tenant_id=report.partner_id,
        subject_id=report.id,
        due_at=report.expires_at,
        on_timeout="EXPIRE",
        now=now,
    )


async def cancel(report_ids: Sequence[UUID]) -> None:
    """Take the timers back: the reports are over otherwise."""
    await timers.cancel_many(EXPIRE, subject_ids=report_ids)


async def expire(*, subject_ids: Sequence[UUID], now: datetime) -> list[UUID]:
    """Let those reports lapse whose time is over at `now`, and free their leads; which they were.

    The effect of the timer `customer_report.expire`: early, late or twice is all the same, since
    the rows decide. The caller holds the locks on the rows.
    """
    ids = list(subject_ids)
    event_ids = [new_id() for _ in ids]
    rows = await database.rows(_EXPIRE, ids, now, request_id(), event_ids)
    return [row["id"] for row in rows]


# Every report that is live lapses by a timer, and no other has one.
EXPIRE_WAITS = Waits(
    kind=EXPIRE,
    table="customer_report",
    live="status = 'REPORTED'",
    due_at="expires_at",
    tenant_id="partner_id",
    on_timeout="EXPIRE",
)


# Thousands fall due in the same second, so it is one statement and no loop. The ids of events are
# given: PostgreSQL's clock is another, and what a workflow records next must sort behind them.
_EXPIRE = """
with lapsed as (
  update customer_report
  set status = 'EXPIRED', ended_at = expires_at, version = version + 1
  where id = any($1) and status = 'REPORTED' and expires_at <= $2
  returning id, partner_id, manager_id, reported_by
), freed as (
  delete from report_mark using lapsed where report_id = lapsed.id
), told as (
  insert into event (id, created_at, tenant_id, name, subject_type, subject_id, manager_id,
    actor_kind, actor_name, before, after, request_id, occurred_at)
  select event_id, $2, partner_id, 'customer_report.expired', 'customer_report', id,
    coalesce(manager_id, reported_by), 'SYSTEM', 'system',
    '{"status": "REPORTED"}', '{"status": "EXPIRED"}', $3, $2
  from lapsed join unnest($1::uuid[], $4::uuid[]) as given(id, event_id) using (id)
)
select id from lapsed
"""
