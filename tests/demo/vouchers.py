"""What the demo has of quota and coupons."""

from models.quotas import QuotaOperation, QuotaRecord, QuotaStatus, VoucherApplication, VoucherQuota
from models.quotas import VoucherApplicationStatus as Application
from models.vouchers import Coupon, CouponKind, CouponStatus
from tests.vouchers.factories import adds_up


async def every_state_of_vouchers_is_there() -> None:
    """Quota of most statuses, coupons of every kind, and all of it adds up."""
    assert {quota.status for quota in await VoucherQuota.all()} >= {
        QuotaStatus.NORMAL,
        QuotaStatus.INVALID,
        QuotaStatus.FROZEN,
        QuotaStatus.RECLAIMED,
    }
    assert {record.operation for record in await QuotaRecord.all()} == set(QuotaOperation) - {
        QuotaOperation.ADJUST
    }
    assert {each.status for each in await VoucherApplication.all()} == set(Application) - {
        Application.CANCELLED
    }
    coupons = await Coupon.all()
    assert {coupon.kind for coupon in coupons} == set(CouponKind)
    assert {coupon.status for coupon in coupons} >= {
        CouponStatus.USABLE,
        CouponStatus.EXPIRED,
        CouponStatus.RECLAIMED,
    }
    assert len(coupons) > 60
    await adds_up()
