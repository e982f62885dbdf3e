"""Movements of coupons: the row, its record and its history, for many in three statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.audit.events import PLATFORM_TENANT
from domain.identity.viewer import Viewer
from kit import database
from kit.ids import new_id
from kit.request import request_id
from models.vouchers import Coupon, CouponOperation, CouponStatus

_NOTHING = Decimal(0)

# What a history calls it.
_HAPPENED = {
    CouponOperation.ISSUE: "issued",
    CouponOperation.USE: "used",
    CouponOperation.REFUND: "given_back",
    CouponOperation.UNSUBSCRIPTION_RECLAIM: "given_back_to_partner",
    CouponOperation.LAPSE: "lapsed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What a coupon, held by the caller, goes through. `lost`: it comes to nobody's balance."""

    coupon: Coupon
    operation: CouponOperation
    amount: Decimal
    status: CouponStatus
    order_id: UUID | None = None
    order_number: str | None = None
    note: str | None = None
    lost: bool = False

    @property
    def change(self) -> Decimal:
        """What it does to the balance of the coupon."""
        match self.operation:
            case CouponOperation.ISSUE | CouponOperation.REFUND:
                return self.amount
            case CouponOperation.UNSUBSCRIPTION_RECLAIM:
                return _NOTHING
            case CouponOperation.LAPSE if self.order_id is not None:
                return _NOTHING
        return -self.amount

    @property
    def used(self) -> Decimal:
        """What it does to the amount that paid orders."""
        if self.operation is CouponOperation.USE:
            return self.amount
        return -self.amount if self.order_id is not None else _NOTHING

    @property
    def is_gone(self) -> bool:
        """Whether it leaves the customer's hands and no order has it."""
        return self.operation not in (
            CouponOperation.ISSUE,
            CouponOperation.USE,
            CouponOperation.REFUND,
        )


async def move(moves: Sequence[Move], *, viewer: Viewer, now: datetime) -> None:
    """Let it happen to coupons that the caller holds, none of them twice; the quotas are his.

    The models given are not changed: read them again, or know what you did.
    """
    if not moves:
        return
    await database.execute(
        _CHANGE,
        [move.coupon.id for move in moves],
        [move.change for move in moves],
        [move.used for move in moves],
        [move.amount if move.is_gone and not move.lost else _NOTHING for move in moves],
        [move.amount if move.is_gone and move.lost else _NOTHING for move in moves],
        [move.status.value for move in moves],
        [move.operation is CouponOperation.USE for move in moves],
        now,
    )
    await write_down(moves, viewer=viewer, now=now)


async def write_down(moves: Sequence[Move], *, viewer: Viewer, now: datetime) -> None:
    """The records and the history of movements that stand in the rows already."""
    await database.execute(
        _RECORD,
        [new_id() for _ in moves],
        now,
        [move.coupon.id for move in moves],
        [move.coupon.quota_id for move in moves],
        [move.coupon.partner_id for move in moves],
        [move.coupon.customer_id for move in moves],
        [move.order_id for move in moves],
        [move.order_number for move in moves],
        [move.operation.value for move in moves],
        [move.amount for move in moves],
        [move.change for move in moves],
        [move.coupon.currency for move in moves],
        [move.note for move in moves],
        viewer.actor_id,
        viewer.display_name,
    )
    await database.execute(
        _TELL,
        [new_id() for _ in moves],
        now,
        [move.coupon.partner_id or PLATFORM_TENANT for move in moves],
        [f"coupon.{_HAPPENED.get(move.operation, 'reclaimed')}" for move in moves],
        [move.coupon.id for move in moves],
        [move.coupon.customer_id for move in moves],
        [_before(move) for move in moves],
        [move.status.value for move in moves],
        [move.coupon.balance for move in moves],
        [_after(move) for move in moves],
        [move.note for move in moves],
        viewer.kind.value,
        viewer.actor_id,
        viewer.display_name,
        viewer.on_behalf_of,
        request_id(),
    )


def _before(move: Move) -> str | None:
    return None if move.operation is CouponOperation.ISSUE else move.coupon.status.value


def _after(move: Move) -> Decimal:
    if move.operation is CouponOperation.ISSUE:
        return move.amount
    return move.coupon.balance + move.change


# What is given back may be kept for another order, which goes on having it.
_CHANGE = """
update coupon set balance = balance + moved.change, used = used + moved.paid,
  reclaimed = reclaimed + moved.back, lapsed = lapsed + moved.lost, status = moved.becomes,
  last_used_at = case when moved.is_use then $8 else last_used_at end,
  ended_at = case when moved.becomes in ('EXPIRED', 'RECLAIMED') then coalesce(ended_at, $8) end,
  lock_order_id = case when moved.becomes = 'USABLE' and not moved.is_use then lock_order_id end,
  version = version + 1
from unnest($1::uuid[], $2::numeric[], $3::numeric[], $4::numeric[], $5::numeric[], $6::text[],
  $7::boolean[]) as moved (coupon_id, change, paid, back, lost, becomes, is_use)
where coupon.id = moved.coupon_id
"""

_RECORD = """
insert into coupon_record (id, created_at, coupon_id, quota_id, partner_id, customer_id, order_id,
  order_number, operation, amount, change, currency, note, actor_id, actor_name)
select id, $2, coupon_id, quota_id, partner_id, customer_id, order_id, order_number, operation,
  amount, change, currency, note, $14, $15
from unnest($1::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[],
  $9::text[], $10::numeric[], $11::numeric[], $12::text[], $13::text[])
  as given (id, coupon_id, quota_id, partner_id, customer_id, order_id, order_number, operation,
    amount, change, currency, note)
"""

_TELL = """
insert into event (id, created_at, occurred_at, tenant_id, name, subject_type, subject_id,
  customer_id, actor_kind, actor_id, actor_name, on_behalf_of, reason, before, after, request_id)
select id, $2, $2, tenant_id, name, 'coupon', coupon_id, customer_id, $12, $13, $14, $15, note,
  case when before is null then '{}'::jsonb
    else jsonb_build_object('status', before, 'balance', balance_before::text) end,
  jsonb_build_object('status', after, 'balance', balance_after::text), $16
from unnest($1::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::text[], $8::text[],
  $9::numeric[], $10::numeric[], $11::text[])
  as given (id, tenant_id, name, coupon_id, customer_id, before, after, balance_before,
    balance_after, note)
"""
