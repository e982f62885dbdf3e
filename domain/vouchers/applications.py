"""Test vouchers for partners: their ecosystem manager applies, others decide (V-05, 5.10a)."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.identity import permissions
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.vouchers import granting, quota_history
from domain.vouchers.policy import APPLICATIONS
from domain.vouchers.terms import LONGEST_NOTE, Terms, checked, positive
from kit import numbers, texts
from kit.guards import Guard, refuse
from kit.ids import new_id
from kit.problems import Forbidden, InvalidInput, Problem, VersionConflict
from kit.status import WrongStatus
from kit.transaction import transactional
from models.catalogue import GoodsCategory
from models.partners import Partner
from models.quotas import QuotaKind, VoucherApplication, VoucherQuota
from models.quotas import VoucherApplicationStatus as Status

NUMBER = "TV"


@transactional
async def create(
    *,
    viewer: Viewer,
    partner_id: UUID,
    amount: Decimal,
    terms: Terms,
    purpose: str,
    now: datetime,
) -> VoucherApplication:
    """Begin a draft for a partner, by its level as it is now.

    Raises NotFound, NoQuotaForThisPartner, InvalidInput.
    """
    permissions.require(viewer, "testVoucherApplicationCreate")
    partner = await granting.entitled(partner_id)
    id = new_id()
    application = VoucherApplication(
        id=id,
        created_at=now,
        number=numbers.numbered(NUMBER, id, at=now),
        partner_id=partner.id,
        tier=partner.tier,
        amount=positive(amount, path=("input", "amount")),
        purpose=texts.needed(purpose, longest=LONGEST_NOTE, path=("input", "purpose")),
        created_by=viewer.actor_id,
        **(await checked(terms, viewer=viewer, now=now)).columns(),
    )
    await application.insert()
    await quota_history.of_application("created", application, viewer=viewer, now=now)
    return application


@transactional
async def edit(
    *,
    viewer: Viewer,
    application_id: UUID,
    amount: Decimal,
    terms: Terms,
    purpose: str,
    expected_version: int,
    now: datetime,
) -> VoucherApplication:
    """Write a draft anew. Raises NotFound, WrongStatus, VersionConflict, InvalidInput."""
    permissions.require(viewer, "testVoucherApplicationEdit")
    application = await _held(viewer, application_id, now)
    refuse(_edit(application, viewer, now))
    if application.version != expected_version:
        raise VersionConflict(current=application.version)
    changed = (await checked(terms, viewer=viewer, now=now)).columns() | {
        "amount": positive(amount, path=("input", "amount")),
        "purpose": texts.needed(purpose, longest=LONGEST_NOTE, path=("input", "purpose")),
        "version": application.version + 1,
    }
    application.update_from_dict(changed)
    await application.save(update_fields=list(changed))
    await quota_history.of_application(
        "edited", application, viewer=viewer, before=application.status.value, now=now
    )
    return application


@transactional
async def submit(*, viewer: Viewer, application_id: UUID, now: datetime) -> VoucherApplication:
    """Hand a draft in. Raises NotFound, WrongStatus, InvalidInput for a time that is over."""
    permissions.require(viewer, "testVoucherApplicationSubmit")
    application = await _held(viewer, application_id, now)
    refuse(_submit(application, viewer, now))
    _refuse_over(application, now)
    application.submitted_at = now
    return await _became(Status.SUBMITTED, "submitted", application, viewer=viewer, now=now)


@transactional
async def discard(*, viewer: Viewer, application_id: UUID, now: datetime) -> VoucherApplication:
    """Throw a draft away. Raises NotFound, WrongStatus."""
    permissions.require(viewer, "testVoucherApplicationDiscard")
    application = await _held(viewer, application_id, now)
    refuse(_discard(application, viewer, now))
    return await _became(Status.CANCELLED, "discarded", application, viewer=viewer, now=now)


@transactional
async def approve(
    *, viewer: Viewer, application_id: UUID, now: datetime
) -> tuple[VoucherApplication, VoucherQuota]:
    """Say yes: the quota is the partner's in the same instant.

    Raises NotFound, WrongStatus, InvalidInput for one whose time is over.
    """
    permissions.require(viewer, "testVoucherApplicationApprove")
    application = await _held(viewer, application_id, now)
    refuse(_approve(application, viewer, now))
    _refuse_over(application, now)
    application.decided_at = now
    await _became(Status.APPROVED, "approved", application, viewer=viewer, now=now)
    quota = await granting.give(
        viewer=viewer,
        partner=await Partner.get(id=application.partner_id),
        amount=application.amount,
        terms=_terms(application),
        kind=QuotaKind.VOUCHER,
        application_id=application.id,
        note=application.purpose,
        now=now,
    )
    return application, quota


@transactional
async def reject(
    *, viewer: Viewer, application_id: UUID, reason: str, now: datetime
) -> VoucherApplication:
    """Say no, and why. Raises NotFound, WrongStatus, InvalidInput."""
    permissions.require(viewer, "testVoucherApplicationReject")
    said = texts.reason(reason)
    application = await _held(viewer, application_id, now)
    refuse(_reject(application, viewer, now))
    application.decided_at = now
    application.rejection = said
    return await _became(
        Status.REJECTED, "rejected", application, viewer=viewer, reason=said, now=now
    )


async def _held(viewer: Viewer, id: UUID, now: datetime) -> VoucherApplication:
    thing = "test_voucher_application"
    return await APPLICATIONS.lock(VoucherApplication, id, viewer=viewer, now=now, thing=thing)


async def _became(
    wanted: Status,
    happened: str,
    application: VoucherApplication,
    *,
    viewer: Viewer,
    reason: str | None = None,
    now: datetime,
) -> VoucherApplication:
    before = application.status
    application.status = before.to(wanted)
    application.version += 1
    await application.save(
        update_fields=["status", "submitted_at", "decided_at", "rejection", "version"]
    )
    await quota_history.of_application(
        happened, application, viewer=viewer, before=before.value, reason=reason, now=now
    )
    return application


def _terms(application: VoucherApplication) -> Terms:
    return Terms(
        effective_at=application.effective_at,
        expires_at=application.expires_at,
        categories=[GoodsCategory(each) for each in application.categories],
        goods=[UUID(each) for each in application.goods],
        minimum=application.minimum,
        excludes_discounts=application.excludes_discounts,
        strict_only=application.strict_only,
    )


def _refuse_over(application: VoucherApplication, now: datetime) -> None:
    if application.expires_at <= now:
        raise InvalidInput(
            reason="The time that it asks for is over.", reason_zh="申请的有效期已过。"
        )


def _guard(item: Item, wanted: Status, *, during: Status | None = None) -> Guard:
    """Who holds the item, along an arrow; or `during` a status that stays as it is."""

    def guard(row: VoucherApplication, viewer: Viewer, now: datetime) -> Problem | None:
        if not viewer.may(item):
            return Forbidden(needs=item)
        status = Status(row.status)
        is_open = status is during if during else wanted in Status.arrows().get(status, ())
        return None if is_open else WrongStatus(status=status.value, wanted=wanted.value)

    return guard


_edit = _guard(Item.TEST_VOUCHER_APPLY, Status.DRAFT, during=Status.DRAFT)
_submit = _guard(Item.TEST_VOUCHER_APPLY, Status.SUBMITTED)
_discard = _guard(Item.TEST_VOUCHER_APPLY, Status.CANCELLED)
_approve = _guard(Item.VOUCHER_GRANT, Status.APPROVED)
_reject = _guard(Item.VOUCHER_GRANT, Status.REJECTED)

COLUMNS = ("status",)

# By the name of the mutation that does it.
ACTIONS: dict[str, Guard] = {
    "testVoucherApplicationEdit": _edit,
    "testVoucherApplicationSubmit": _submit,
    "testVoucherApplicationDiscard": _discard,
    "testVoucherApplicationApprove": _approve,
    "testVoucherApplicationReject": _reject,
}
