"""Until when an order can be paid: its timer, and what happens when nobody has."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.audit.events import PLATFORM_TENANT
from domain.orders import online_state
from domain.orders.effects import CANCELLED, Cancelled
from kit import database, timers
from kit.request import request_id
from kit.timers import Waits
from models.order_states import CancelReason
from models.orders import Order
from models.payments import OnlinePayment, OnlineState

# [inferred] The wire tells `pending_payment_end_time` (3.6), and no source how it is worked out.
PAY_WITHIN = 7 * timedelta(hours=24)

EXPIRE = "order.expire"


async def schedule(order: Order, *, now: datetime) -> None:
    """Set the timer of an order that was just placed."""
    assert order.pay_by is not None
    await timers.schedule(
        EXPIRE,
        tenant_id=order.partner_id or order.seller_id or PLATFORM_TENANT,
        subject_id=order.id,
        due_at=order.pay_by,
        on_timeout="EXPIRE",
        now=now,
    )


async def cancel(order: Order) -> None:
    """Take it back: the order is paid, or cancelled before."""
    await timers.cancel(EXPIRE, subject_id=order.id)


async def expire(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Cancel those that are unpaid at `now` and whose time is over (5.9).

    The effect of the timer `order.expire`: early, late or twice is all the same, since the rows
    decide. The caller holds the rows, and their customers before them: coupons that an order keeps
    are let go, and whoever has a customer's coupons may come for its unpaid orders.
    """
    over = await database.rows(_EXPIRE, list(subject_ids), now, request_id(), PLATFORM_TENANT)
    if over:
        await _let_go([row["id"] for row in over], now)
        await CANCELLED.run(
            Cancelled(
                order_ids=sorted(row["id"] for row in over), reason=CancelReason.DEADLINE, now=now
            )
        )


async def _let_go(order_ids: Sequence[UUID], now: datetime) -> None:
    under_way = OnlinePayment.filter(order_id__in=order_ids, state=OnlineState.WAITING)
    for order in await Order.filter(id__in=await under_way.values_list("order_id", flat=True)):
        await online_state.let_go(order, now=now)


# Every order that waits for payment ends by a timer, and no other has one.
EXPIRE_WAITS = Waits(
    kind=EXPIRE,
    table="sales_order",
    live="status = 'PENDING_PAYMENT'",
    due_at="pay_by",
    tenant_id=f"coalesce(partner_id, seller_id, '{PLATFORM_TENANT}')",
    on_timeout="EXPIRE",
)


# Thousands fall due in the same second, so it is one statement and no loop. As in `history`, each
# partner concerned reads of it in its own log, and the first of the logs names the customer.
_EXPIRE = """
with over as (
  update sales_order o
  set status = 'CANCELLED', payment_state = 'CANCELLED', cancel_reason = 'DEADLINE',
    cancelled_at = o.pay_by, version = o.version + 1
  from sales_order earlier
  where earlier.id = o.id and o.id = any($1) and o.status = 'PENDING_PAYMENT' and o.pay_by <= $2
  returning o.*, earlier.payment_state as payment_before
), told as (
  insert into event (id, created_at, tenant_id, name, subject_type, subject_id, customer_id,
    manager_id, actor_kind, actor_name, before, after, request_id, occurred_at)
  select uuidv7(), $2, log.tenant_id, 'order.cancelled', 'order', over.id,
    case when log.is_first then over.customer_id end,
    case when not log.is_first then log.tenant_id end, 'SYSTEM', 'system',
    jsonb_build_object('status', 'PENDING_PAYMENT', 'payment_state', over.payment_before),
    jsonb_build_object('status', over.status, 'payment_state', over.payment_state,
      'cancel_reason', over.cancel_reason), $3, $2
  from over cross join lateral (
    select coalesce(over.partner_id, $4) as tenant_id, true as is_first
    union all
    select other.id, false from (
      select over.seller_id as id
      union
      select line.merchant_id from order_line line where line.order_id = over.id
    ) as other
    where other.id <> coalesce(over.partner_id, $4)
  ) as log
)
select id from over
"""
