"""Members: people whose personal account is linked with a partner, and how they come and go."""

from collections.abc import Mapping, Set
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Record, Versioned
from models.identity import Person
from models.partners import Partner


class MemberInvitationStatus(Status):
    """Life of an invitation (成员邀请, domain.md 5.2)."""

    PENDING = "PENDING"
    LINKED = "LINKED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    REJECTED = "REJECTED"
    UNLINKED = "UNLINKED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """PENDING is answered once; what lapsed or was refused may be sent again."""
        return {
            cls.PENDING: {cls.LINKED, cls.EXPIRED, cls.REVOKED, cls.REJECTED},
            cls.EXPIRED: {cls.PENDING},
            cls.REVOKED: {cls.PENDING},
            cls.REJECTED: {cls.PENDING},
            cls.LINKED: {cls.UNLINKED},
        }


class SpecialistStatus(Status):
    """Whether a member is a project specialist (项目专员, domain.md 5.2)."""

    NONE = "NONE"
    APPLYING = "APPLYING"
    SPECIALIST = "SPECIALIST"
    CANCELLING = "CANCELLING"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Applied for and approved; cancelled with a reason and a file, unless withdrawn."""
        return {
            cls.NONE: {cls.APPLYING},
            cls.APPLYING: {cls.SPECIALIST, cls.NONE},
            cls.SPECIALIST: {cls.CANCELLING},
            cls.CANCELLING: {cls.NONE, cls.SPECIALIST},
        }


class ProjectRole(StrEnum):
    """What a member did in a delivery project."""

    PROJECT_MANAGER = "PROJECT_MANAGER"
    ARCHITECT = "ARCHITECT"
    ENGINEER = "ENGINEER"
    CONSULTANT = "CONSULTANT"


class MemberInvitation(Versioned):
    """An offer to a personal account to become a member; the token is stored hashed."""

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", on_delete=fields.RESTRICT, db_index=True, related_name="member_invitations"
    )
    person_id: UUID
    email = fields.CharField(320)
    status = fields.CharEnumField(MemberInvitationStatus, max_length=16)
    token_hash = fields.CharField(64, unique=True)
    generation = fields.IntField(default=1)
    message = fields.CharField(500, null=True)
    invited_by: UUID | None = fields.UUIDField(null=True)
    sent_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    decided_at: datetime | None = fields.DatetimeField(null=True)
    reminded_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "member_invitation"
        indexes = (
            Index(fields=("partner_id", "created_at", "id"), name="member_invitation_by_age"),
            Index(fields=("partner_id", "expires_at", "id"), name="member_invitation_by_deadline"),
            Index(fields=("created_at", "id"), name="member_invitation_all_by_age"),
            Index(fields=("expires_at", "id"), name="member_invitation_all_by_deadline"),
        )
        constraints = (
            UniqueConstraint(
                fields=("partner_id", "person_id"),
                name="member_invitation_one_pending",
                condition="status = 'PENDING'",
            ),
            CheckConstraint(
                name="member_invitation_status_known",
                check="status in "
                "('PENDING', 'LINKED', 'EXPIRED', 'REVOKED', 'REJECTED', 'UNLINKED')",
            ),
        )

    def is_overdue(self, now: datetime) -> bool:
        """Whether its seven days are over, though nothing may have said so yet."""
        return self.status is MemberInvitationStatus.PENDING and self.expires_at <= now


class Member(Versioned):
    """A personal account linked with a partner; the row stays when the link ends."""

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", on_delete=fields.RESTRICT, db_index=True, related_name="memberships"
    )
    person_id: UUID
    invitation: fields.ForeignKeyRelation[MemberInvitation] = fields.ForeignKeyField(
        "models.MemberInvitation", on_delete=fields.RESTRICT, db_index=True, related_name="members"
    )
    invitation_id: UUID
    linked_at = fields.DatetimeField()
    unlinked_at: datetime | None = fields.DatetimeField(null=True)
    specialist = fields.CharEnumField(
        SpecialistStatus, max_length=16, default=SpecialistStatus.NONE
    )
    specialist_reason = fields.CharField(500, null=True)
    specialist_evidence: fields.ForeignKeyNullableRelation["Evidence"] = fields.ForeignKeyField(
        "models.Evidence", null=True, on_delete=fields.RESTRICT, db_index=True
    )
    specialist_evidence_id: UUID | None

    class Meta:
        table = "member"
        indexes = (
            Index(fields=("partner_id", "linked_at", "id"), name="member_by_age"),
            Index(fields=("linked_at", "id"), name="member_all_by_age"),
        )
        constraints = (
            # V2: a personal account is linked with one partner at a time.
            UniqueConstraint(
                fields=("person_id",), name="member_one_link", condition="unlinked_at is null"
            ),
            CheckConstraint(
                name="member_specialist_known",
                check="specialist in ('NONE', 'APPLYING', 'SPECIALIST', 'CANCELLING')",
            ),
            # M-05: a specialist must be cancelled before the link may end.
            CheckConstraint(
                name="member_specialist_is_linked",
                check="unlinked_at is null or specialist = 'NONE'",
            ),
        )


class MemberProject(Versioned):
    """A cloud project that a member delivered (M-04)."""

    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "models.Member", on_delete=fields.RESTRICT
    )
    member_id: UUID
    partner_id = fields.UUIDField()
    name = fields.CharField(200)
    role = fields.CharEnumField(ProjectRole, max_length=32)
    started_on: date = fields.DateField()
    ended_on: date | None = fields.DateField(null=True)
    removed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "member_project"
        indexes = (Index(fields=("member_id", "started_on", "id"), name="member_project_by_start"),)
        constraints = (
            CheckConstraint(
                name="member_project_forward", check="ended_on is null or ended_on >= started_on"
            ),
        )


class Evidence(Record):
    """A small file that proves a request, kept in the database until the object store takes it."""

    partner_id = fields.UUIDField()
    name = fields.CharField(120)
    content_type = fields.CharField(80)
    size = fields.IntField()
    sha256 = fields.CharField(64)
    content = fields.BinaryField()

    class Meta:
        table = "evidence"
        constraints = (CheckConstraint(name="evidence_small", check="size <= 131072"),)
