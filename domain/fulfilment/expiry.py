"""The end of a subscription's time: frozen and kept for a while, or over at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from domain.audit.events import PLATFORM_TENANT
from domain.fulfilment import history
from domain.fulfilment.closing import ask_to_close
from domain.identity.viewer import SYSTEM
from kit import timers
from kit.timers import Waits
from models.subscriptions import ExpirePolicy, Subscription
from models.subscriptions import SubscriptionStatus as Status

EXPIRE = "subscription.expire"

RETENTION = timedelta(days=15)  # inferred: how long what is frozen can still be renewed


class EndingRow(Protocol):
    """The columns of a subscription that say where it stands."""

    @property
    def status(self) -> str: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def expire_policy(self) -> str: ...


def status_at(row: EndingRow, now: datetime) -> Status:
    """By the time, whether or not a worker has come by."""
    status = Status(row.status)
    if status.is_final or row.expires_at is None or row.expires_at > now:
        return status
    is_kept = status is Status.FROZEN or row.expire_policy == ExpirePolicy.FREEZE
    return Status.FROZEN if is_kept and row.expires_at + RETENTION > now else Status.EXPIRED


async def schedule(subscription: Subscription, *, now: datetime) -> None:
    """Let it end by itself, or stay for ever when it has no end; the row is held."""
    due_at = _due_at(subscription)
    if due_at is None:
        await timers.cancel(EXPIRE, subject_id=subscription.id)
        return
    await timers.schedule(
        EXPIRE,
        tenant_id=history.tenant_of(subscription),
        subject_id=subscription.id,
        due_at=due_at,
        on_timeout="EXPIRE",
        now=now,
    )


async def expire(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Freeze or end what is over at `now`, and end what was frozen for its whole retention.

    The effect of the timer `subscription.expire`: early, late or twice is all the same, since the
    rows decide. The caller holds the locks on the rows.
    """
    due = await Subscription.filter(
        id__in=subject_ids, status__in=[Status.IN_USE, Status.FROZEN]
    ).order_by("id")
    for subscription in due:
        while (due_at := _due_at(subscription)) is not None and due_at <= now:
            await _step(subscription, due_at, now)
        if not subscription.status.is_final:
            await schedule(subscription, now=now)


_RETENTION = f"interval '{RETENTION.total_seconds():.0f} seconds'"
# Every subscription whose time ends does so by a timer, and no other has one.
EXPIRE_WAITS = Waits(
    kind=EXPIRE,
    table="subscription",
    live="status in ('IN_USE', 'FROZEN') and expires_at is not null",
    due_at=f"case when status = 'FROZEN' then expires_at + {_RETENTION} else expires_at end",
    tenant_id=f"coalesce(partner_id, '{PLATFORM_TENANT}'::uuid)",
    on_timeout="EXPIRE",
)


async def _step(subscription: Subscription, at: datetime, now: datetime) -> None:
    before: Status = subscription.status
    is_kept = before == Status.IN_USE and subscription.expire_policy == ExpirePolicy.FREEZE
    subscription.status = before.to(Status.FROZEN if is_kept else Status.EXPIRED)
    subscription.version += 1
    if not is_kept:
        subscription.ended_at = at
        await ask_to_close("subscription", subscription.id, resource=subscription.resource, now=now)
    await subscription.save(update_fields=["status", "ended_at", "version"])
    await history.of(
        "subscription",
        "frozen" if is_kept else "expired",
        subscription,
        viewer=SYSTEM,
        before={"status": before.value},
        after={"status": subscription.status.value},
        now=now,
    )


def _due_at(subscription: Subscription) -> datetime | None:
    if subscription.expires_at is None:
        return None
    if subscription.status == Status.IN_USE:
        return subscription.expires_at
    return subscription.expires_at + RETENTION if subscription.status == Status.FROZEN else None
