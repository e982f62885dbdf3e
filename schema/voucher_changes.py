"""Issuing coupons and taking them back: inputs and payloads."""

import strawberry

from domain.vouchers.allowances import FaceValueTooLarge, FaceValueTooSmall
from domain.vouchers.guards import CouponFrozen, CouponIsOver, CouponNotFrozen, CouponUsedUp
from domain.vouchers.quota_guards import QuotaHeldUp, QuotaNotInForce, QuotaOfAnotherPartner
from domain.vouchers.terms import ConditionsExceedQuota, LimitsExceedQuota
from models.vouchers import CouponKind
from schema.inputs import idempotency_key, needed_idempotency_key
from schema.payloads import ItemResult, made, payload, per_item
from schema.scalars import DateTime, Decimal
from schema.terms_of_use import VoucherLimitsInput
from schema.vouchers import Coupon

_RESULTS = "What became of each customer, in the order given."
_COUPON = "The coupon as it stands now."
_COUPONS = "The new coupons, as they stand now: one for each customer that is done, in that order."


@strawberry.input(
    description="Coupons for customers, out of quota. What is left out is as the quota has it, and"
    " nothing may be more than the quota allows (V-09)."
)
class CouponsIssueInput:
    """For `couponsIssue`."""

    quota_id: strawberry.ID = strawberry.field(description="Out of which quota.")
    customer_ids: list[strawberry.ID] = strawberry.field(
        description="To whom, 1 to 100; one named twice counts once."
    )
    face_value: Decimal = strawberry.field(description="How much to each, in CNY, above 0.")
    idempotency_key: str = needed_idempotency_key()
    effective_at: DateTime | None = strawberry.field(
        default=None, description="From when they can be used (valid_time)."
    )
    expires_at: DateTime | None = strawberry.field(
        default=None, description="From when they can't any more (expire_time)."
    )
    limits: VoucherLimitsInput | None = strawberry.field(
        default=None, description="What they are limited to."
    )
    note: str | None = strawberry.field(
        default=None, description="A note for your own people, at most 500 characters."
    )


@strawberry.input(description="The platform's own coupons or cards for customers.")
class CouponsGrantInput:
    """For `couponsGrant`."""

    kind: CouponKind = strawberry.field(
        description="What is issued: vouchers, cash coupons or cards."
    )
    customer_ids: list[strawberry.ID] = strawberry.field(
        description="To whom, 1 to 100; one named twice counts once."
    )
    face_value: Decimal = strawberry.field(description="How much to each, in CNY, above 0.")
    expires_at: DateTime = strawberry.field(description="From when they can't be used any more.")
    idempotency_key: str = needed_idempotency_key()
    effective_at: DateTime | None = strawberry.field(
        default=None, description="From when they can be used; now if unsaid."
    )
    limits: VoucherLimitsInput | None = strawberry.field(
        default=None, description="What they are limited to."
    )
    counts_performance: bool = strawberry.field(
        default=False, description="Of cash coupons: whether what they pay counts to performance."
    )
    needs_repayment: bool = strawberry.field(
        default=False, description="Of cash coupons: whether what they pay has to be repaid."
    )
    note: str | None = strawberry.field(
        default=None, description="A note for your own people, at most 500 characters."
    )


@strawberry.input(description="Which coupons to take back.")
class CouponsReclaimInput:
    """For `couponsReclaim`."""

    ids: list[strawberry.ID] = strawberry.field(
        description="The coupons, 1 to 100; one named twice counts once."
    )
    idempotency_key: str = needed_idempotency_key()
    note: str | None = strawberry.field(default=None, description="At most 500 characters.")


@strawberry.input(description="Which coupon, and why.")
class CouponReasonInput:
    """For `couponFreeze` and `couponUnfreeze`."""

    id: strawberry.ID = strawberry.field(description="The coupon.")
    reason: str = strawberry.field(description="Why, 1 to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@payload(
    errors=(
        QuotaHeldUp,
        QuotaNotInForce,
        QuotaOfAnotherPartner,
        LimitsExceedQuota,
        ConditionsExceedQuota,
        FaceValueTooSmall,
        FaceValueTooLarge,
    )
)
class CouponsIssuePayload:
    results: list[ItemResult] = per_item(_RESULTS, prefix="cus")
    coupons: list[Coupon] | None = made(_COUPONS, many=True)


@payload()
class CouponsGrantPayload:
    results: list[ItemResult] = per_item(_RESULTS, prefix="cus")
    coupons: list[Coupon] | None = made(_COUPONS, many=True)


@payload()
class CouponsReclaimPayload:
    results: list[ItemResult] = per_item("What became of each, in the order given.", prefix="cpn")


@payload(errors=(CouponIsOver, CouponUsedUp, CouponFrozen))
class CouponFreezePayload:
    coupon: Coupon | None = made(_COUPON)


@payload(errors=(CouponIsOver, CouponUsedUp, CouponNotFrozen))
class CouponUnfreezePayload:
    coupon: Coupon | None = made(_COUPON)
