"""Giving, passing on and holding up quota; applications for it: inputs and payloads."""

import strawberry

from domain.vouchers.granting import NoQuotaForThisPartner
from domain.vouchers.passing_on import QuotaNotSufficient
from domain.vouchers.quota_guards import (
    QuotaHeldUp,
    QuotaIsDesignated,
    QuotaNotInForce,
    QuotaOfAnotherPartner,
)
from kit.status import WrongStatus
from models.quotas import QuotaKind
from schema.inputs import expected_version, idempotency_key, needed_idempotency_key
from schema.payloads import ItemResult, made, payload, per_item
from schema.quotas import TestVoucherApplication, VoucherQuota
from schema.scalars import DateTime, Decimal
from schema.terms_of_use import VoucherLimitsInput

_QUOTA = "The quota as it stands now."
_APPLICATION = "The application as it stands now."


@strawberry.input(description="Quota for a distributor or a solution provider.")
class VoucherQuotaGrantInput:
    """For `voucherQuotaGrant`."""

    partner_id: strawberry.ID = strawberry.field(description="Who gets it.")
    kind: QuotaKind = strawberry.field(description="What is to be issued from it.")
    amount: Decimal = strawberry.field(description="How much, in CNY, above 0.")
    expires_at: DateTime = strawberry.field(description="From when nothing of it can be used.")
    reason: str = strawberry.field(description="Why, 1 to 500 characters.")
    idempotency_key: str = needed_idempotency_key()
    effective_at: DateTime | None = strawberry.field(
        default=None, description="From when it can be used; now if unsaid."
    )
    limits: VoucherLimitsInput | None = strawberry.field(
        default=None, description="What it is limited to."
    )
    counts_performance: bool = strawberry.field(
        default=False, description="Whether what its cash coupons pay counts to performance."
    )
    needs_repayment: bool = strawberry.field(
        default=False, description="Whether what its cash coupons pay has to be repaid."
    )
    first_associations_only: bool = strawberry.field(
        default=False,
        description="Only for customers who are associated for the first time (首次关联).",
    )
    customer_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="Only for these customers (指定客户), 1 to 100; it can't be passed on then.",
    )


@strawberry.input(description="Quota for resellers, out of the distributor's own.")
class VoucherQuotaIssueInput:
    """For `voucherQuotaIssue`."""

    id: strawberry.ID = strawberry.field(description="Out of which quota.")
    reseller_ids: list[strawberry.ID] = strawberry.field(
        description="To whom, 1 to 100; one named twice counts once."
    )
    amount: Decimal = strawberry.field(description="How much to each, in CNY, above 0.")
    idempotency_key: str = needed_idempotency_key()
    note: str | None = strawberry.field(default=None, description="At most 500 characters.")


@strawberry.input(description="Which quotas of resellers to take back.")
class VoucherQuotasReclaimInput:
    """For `voucherQuotasReclaim`."""

    ids: list[strawberry.ID] = strawberry.field(
        description="The quotas, 1 to 100; one named twice counts once."
    )
    idempotency_key: str = needed_idempotency_key()
    note: str | None = strawberry.field(default=None, description="At most 500 characters.")


@strawberry.input(description="Which quota, and why.")
class VoucherQuotaReasonInput:
    """For mutations that hold quota up, or let it go."""

    id: strawberry.ID = strawberry.field(description="The quota.")
    reason: str = strawberry.field(description="Why, 1 to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which quota to end for good, and why.")
class VoucherQuotaInvalidateInput(VoucherQuotaReasonInput):
    """For `voucherQuotaInvalidate`."""

    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="Which quota to let go again, and at which value.")
class VoucherQuotaAdjustmentEndInput:
    """For `voucherQuotaAdjustmentEnd`."""

    id: strawberry.ID = strawberry.field(description="The quota.")
    reason: str = strawberry.field(description="Why, 1 to 500 characters.")
    idempotency_key: str = needed_idempotency_key()
    value: Decimal | None = strawberry.field(
        default=None,
        description="Its value from now on, not below what was issued; unchanged if unsaid.",
    )


@strawberry.input(description="Test vouchers for a partner.")
class TestVoucherApplicationCreateInput:
    """For `testVoucherApplicationCreate`."""

    partner_id: strawberry.ID = strawberry.field(description="For whom.")
    amount: Decimal = strawberry.field(description="How much, in CNY, above 0.")
    expires_at: DateTime = strawberry.field(description="From when nothing of it can be used.")
    purpose: str = strawberry.field(description="What for, 1 to 500 characters.")
    effective_at: DateTime | None = strawberry.field(
        default=None, description="From when it can be used; now if unsaid."
    )
    limits: VoucherLimitsInput | None = strawberry.field(
        default=None, description="What it is limited to."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A draft, written anew as a whole.")
class TestVoucherApplicationEditInput:
    """For `testVoucherApplicationEdit`."""

    id: strawberry.ID = strawberry.field(description="The application.")
    expected_version: int = expected_version()
    amount: Decimal = strawberry.field(description="How much, in CNY, above 0.")
    expires_at: DateTime = strawberry.field(description="From when nothing of it can be used.")
    purpose: str = strawberry.field(description="What for, 1 to 500 characters.")
    effective_at: DateTime | None = strawberry.field(
        default=None, description="From when it can be used; now if unsaid."
    )
    limits: VoucherLimitsInput | None = strawberry.field(
        default=None, description="What it is limited to."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which application.")
class TestVoucherApplicationInput:
    """For the mutations that need nothing else."""

    id: strawberry.ID = strawberry.field(description="The application.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which application to give quota to.")
class TestVoucherApplicationApproveInput(TestVoucherApplicationInput):
    """For `testVoucherApplicationApprove`."""

    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="Which application to refuse, and why.")
class TestVoucherApplicationRejectInput:
    """For `testVoucherApplicationReject`."""

    id: strawberry.ID = strawberry.field(description="The application.")
    reason: str = strawberry.field(description="Why, 1 to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@payload(errors=(NoQuotaForThisPartner,))
class VoucherQuotaGrantPayload:
    voucher_quota: VoucherQuota | None = made(_QUOTA)


@payload(errors=(QuotaHeldUp, QuotaNotInForce, QuotaOfAnotherPartner, QuotaIsDesignated))
class VoucherQuotaIssuePayload:
    voucher_quota: VoucherQuota | None = made("The quota that it was issued from, as it is now.")
    results: list[ItemResult] = per_item(
        "What became of each reseller, in the order given.", prefix="ptn"
    )
    voucher_quotas: list[VoucherQuota] | None = made(
        "The new quotas, as they stand now: one for each reseller that is done, in that order.",
        many=True,
    )


@payload()
class VoucherQuotasReclaimPayload:
    results: list[ItemResult] = per_item("What became of each, in the order given.", prefix="vqt")


@payload(errors=(WrongStatus,))
class VoucherQuotaFreezePayload:
    voucher_quota: VoucherQuota | None = made(_QUOTA)


@payload(errors=(WrongStatus,))
class VoucherQuotaUnfreezePayload:
    voucher_quota: VoucherQuota | None = made(_QUOTA)


@payload(errors=(WrongStatus,))
class VoucherQuotaAdjustmentBeginPayload:
    voucher_quota: VoucherQuota | None = made(_QUOTA)


@payload(errors=(WrongStatus, QuotaNotSufficient))
class VoucherQuotaAdjustmentEndPayload:
    voucher_quota: VoucherQuota | None = made(_QUOTA)


@payload(errors=(WrongStatus,))
class VoucherQuotaInvalidatePayload:
    voucher_quota: VoucherQuota | None = made(_QUOTA)


@payload(errors=(NoQuotaForThisPartner,))
class TestVoucherApplicationCreatePayload:
    test_voucher_application: TestVoucherApplication | None = made(_APPLICATION)


@payload(errors=(WrongStatus,), versioned=True)
class TestVoucherApplicationEditPayload:
    test_voucher_application: TestVoucherApplication | None = made(_APPLICATION)


@payload(errors=(WrongStatus,))
class TestVoucherApplicationSubmitPayload:
    test_voucher_application: TestVoucherApplication | None = made(_APPLICATION)


@payload(errors=(WrongStatus,))
class TestVoucherApplicationDiscardPayload:
    test_voucher_application: TestVoucherApplication | None = made(_APPLICATION)


@payload(errors=(WrongStatus,))
class TestVoucherApplicationApprovePayload:
    test_voucher_application: TestVoucherApplication | None = made(_APPLICATION)
    voucher_quota: VoucherQuota | None = made("The quota that the partner has now.")


@payload(errors=(WrongStatus,))
class TestVoucherApplicationRejectPayload:
    test_voucher_application: TestVoucherApplication | None = made(_APPLICATION)
