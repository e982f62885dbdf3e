"""Business information, paths, achievements: inputs and payloads."""

import strawberry

from domain.programmes.business_information import BusinessInformationUnderReview
from domain.programmes.certificates import BusinessInformationNotCertified
from domain.programmes.certification_guards import RoleNotCertified
from domain.programmes.guards import OwnPartnerOnly
from domain.programmes.paths import PathAlreadySelected, PathByInvitation, PathNotSelected
from kit.status import WrongStatus
from schema.certification import BusinessInformation, RoleCertification
from schema.certification_enums import (
    Achievement,
    CertificateKind,
    CertifiedRole,
    TaxpayerKind,
)
from schema.inputs import idempotency_key
from schema.partners import Partner
from schema.payloads import made, payload, told
from schema.scalars import CurrencyCode, Date, Decimal

_BUSINESS = "The business information as it stands now."
_ROLE = "The role certification as it stands now."


@strawberry.input(description="Bank account and tax facts of your partner.")
class BusinessInformationSubmitInput:
    """For `businessInformationSubmit`."""

    legal_name: str = strawberry.field(description="The name on the account.")
    bank_name: str = strawberry.field(description="The bank and its branch.")
    bank_account: str = strawberry.field(
        description="The account number: 6 to 34 digits and letters, blanks and hyphens aside."
    )
    taxpayer_kind: TaxpayerKind = strawberry.field(description="How the company pays VAT.")
    fee_tax_ratio: Decimal = strawberry.field(
        description="Tax rate of service fees, 0 to below 1, at most four decimals: 0.06."
    )
    currency: CurrencyCode = strawberry.field(description="In which to be paid.")
    signing_entity: str = strawberry.field(description="The platform's company that you sign with.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which business information.")
class BusinessInformationCertifyInput:
    """For `businessInformationCertify`."""

    id: strawberry.ID = strawberry.field(description="The business information.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which business information, and what is wrong with it.")
class BusinessInformationFailInput:
    """For `businessInformationFail`."""

    id: strawberry.ID = strawberry.field(description="The business information.")
    reason: str = strawberry.field(description="Why, for the partner, at most 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which path to set out on.")
class DevelopmentPathSelectInput:
    """For `developmentPathSelect`."""

    role: CertifiedRole = strawberry.field(description="The role.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="How many of an achievement a partner has had since when.")
class AchievementRecordInput:
    """For `achievementRecord`."""

    partner_id: strawberry.ID = strawberry.field(description="The partner.")
    role: CertifiedRole = strawberry.field(description="On which path.")
    achievement: Achievement = strawberry.field(
        description="Of what; certificates are counted by themselves."
    )
    count: int = strawberry.field(description="How many in all, 0 to 10,000.")
    on: Date = strawberry.field(
        description="Since which day, today at the latest; its requirements apply."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="All certificates that an account of a partner holds.")
class HeldCertificatesRecordInput:
    """For `heldCertificatesRecord`."""

    partner_id: strawberry.ID = strawberry.field(description="The partner.")
    account_name: str = strawberry.field(description="The account, at most 64 characters.")
    kinds: list[CertificateKind] = strawberry.field(
        description="All that it holds; those that are left out are not held any more."
    )
    obtained_on: Date = strawberry.field(
        description="When those that are new were obtained, today at the latest."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Until when a certification is good.")
class RoleCertificationValiditySetInput:
    """For `roleCertificationValiditySet`."""

    id: strawberry.ID = strawberry.field(description="The role certification.")
    valid_to: Date | None = strawberry.field(
        default=None, description="Its last day in Shanghai; without end if left out."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which role certification.")
class RoleCertificateIssueInput:
    """For `roleCertificateIssue`."""

    id: strawberry.ID = strawberry.field(description="The role certification.")
    idempotency_key: str | None = idempotency_key()


@payload(errors=(BusinessInformationUnderReview,))
class BusinessInformationSubmitPayload:
    business_information: BusinessInformation | None = made(_BUSINESS)


@payload(errors=(WrongStatus,))
class BusinessInformationCertifyPayload:
    business_information: BusinessInformation | None = made(_BUSINESS)


@payload(errors=(WrongStatus,))
class BusinessInformationFailPayload:
    business_information: BusinessInformation | None = made(_BUSINESS)


@payload(errors=(PathAlreadySelected, PathByInvitation))
class DevelopmentPathSelectPayload:
    role_certification: RoleCertification | None = made(_ROLE)


@payload(errors=(PathNotSelected,))
class AchievementRecordPayload:
    role_certification: RoleCertification | None = made(_ROLE)


@payload()
class HeldCertificatesRecordPayload:
    partner: Partner | None = made("The partner; its paths were judged anew.")


@payload(errors=(RoleNotCertified,))
class RoleCertificationValiditySetPayload:
    role_certification: RoleCertification | None = made(_ROLE)


@payload(errors=(OwnPartnerOnly, RoleNotCertified, BusinessInformationNotCertified))
class RoleCertificateIssuePayload:
    role_certification: RoleCertification | None = made(_ROLE)
    number: str | None = told("The number that is printed on it.")
    print_url: str | None = told("A page to print, for whoever opens it, for 15 minutes.")
    pdf_url: str | None = told("The certificate as a PDF.")
