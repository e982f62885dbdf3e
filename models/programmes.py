"""Partner programmes: what they ask, who applied, who joined, what was signed."""

from collections.abc import Mapping, Set
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Record, Versioned
from models.partners import Partner


class Admission(StrEnum):
    """How one joins a programme."""

    REVIEW = "REVIEW"
    IMMEDIATE = "IMMEDIATE"
    INVITATION = "INVITATION"


class Programme(Versioned):
    """A programme (伙伴计划) with its entry conditions as data (P-02…P-05, P-18, P-21, P-25)."""

    code = fields.CharField(64, unique=True)
    name = fields.CharField(160)
    name_en = fields.CharField(160)
    description = fields.TextField()
    admission = fields.CharEnumField(Admission, max_length=16)
    needed_roles: list[str] = fields.JSONField(default=list)
    needed_evidence: list[str] = fields.JSONField(default=list)
    needs_business_info = fields.BooleanField(default=True)
    agreement_codes: list[str] = fields.JSONField(default=list)
    benefits: list[str] = fields.JSONField(default=list)
    duties: list[str] = fields.JSONField(default=list)
    validity_months: int | None = fields.IntField(null=True)
    is_open = fields.BooleanField(default=True)

    class Meta:
        table = "programme"
        indexes = (Index(fields=("created_at", "id"), name="programme_by_age"),)


class Agreement(Record):
    """One version of the text of an agreement; a changed text is a new version."""

    code = fields.CharField(64)
    version = fields.CharField(32)
    name = fields.CharField(160)
    text = fields.TextField()
    text_sha256 = fields.CharField(64)
    effective_at = fields.DatetimeField()

    class Meta:
        table = "agreement"
        constraints = (
            UniqueConstraint(fields=("code", "version"), name="agreement_version_once"),
        )


class AgreementSignature(Record):
    """That somebody signed a version of an agreement for a partner, and when (P-09)."""

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="signatures"
    )
    partner_id: UUID
    agreement: fields.ForeignKeyRelation[Agreement] = fields.ForeignKeyField(
        "models.Agreement", on_delete=fields.RESTRICT, db_index=True
    )
    agreement_id: UUID
    signed_by = fields.UUIDField()
    signer_name = fields.CharField(160)
    signed_at = fields.DatetimeField()
    text_sha256 = fields.CharField(64)

    class Meta:
        table = "agreement_signature"
        indexes = (Index(fields=("partner_id", "signed_at", "id"), name="signature_by_age"),)
        constraints = (
            UniqueConstraint(fields=("partner_id", "agreement_id"), name="signature_once"),
        )


class ApplicationStatus(Status):
    """Life of a programme application (计划申请, domain.md 5.1)."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    EXITED = "EXITED"
    EXPIRED = "EXPIRED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Submitted, perhaps withdrawn to a draft; joined at once where no review is needed."""
        return {
            cls.DRAFT: {cls.SUBMITTED, cls.CANCELLED, cls.APPROVED},
            cls.SUBMITTED: {cls.APPROVED, cls.REJECTED, cls.DRAFT},
            cls.APPROVED: {cls.EXITED, cls.EXPIRED},
        }


class ProgrammeApplication(Versioned):
    """A partner's application; `snapshot` is what was true when it was submitted."""

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="applications"
    )
    partner_id: UUID
    programme: fields.ForeignKeyRelation[Programme] = fields.ForeignKeyField(
        "models.Programme", on_delete=fields.RESTRICT, db_index=True
    )
    programme_id: UUID
    status = fields.CharEnumField(ApplicationStatus, max_length=16)
    answers: dict[str, Any] = fields.JSONField(default=dict)
    snapshot: dict[str, Any] = fields.JSONField(default=dict)
    created_by = fields.UUIDField()
    submitted_at: datetime | None = fields.DatetimeField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)
    decision_reason = fields.CharField(500, null=True)
    effective_from: datetime | None = fields.DatetimeField(null=True)
    expires_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "programme_application"
        indexes = (
            Index(fields=("partner_id", "created_at", "id"), name="application_by_age"),
            Index(fields=("created_at", "id"), name="application_all_by_age"),
        )
        constraints = (
            UniqueConstraint(
                fields=("partner_id", "programme_id"),
                name="application_one_live",
                condition="status in ('DRAFT', 'SUBMITTED', 'APPROVED')",
            ),
            CheckConstraint(
                name="application_status_known",
                check="status in ('DRAFT', 'SUBMITTED', 'APPROVED', 'REJECTED', 'CANCELLED',"
                " 'EXITED', 'EXPIRED')",
            ),
        )


class ProgrammeInvitationStatus(Status):
    """Life of the platform's invitation to a programme (P-15)."""

    PENDING = "PENDING"
    USED = "USED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Used once, by applying."""
        return {cls.PENDING: {cls.USED, cls.EXPIRED, cls.REVOKED}}


class ProgrammeInvitation(Versioned):
    """The platform's invitation of a partner to a programme that can't be joined otherwise."""

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="programme_invitations"
    )
    partner_id: UUID
    programme: fields.ForeignKeyRelation[Programme] = fields.ForeignKeyField(
        "models.Programme", on_delete=fields.RESTRICT, db_index=True
    )
    programme_id: UUID
    status = fields.CharEnumField(ProgrammeInvitationStatus, max_length=16)
    invited_by = fields.UUIDField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "programme_invitation"
        indexes = (
            Index(fields=("partner_id", "created_at", "id"), name="programme_invitation_by_age"),
        )
        constraints = (
            UniqueConstraint(
                fields=("partner_id", "programme_id"),
                name="programme_invitation_one_pending",
                condition="status = 'PENDING'",
            ),
        )


class TaxpayerKind(StrEnum):
    """How a company pays value-added tax (纳税人类型)."""

    GENERAL = "GENERAL"
    SMALL_SCALE = "SMALL_SCALE"


class CertificationStatus(Status):
    """Life of the business-information certification (商业信息认证)."""

    REVIEWING = "REVIEWING"
    CERTIFIED = "CERTIFIED"
    FAILED = "FAILED"
    SUPERSEDED = "SUPERSEDED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """A newer submission that is certified supersedes the earlier one."""
        return {
            cls.REVIEWING: {cls.CERTIFIED, cls.FAILED},
            cls.CERTIFIED: {cls.SUPERSEDED},
        }


class BusinessInformation(Versioned):
    """Bank account and tax facts of a partner, as submitted and reviewed (P-10)."""

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="business_informations"
    )
    partner_id: UUID
    status = fields.CharEnumField(CertificationStatus, max_length=16)
    legal_name = fields.CharField(160)
    bank_name = fields.CharField(160)
    bank_account = fields.CharField(64)
    taxpayer_kind = fields.CharEnumField(TaxpayerKind, max_length=16)
    fee_tax_rate = fields.DecimalField(5, 4)
    currency = fields.CharField(3, default="CNY")
    signing_entity = fields.CharField(160)
    submitted_by = fields.UUIDField()
    decided_at: datetime | None = fields.DatetimeField(null=True)
    decision_reason = fields.CharField(500, null=True)

    class Meta:
        table = "business_information"
        indexes = (
            Index(fields=("partner_id", "created_at", "id"), name="business_information_by_age"),
            Index(fields=("created_at", "id"), name="business_information_all_by_age"),
        )
        constraints = (
            UniqueConstraint(
                fields=("partner_id",),
                name="business_information_one_reviewing",
                condition="status = 'REVIEWING'",
            ),
            UniqueConstraint(
                fields=("partner_id",),
                name="business_information_one_certified",
                condition="status = 'CERTIFIED'",
            ),
            CheckConstraint(
                name="business_information_rate", check="fee_tax_rate >= 0 and fee_tax_rate < 1"
            ),
        )


class CertifiedRole(StrEnum):
    """In what a partner can be certified (P-02)."""

    SOFTWARE = "SOFTWARE"
    SERVICE = "SERVICE"
    SYSTEM_INTEGRATION = "SYSTEM_INTEGRATION"
    LEARNING = "LEARNING"


class PathStage(StrEnum):
    """How far a partner is on a development path (P-13)."""

    SELECTED = "SELECTED"
    CERTIFIED = "CERTIFIED"
    DIFFERENTIATED = "DIFFERENTIATED"


class RoleCertification(Versioned):
    """A partner's stage on the path of a role, and the counted achievements that led there."""

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="role_certifications"
    )
    partner_id: UUID
    role = fields.CharEnumField(CertifiedRole, max_length=24)
    stage = fields.CharEnumField(PathStage, max_length=16)
    achievements: dict[str, int] = fields.JSONField(default=dict)
    valid_from: date | None = fields.DateField(null=True)
    valid_to: date | None = fields.DateField(null=True)

    class Meta:
        table = "role_certification"
        constraints = (
            UniqueConstraint(fields=("partner_id", "role"), name="role_certification_once"),
        )


class PathRequirement(Record):
    """What a stage of a role's path asks: so many of an achievement (P-14, P-16, P-17)."""

    role = fields.CharEnumField(CertifiedRole, max_length=24)
    stage = fields.CharEnumField(PathStage, max_length=16)
    achievement = fields.CharField(64)
    least = fields.IntField()
    valid_from = fields.DateField()

    class Meta:
        table = "path_requirement"
        constraints = (
            UniqueConstraint(
                fields=("role", "stage", "achievement", "valid_from"),
                name="path_requirement_once",
            ),
        )
