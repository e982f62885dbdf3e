"""Quota that the platform gives to distributors and solution providers (domain.md 5.10)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.vouchers import deadlines, quota_history, receivers
from domain.vouchers.terms import Terms, checked, positive
from kit import numbers, texts
from kit.ids import new_id
from kit.problems import InvalidInput, NotFound, Problem
from kit.transaction import assert_open, transactional
from models.partners import Partner, PartnerKind
from models.quotas import QuotaKind, QuotaOperation, VoucherQuota

NUMBER = "VQ"


class NoQuotaForThisPartner(Problem):
    """Resellers have theirs from their distributor, and merchants have none (V-01)."""

    en = "The platform gives quota to distributors and solution providers only."
    zh = "仅可为总经销商和解决方案提供商发放额度。"


@transactional
async def grant(
    *,
    viewer: Viewer,
    partner_id: UUID,
    kind: QuotaKind,
    amount: Decimal,
    terms: Terms,
    counts_performance: bool = False,
    needs_repayment: bool = False,
    first_associations_only: bool = False,
    customer_ids: Sequence[UUID] | None = None,
    reason: str,
    now: datetime,
) -> VoucherQuota:
    """Give quota without an application, for a reason.

    `counts_performance` and `needs_repayment` are what its cash coupons will do (D-11). With
    `first_associations_only` or `customer_ids` it is for these customers alone. Raises NotFound,
    NoQuotaForThisPartner, InvalidInput.
    """
    permissions.require(viewer, "voucherQuotaGrant")
    note = texts.reason(reason)
    amount = positive(amount, path=("input", "amount"))
    if kind is QuotaKind.VOUCHER and (counts_performance or needs_repayment):
        raise InvalidInput(
            reason="What vouchers pay counts for nothing and is never repaid.",
            reason_zh="代金券不计业绩,也无需还款。",
            path=("input", "kind"),
        )
    partner = await entitled(partner_id)
    return await give(
        viewer=viewer,
        partner=partner,
        amount=amount,
        terms=await checked(terms, viewer=viewer, now=now),
        kind=kind,
        counts_performance=counts_performance,
        needs_repayment=needs_repayment,
        first_associations_only=first_associations_only,
        customers=await receivers.designated(customer_ids),
        note=note,
        now=now,
    )


async def give(
    *,
    viewer: Viewer,
    partner: Partner,
    amount: Decimal,
    terms: Terms,
    note: str | None,
    now: datetime,
    **more: Any,
) -> VoucherQuota:
    """Write the new quota, its record, its history and its timer; everything was checked."""
    assert_open()
    id = new_id()
    quota = VoucherQuota(
        id=id,
        created_at=now,
        number=numbers.numbered(NUMBER, id, at=now),
        partner_id=partner.id,
        value=amount,
        balance=amount,
        note=note,
        **terms.columns(),
        **more,
    )
    await quota.insert()
    await quota_history.record(
        QuotaOperation.GRANT, quota, amount, viewer=viewer, note=note, now=now
    )
    await deadlines.schedule_quotas([quota], now=now)
    await quota_history.of_quota("granted", quota, viewer=viewer, reason=note, now=now)
    return quota


async def entitled(partner_id: UUID) -> Partner:
    """The partner. Raises NotFound, or NoQuotaForThisPartner for one that has none from us."""
    partner = await Partner.get_or_none(id=partner_id)
    if partner is None:
        raise NotFound(thing="partner", path=("input", "partnerId"))
    if partner.kind not in (PartnerKind.DISTRIBUTOR, PartnerKind.SOLUTION_PROVIDER):
        raise NoQuotaForThisPartner(path=("input", "partnerId"))
    return partner
