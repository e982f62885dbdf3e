"""Entry conditions of programmes: data of the programme, and all that are missing told at once."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.programmes import agreements
from domain.programmes.deadlines import months_later, today
from kit.problems import FailedCheck, SeveralReasons
from models.certification import BusinessInformation, BusinessInformationStatus, PathStage
from models.certification import RoleCertification as Certification
from models.partners import Partner
from models.programmes import (
    Admission,
    Agreement,
    Programme,
    ProgrammeApplication,
    ProgrammeApplicationStatus,
    ProgrammeEvidenceKind,
)

SELLING_PROGRAMME = "CSP"  # whose members sell to customers


class EntryCondition(StrEnum):
    """The machine code of each thing that can be missing."""

    KIND_NOT_ELIGIBLE = "KIND_NOT_ELIGIBLE"
    ENTERPRISE_UNVERIFIED = "ENTERPRISE_UNVERIFIED"
    PROGRAMME_NOT_JOINED = "PROGRAMME_NOT_JOINED"
    ROLE_CERTIFICATION_MISSING = "ROLE_CERTIFICATION_MISSING"
    BUSINESS_INFORMATION_MISSING = "BUSINESS_INFORMATION_MISSING"
    AGREEMENT_NOT_ACCEPTED = "AGREEMENT_NOT_ACCEPTED"
    STATEMENT_MISSING = "STATEMENT_MISSING"
    SHAREHOLDER_PROOF_MISSING = "SHAREHOLDER_PROOF_MISSING"
    EVIDENCE_MISSING = "EVIDENCE_MISSING"


_TEXTS = {
    EntryCondition.KIND_NOT_ELIGIBLE: (
        "Only partners of these kinds may join: {wanted}.",
        "仅以下类型的伙伴可以加入:{wanted}。",
    ),
    EntryCondition.ENTERPRISE_UNVERIFIED: (
        "The partner's account is not real-name verified as an enterprise.",
        "伙伴帐号未完成企业实名认证。",
    ),
    EntryCondition.PROGRAMME_NOT_JOINED: (
        "The programme {wanted} must be joined first.",
        "须先加入伙伴计划 {wanted}。",
    ),
    EntryCondition.ROLE_CERTIFICATION_MISSING: (
        "One of these roles must be certified: {wanted}.",
        "须通过以下角色之一的认证:{wanted}。",
    ),
    EntryCondition.BUSINESS_INFORMATION_MISSING: (
        "The business information has not been submitted.",
        "未填写商业信息。",
    ),
    EntryCondition.AGREEMENT_NOT_ACCEPTED: (
        "The agreement {wanted} has not been accepted.",
        "未签署协议 {wanted}。",
    ),
    EntryCondition.STATEMENT_MISSING: (
        "The application says neither who to talk to nor what the partner plans.",
        "未填写联系人或申请说明。",
    ),
    EntryCondition.SHAREHOLDER_PROOF_MISSING: (
        "The company is younger than one year, so it must prove who its shareholders are.",
        "公司成立时间低于1年,需上传出资人构成证明。",
    ),
    EntryCondition.EVIDENCE_MISSING: (
        "A file is missing: {wanted}.",
        "缺少证明材料:{wanted}。",
    ),
}


@dataclass(frozen=True, slots=True)
class MissingCondition(FailedCheck):
    """One thing that the programme asks for and the partner lacks."""

    about = FailedCheck.about | {
        "code": "What is missing.",
        "wanted": "What would do, any one of it: roles, kinds, codes of programmes, an agreement"
        " and its version, a kind of evidence. Empty where the code says it all.",
    }
    texts = _TEXTS
    code: EntryCondition
    wanted: list[str]


class ConditionsNotMet(SeveralReasons):
    """At least one entry condition isn't met; all that aren't are named."""

    en = "These entry conditions are not met: {texts}"
    zh = "不满足以下加入条件:{texts}"
    about = {"conditions": "Every condition that isn't met, in order."}
    reasons = "conditions"
    conditions: list[MissingCondition]


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What was true of a partner when its application was judged."""

    roles: list[Certification]
    business_information: BusinessInformation | None
    agreements: list[Agreement]
    missing: list[MissingCondition]


async def examine(
    *,
    partner: Partner,
    programme: Programme,
    application: ProgrammeApplication,
    evidence: Collection[ProgrammeEvidenceKind],
    accepted: Collection[UUID],
    now: datetime,
) -> Findings:
    """Hold the partner against the programme. The caller has the partner locked."""
    roles = await _roles(partner.id, now)
    business = await _business_information(partner.id)
    joined = await joined_programmes(partner_id=partner.id, now=now)
    texts = await agreements.current(programme.agreement_codes, now=now)
    signed = await agreements.signed(partner_id=partner.id, agreements=texts)
    # What is signed on paper is recorded by the platform; ticking a box doesn't replace it.
    open_ones = [
        each
        for each in texts
        if each.id not in signed and (each.on_paper or each.id not in accepted)
    ]
    missing = [
        *_of_the_partner(partner, programme),
        *_memberships(programme, joined),
        *_of_roles(programme, roles),
        *_of_business_information(programme, business),
        *_unaccepted(open_ones),
        *_of_the_form(programme, application),
        *_of_evidence(partner, programme, set(evidence), now),
    ]
    return Findings(roles=roles, business_information=business, agreements=texts, missing=missing)


async def joined_programmes(*, partner_id: UUID, now: datetime) -> set[str]:
    """Codes of the programmes that the partner is in at `now`."""
    rows = await ProgrammeApplication.filter(
        partner_id=partner_id, status=ProgrammeApplicationStatus.APPROVED
    ).prefetch_related("programme")
    return {row.programme.code for row in rows if row.expires_at is None or row.expires_at > now}


def memberships(programme: Programme, joined: Collection[str]) -> list[MissingCondition]:
    """The programmes that come first and haven't been joined (P-15, P-18)."""
    return list(_memberships(programme, joined))


def is_younger_than_a_year(registered_on: date | None, on: date) -> bool:
    """P-04 in the calendar of Beijing: on the first anniversary it isn't any more.

    A company of which nobody knows when it was founded has to prove as much as a young one.
    """
    return registered_on is None or on < months_later(registered_on, 12)


def is_valid(certification: Certification, on: date) -> bool:
    """Whether the role is certified on that day; `valid_to` is its last day."""
    begun = certification.valid_from is not None and certification.valid_from <= on
    over = certification.valid_to is not None and certification.valid_to < on
    return certification.stage is not PathStage.SELECTED and begun and not over


async def _roles(partner_id: UUID, now: datetime) -> list[Certification]:
    rows = await Certification.filter(partner_id=partner_id).order_by("role")
    return [row for row in rows if is_valid(row, today(now))]


async def _business_information(partner_id: UUID) -> BusinessInformation | None:
    """Certified, or at least handed in: only settlement needs it certified (P-10)."""
    rows = await BusinessInformation.filter(
        partner_id=partner_id,
        status__in=[BusinessInformationStatus.REVIEWING, BusinessInformationStatus.CERTIFIED],
    )
    by_status = {row.status: row for row in rows}
    return by_status.get(BusinessInformationStatus.CERTIFIED) or by_status.get(
        BusinessInformationStatus.REVIEWING
    )


def _of_the_partner(partner: Partner, programme: Programme) -> Iterator[MissingCondition]:
    if programme.partner_kinds and partner.kind.value not in programme.partner_kinds:
        yield MissingCondition(
            EntryCondition.KIND_NOT_ELIGIBLE, "P-21", list(programme.partner_kinds)
        )
    if programme.needs_verified_enterprise and not partner.is_verified_enterprise:
        yield MissingCondition(EntryCondition.ENTERPRISE_UNVERIFIED, "P-18", [])


def _memberships(programme: Programme, joined: Collection[str]) -> Iterator[MissingCondition]:
    for code in programme.needed_programmes:
        if code not in joined:
            yield MissingCondition(EntryCondition.PROGRAMME_NOT_JOINED, "P-18", [code])


def _of_roles(programme: Programme, valid: list[Certification]) -> Iterator[MissingCondition]:
    held = {certification.role.value for certification in valid}
    if programme.needed_roles and held.isdisjoint(programme.needed_roles):
        yield MissingCondition(
            EntryCondition.ROLE_CERTIFICATION_MISSING, "P-02", list(programme.needed_roles)
        )


def _of_business_information(
    programme: Programme, found: BusinessInformation | None
) -> Iterator[MissingCondition]:
    if programme.needs_business_info and found is None:
        yield MissingCondition(EntryCondition.BUSINESS_INFORMATION_MISSING, "P-10", [])


def _unaccepted(texts: list[Agreement]) -> Iterator[MissingCondition]:
    for text in texts:
        yield MissingCondition(
            EntryCondition.AGREEMENT_NOT_ACCEPTED, "P-03", [f"{text.code} {text.version}"]
        )


def _of_the_form(
    programme: Programme, application: ProgrammeApplication
) -> Iterator[MissingCondition]:
    # Nobody reads a form where nobody reviews.
    is_read = programme.admission is not Admission.IMMEDIATE
    if is_read and not (application.contact_name and application.statement):
        yield MissingCondition(EntryCondition.STATEMENT_MISSING, "P-03", [])


def _of_evidence(
    partner: Partner, programme: Programme, attached: set[ProgrammeEvidenceKind], now: datetime
) -> Iterator[MissingCondition]:
    proof = ProgrammeEvidenceKind.SHAREHOLDER_PROOF
    if (
        programme.needs_shareholder_proof
        and proof not in attached
        and is_younger_than_a_year(partner.registered_on, today(now))
    ):
        yield MissingCondition(EntryCondition.SHAREHOLDER_PROOF_MISSING, "P-04", [proof.value])
    for kind in programme.needed_evidence:
        if kind not in attached:
            yield MissingCondition(EntryCondition.EVIDENCE_MISSING, "P-05", [kind])
