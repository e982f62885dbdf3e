"""The platform holds quota up: frozen, being adjusted, or invalid for good (domain.md 5.10)."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.vouchers import deadlines, quota_guards, quota_history
from domain.vouchers.passing_on import QuotaNotSufficient
from domain.vouchers.policy import QUOTAS
from domain.vouchers.terms import positive
from kit import texts
from kit.guards import Guard, refuse
from kit.transaction import transactional
from models.quotas import QuotaOperation, VoucherQuota
from models.quotas import QuotaStatus as Status


@transactional
async def freeze(*, viewer: Viewer, quota_id: UUID, reason: str, now: datetime) -> VoucherQuota:
    """Let nothing be issued from it. Raises NotFound, WrongStatus, InvalidInput."""
    permissions.require(viewer, "voucherQuotaFreeze")
    quota = await _held(viewer, quota_id, quota_guards.freeze, now)
    return await _became(Status.FROZEN, "frozen", quota, viewer, reason, now)


@transactional
async def unfreeze(*, viewer: Viewer, quota_id: UUID, reason: str, now: datetime) -> VoucherQuota:
    """Let it be used again. Raises as `freeze`."""
    permissions.require(viewer, "voucherQuotaUnfreeze")
    quota = await _held(viewer, quota_id, quota_guards.unfreeze, now)
    return await _became(Status.NORMAL, "unfrozen", quota, viewer, reason, now)


@transactional
async def begin_adjustment(
    *, viewer: Viewer, quota_id: UUID, reason: str, now: datetime
) -> VoucherQuota:
    """Let nothing be issued while its value is looked at. Raises as `freeze`."""
    permissions.require(viewer, "voucherQuotaAdjustmentBegin")
    quota = await _held(viewer, quota_id, quota_guards.begin_adjustment, now)
    return await _became(Status.ADJUSTING, "adjustment_begun", quota, viewer, reason, now)


@transactional
async def end_adjustment(
    *, viewer: Viewer, quota_id: UUID, value: Decimal | None, reason: str, now: datetime
) -> VoucherQuota:
    """Let it be used again, with another value if one is told.

    Raises as `freeze`, and QuotaNotSufficient for a value below what has been issued.
    """
    permissions.require(viewer, "voucherQuotaAdjustmentEnd")
    quota = await _held(viewer, quota_id, quota_guards.end_adjustment, now)
    if value is not None:
        more = positive(value, path=("input", "value")) - quota.value
        if quota.balance + more < 0:
            raise QuotaNotSufficient(balance=quota.balance, path=("input", "value"))
        if more:
            quota.value += more
            quota.balance += more
            await quota.save(update_fields=["value", "balance"])
            said = texts.reason(reason)
            await quota_history.record(
                QuotaOperation.ADJUST, quota, more, viewer=viewer, note=said, now=now
            )
    return await _became(Status.NORMAL, "adjusted", quota, viewer, reason, now)


@transactional
async def invalidate(*, viewer: Viewer, quota_id: UUID, reason: str, now: datetime) -> VoucherQuota:
    """End it for good; what is left of it is lost, coupons stay. Raises as `freeze`."""
    permissions.require(viewer, "voucherQuotaInvalidate")
    quota = await _held(viewer, quota_id, quota_guards.invalidate, now)
    lost = quota.balance
    quota.lapsed += lost
    quota.balance -= lost
    quota.ended_at = now
    if lost:
        await quota_history.record(QuotaOperation.LAPSE, quota, lost, viewer=viewer, now=now)
    await deadlines.cancel_quotas([quota.id])
    return await _became(Status.INVALID, "invalidated", quota, viewer, reason, now)


async def _held(viewer: Viewer, id: UUID, guard: Guard, now: datetime) -> VoucherQuota:
    quota = await QUOTAS.lock(VoucherQuota, id, viewer=viewer, now=now, thing="voucher_quota")
    refuse(guard(quota, viewer, now))
    return quota


async def _became(
    wanted: Status,
    happened: str,
    quota: VoucherQuota,
    viewer: Viewer,
    reason: str,
    now: datetime,
) -> VoucherQuota:
    said = texts.reason(reason)
    before = {"status": quota.status.value}
    quota.status = quota.status.to(wanted)
    quota.version += 1
    await quota.save(update_fields=["status", "balance", "lapsed", "ended_at", "version"])
    await quota_history.of_quota(
        happened, quota, viewer=viewer, before=before, reason=said, now=now
    )
    return quota
