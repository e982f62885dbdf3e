"""A distributor's quota for its resellers: issued to many at once, and what is left taken back.

Two who issue from the same quota wait for one another instead of being refused (the old API's
CBC.50000045, "previous transfer still running"): the wait is a few milliseconds, and each finds
either enough or CBC.99000013. Parents are held before children, which are younger.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.funds.allocating import ResellerNotYours
from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.vouchers import deadlines, quota_guards, quota_history
from domain.vouchers.granting import NUMBER
from domain.vouchers.policy import QUOTAS
from domain.vouchers.terms import LONGEST_NOTE, positive
from kit import batches, database, numbers, rows, texts
from kit.batches import ItemOutcome
from kit.guards import refuse
from kit.ids import new_id
from kit.problems import NotFound, Problem
from kit.transaction import transactional
from models.quotas import QuotaOperation, VoucherQuota
from models.quotas import QuotaStatus as Status


class QuotaNotSufficient(Problem):
    """Less is left than would be issued."""

    code = "CBC.99000013"
    en = "Only {balance} is left of this quota."
    zh = "优惠券额度不足,剩余 {balance}。"
    about = {"balance": "What is left."}
    balance: Decimal


class ResellerIsLeaving(Problem):
    """It has left the resellers' programme, so it gets no more quota."""

    code = "CBC.50010105"
    en = "This reseller is leaving the channel; it can't receive quota."
    zh = "该云经销商正在退出,不能接收额度。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """An outcome for each reseller, and the new quota of each that got one."""

    outcomes: list[ItemOutcome]
    quotas: dict[UUID, UUID]


@transactional
async def issue(
    *,
    viewer: Viewer,
    quota_id: UUID,
    reseller_ids: Sequence[UUID],
    amount: Decimal,
    note: str | None = None,
    now: datetime,
) -> Issued:
    """Issue `amount` to each of up to 100 resellers, in the order given, one named twice once.

    What each gets is as good as the quota it is from. Outcomes: ResellerNotYours,
    ResellerIsLeaving, QuotaNotSufficient for those for whom nothing is left. Raises NotFound,
    QuotaOfAnotherPartner, QuotaHeldUp, QuotaNotInForce, QuotaIsDesignated, InvalidInput for all of
    them.
    """
    permissions.require(viewer, "voucherQuotaIssue")
    wanted = batches.checked(reseller_ids, path=("input", "resellerIds"))
    amount = positive(amount, path=("input", "amount"))
    note = texts.optional(note, longest=LONGEST_NOTE, path=("input", "note"))
    parent = await QUOTAS.lock(
        VoucherQuota, quota_id, viewer=viewer, now=now, thing="voucher_quota"
    )
    refuse(quota_guards.pass_on(parent, viewer, now))
    known = {
        row["id"]: row["is_leaving"]
        for row in await database.rows(_RESELLERS, wanted, parent.partner_id)
    }
    outcomes, quotas, left = [], [], parent.balance
    for reseller_id in wanted:
        problem = _refusal(known, reseller_id, amount, left)
        outcomes.append(ItemOutcome(reseller_id, problem))
        if problem is None:
            left -= amount
            quotas.append(_child(parent, reseller_id, amount, note, now))
    if quotas:
        await _give(parent, quotas, viewer=viewer, note=note, now=now)
    return Issued(outcomes=outcomes, quotas={quota.partner_id: quota.id for quota in quotas})


@transactional
async def reclaim(
    *, viewer: Viewer, quota_ids: Sequence[UUID], note: str | None = None, now: datetime
) -> list[ItemOutcome]:
    """Take back what is left of up to 100 quotas of resellers; an outcome for each, in order.

    What its coupons have stays with the customers. Outcomes: NotFound, QuotaOfAnotherPartner,
    QuotaNotReclaimable. An amount whose parent is over by now is lost.
    """
    permissions.require(viewer, "voucherQuotasReclaim")
    wanted = batches.checked(quota_ids, path=("input", "ids"))
    note = texts.optional(note, longest=LONGEST_NOTE, path=("input", "note"))
    parents = await database.rows(
        "select distinct parent_id from voucher_quota where id = any($1)", wanted
    )
    ids = {row["parent_id"] for row in parents if row["parent_id"]} | set(wanted)
    held = {
        quota.id: quota for quota in await QUOTAS.locked(VoucherQuota, ids, viewer=viewer, now=now)
    }
    outcomes = []
    for id in wanted:
        quota = held.get(id)
        problem = (
            quota_guards.reclaim(quota, viewer, now) if quota else NotFound(thing="voucher_quota")
        )
        outcomes.append(ItemOutcome(id, problem))
        if quota is not None and problem is None:
            assert quota.parent_id is not None
            await _take_back(quota, held[quota.parent_id], viewer=viewer, note=note, now=now)
    return outcomes


async def _give(
    parent: VoucherQuota,
    quotas: Sequence[VoucherQuota],
    *,
    viewer: Viewer,
    note: str | None,
    now: datetime,
) -> None:
    total = sum((quota.value for quota in quotas), Decimal(0))
    before = quota_history.facts(parent)
    parent.balance -= total
    parent.to_quotas += total
    parent.version += 1
    await parent.save(update_fields=["balance", "to_quotas", "version"])
    await rows.insert_all(quotas)
    await quota_history.record_all(
        QuotaOperation.ISSUE,
        [(quota, quota.value) for quota in quotas],
        viewer=viewer,
        note=note,
        now=now,
    )
    await deadlines.schedule_quotas(quotas, now=now)
    await quota_history.of_quota("passed_on", parent, viewer=viewer, before=before, now=now)
    await quota_history.of_issued(quotas, viewer=viewer, now=now)


async def _take_back(
    quota: VoucherQuota, parent: VoucherQuota, *, viewer: Viewer, note: str | None, now: datetime
) -> None:
    amount, before, above = quota.balance, quota_history.facts(quota), quota_history.facts(parent)
    quota.status = quota.status.to(Status.RECLAIMED)
    quota.balance -= amount
    quota.reclaimed += amount
    quota.ended_at = now
    quota.version += 1
    await quota.save(update_fields=["status", "balance", "reclaimed", "ended_at", "version"])
    is_live = quota_guards.status_now(parent, now) not in (Status.INVALID, Status.RECLAIMED)
    parent.to_quotas -= amount
    parent.balance += amount if is_live else 0
    parent.lapsed += 0 if is_live else amount
    parent.version += 1
    await parent.save(update_fields=["to_quotas", "balance", "lapsed", "version"])
    await quota_history.record(
        QuotaOperation.RECLAIM, quota, amount, viewer=viewer, note=note, now=now
    )
    await deadlines.cancel_quotas([quota.id])
    await quota_history.of_quota(
        "reclaimed", quota, viewer=viewer, before=before, reason=note, now=now
    )
    await quota_history.of_quota(
        "taken_back", parent, viewer=viewer, before=above, reason=note, now=now
    )


def _refusal(
    known: dict[UUID, bool], reseller_id: UUID, amount: Decimal, left: Decimal
) -> Problem | None:
    if reseller_id not in known:
        return ResellerNotYours()
    if known[reseller_id]:
        return ResellerIsLeaving()
    return QuotaNotSufficient(balance=left) if left < amount else None


def _child(
    parent: VoucherQuota, reseller_id: UUID, amount: Decimal, note: str | None, now: datetime
) -> VoucherQuota:
    id = new_id()
    return VoucherQuota(
        id=id,
        created_at=now,
        number=numbers.numbered(NUMBER, id, at=now),
        partner_id=reseller_id,
        parent_id=parent.id,
        kind=parent.kind,
        counts_performance=parent.counts_performance,
        needs_repayment=parent.needs_repayment,
        first_associations_only=parent.first_associations_only,
        currency=parent.currency,
        value=amount,
        balance=amount,
        effective_at=parent.effective_at,
        expires_at=parent.expires_at,
        categories=parent.categories,
        goods=parent.goods,
        minimum=parent.minimum,
        excludes_discounts=parent.excludes_discounts,
        strict_only=parent.strict_only,
        note=note,
    )


# Whoever was let out of the resellers' programme, and isn't in it again, is leaving.
_RESELLERS = """
select reseller.id, coalesce((
    select latest.status = 'EXITED' from programme_application latest
    join programme on programme.id = latest.programme_id and programme.code = 'RESELLER'
    where latest.partner_id = reseller.id and latest.status in ('APPROVED', 'EXITED', 'EXPIRED')
    order by latest.created_at desc, latest.id desc limit 1), false) as is_leaving
from partner reseller
where reseller.id = any($1) and reseller.distributor_id = $2
"""
