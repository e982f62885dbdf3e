"""What partners are certified for: business information, roles and the way there, improvement."""

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
from models.files import StoredFile
from models.partners import Partner


class TaxpayerKind(StrEnum):
    """How a company pays value-added tax (纳税人类型)."""

    GENERAL = "GENERAL"
    SMALL_SCALE = "SMALL_SCALE"


class BusinessInformationStatus(Status):
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
    status = fields.CharEnumField(BusinessInformationStatus, max_length=16)
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
                name="business_information_status_known",
                check="status in ('REVIEWING', 'CERTIFIED', 'FAILED', 'SUPERSEDED')",
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


class Achievement(StrEnum):
    """What counts on the paths (P-14, P-16)."""

    CERTIFIED_SOLUTION = "CERTIFIED_SOLUTION"
    ADVANCED_SOLUTION = "ADVANCED_SOLUTION"
    HCIA = "HCIA"
    HCIP = "HCIP"
    HCSA_HCSP = "HCSA_HCSP"
    DELIVERED_PROJECT = "DELIVERED_PROJECT"
    TRAINED_PERSON = "TRAINED_PERSON"


class CertificateKind(StrEnum):
    """Certificates that people pass exams for (P-16)."""

    HCIA = "HCIA"
    HCIP = "HCIP"
    HCSA = "HCSA"
    HCSP = "HCSP"


class PathStage(StrEnum):
    """How far a partner is on a development path (P-13)."""

    SELECTED = "SELECTED"
    CERTIFIED = "CERTIFIED"
    DIFFERENTIATED = "DIFFERENTIATED"


class RoleCertification(Versioned):
    """A partner's stage on the path of a role, and the counted achievements that led there.

    `missing` is what the next stage still asked for when it was judged last, on `judged_on`.
    """

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="role_certifications"
    )
    partner_id: UUID
    role = fields.CharEnumField(CertifiedRole, max_length=24)
    stage = fields.CharEnumField(PathStage, max_length=16)
    achievements: dict[str, int] = fields.JSONField(default=dict)
    missing: list[dict[str, Any]] = fields.JSONField(default=list)
    judged_on = fields.DateField()
    valid_from: date | None = fields.DateField(null=True)
    valid_to: date | None = fields.DateField(null=True)
    expires_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "role_certification"
        indexes = (Index(fields=("created_at", "id"), name="role_certification_by_age"),)
        constraints = (
            UniqueConstraint(fields=("partner_id", "role"), name="role_certification_once"),
            CheckConstraint(
                name="role_certification_stage_known",
                check="stage in ('SELECTED', 'CERTIFIED', 'DIFFERENTIATED')",
            ),
        )


class HeldCertificate(Record):
    """A certificate that an account of the partner's holds; accounts are counted, not papers."""

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="held_certificates"
    )
    partner_id: UUID
    account_name = fields.CharField(64)
    kind = fields.CharEnumField(CertificateKind, max_length=16)
    obtained_on = fields.DateField()
    recorded_by: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "held_certificate"
        indexes = (
            Index(fields=("partner_id", "created_at", "id"), name="held_certificate_by_age"),
            Index(fields=("created_at", "id"), name="held_certificate_all_by_age"),
        )
        constraints = (
            UniqueConstraint(
                fields=("partner_id", "account_name", "kind"), name="held_certificate_once"
            ),
        )


class PathRequirement(Record):
    """What a stage of a role's path asks: so many of an achievement (P-14, P-16, P-17).

    What the partner has more of the `substitute` than is asked of that stands in for what is
    missing. A later `valid_from` replaces the row of an earlier one; `least` 0 ends it.
    """

    role = fields.CharEnumField(CertifiedRole, max_length=24)
    stage = fields.CharEnumField(PathStage, max_length=16)
    achievement = fields.CharEnumField(Achievement, max_length=32)
    least = fields.IntField()
    substitute = fields.CharEnumField(Achievement, max_length=32, null=True)
    valid_from = fields.DateField()

    class Meta:
        table = "path_requirement"
        indexes = (Index(fields=("created_at", "id"), name="path_requirement_by_age"),)
        constraints = (
            CheckConstraint(name="path_requirement_not_negative", check="least >= 0"),
            UniqueConstraint(
                fields=("role", "stage", "achievement", "valid_from"),
                name="path_requirement_once",
            ),
        )


class ImprovementPlanStatus(Status):
    """Life of a distributor's improvement plan (domain.md 5.16)."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Once approved it is irrevocable; a rejected one is written anew."""
        return {
            cls.DRAFT: {cls.SUBMITTED},
            cls.SUBMITTED: {cls.APPROVED, cls.REJECTED, cls.DRAFT},
            cls.REJECTED: {cls.DRAFT},
        }


class ImprovementHandling(StrEnum):
    """What the distributor and the rep office agreed on (P-23)."""

    IMPROVE = "IMPROVE"
    LOWER_TIER = "LOWER_TIER"
    LEAVE_PROGRAMME = "LEAVE_PROGRAMME"


class ImprovementPlan(Versioned):
    """How a distributor means to get better, and how far it has come (绩效改进计划, P-23)."""

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="improvement_plans"
    )
    partner_id: UUID
    status = fields.CharEnumField(ImprovementPlanStatus, max_length=16)
    handling = fields.CharEnumField(ImprovementHandling, max_length=24)
    file: fields.ForeignKeyRelation[StoredFile] = fields.ForeignKeyField(
        "models.StoredFile", on_delete=fields.RESTRICT, db_index=True
    )
    file_id: UUID
    created_by = fields.UUIDField()
    submitted_at: datetime | None = fields.DatetimeField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)
    decision_reason = fields.CharField(500, null=True)
    progress_ratio = fields.DecimalField(5, 4, default=0)
    progress_note = fields.CharField(500, null=True)

    class Meta:
        table = "improvement_plan"
        indexes = (
            Index(fields=("partner_id", "created_at", "id"), name="improvement_plan_by_age"),
            Index(fields=("created_at", "id"), name="improvement_plan_all_by_age"),
        )
        constraints = (
            UniqueConstraint(
                fields=("partner_id",),
                name="improvement_plan_one_open",
                condition="status in ('DRAFT', 'SUBMITTED', 'REJECTED')",
            ),
            CheckConstraint(
                name="improvement_plan_status_known",
                check="status in ('DRAFT', 'SUBMITTED', 'APPROVED', 'REJECTED')",
            ),
            CheckConstraint(
                name="improvement_plan_progress", check="progress_ratio between 0 and 1"
            ),
        )
