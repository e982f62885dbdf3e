"""Coupons that are taken back with their whole balance, and coupons held up by the platform."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.audit import events
from domain.identity import permissions
from domain.identity.viewer import Viewer, ViewerKind
from domain.vouchers import deadlines, failing, guards, instance
from domain.vouchers.failing import Failure
from domain.vouchers.moving import Move, move
from domain.vouchers.policy import COUPONS
from domain.vouchers.returning import return_to_quotas
from domain.vouchers.terms import LONGEST_NOTE
from kit import batches, texts
from kit.batches import ItemOutcome
from kit.guards import Guard, refuse
from kit.problems import NotFound, Problem
from kit.transaction import assert_open, transactional
from models.customers import AssociationType, Customer
from models.vouchers import Coupon, CouponOperation, CouponStatus


class CouponOfReferralCustomer(Problem):
    """What a referral customer has stays with it, unless an installation says otherwise (V-06)."""

    code = "CBC.99000045"
    en = "Coupons of referral customers can't be reclaimed."
    zh = "不能回收发放给顾问销售类客户的优惠券。"


@transactional
async def reclaim(
    *, viewer: Viewer, coupon_ids: Sequence[UUID], note: str | None = None, now: datetime
) -> list[ItemOutcome]:
    """Take back the whole balance of up to 100 coupons (V-07); an outcome for each, in order.

    Outcomes: NotFound, CouponOfReferralCustomer, CouponIsOver, CouponUsedUp, CouponLocked; all but
    the first are recorded. What was given out of a quota that is over by now is lost.
    """
    permissions.require(viewer, "couponsReclaim")
    wanted = batches.checked(coupon_ids, path=("input", "ids"))
    note = texts.optional(note, longest=LONGEST_NOTE, path=("input", "note"))
    held = {
        coupon.id: coupon for coupon in await COUPONS.locked(Coupon, wanted, viewer=viewer, now=now)
    }
    kept = await _of_referrals(list(held.values())) if viewer.kind is ViewerKind.OPERATOR else set()
    refused: dict[UUID, Problem | None] = {}
    for id in wanted:
        if (coupon := held.get(id)) is None:
            refused[id] = NotFound(thing="coupon")
        elif id in kept:
            refused[id] = CouponOfReferralCustomer()
        else:
            refused[id] = guards.reclaim(coupon, viewer, now)
    taken = [held[id] for id in wanted if refused[id] is None]
    await take_back(taken, CouponOperation.RECLAIM, note=note, viewer=viewer, now=now)
    failures = [
        _failure(held[id], problem) for id, problem in refused.items() if problem and id in held
    ]
    await failing.write_down(failures, note=note, viewer=viewer, now=now)
    return [ItemOutcome(id, refused[id]) for id in wanted]


async def take_back(
    coupons: Sequence[Coupon],
    operation: CouponOperation,
    *,
    note: str | None = None,
    viewer: Viewer,
    now: datetime,
) -> None:
    """Take the whole balance of coupons that the caller holds, back to quotas that still live."""
    assert_open()
    if not coupons:
        return
    amounts: dict[UUID, Decimal] = {}
    for coupon in coupons:
        if coupon.quota_id is not None:
            amounts[coupon.quota_id] = amounts.get(coupon.quota_id, Decimal(0)) + coupon.balance
    takers = await return_to_quotas(amounts, now=now)
    moves = [
        Move(
            coupon=coupon,
            operation=operation,
            amount=coupon.balance,
            status=CouponStatus.RECLAIMED,
            note=note,
            lost=coupon.quota_id not in takers,
        )
        for coupon in coupons
    ]
    await move(moves, viewer=viewer, now=now)
    await deadlines.cancel_coupons([coupon.id for coupon in coupons])


@transactional
async def freeze(*, viewer: Viewer, coupon_id: UUID, reason: str, now: datetime) -> Coupon:
    """Let nobody use it. Raises NotFound, CouponIsOver, CouponUsedUp, CouponFrozen."""
    permissions.require(viewer, "couponFreeze")
    return await _frozen(True, guards.freeze, viewer, coupon_id, reason, now)


@transactional
async def unfreeze(*, viewer: Viewer, coupon_id: UUID, reason: str, now: datetime) -> Coupon:
    """Let it be used again. Raises NotFound, CouponIsOver, CouponUsedUp, CouponNotFrozen."""
    permissions.require(viewer, "couponUnfreeze")
    return await _frozen(False, guards.unfreeze, viewer, coupon_id, reason, now)


async def _frozen(
    is_frozen: bool, guard: Guard, viewer: Viewer, id: UUID, reason: str, now: datetime
) -> Coupon:
    said = texts.reason(reason)
    coupon = await COUPONS.lock(Coupon, id, viewer=viewer, now=now, thing="coupon")
    refuse(guard(coupon, viewer, now))
    coupon.is_frozen = is_frozen
    coupon.version += 1
    await coupon.save(update_fields=["is_frozen", "version"])
    await events.record(
        "coupon.frozen" if is_frozen else "coupon.unfrozen",
        actor=viewer,
        subject_type="coupon",
        subject_id=coupon.id,
        tenant_id=coupon.partner_id or events.PLATFORM_TENANT,
        customer_id=coupon.customer_id,
        at=now,
        reason=said,
        before={"is_frozen": not is_frozen},
        after={"is_frozen": is_frozen},
    )
    return coupon


def _failure(coupon: Coupon, problem: Problem) -> Failure:
    return Failure(
        operation=CouponOperation.RECLAIM,
        problem=problem,
        customer_id=coupon.customer_id,
        amount=coupon.balance,
        partner_id=coupon.partner_id,
        quota_id=coupon.quota_id,
        coupon_id=coupon.id,
        currency=coupon.currency,
    )


async def _of_referrals(coupons: Sequence[Coupon]) -> set[UUID]:
    """Which of them customers have who are associated as referral customers by now."""
    if instance.allows_referrals():
        return set()
    referrals = await Customer.filter(
        id__in=[coupon.customer_id for coupon in coupons],
        association_type=AssociationType.REFERRAL,
    ).values_list("id", flat=True)
    return {coupon.id for coupon in coupons if coupon.customer_id in set(referrals)}
