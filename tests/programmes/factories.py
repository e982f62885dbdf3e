"""Partners on their way into programmes; name only what the test is about."""

from datetime import date, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.programmes import agreements, applications, reviews, submissions
from domain.programmes.applications import Proof
from models.certification import (
    BusinessInformation,
    BusinessInformationStatus,
    CertifiedRole,
    PathStage,
    RoleCertification,
    TaxpayerKind,
)
from models.files import StoredFile
from models.partners import Partner
from models.programmes import (
    Admission,
    Agreement,
    ApplicationEvidence,
    Programme,
    ProgrammeApplication,
    ProgrammeApplicationStatus,
    ProgrammeEvidenceKind,
)
from tests.factories import LONG_AGO, a_partner, a_staff_viewer, an_administrator

_serial = count(1)

EVIDENCE = (
    ProgrammeEvidenceKind.GOODS_INFORMATION,
    ProgrammeEvidenceKind.MAKER_AUTHORIZATION,
    ProgrammeEvidenceKind.SALES_RECORD,
    ProgrammeEvidenceKind.CUSTOMER_CONTRACT,
)


async def a_company(name: str = "Acme", *, founded: date | None = date(2010, 5, 1)) -> Partner:
    """A solution provider that is older than a year."""
    partner = await a_partner(name)
    partner.registered_on = founded
    await partner.save(update_fields=["registered_on"])
    return partner


async def a_reviewer(*more: Item) -> Viewer:
    """Somebody of the platform who reviews."""
    return await a_staff_viewer(Item.PROGRAMME_REVIEW, *more)


async def a_file(*, of: Partner, now: datetime, name: str = "proof.pdf") -> StoredFile:
    """An uploaded file that belongs to nothing yet; its bytes are nowhere."""
    return await StoredFile.create(
        created_at=now,
        partner_id=of.id,
        uploaded_by=uuid4(),
        key=f"files/test/{next(_serial)}",
        name=name,
        content_type="application/pdf",
        size=8,
        sha256="0" * 64,
        stored_at=now,
    )


async def proofs(
    *, of: Partner, now: datetime, kinds: tuple[ProgrammeEvidenceKind, ...] = EVIDENCE
) -> list[Proof]:
    """An uploaded file for each of the kinds."""
    return [Proof(kind, (await a_file(of=of, now=now, name=f"{kind}.pdf")).id) for kind in kinds]


async def a_certified_role(
    *,
    of: Partner,
    role: CertifiedRole = CertifiedRole.SERVICE,
    stage: PathStage = PathStage.CERTIFIED,
    **more: Any,
) -> RoleCertification:
    """A role that was certified long ago, without the story behind it."""
    facts = {"valid_from": LONG_AGO.date(), "judged_on": LONG_AGO.date()} | more
    return await RoleCertification.create(
        created_at=LONG_AGO, partner_id=of.id, role=role, stage=stage, **facts
    )


async def business_information(
    *,
    of: Partner,
    status: BusinessInformationStatus = BusinessInformationStatus.CERTIFIED,
) -> BusinessInformation:
    """Bank and tax facts, without the story behind them."""
    return await BusinessInformation.create(
        created_at=LONG_AGO,
        partner_id=of.id,
        status=status,
        legal_name=of.name,
        bank_name="Bank of Shenzhen",
        bank_account="6222021234567890",
        taxpayer_kind=TaxpayerKind.GENERAL,
        fee_tax_rate="0.06",
        signing_entity="Cloud Computing Co.",
        submitted_by=uuid4(),
    )


async def a_programme(code: str = "OPEN", **facts: Any) -> Programme:
    """A programme that asks for nothing but an application."""
    nothing: dict[str, Any] = {
        "name": code,
        "name_en": code,
        "description": code,
        "description_en": code,
        "needs_business_info": False,
        "needs_verified_enterprise": False,
        "needs_shareholder_proof": False,
        "admission": Admission.REVIEW,
    }
    return await Programme.create(
        created_at=LONG_AGO,
        code=code,
        **(nothing | facts),
    )


async def accepted(programme: Programme, now: datetime) -> list[Agreement]:
    """The agreements to tick."""
    return await agreements.current(programme.agreement_codes, now=now)


async def a_draft(
    *,
    of: Partner,
    programme: Programme,
    by: Viewer | None = None,
    evidence: list[Proof] | None = None,
    now: datetime,
) -> ProgrammeApplication:
    """An application that the partner has begun, with a contact and a statement."""
    return await applications.create(
        viewer=by or await an_administrator(of),
        programme_id=programme.id,
        contact_name="Han Meimei",
        statement="We sell to hospitals.",
        evidence=evidence or [],
        now=now,
    )


async def a_submission(
    *, of: Partner, programme: Programme, by: Viewer | None = None, now: datetime
) -> ProgrammeApplication:
    """An application with all that the programme asks for in files and signatures, handed in."""
    by = by or await an_administrator(of)
    kinds = tuple(ProgrammeEvidenceKind(kind) for kind in programme.needed_evidence)
    draft = await a_draft(
        of=of,
        programme=programme,
        by=by,
        evidence=await proofs(of=of, now=now, kinds=kinds),
        now=now,
    )
    return await submissions.submit(
        viewer=by,
        application_id=draft.id,
        expected_version=draft.version,
        accepted_agreement_ids=[each.id for each in await accepted(programme, now)],
        now=now,
    )


async def a_membership(*, of: Partner, programme: Programme, now: datetime) -> ProgrammeApplication:
    """A programme that the partner has joined, at `now`."""
    submitted = await a_submission(of=of, programme=programme, now=now)
    if submitted.status is ProgrammeApplicationStatus.APPROVED:
        return submitted
    return await reviews.approve(viewer=await a_reviewer(), application_id=submitted.id, now=now)


async def is_attached(file_id: Any, to: ProgrammeApplication) -> bool:
    """Whether both the file and the application say so."""
    file = await StoredFile.get(id=file_id)
    row = await ApplicationEvidence.exists(file_id=file_id, application_id=to.id)
    return (file.attached_to == to.id) and row
