"""Partner programmes: what they ask, who applied, who joined, what was signed."""

from collections.abc import Mapping, Set
from datetime import datetime
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


class Admission(StrEnum):
    """How one joins a programme."""

    REVIEW = "REVIEW"
    IMMEDIATE = "IMMEDIATE"
    INVITATION = "INVITATION"


class Programme(Versioned):
    """A programme (伙伴计划) with its entry conditions as data (P-02…P-05, P-18, P-21, P-25).

    An empty list of kinds, roles, programmes or evidence asks for nothing.
    """

    code = fields.CharField(64, unique=True)
    name = fields.CharField(160)
    name_en = fields.CharField(160)
    description = fields.TextField()
    description_en = fields.TextField()
    admission = fields.CharEnumField(Admission, max_length=16)
    partner_kinds: list[str] = fields.JSONField(default=list)
    needed_roles: list[str] = fields.JSONField(default=list)
    needed_programmes: list[str] = fields.JSONField(default=list)
    needed_evidence: list[str] = fields.JSONField(default=list)
    needs_business_info = fields.BooleanField(default=True)
    needs_verified_enterprise = fields.BooleanField(default=True)
    needs_shareholder_proof = fields.BooleanField(default=True)
    agreement_codes: list[str] = fields.JSONField(default=list)
    benefits: list[str] = fields.JSONField(default=list)
    benefits_en: list[str] = fields.JSONField(default=list)
    duties: list[str] = fields.JSONField(default=list)
    duties_en: list[str] = fields.JSONField(default=list)
    validity_months: int | None = fields.IntField(null=True)
    is_open = fields.BooleanField(default=True)

    class Meta:
        table = "programme"
        indexes = (Index(fields=("created_at", "id"), name="programme_by_age"),)
        constraints = (CheckConstraint(name="programme_validity", check="validity_months > 0"),)


class Agreement(Record):
    """One version of the text of an agreement; a changed text is a new version.

    The Chinese text binds, and its hash is what a signature keeps; the English is a courtesy.
    """

    code = fields.CharField(64)
    version = fields.CharField(32)
    name = fields.CharField(160)
    name_en = fields.CharField(160)
    text = fields.TextField()
    text_en = fields.TextField()
    text_sha256 = fields.CharField(64)
    on_paper = fields.BooleanField(default=False)
    effective_at = fields.DatetimeField()

    class Meta:
        table = "agreement"
        indexes = (Index(fields=("created_at", "id"), name="agreement_by_age"),)
        constraints = (UniqueConstraint(fields=("code", "version"), name="agreement_version_once"),)


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
    on_paper = fields.BooleanField(default=False)

    class Meta:
        table = "agreement_signature"
        indexes = (
            Index(fields=("partner_id", "signed_at", "id"), name="signature_by_age"),
            Index(fields=("signed_at", "id"), name="signature_all_by_age"),
        )
        constraints = (
            UniqueConstraint(fields=("partner_id", "agreement_id"), name="signature_once"),
        )


class ProgrammeApplicationStatus(Status):
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
    status = fields.CharEnumField(ProgrammeApplicationStatus, max_length=16)
    invitation_id: UUID | None = fields.UUIDField(null=True)
    contact_name = fields.CharField(160, default="")
    statement = fields.TextField(default="")
    snapshot: dict[str, Any] = fields.JSONField(default=dict)
    created_by = fields.UUIDField()
    submitted_at: datetime | None = fields.DatetimeField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)
    decision_reason = fields.CharField(500, null=True)
    effective_from: datetime | None = fields.DatetimeField(null=True)
    expires_at: datetime | None = fields.DatetimeField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "programme_application"
        indexes = (
            Index(fields=("partner_id", "created_at", "id"), name="application_by_age"),
            Index(fields=("created_at", "id"), name="application_all_by_age"),
            Index(fields=("status", "submitted_at", "id"), name="application_queue"),
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


class ProgrammeEvidenceKind(StrEnum):
    """What a file of an application proves (P-04, P-05)."""

    GOODS_INFORMATION = "GOODS_INFORMATION"
    MAKER_AUTHORIZATION = "MAKER_AUTHORIZATION"
    SALES_RECORD = "SALES_RECORD"
    CUSTOMER_CONTRACT = "CUSTOMER_CONTRACT"
    SHAREHOLDER_PROOF = "SHAREHOLDER_PROOF"


class ApplicationEvidence(Record):
    """A file of an application, and what it proves."""

    application: fields.ForeignKeyRelation[ProgrammeApplication] = fields.ForeignKeyField(
        "models.ProgrammeApplication", on_delete=fields.CASCADE, related_name="evidence"
    )
    application_id: UUID
    kind = fields.CharEnumField(ProgrammeEvidenceKind, max_length=32)
    file: fields.ForeignKeyRelation[StoredFile] = fields.ForeignKeyField(
        "models.StoredFile", on_delete=fields.RESTRICT
    )
    file_id: UUID

    class Meta:
        table = "application_evidence"
        indexes = (Index(fields=("application_id", "id"), name="evidence_of_application"),)
        constraints = (UniqueConstraint(fields=("file_id",), name="evidence_file_once"),)


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
    decided_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "programme_invitation"
        indexes = (
            Index(fields=("partner_id", "created_at", "id"), name="programme_invitation_by_age"),
            Index(fields=("created_at", "id"), name="programme_invitation_all_by_age"),
            Index(fields=("expires_at", "id"), name="programme_invitation_by_deadline"),
        )
        constraints = (
            CheckConstraint(
                name="programme_invitation_status_known",
                check="status in ('PENDING', 'USED', 'EXPIRED', 'REVOKED')",
            ),
            UniqueConstraint(
                fields=("partner_id", "programme_id"),
                name="programme_invitation_one_pending",
                condition="status = 'PENDING'",
            ),
        )
