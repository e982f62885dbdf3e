"""What a house has of programmes: something in every state, marked by its name."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from uuid import UUID

from domain.files import uploads
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.programmes import (
    agreements,
    applications,
    business_information,
    catalogue,
    held_certificates,
    improvement,
    invitations,
    paths,
    reviews,
    submissions,
)
from domain.programmes.applications import Proof
from kit.ids import new_id
from models.certification import (
    Achievement,
    CertificateKind,
    CertifiedRole,
    ImprovementHandling,
    TaxpayerKind,
)
from models.partners import Partner, PartnerKind
from models.programmes import Admission, Agreement, Programme, ProgrammeEvidenceKind
from tests.programmes.factories import a_programme

STATES = ("draft", "submitted", "rejected", "cancelled", "exited", "joined")
INVITED = ("open", "revoked")

PLATFORM = Viewer(
    kind=ViewerKind.STAFF,
    display_name="Reviewer",
    person_id=new_id(),
    items=frozenset({Item.PROGRAMME_REVIEW}),
)


async def open_programmes(now: datetime) -> None:
    """What the platform offers to everybody: a programme for each state of an application."""
    await catalogue.ensure_presets(now=now)
    for state in STATES:
        await a_programme(
            state.upper(),
            needed_evidence=[ProgrammeEvidenceKind.SALES_RECORD.value],
            agreement_codes=["CODE_OF_CONDUCT"],
        )
    for state in INVITED:
        await a_programme(state.upper(), admission=Admission.INVITATION)
    await a_programme("SPARE")


async def furnish(house: str, partner: Partner, *, by: Viewer, now: datetime) -> None:
    """Applications, invitations, signatures, bank facts, certifications, plans and files."""
    await _Desk(house, partner, by, now).furnish()


class _Desk:
    def __init__(self, house: str, partner: Partner, by: Viewer, now: datetime) -> None:
        self._house, self._partner, self._by, self._now = house, partner, by, now

    async def furnish(self) -> None:
        await self._file("spare")
        for state in STATES:
            await self._apply(state)
        await self._is_invited()
        await agreements.record_paper(
            viewer=PLATFORM,
            partner_id=self._partner.id,
            agreement_id=(await Agreement.get(code="PROCUREMENT_FRAMEWORK")).id,
            signer_name=f"{self._house} signer",
            signed_at=self._now,
            now=self._now,
        )
        await self._banks()
        await self._is_certified()
        if self._partner.kind is PartnerKind.DISTRIBUTOR:
            await self._improves()

    async def _file(self, name: str) -> UUID:
        content = BytesIO(f"%PDF-1.4\n{self._house}\n%%EOF\n".encode())
        file = await uploads.upload(
            viewer=self._by, name=f"{self._house} paper {name}.pdf", file=content, now=self._now
        )
        return file.id

    async def _apply(self, state: str) -> None:
        programme = await Programme.get(code=state.upper())
        application = await applications.create(
            viewer=self._by,
            programme_id=programme.id,
            contact_name=f"{self._house} contact",
            statement=f"{self._house} wants to be {state}",
            evidence=[Proof(ProgrammeEvidenceKind.SALES_RECORD, await self._file(state))],
            now=self._now,
        )
        if state == "draft":
            return
        if state == "cancelled":
            await applications.cancel(viewer=self._by, application_id=application.id, now=self._now)
            return
        ticked = await agreements.current(programme.agreement_codes, now=self._now)
        await submissions.submit(
            viewer=self._by,
            application_id=application.id,
            expected_version=application.version,
            accepted_agreement_ids=[each.id for each in ticked],
            now=self._now,
        )
        if state == "rejected":
            await reviews.reject(
                viewer=PLATFORM,
                application_id=application.id,
                reason=f"{self._house} is too young",
                now=self._now,
            )
        if state in ("exited", "joined"):
            await reviews.approve(viewer=PLATFORM, application_id=application.id, now=self._now)
        if state == "exited":
            await reviews.exit(
                viewer=PLATFORM,
                application_id=application.id,
                reason=f"{self._house} has asked for it",
                now=self._now,
            )

    async def _is_invited(self) -> None:
        for state in INVITED:
            invitation = await invitations.invite(
                viewer=PLATFORM,
                partner_id=self._partner.id,
                programme_id=(await Programme.get(code=state.upper())).id,
                now=self._now,
            )
        await invitations.revoke(
            viewer=PLATFORM,
            invitation_id=invitation.id,
            reason=f"{self._house} is not ready",
            now=self._now,
        )

    async def _banks(self) -> None:
        for number, state in enumerate(("failed", "certified", "reviewing")):
            handed_in = await business_information.submit(
                viewer=self._by,
                legal_name=f"{self._house} Holding",
                bank_name=f"Bank of {self._house}",
                bank_account=f"6222{self._partner.id.int % 10**11:011}{number}",
                taxpayer_kind=TaxpayerKind.GENERAL,
                fee_tax_rate=Decimal("0.06"),
                currency="CNY",
                signing_entity="Cloud Computing Co.",
                now=self._now,
            )
            if state == "failed":
                await business_information.fail(
                    viewer=PLATFORM,
                    business_information_id=handed_in.id,
                    reason=f"{self._house} has another name",
                    now=self._now,
                )
            if state == "certified":
                await business_information.certify(
                    viewer=PLATFORM, business_information_id=handed_in.id, now=self._now
                )

    async def _is_certified(self) -> None:
        await paths.select(viewer=self._by, role=CertifiedRole.SERVICE, now=self._now)
        await paths.select(viewer=self._by, role=CertifiedRole.SOFTWARE, now=self._now)
        certified = await paths.record_achievement(
            viewer=PLATFORM,
            partner_id=self._partner.id,
            role=CertifiedRole.SOFTWARE,
            achievement=Achievement.CERTIFIED_SOLUTION,
            count=2,
            on=date(2030, 1, 1),
            now=self._now,
        )
        await paths.set_validity(
            viewer=PLATFORM,
            certification_id=certified.id,
            valid_to=(self._now + timedelta(days=365)).date(),
            now=self._now,
        )
        await held_certificates.record(
            viewer=PLATFORM,
            partner_id=self._partner.id,
            account_name=f"{self._house.lower()}_engineer",
            kinds=[CertificateKind.HCIP],
            obtained_on=date(2030, 1, 1),
            now=self._now,
        )

    async def _improves(self) -> None:
        plan = await improvement.create(
            viewer=self._by,
            handling=ImprovementHandling.IMPROVE,
            file_id=await self._file("plan"),
            now=self._now,
        )
        await improvement.submit(viewer=self._by, plan_id=plan.id, now=self._now)
        await improvement.approve(viewer=PLATFORM, plan_id=plan.id, now=self._now)
        await improvement.record_progress(
            viewer=PLATFORM, plan_id=plan.id, progress=Decimal("0.40"), now=self._now
        )
        await improvement.create(
            viewer=self._by,
            handling=ImprovementHandling.LOWER_TIER,
            file_id=await self._file("other plan"),
            now=self._now,
        )
