"""The fifteen days in which a merchant decides on a refund; silence is a yes (F16).

A refund is locked after its customer and its order, and a timer is held before what it fires on: so
the timer is the customer's, for whichever of its refunds is due first.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.audit.events import PLATFORM_TENANT
from domain.identity.viewer import SYSTEM
from domain.refunds.executing import execute
from kit import timers
from kit.timers import Waits
from models.refunds import DecidedBy, Refund, RefundStatus

ACCEPT = "refund.accept"
LIFETIME = timedelta(days=15)


async def schedule(customer_id: UUID, *, now: datetime) -> None:
    """Set the customer's timer to the first of its refunds that wait, or take it back."""
    first = (
        await Refund.filter(customer_id=customer_id, status=RefundStatus.MERCHANT_REVIEW)
        .order_by("decide_by", "id")
        .first()
    )
    if first is None:
        await timers.cancel(ACCEPT, subject_id=customer_id)
        return
    assert first.decide_by is not None
    await timers.schedule(
        ACCEPT,
        tenant_id=PLATFORM_TENANT,
        subject_id=customer_id,
        due_at=first.decide_by,
        on_timeout="ACCEPT",
        now=now,
    )


async def accept(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Give back what merchants have not decided on in fifteen days.

    The effect of the timer `refund.accept`; its subjects are customers, which the caller holds.
    """
    for customer_id in subject_ids:
        due = await Refund.filter(
            customer_id=customer_id, status=RefundStatus.MERCHANT_REVIEW, decide_by__lte=now
        ).order_by("decide_by", "id")
        for refund in due:
            await execute(refund.id, decided_by=DecidedBy.TIMEOUT, viewer=SYSTEM, now=now)
        await schedule(customer_id, now=now)


_WAITING = "from refund where refund.customer_id = customer.id and status = 'MERCHANT_REVIEW'"
# Every customer with a refund that waits has a timer for it, and no other has one.
ACCEPT_WAITS = Waits(
    kind=ACCEPT,
    table="customer",
    live=f"customer.id in (select customer_id from refund where status = 'MERCHANT_REVIEW')"
    f" and exists (select {_WAITING})",
    due_at=f"(select min(decide_by) {_WAITING})",
    tenant_id=f"'{PLATFORM_TENANT}'::uuid",
    on_timeout="ACCEPT",
)
