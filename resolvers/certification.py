"""Queries and mutations of business information, roles and certificates."""

from datetime import datetime

import strawberry

from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.programmes import (
    business_information,
    certificates,
    held_certificates,
    paths,
)
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import certification_changes as changes
from schema.certification import (
    BusinessInformation,
    HeldCertificate,
    PathRequirement,
    RoleCertification,
)
from schema.certification_lists import (
    BusinessInformationFilter,
    HandedInOrder,
    HeldCertificateFilter,
    PathRequirementFilter,
    RoleCertificationFilter,
)

_PARTNER = ("input", "partnerId")


@strawberry.type
class CertificationQuery:
    business_information: BusinessInformation | None = root_one(
        "Business information by its id; null when you may not see it.", prefix="biz"
    )
    business_informations: Connection[BusinessInformation] = root_connection(
        "What your partner has submitted; the platform sees all."
        f" {describe('businessInformations')}",
        filter=BusinessInformationFilter,
        order=HandedInOrder,
        guard=may_list("businessInformations", persons=True),
    )
    role_certification: RoleCertification | None = root_one(
        "A role certification by its id; null when you may not see it.", prefix="rlc"
    )
    role_certifications: Connection[RoleCertification] = root_connection(
        "How far the partners that you may see are on their paths.",
        filter=RoleCertificationFilter,
        order=HandedInOrder,
    )
    held_certificates: Connection[HeldCertificate] = root_connection(
        "Certificates that accounts of your partner hold; the platform sees all.",
        filter=HeldCertificateFilter,
        order=HandedInOrder,
    )
    path_requirements: Connection[PathRequirement] = root_connection(
        "What the stages of the development paths ask for.", filter=PathRequirementFilter
    )


@strawberry.type
class CertificationMutation:
    @mutation(
        "Hand in your partner's bank account and tax facts. What is certified stays so until the"
        " platform has certified these.",
        changes.BusinessInformationSubmitPayload,
        requires=describe("businessInformationSubmit"),
    )
    async def business_information_submit(
        self, viewer: Viewer, input: changes.BusinessInformationSubmitInput, now: datetime
    ) -> Outcome:
        submitted = await business_information.submit(
            viewer=viewer,
            legal_name=input.legal_name,
            bank_name=input.bank_name,
            bank_account=input.bank_account,
            taxpayer_kind=input.taxpayer_kind,
            fee_tax_rate=input.fee_tax_ratio,
            currency=input.currency,
            signing_entity=input.signing_entity,
            now=now,
        )
        return Outcome(business_information=submitted.id)

    @mutation(
        "Vouch for business information.",
        changes.BusinessInformationCertifyPayload,
        requires=describe("businessInformationCertify"),
    )
    async def business_information_certify(
        self, viewer: Viewer, input: changes.BusinessInformationCertifyInput, now: datetime
    ) -> Outcome:
        certified = await business_information.certify(
            viewer=viewer, business_information_id=ids.decode("biz", input.id), now=now
        )
        return Outcome(business_information=certified.id)

    @mutation(
        "Say what is wrong with business information.",
        changes.BusinessInformationFailPayload,
        requires=describe("businessInformationFail"),
    )
    async def business_information_fail(
        self, viewer: Viewer, input: changes.BusinessInformationFailInput, now: datetime
    ) -> Outcome:
        failed = await business_information.fail(
            viewer=viewer,
            business_information_id=ids.decode("biz", input.id),
            reason=input.reason,
            now=now,
        )
        return Outcome(business_information=failed.id)

    @mutation(
        "Set out on the development path of a role.",
        changes.DevelopmentPathSelectPayload,
        requires=describe("developmentPathSelect"),
    )
    async def development_path_select(
        self, viewer: Viewer, input: changes.DevelopmentPathSelectInput, now: datetime
    ) -> Outcome:
        selected = await paths.select(viewer=viewer, role=input.role, now=now)
        return Outcome(role_certification=selected.id)

    @mutation(
        "Write down how many of an achievement a partner has; its stage follows.",
        changes.AchievementRecordPayload,
        requires=describe("achievementRecord"),
    )
    async def achievement_record(
        self, viewer: Viewer, input: changes.AchievementRecordInput, now: datetime
    ) -> Outcome:
        judged = await paths.record_achievement(
            viewer=viewer,
            partner_id=ids.decode("ptn", input.partner_id, path=_PARTNER),
            role=input.role,
            achievement=input.achievement,
            count=input.count,
            on=input.on,
            now=now,
        )
        return Outcome(role_certification=judged.id)

    @mutation(
        "Write down all certificates that an account of a partner holds; its stages follow.",
        changes.HeldCertificatesRecordPayload,
        requires=describe("heldCertificatesRecord"),
    )
    async def held_certificates_record(
        self, viewer: Viewer, input: changes.HeldCertificatesRecordInput, now: datetime
    ) -> Outcome:
        partner = await held_certificates.record(
            viewer=viewer,
            partner_id=ids.decode("ptn", input.partner_id, path=_PARTNER),
            account_name=input.account_name,
            kinds=input.kinds,
            obtained_on=input.obtained_on,
            now=now,
        )
        return Outcome(partner=partner.id)

    @mutation(
        "Say until which day a role's certification is good.",
        changes.RoleCertificationValiditySetPayload,
        requires=describe("roleCertificationValiditySet"),
    )
    async def role_certification_validity_set(
        self, viewer: Viewer, input: changes.RoleCertificationValiditySetInput, now: datetime
    ) -> Outcome:
        limited = await paths.set_validity(
            viewer=viewer,
            certification_id=ids.decode("rlc", input.id),
            valid_to=input.valid_to,
            now=now,
        )
        return Outcome(role_certification=limited.id)

    @mutation(
        "The certificate of a role. The partner's business information must be certified.",
        changes.RoleCertificateIssuePayload,
        requires=describe("roleCertificateIssue"),
    )
    async def role_certificate_issue(
        self, viewer: Viewer, input: changes.RoleCertificateIssueInput, now: datetime
    ) -> Outcome:
        certification_id = ids.decode("rlc", input.id)
        issued = await certificates.issue_role(
            viewer=viewer, certification_id=certification_id, now=now
        )
        return Outcome(
            role_certification=certification_id,
            number=issued.number,
            print_url=issued.links.page,
            pdf_url=issued.links.pdf,
        )
