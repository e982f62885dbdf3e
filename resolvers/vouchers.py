"""Queries and mutations of vouchers, cash coupons and stored-value cards."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.vouchers import issuing, reclaiming, usable
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import voucher_changes as changes
from schema.context import Context
from schema.terms_of_use import terms
from schema.voucher_lists import CouponFilter, CouponOrder, CouponRecordFilter, CouponRecordOrder
from schema.vouchers import Coupon, CouponRecord, CouponsUsableInput, UsableCoupon, asked


@strawberry.type
class VoucherQuery:
    coupon: Coupon | None = root_one(
        "A voucher, cash coupon or card by its id; null when you may not see it.", prefix="cpn"
    )
    coupons: Connection[Coupon] = root_connection(
        "Vouchers, cash coupons and cards: what your partner has issued, an account manager's to"
        " his own customers; a customer finds all of its own, the platform all."
        f" {describe('coupons')}",
        filter=CouponFilter,
        order=CouponOrder,
        guard=may_list("coupons"),
    )
    coupon_records: Connection[CouponRecord] = root_connection(
        f"What those coupons went through, the latest first. {describe('couponRecords')}",
        filter=CouponRecordFilter,
        order=CouponRecordOrder,
        guard=may_list("couponRecords"),
    )

    @strawberry.field(
        description="With which coupons and cards a customer could pay an order or the lines of a"
        " cart, how much each alone, and why others couldn't; at most 100, the first to end first."
        f" {describe('couponsUsable')}"
    )
    async def coupons_usable(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[CouponsUsableInput, strawberry.argument(description="For what.")],
    ) -> list[UsableCoupon]:
        context = info.context
        question = asked(input)
        if isinstance(question, UUID):
            found = await usable.for_order(
                viewer=context.viewer, order_id=question, now=context.now
            )
        else:
            customer_id, wanted = question
            found = await usable.for_lines(
                viewer=context.viewer, customer_id=customer_id, wanted=wanted, now=context.now
            )
        return [UsableCoupon.of(each, context.locale) for each in found]


@strawberry.type
class VoucherMutation:
    @mutation(
        "Issue coupons out of quota (发放代金券), all in one transaction, with a result for each"
        " customer in the order given: who comes after the last of the balance gets nothing. Others"
        " who issue from the same quota wait for that.",
        changes.CouponsIssuePayload,
        requires=describe("couponsIssue"),
    )
    async def coupons_issue(
        self, viewer: Viewer, input: changes.CouponsIssueInput, now: datetime
    ) -> Outcome:
        made = await issuing.issue(
            viewer=viewer,
            quota_id=ids.decode("vqt", input.quota_id, path=("input", "quotaId")),
            customer_ids=_customers(input.customer_ids),
            face_value=input.face_value,
            terms=terms(input.limits, effective_at=input.effective_at, expires_at=input.expires_at),
            note=input.note,
            now=now,
        )
        return Outcome(results=made.outcomes, coupons=list(made.coupons.values()))

    @mutation(
        "Issue the platform's own coupons or cards to customers, with a result for each.",
        changes.CouponsGrantPayload,
        requires=describe("couponsGrant"),
    )
    async def coupons_grant(
        self, viewer: Viewer, input: changes.CouponsGrantInput, now: datetime
    ) -> Outcome:
        made = await issuing.grant(
            viewer=viewer,
            kind=input.kind,
            customer_ids=_customers(input.customer_ids),
            face_value=input.face_value,
            terms=terms(input.limits, effective_at=input.effective_at, expires_at=input.expires_at),
            counts_performance=input.counts_performance,
            needs_repayment=input.needs_repayment,
            note=input.note,
            now=now,
        )
        return Outcome(results=made.outcomes, coupons=list(made.coupons.values()))

    @mutation(
        "Take coupons back (回收代金券), with a result for each: always the whole balance, which"
        " goes to the quota that it is from while that lives.",
        changes.CouponsReclaimPayload,
        requires=describe("couponsReclaim"),
    )
    async def coupons_reclaim(
        self, viewer: Viewer, input: changes.CouponsReclaimInput, now: datetime
    ) -> Outcome:
        path = ("input", "ids")
        outcomes = await reclaiming.reclaim(
            viewer=viewer,
            coupon_ids=[ids.decode("cpn", id, path=path) for id in input.ids],
            note=input.note,
            now=now,
        )
        return Outcome(results=outcomes)

    @mutation(
        "Let nobody use a coupon or card for now.",
        changes.CouponFreezePayload,
        requires=describe("couponFreeze"),
    )
    async def coupon_freeze(
        self, viewer: Viewer, input: changes.CouponReasonInput, now: datetime
    ) -> Outcome:
        coupon = await reclaiming.freeze(
            viewer=viewer, coupon_id=_coupon(input.id), reason=input.reason, now=now
        )
        return Outcome(coupon=coupon.id)

    @mutation(
        "Let a frozen coupon or card be used again.",
        changes.CouponUnfreezePayload,
        requires=describe("couponUnfreeze"),
    )
    async def coupon_unfreeze(
        self, viewer: Viewer, input: changes.CouponReasonInput, now: datetime
    ) -> Outcome:
        coupon = await reclaiming.unfreeze(
            viewer=viewer, coupon_id=_coupon(input.id), reason=input.reason, now=now
        )
        return Outcome(coupon=coupon.id)


def _customers(texts: list[strawberry.ID]) -> list[UUID]:
    return [ids.decode("cus", id, path=("input", "customerIds")) for id in texts]


def _coupon(text: str) -> UUID:
    return ids.decode("cpn", text, path=("input", "id"))
