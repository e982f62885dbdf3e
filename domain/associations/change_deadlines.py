"""When a change falls due: the end of the time to decide, if there is one, and its being done."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from kit import database, timers
from kit.request import request_id
from kit.timers import Waits
from models.associations import AssociationChange

EXPIRE = "association_change.expire"

# Its subject is the customer, since that is what has to be locked first; one has one open change.
EXECUTE = "association_change.execute"

# The sources name no time to decide, so that there is none unless a deployment wants one.
_answer_within: timedelta | None = None


def configure(*, answer_within: timedelta | None) -> None:
    """Say how long the other side has to decide on changes that come to it from now on."""
    global _answer_within
    _answer_within = answer_within


@contextmanager
def answering_within(span: timedelta) -> Iterator[None]:
    """While it is open the other side has this long; for the demo and for tests."""
    before = _answer_within
    configure(answer_within=span)
    try:
        yield
    finally:
        configure(answer_within=before)


def decide_until(now: datetime) -> datetime | None:
    """From when on a change that comes to the other side at `now` can't be decided any more."""
    return None if _answer_within is None else now + _answer_within


async def schedule_expiry(change: AssociationChange, *, now: datetime) -> None:
    """Set the timer of a change that was just put before the other side, if there is to be one."""
    if change.expires_at is None:
        return
    await timers.schedule(
        EXPIRE,
        tenant_id=change.partner_id,
        subject_id=change.id,
        due_at=change.expires_at,
        on_timeout="EXPIRE",
        now=now,
    )


async def schedule_execution(change: AssociationChange, *, now: datetime) -> None:
    """Let an approved change be done, as soon as a worker comes by."""
    await timers.schedule(
        EXECUTE,
        tenant_id=change.partner_id,
        subject_id=change.customer_id,
        due_at=now,
        on_timeout="EXECUTE",
        now=now,
    )


async def expire(*, subject_ids: Sequence[object], now: datetime) -> None:
    """Let those changes time out on which nobody decided by `now`.

    The effect of the timer `association_change.expire`: early, late or twice is all the same,
    since the rows decide. The caller holds the locks on the rows.
    """
    await database.execute(_EXPIRE, list(subject_ids), now, request_id())


# Every change that waits for a decision in time lapses by a timer, and no other has one.
EXPIRE_WAITS = Waits(
    kind=EXPIRE,
    table="association_change",
    live="status = 'PENDING' and expires_at is not null",
    due_at="expires_at",
    tenant_id="partner_id",
    on_timeout="EXPIRE",
)


_APPROVED = "association_change where status = 'APPROVED'"
# Every change that is approved is done by a timer of its customer.
EXECUTE_WAITS = Waits(
    kind=EXECUTE,
    table="customer",
    live=f"customer.id in (select customer_id from {_APPROVED})",
    due_at=f"select decided_at from {_APPROVED} and customer_id = customer.id",
    tenant_id=f"select partner_id from {_APPROVED} and customer_id = customer.id",
    on_timeout="EXECUTE",
)


_EXPIRE = """
with lapsed as (
  update association_change
  set status = 'TIMED_OUT', decided_at = expires_at, version = version + 1
  where id = any($1) and status = 'PENDING' and expires_at <= $2
  returning id, partner_id, customer_id
)
insert into event (id, created_at, tenant_id, name, subject_type, subject_id, customer_id,
  actor_kind, actor_name, before, after, request_id, occurred_at)
select uuidv7(), $2, partner_id, 'association_change.timed_out', 'association_change', id,
  customer_id, 'SYSTEM', 'system', '{"status": "PENDING"}', '{"status": "TIMED_OUT"}', $3, $2
from lapsed
"""
