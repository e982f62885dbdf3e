"""Stored-value cards, which keep a customer from becoming an agency customer (C-18)."""

from datetime import datetime
from uuid import UUID

from models.vouchers import Coupon, CouponKind, CouponStatus


async def is_unspent(customer_id: UUID, *, now: datetime) -> bool:
    """Whether something is left on a card of the house's, whatever is told of others."""
    return await Coupon.filter(
        customer_id=customer_id,
        kind=CouponKind.STORED_VALUE_CARD,
        status=CouponStatus.USABLE,
        expires_at__gt=now,
    ).exists()
