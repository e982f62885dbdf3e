"""Issuing coupons to customers: out of a partner's quota, or the platform's own (V-02…V-09)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.catalogue.amounts import CURRENCY
from domain.customers.policy import CUSTOMERS
from domain.funds.allocating import NotASubCustomer
from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.vouchers import allowances, deadlines, failing, instance, quota_guards, receivers
from domain.vouchers.failing import Failure
from domain.vouchers.minting import mint
from domain.vouchers.passing_on import QuotaNotSufficient
from domain.vouchers.policy import QUOTAS
from domain.vouchers.terms import LONGEST_NOTE, Terms, checked, inherited, positive, within
from kit import batches, texts
from kit.batches import ItemOutcome
from kit.guards import refuse
from kit.problems import InvalidInput, Problem
from kit.transaction import transactional
from models.customers import AssociationType, Customer, EnterpriseRole
from models.quotas import VoucherQuota
from models.vouchers import CouponKind, CouponOperation


class NotForThisAssociation(Problem):
    """Referral customers have no vouchers of their partner, unless an installation says so."""

    code = "CBC.99000014"
    en = "Coupons can't be issued to customers associated as {association}."
    zh = "该合作类型({association})的客户不能发放优惠券。"
    about = {"association": "How it is associated."}
    association: str


class FinanceManagedMember(Problem):
    """Its enterprise's master account looks after its money (企业子帐号财务托管)."""

    code = "CBC.50000034"
    en = "This account's money is managed by its enterprise's master account."
    zh = "财务托管的企业子帐号不能接收优惠券。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """An outcome for each customer, and the new coupon of each that got one."""

    outcomes: list[ItemOutcome]
    coupons: dict[UUID, UUID]


@transactional
async def issue(
    *,
    viewer: Viewer,
    quota_id: UUID,
    customer_ids: Sequence[UUID],
    face_value: Decimal,
    terms: Terms,
    note: str | None = None,
    now: datetime,
) -> Issued:
    """Issue a coupon of the quota's kind to each of up to 100 customers, in the order given.

    A customer named twice gets one. Outcomes: NotASubCustomer, NotForThisAssociation,
    FinanceManagedMember, QuotaIsDesignated, OnlyFirstAssociated, CouponsAtMost, CouponValueAtMost,
    QuotaNotSufficient for those for whom nothing is left; all but the first are recorded. Raises
    NotFound, QuotaOfAnotherPartner, QuotaHeldUp, QuotaNotInForce, LimitsExceedQuota,
    ConditionsExceedQuota, FaceValueTooSmall, FaceValueTooLarge, InvalidInput for all of them.
    """
    permissions.require(viewer, "couponsIssue")
    wanted = batches.checked(customer_ids, path=("input", "customerIds"))
    value = positive(face_value, path=("input", "faceValue"))
    note = texts.optional(note, longest=LONGEST_NOTE, path=("input", "note"))
    customers = {
        customer.id: customer
        for customer in await CUSTOMERS.locked(Customer, wanted, viewer=viewer, now=now)
    }
    quota = await QUOTAS.lock(VoucherQuota, quota_id, viewer=viewer, now=now, thing="voucher_quota")
    refuse(quota_guards.issue_coupons(quota, viewer, now))
    allowances.refuse_value(value)
    terms = await checked(inherited(terms, quota, now=now), quota=quota, viewer=viewer, now=now)
    within(terms, quota)
    full = await allowances.refused(
        wanted,
        partner_id=quota.partner_id,
        kind=CouponKind(quota.kind.value),
        value=value,
        now=now,
    )
    not_for = await receivers.refused(wanted, quota)
    refused = {
        id: _refusal(customers.get(id), quota) or not_for.get(id) or full.get(id) for id in wanted
    }
    outcomes = _as_far_as_it_goes(refused, value, quota.balance)
    getting = [each.id for each in outcomes if each.problem is None]
    of = (quota.partner_id, quota.id, quota.currency)
    await _note_failures(outcomes, value, *of, note, viewer=viewer, now=now)
    if not getting:
        return Issued(outcomes=outcomes, coupons={})
    given = value * len(getting)
    quota.to_coupons += given
    quota.balance -= given
    quota.version += 1
    await quota.save(update_fields=["balance", "to_coupons", "version"])
    facts = {
        "kind": CouponKind(quota.kind.value),
        "partner_id": quota.partner_id,
        "quota_id": quota.id,
        "counts_performance": quota.counts_performance,
        "needs_repayment": quota.needs_repayment,
        "currency": quota.currency,
    }
    return await _made(getting, value, terms, facts, note, outcomes, viewer=viewer, now=now)


def _as_far_as_it_goes(
    refused: Mapping[UUID, Problem | None], value: Decimal, balance: Decimal
) -> list[ItemOutcome]:
    """An outcome for each, in order: who isn't refused gets one while there is enough left."""
    outcomes = []
    for customer_id, problem in refused.items():
        if problem is None and balance < value:
            problem = QuotaNotSufficient(balance=balance)
        if problem is None:
            balance -= value
        outcomes.append(ItemOutcome(customer_id, problem))
    return outcomes


@transactional
async def grant(
    *,
    viewer: Viewer,
    kind: CouponKind,
    customer_ids: Sequence[UUID],
    face_value: Decimal,
    terms: Terms,
    counts_performance: bool = False,
    needs_repayment: bool = False,
    note: str | None = None,
    now: datetime,
) -> Issued:
    """Issue the platform's own coupons or cards to up to 100 customers, whosever they are.

    Only cash coupons may or may not count to performance and need repayment; what cards pay counts,
    and what vouchers pay doesn't (6.2). Outcomes: NotASubCustomer, FinanceManagedMember. Raises
    InvalidInput, NotFound for unknown goods.
    """
    permissions.require(viewer, "couponsGrant")
    wanted = batches.checked(customer_ids, path=("input", "customerIds"))
    value = positive(face_value, path=("input", "faceValue"))
    note = texts.optional(note, longest=LONGEST_NOTE, path=("input", "note"))
    if kind is not CouponKind.CASH_COUPON and (counts_performance or needs_repayment):
        raise InvalidInput(
            reason="Only of cash coupons it can be said what they count for.",
            reason_zh="仅现金券可设置是否计业绩和是否需还款。",
            path=("input", "kind"),
        )
    terms = await checked(terms, viewer=viewer, now=now)
    customers = {
        customer.id: customer
        for customer in await CUSTOMERS.locked(Customer, wanted, viewer=viewer, now=now)
    }
    refused = {id: _cannot_receive(customers.get(id)) for id in wanted}
    outcomes = [ItemOutcome(id, refused[id]) for id in wanted]
    getting = [id for id in wanted if refused[id] is None]
    await _note_failures(outcomes, value, None, None, CURRENCY, note, viewer=viewer, now=now)
    facts = {
        "kind": kind,
        "counts_performance": counts_performance or kind is CouponKind.STORED_VALUE_CARD,
        "needs_repayment": needs_repayment,
        "currency": CURRENCY,
    }
    return await _made(getting, value, terms, facts, note, outcomes, viewer=viewer, now=now)


async def _made(
    customer_ids: Sequence[UUID],
    value: Decimal,
    terms: Terms,
    facts: dict[str, Any],
    note: str | None,
    outcomes: list[ItemOutcome],
    *,
    viewer: Viewer,
    now: datetime,
) -> Issued:
    coupons = await mint(
        customer_ids, value, facts | terms.columns() | {"note": note}, viewer=viewer, now=now
    )
    await deadlines.schedule_coupons(coupons, now=now)
    return Issued(outcomes=outcomes, coupons={coupon.customer_id: coupon.id for coupon in coupons})


async def _note_failures(
    outcomes: Sequence[ItemOutcome],
    value: Decimal,
    partner_id: UUID | None,
    quota_id: UUID | None,
    currency: str,
    note: str | None,
    *,
    viewer: Viewer,
    now: datetime,
) -> None:
    failures = [
        Failure(
            operation=CouponOperation.ISSUE,
            problem=each.problem,
            customer_id=each.id,
            amount=value,
            partner_id=partner_id,
            quota_id=quota_id,
            currency=currency,
        )
        for each in outcomes
        # Whose customer it is, or whether there is one, isn't told here either.
        if each.problem is not None and not isinstance(each.problem, NotASubCustomer)
    ]
    await failing.write_down(failures, note=note, viewer=viewer, now=now)


def _refusal(customer: Customer | None, quota: VoucherQuota) -> Problem | None:
    if customer is None or customer.partner_id != quota.partner_id:
        return NotASubCustomer()
    is_agency = customer.association_type is AssociationType.AGENCY
    if not is_agency and not instance.allows_referrals():
        return NotForThisAssociation(association=str(customer.association_type))
    return _cannot_receive(customer)


def _cannot_receive(customer: Customer | None) -> Problem | None:
    if customer is None:
        return NotASubCustomer()
    if customer.enterprise_role is EnterpriseRole.MANAGED_MEMBER:
        return FinanceManagedMember()
    return None
