"""A partner of the demo and the platform, and what they do with each other on paper."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from random import Random
from uuid import UUID

from domain.files import uploads
from domain.programmes import (
    agreements,
    applications,
    business_information,
    held_certificates,
    improvement,
    invitations,
    paths,
    reviews,
    submissions,
)
from domain.programmes.applications import Proof
from domain.programmes.deadlines import today
from models.certification import (
    Achievement,
    CertificateKind,
    CertifiedRole,
    ImprovementHandling,
    TaxpayerKind,
)
from models.programmes import Agreement, Programme, ProgrammeApplication, ProgrammeEvidenceKind
from partner_center.demo.people import Cast, House

PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

PLANS = (
    "深耕制造行业,为客户提供云上数据平台的咨询与交付。",
    "聚焦政务与园区,联合原厂提供一体化方案。",
    "We bring retailers to the cloud and run their platforms.",
)
BANKS = ("中国工商银行深圳分行", "招商银行北京分行", "中国建设银行上海分行")


class Desk:
    """A partner's office and the platform's; `now` is when the next thing happens."""

    def __init__(self, cast: Cast, house: House, random: Random, begin: datetime) -> None:
        assert cast.reviewer is not None
        self._by, self._platform = house.administrator, cast.reviewer
        self._partner = house.partner
        self._random = random
        self.now = begin

    def days(self, fewest: float, most: float) -> timedelta:
        """So many days, as the dice will have it."""
        return timedelta(days=self._random.uniform(fewest, most))

    async def draft(self, code: str) -> ProgrammeApplication:
        """The partner begins an application, with all the papers that it asks for."""
        programme = await Programme.get(code=code)
        return await applications.create(
            viewer=self._by,
            programme_id=programme.id,
            contact_name=self._by.display_name,
            statement=self._random.choice(PLANS),
            evidence=[
                Proof(
                    ProgrammeEvidenceKind(kind),
                    await self._paper(f"{kind.lower()}.pdf"),
                )
                for kind in programme.needed_evidence
            ],
            now=self.now,
        )

    async def submit(self, application: ProgrammeApplication) -> None:
        """The partner hands it in and signs what it asks for."""
        programme = await Programme.get(id=application.programme_id)
        texts = await agreements.current(programme.agreement_codes, now=self.now)
        await submissions.submit(
            viewer=self._by,
            application_id=application.id,
            expected_version=(await ProgrammeApplication.get(id=application.id)).version,
            accepted_agreement_ids=[text.id for text in texts],
            now=self.now,
        )

    async def approve(self, application: ProgrammeApplication) -> None:
        """The platform takes the partner in."""
        await reviews.approve(viewer=self._platform, application_id=application.id, now=self.now)

    async def reject(self, application: ProgrammeApplication, reason: str) -> None:
        """The platform does not."""
        await reviews.reject(
            viewer=self._platform, application_id=application.id, reason=reason, now=self.now
        )

    async def leave(self, code: str, reason: str) -> None:
        """The partner has asked its ecosystem manager to let it go."""
        member = await ProgrammeApplication.get(
            partner_id=self._partner.id, programme__code=code, status="APPROVED"
        )
        await reviews.exit(
            viewer=self._platform, application_id=member.id, reason=reason, now=self.now
        )

    async def cancel(self, application: ProgrammeApplication) -> None:
        """The partner gives a draft up."""
        await applications.cancel(viewer=self._by, application_id=application.id, now=self.now)

    async def copy(self, application: ProgrammeApplication) -> ProgrammeApplication:
        """The partner begins anew where the last one ended."""
        return await applications.copy(viewer=self._by, application_id=application.id, now=self.now)

    async def invite(self, code: str) -> UUID:
        """The platform invites the partner."""
        invitation = await invitations.invite(
            viewer=self._platform,
            partner_id=self._partner.id,
            programme_id=(await Programme.get(code=code)).id,
            now=self.now,
        )
        return invitation.id

    async def revoke(self, invitation_id: UUID) -> None:
        """The platform thinks better of it."""
        await invitations.revoke(
            viewer=self._platform, invitation_id=invitation_id, reason="名额调整。", now=self.now
        )

    async def sign_on_paper(self, code: str) -> None:
        """Both have signed on paper, and the platform writes it down."""
        await agreements.record_paper(
            viewer=self._platform,
            partner_id=self._partner.id,
            agreement_id=(await Agreement.get(code=code)).id,
            signer_name=self._by.display_name,
            signed_at=self.now - timedelta(days=3),
            now=self.now,
        )

    async def hand_in_bank(self, rate: str = "0.06") -> UUID:
        """The partner says where its money is to go."""
        small = Decimal(rate) < Decimal("0.05")
        submitted = await business_information.submit(
            viewer=self._by,
            legal_name=self._partner.name,
            bank_name=self._random.choice(BANKS),
            bank_account=f"6222{self._random.randrange(10**12):012}",
            taxpayer_kind=TaxpayerKind.SMALL_SCALE if small else TaxpayerKind.GENERAL,
            fee_tax_rate=Decimal(rate),
            currency="CNY",
            signing_entity="云帆云计算技术有限公司",
            now=self.now,
        )
        return submitted.id

    async def certify_bank(self, id: UUID) -> None:
        """The platform vouches for it."""
        await business_information.certify(
            viewer=self._platform, business_information_id=id, now=self.now
        )

    async def refuse_bank(self, id: UUID) -> None:
        """The platform does not."""
        await business_information.fail(
            viewer=self._platform,
            business_information_id=id,
            reason="开户名与企业名称不一致。",
            now=self.now,
        )

    async def choose(self, role: CertifiedRole) -> None:
        """The partner sets out on a path."""
        await paths.select(viewer=self._by, role=role, now=self.now)

    async def achieve(self, role: CertifiedRole, achievement: Achievement, count: int) -> UUID:
        """The platform counts what the partner has done."""
        judged = await paths.record_achievement(
            viewer=self._platform,
            partner_id=self._partner.id,
            role=role,
            achievement=achievement,
            count=count,
            on=today(self.now),
            now=self.now,
        )
        return judged.id

    async def hold(self, accounts: int, *kinds: CertificateKind) -> None:
        """So many of the partner's accounts have passed these exams."""
        for number in range(accounts):
            await held_certificates.record(
                viewer=self._platform,
                partner_id=self._partner.id,
                account_name=f"{self._partner.account_name}_{kinds[0].lower()}{number}",
                kinds=kinds,
                obtained_on=today(self.now),
                now=self.now,
            )

    async def limit(self, certification_id: UUID, last_day: date) -> None:
        """The platform says until when a certification is good."""
        await paths.set_validity(
            viewer=self._platform,
            certification_id=certification_id,
            valid_to=last_day,
            now=self.now,
        )

    async def plan(self, handling: ImprovementHandling) -> UUID:
        """A distributor writes an improvement plan."""
        plan = await improvement.create(
            viewer=self._by,
            handling=handling,
            file_id=await self._paper("绩效改进计划.pdf"),
            now=self.now,
        )
        return plan.id

    async def submit_plan(self, id: UUID) -> None:
        """The distributor hands it in."""
        await improvement.submit(viewer=self._by, plan_id=id, now=self.now)

    async def approve_plan(self, id: UUID, progress: str) -> None:
        """The platform agrees, and says how far it has come."""
        await improvement.approve(viewer=self._platform, plan_id=id, now=self.now)
        await improvement.record_progress(
            viewer=self._platform,
            plan_id=id,
            progress=Decimal(progress),
            note="培训已完成,认证考试在下季度。",
            now=self.now,
        )

    async def reject_plan(self, id: UUID) -> None:
        """The platform wants it to be clearer."""
        await improvement.reject(
            viewer=self._platform, plan_id=id, reason="改进目标需要量化。", now=self.now
        )

    async def _paper(self, name: str) -> UUID:
        file = await uploads.upload(viewer=self._by, name=name, file=BytesIO(PAPER), now=self.now)
        return file.id
