"""Certifying business information: bank account and tax facts, before anything is paid (P-10)."""

import re
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.identity import permissions, tenants
from domain.identity.viewer import Viewer
from domain.programmes import certification_guards as guards
from domain.programmes import history, policy
from kit import texts
from kit.guards import refuse
from kit.ids import new_id
from kit.problems import InvalidInput, Problem
from kit.transaction import lock, transactional
from kit.violations import answering
from models.certification import BusinessInformation, TaxpayerKind
from models.certification import BusinessInformationStatus as Status
from models.partners import Partner

LONGEST_NAME = 160
CURRENCIES = ("CNY", "USD", "EUR", "HKD", "SGD")

_ACCOUNT = re.compile(r"[0-9A-Z]{6,34}")
_RATE_DECIMALS = -4


class BusinessInformationUnderReview(Problem):
    """What was submitted earlier has not been decided yet."""

    en = "The business information submitted earlier is still under review."
    zh = "此前提交的商业信息正在审核中。"


@transactional
async def submit(
    *,
    viewer: Viewer,
    legal_name: str,
    bank_name: str,
    bank_account: str,
    taxpayer_kind: TaxpayerKind,
    fee_tax_rate: Decimal,
    currency: str,
    signing_entity: str,
    now: datetime,
) -> BusinessInformation:
    """Hand in the facts of the viewer's partner; those certified earlier hold until these are.

    `fee_tax_rate` is a ratio below 1, of at most four decimals. Raises
    BusinessInformationUnderReview, InvalidInput.
    """
    permissions.require(viewer, "businessInformationSubmit")
    partner = await tenants.locked(viewer, None)
    assert viewer.actor_id is not None
    submitted = BusinessInformation(
        id=new_id(),
        created_at=now,
        partner_id=partner.id,
        status=Status.REVIEWING,
        legal_name=texts.needed(legal_name, longest=LONGEST_NAME, path=("input", "legalName")),
        bank_name=texts.needed(bank_name, longest=LONGEST_NAME, path=("input", "bankName")),
        bank_account=_account(bank_account),
        taxpayer_kind=taxpayer_kind,
        fee_tax_rate=_rate(fee_tax_rate),
        currency=_currency(currency),
        signing_entity=texts.needed(
            signing_entity, longest=LONGEST_NAME, path=("input", "signingEntity")
        ),
        submitted_by=viewer.actor_id,
    )
    if await BusinessInformation.exists(partner_id=partner.id, status=Status.REVIEWING):
        raise BusinessInformationUnderReview()
    with answering(business_information_one_reviewing=BusinessInformationUnderReview):
        await submitted.insert()
    await history.record(
        "business_information.submitted",
        submitted,
        viewer=viewer,
        after={
            "status": submitted.status.value,
            "taxpayer_kind": taxpayer_kind.value,
            "fee_tax_rate": f"{submitted.fee_tax_rate:f}",
        },
        now=now,
    )
    return submitted


@transactional
async def certify(
    *, viewer: Viewer, business_information_id: UUID, now: datetime
) -> BusinessInformation:
    """The platform vouches for it; what was certified before is superseded."""
    permissions.require(viewer, "businessInformationCertify")
    submitted = await _locked(viewer, business_information_id, now)
    refuse(guards.certify(submitted, viewer, now))
    earlier = await lock(
        BusinessInformation, partner_id=submitted.partner_id, status=Status.CERTIFIED
    )
    if earlier is not None:
        await _move(earlier, Status.SUPERSEDED, "superseded", viewer=viewer, now=now)
    submitted.decided_at = now
    await _move(submitted, Status.CERTIFIED, "certified", viewer=viewer, now=now)
    return submitted


@transactional
async def fail(
    *, viewer: Viewer, business_information_id: UUID, reason: str, now: datetime
) -> BusinessInformation:
    """The platform says what is wrong with it; what was certified before stays so."""
    permissions.require(viewer, "businessInformationFail")
    reason = texts.reason(reason)
    submitted = await _locked(viewer, business_information_id, now)
    refuse(guards.fail(submitted, viewer, now))
    submitted.decided_at = now
    submitted.decision_reason = reason
    await _move(submitted, Status.FAILED, "failed", viewer=viewer, reason=reason, now=now)
    return submitted


async def is_certified(*, partner_id: UUID) -> bool:
    """Whether the platform vouches for some business information of the partner."""
    return await BusinessInformation.exists(partner_id=partner_id, status=Status.CERTIFIED)


async def _locked(viewer: Viewer, id: UUID, now: datetime) -> BusinessInformation:
    await policy.BUSINESS_INFORMATION.require(
        BusinessInformation, id, viewer=viewer, now=now, thing="business information"
    )
    found = await BusinessInformation.get(id=id)
    # Parent before child: whoever judges entry conditions has the partner locked.
    await lock(Partner, id=found.partner_id)
    row = await lock(BusinessInformation, id=id)
    assert row is not None
    return row


async def _move(
    row: BusinessInformation,
    wanted: Status,
    happened: str,
    *,
    viewer: Viewer,
    reason: str | None = None,
    now: datetime,
) -> None:
    before = row.status
    row.status = before.to(wanted)
    row.version += 1
    await row.save(update_fields=["status", "decided_at", "decision_reason", "version"])
    await history.record(
        f"business_information.{happened}",
        row,
        viewer=viewer,
        before={"status": before.value},
        after={"status": wanted.value},
        reason=reason,
        now=now,
    )


def _account(text: str) -> str:
    account = text.replace(" ", "").replace("-", "").upper()
    if _ACCOUNT.fullmatch(account) is None:
        raise InvalidInput(
            reason="A bank account has 6 to 34 digits and letters.",
            reason_zh="银行账号应为 6 到 34 位数字或字母。",
            path=("input", "bankAccount"),
        )
    return account


def _rate(rate: Decimal) -> Decimal:
    decimals = rate.as_tuple().exponent
    assert isinstance(decimals, int)
    if not 0 <= rate < 1 or decimals < _RATE_DECIMALS:
        raise InvalidInput(
            reason="A tax rate is at least 0 and less than 1, with at most four decimals.",
            reason_zh="税率应大于等于 0 且小于 1,最多四位小数。",
            path=("input", "feeTaxRatio"),
        )
    return rate


def _currency(code: str) -> str:
    if code not in CURRENCIES:
        raise InvalidInput(
            reason=f"One of these currencies: {', '.join(CURRENCIES)}.",
            reason_zh=f"仅支持以下币种:{'、'.join(CURRENCIES)}。",
            path=("input", "currency"),
        )
    return code
