"""What becomes of a partner's coupons when the customer leaves or is switched (domain.md 5.5)."""

from datetime import datetime
from uuid import UUID

from domain.associations.effects import Done, Ending, Switched
from domain.identity.viewer import Viewer
from domain.vouchers.reclaiming import take_back
from kit import database, rows
from models.vouchers import Coupon, CouponOperation


async def reclaim_coupons(fact: Ending) -> Done:
    """What the customer has of the partner goes back, kept for an order or not (wire: 3)."""
    return await _reclaimed(
        CouponOperation.UNBIND_RECLAIM, fact.customer_id, fact.partner_id, fact.viewer, fact.now
    )


async def reclaim_coupons_of_switched(fact: Switched) -> Done:
    """Coupons are for the association in which they were issued (wire: 8)."""
    return await _reclaimed(
        CouponOperation.SWITCH_RECLAIM, fact.customer_id, fact.partner_id, fact.viewer, fact.now
    )


async def _reclaimed(
    operation: CouponOperation, customer_id: UUID, partner_id: UUID, viewer: Viewer, now: datetime
) -> Done:
    # What is past its time is left to its timer: it has expired, and not been taken.
    sql = _HOLD.format(columns=rows.columns(Coupon, "t"))
    coupons = rows.as_models(Coupon, await database.rows(sql, customer_id, partner_id, now))
    await take_back(coupons, operation, viewer=viewer, now=now)
    return {"reclaimed": len(coupons)} if coupons else {}


_HOLD = """
select {columns} from coupon t
where t.customer_id = $1 and t.partner_id = $2 and t.status = 'USABLE' and t.expires_at > $3
order by t.id for no key update
"""
