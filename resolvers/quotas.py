"""Queries and mutations of voucher quota."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.vouchers import applications, granting, holding, passing_on
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import quota_changes as changes
from schema.quota_lists import (
    QuotaRecordFilter,
    QuotaRecordOrder,
    TestVoucherApplicationFilter,
    TestVoucherApplicationOrder,
    VoucherQuotaFilter,
    VoucherQuotaOrder,
)
from schema.quotas import QuotaRecord, TestVoucherApplication, VoucherQuota
from schema.terms_of_use import customers, terms


@strawberry.type
class QuotaQuery:
    voucher_quota: VoucherQuota | None = root_one(
        "A quota by its id; null when you may not see it.", prefix="vqt"
    )
    voucher_quotas: Connection[VoucherQuota] = root_connection(
        f"Quota of your partner and, for a distributor, its resellers. {describe('voucherQuotas')}",
        filter=VoucherQuotaFilter,
        order=VoucherQuotaOrder,
        guard=may_list("voucherQuotas", persons=True),
    )
    quota_records: Connection[QuotaRecord] = root_connection(
        f"Movements of quota that you may see, the latest first. {describe('quotaRecords')}",
        filter=QuotaRecordFilter,
        order=QuotaRecordOrder,
        guard=may_list("quotaRecords", persons=True),
    )
    test_voucher_application: TestVoucherApplication | None = root_one(
        "An application for test vouchers by its id; null when you may not see it.", prefix="tva"
    )
    test_voucher_applications: Connection[TestVoucherApplication] = root_connection(
        "Applications for test vouchers that you may see, the latest first; drafts are the"
        f" platform's own. {describe('testVoucherApplications')}",
        filter=TestVoucherApplicationFilter,
        order=TestVoucherApplicationOrder,
        guard=may_list("testVoucherApplications", persons=True),
    )


@strawberry.type
class QuotaMutation:
    @mutation(
        "Give quota to a distributor or a solution provider without an application.",
        changes.VoucherQuotaGrantPayload,
        requires=describe("voucherQuotaGrant"),
    )
    async def voucher_quota_grant(
        self, viewer: Viewer, input: changes.VoucherQuotaGrantInput, now: datetime
    ) -> Outcome:
        quota = await granting.grant(
            viewer=viewer,
            partner_id=_partner(input.partner_id),
            kind=input.kind,
            amount=input.amount,
            terms=terms(input.limits, effective_at=input.effective_at, expires_at=input.expires_at),
            counts_performance=input.counts_performance,
            needs_repayment=input.needs_repayment,
            first_associations_only=input.first_associations_only,
            customer_ids=customers(input.customer_ids),
            reason=input.reason,
            now=now,
        )
        return Outcome(voucher_quota=quota.id)

    @mutation(
        "Issue quota to resellers (下发额度), all in one transaction, with a result for each in the"
        " order given: who comes after the last of the balance gets nothing. Others who issue from"
        " the same quota wait for that.",
        changes.VoucherQuotaIssuePayload,
        requires=describe("voucherQuotaIssue"),
    )
    async def voucher_quota_issue(
        self, viewer: Viewer, input: changes.VoucherQuotaIssueInput, now: datetime
    ) -> Outcome:
        path = ("input", "resellerIds")
        quota_id = _quota(input.id)
        made = await passing_on.issue(
            viewer=viewer,
            quota_id=quota_id,
            reseller_ids=[ids.decode("ptn", id, path=path) for id in input.reseller_ids],
            amount=input.amount,
            note=input.note,
            now=now,
        )
        quotas = list(made.quotas.values())
        return Outcome(voucher_quota=quota_id, results=made.outcomes, voucher_quotas=quotas)

    @mutation(
        "Take back what is left of quotas of resellers (回收额度), with a result for each. Coupons"
        " that were issued from them stay with the customers.",
        changes.VoucherQuotasReclaimPayload,
        requires=describe("voucherQuotasReclaim"),
    )
    async def voucher_quotas_reclaim(
        self, viewer: Viewer, input: changes.VoucherQuotasReclaimInput, now: datetime
    ) -> Outcome:
        path = ("input", "ids")
        outcomes = await passing_on.reclaim(
            viewer=viewer,
            quota_ids=[ids.decode("vqt", id, path=path) for id in input.ids],
            note=input.note,
            now=now,
        )
        return Outcome(results=outcomes)

    @mutation(
        "Let nothing be issued from a quota.",
        changes.VoucherQuotaFreezePayload,
        requires=describe("voucherQuotaFreeze"),
    )
    async def voucher_quota_freeze(
        self, viewer: Viewer, input: changes.VoucherQuotaReasonInput, now: datetime
    ) -> Outcome:
        quota = await holding.freeze(
            viewer=viewer, quota_id=_quota(input.id), reason=input.reason, now=now
        )
        return Outcome(voucher_quota=quota.id)

    @mutation(
        "Let a frozen quota be used again.",
        changes.VoucherQuotaUnfreezePayload,
        requires=describe("voucherQuotaUnfreeze"),
    )
    async def voucher_quota_unfreeze(
        self, viewer: Viewer, input: changes.VoucherQuotaReasonInput, now: datetime
    ) -> Outcome:
        quota = await holding.unfreeze(
            viewer=viewer, quota_id=_quota(input.id), reason=input.reason, now=now
        )
        return Outcome(voucher_quota=quota.id)

    @mutation(
        "Let nothing be issued from a quota while its value is looked at.",
        changes.VoucherQuotaAdjustmentBeginPayload,
        requires=describe("voucherQuotaAdjustmentBegin"),
    )
    async def voucher_quota_adjustment_begin(
        self, viewer: Viewer, input: changes.VoucherQuotaReasonInput, now: datetime
    ) -> Outcome:
        quota = await holding.begin_adjustment(
            viewer=viewer, quota_id=_quota(input.id), reason=input.reason, now=now
        )
        return Outcome(voucher_quota=quota.id)

    @mutation(
        "Let a quota be used again, with another value if one is told.",
        changes.VoucherQuotaAdjustmentEndPayload,
        requires=describe("voucherQuotaAdjustmentEnd"),
    )
    async def voucher_quota_adjustment_end(
        self, viewer: Viewer, input: changes.VoucherQuotaAdjustmentEndInput, now: datetime
    ) -> Outcome:
        quota = await holding.end_adjustment(
            viewer=viewer,
            quota_id=_quota(input.id),
            value=input.value,
            reason=input.reason,
            now=now,
        )
        return Outcome(voucher_quota=quota.id)

    @mutation(
        "End a quota for good: what is left of it is lost, what was issued from it stays.",
        changes.VoucherQuotaInvalidatePayload,
        requires=describe("voucherQuotaInvalidate"),
    )
    async def voucher_quota_invalidate(
        self, viewer: Viewer, input: changes.VoucherQuotaInvalidateInput, now: datetime
    ) -> Outcome:
        quota = await holding.invalidate(
            viewer=viewer, quota_id=_quota(input.id), reason=input.reason, now=now
        )
        return Outcome(voucher_quota=quota.id)

    @mutation(
        "Begin an application for a partner's test vouchers (测试券申请).",
        changes.TestVoucherApplicationCreatePayload,
        requires=describe("testVoucherApplicationCreate"),
    )
    async def test_voucher_application_create(
        self, viewer: Viewer, input: changes.TestVoucherApplicationCreateInput, now: datetime
    ) -> Outcome:
        application = await applications.create(
            viewer=viewer,
            partner_id=_partner(input.partner_id),
            amount=input.amount,
            terms=terms(input.limits, effective_at=input.effective_at, expires_at=input.expires_at),
            purpose=input.purpose,
            now=now,
        )
        return Outcome(test_voucher_application=application.id)

    @mutation(
        "Write a draft anew.",
        changes.TestVoucherApplicationEditPayload,
        requires=describe("testVoucherApplicationEdit"),
    )
    async def test_voucher_application_edit(
        self, viewer: Viewer, input: changes.TestVoucherApplicationEditInput, now: datetime
    ) -> Outcome:
        application = await applications.edit(
            viewer=viewer,
            application_id=_application(input.id),
            amount=input.amount,
            terms=terms(input.limits, effective_at=input.effective_at, expires_at=input.expires_at),
            purpose=input.purpose,
            expected_version=input.expected_version,
            now=now,
        )
        return Outcome(test_voucher_application=application.id)

    @mutation(
        "Hand a draft in.",
        changes.TestVoucherApplicationSubmitPayload,
        requires=describe("testVoucherApplicationSubmit"),
    )
    async def test_voucher_application_submit(
        self, viewer: Viewer, input: changes.TestVoucherApplicationInput, now: datetime
    ) -> Outcome:
        application = await applications.submit(
            viewer=viewer, application_id=_application(input.id), now=now
        )
        return Outcome(test_voucher_application=application.id)

    @mutation(
        "Throw a draft away.",
        changes.TestVoucherApplicationDiscardPayload,
        requires=describe("testVoucherApplicationDiscard"),
    )
    async def test_voucher_application_discard(
        self, viewer: Viewer, input: changes.TestVoucherApplicationInput, now: datetime
    ) -> Outcome:
        application = await applications.discard(
            viewer=viewer, application_id=_application(input.id), now=now
        )
        return Outcome(test_voucher_application=application.id)

    @mutation(
        "Approve an application: the partner has the quota at once.",
        changes.TestVoucherApplicationApprovePayload,
        requires=describe("testVoucherApplicationApprove"),
    )
    async def test_voucher_application_approve(
        self, viewer: Viewer, input: changes.TestVoucherApplicationApproveInput, now: datetime
    ) -> Outcome:
        application, quota = await applications.approve(
            viewer=viewer, application_id=_application(input.id), now=now
        )
        return Outcome(test_voucher_application=application.id, voucher_quota=quota.id)

    @mutation(
        "Refuse an application and say why.",
        changes.TestVoucherApplicationRejectPayload,
        requires=describe("testVoucherApplicationReject"),
    )
    async def test_voucher_application_reject(
        self, viewer: Viewer, input: changes.TestVoucherApplicationRejectInput, now: datetime
    ) -> Outcome:
        application = await applications.reject(
            viewer=viewer,
            application_id=_application(input.id),
            reason=input.reason,
            now=now,
        )
        return Outcome(test_voucher_application=application.id)


def _partner(text: str) -> UUID:
    return ids.decode("ptn", text, path=("input", "partnerId"))


def _quota(text: str) -> UUID:
    return ids.decode("vqt", text, path=("input", "id"))


def _application(text: str) -> UUID:
    return ids.decode("tva", text, path=("input", "id"))
