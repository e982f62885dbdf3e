"""New coupons: up to a hundred rows that differ in id, number and customer, in one statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from domain.identity.viewer import Viewer
from domain.vouchers.moving import Move, write_down
from kit import database, numbers
from kit.ids import new_id
from models.vouchers import Coupon, CouponKind, CouponOperation, CouponStatus

_WORDS = {
    CouponKind.VOUCHER: "VC",
    CouponKind.CASH_COUPON: "CC",
    CouponKind.STORED_VALUE_CARD: "SC",
}


async def mint(
    customer_ids: Sequence[UUID],
    value: Decimal,
    facts: Mapping[str, Any],
    *,
    viewer: Viewer,
    now: datetime,
) -> list[Coupon]:
    """Write a coupon for each customer, with records and history; `facts` are all other columns."""
    if not customer_ids:
        return []
    coupons = []
    for customer_id in customer_ids:
        id = new_id()
        coupons.append(
            Coupon(
                id=id,
                created_at=now,
                number=numbers.numbered(_WORDS[facts["kind"]], id, at=now),
                customer_id=customer_id,
                face_value=value,
                balance=value,
                **facts,
            )
        )
    await database.execute(
        _INSERT,
        [coupon.id for coupon in coupons],
        [coupon.number for coupon in coupons],
        [coupon.customer_id for coupon in coupons],
        now,
        facts["kind"].value,
        facts.get("partner_id"),
        facts.get("quota_id"),
        facts["counts_performance"],
        facts["needs_repayment"],
        facts["currency"],
        value,
        facts["effective_at"],
        facts["expires_at"],
        orjson.dumps(facts["categories"]).decode(),
        orjson.dumps(facts["goods"]).decode(),
        facts["minimum"],
        facts["excludes_discounts"],
        facts["strict_only"],
        facts["note"],
    )
    moves = [
        Move(
            coupon=coupon,
            operation=CouponOperation.ISSUE,
            amount=value,
            status=CouponStatus.USABLE,
            note=facts["note"],
        )
        for coupon in coupons
    ]
    await write_down(moves, viewer=viewer, now=now)
    return coupons


_INSERT = """
insert into coupon (id, number, customer_id, created_at, version, kind, partner_id, quota_id,
  counts_performance, needs_repayment, currency, face_value, balance, used, reclaimed, lapsed,
  status, is_frozen, effective_at, expires_at, categories, goods, minimum, excludes_discounts,
  strict_only, note)
select id, number, customer_id, $4, 1, $5, $6, $7, $8, $9, $10, $11, $11, 0, 0, 0, 'USABLE', false,
  $12, $13, $14::jsonb, $15::jsonb, $16, $17, $18, $19
from unnest($1::uuid[], $2::text[], $3::uuid[]) as given (id, number, customer_id)
"""
