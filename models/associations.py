"""What becomes of associations: changes of them, and acting on behalf of customers."""

from collections.abc import Mapping, Set
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Record, Versioned
from models.customers import AssociationType, Customer
from models.partners import Partner


class ChangeKind(StrEnum):
    """What is to become of an association."""

    SWITCH = "SWITCH"
    DISASSOCIATE = "DISASSOCIATE"


class ChangeInitiator(StrEnum):
    """Whose wish it is; the other side decides."""

    PARTNER = "PARTNER"
    CUSTOMER = "CUSTOMER"


class ChangeStatus(Status):
    """Life of a change (切换关联类型, 解除关联; domain.md 5.5)."""

    PRE_REVIEW = "PRE_REVIEW"
    PENDING = "PENDING"
    APPROVED = "APPROVED"
    DONE = "DONE"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    PRE_REVIEW_FAILED = "PRE_REVIEW_FAILED"
    TIMED_OUT = "TIMED_OUT"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Reviewed by the platform where an agency ends, decided by the other side, then done."""
        return {
            cls.PRE_REVIEW: {cls.PENDING, cls.PRE_REVIEW_FAILED, cls.CANCELLED},
            cls.PENDING: {cls.APPROVED, cls.REJECTED, cls.CANCELLED, cls.TIMED_OUT},
            cls.APPROVED: {cls.DONE, cls.REJECTED},
        }


class AssociationChange(Versioned):
    """A wish of one side to switch the type of an association or to end it.

    `expires_at` is until when the other side may decide; None: for ever. `failed_checks` are what
    stood in the way when an approved change was to be done.
    """

    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.RESTRICT, related_name="association_changes"
    )
    customer_id: UUID
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="association_changes"
    )
    partner_id: UUID
    association_id = fields.UUIDField()
    kind = fields.CharEnumField(ChangeKind, max_length=16)
    initiator = fields.CharEnumField(ChangeInitiator, max_length=16)
    from_type = fields.CharEnumField(AssociationType, max_length=16)
    to_type = fields.CharEnumField(AssociationType, max_length=16, null=True)
    status = fields.CharEnumField(ChangeStatus, max_length=24)
    reason = fields.CharField(500, null=True)
    refusal = fields.CharField(500, null=True)
    failed_checks: list[str] = fields.JSONField(default=list)
    reviewer = fields.CharField(320, null=True)
    requested_by = fields.UUIDField()
    expires_at: datetime | None = fields.DatetimeField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)
    done_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "association_change"
        indexes = (
            Index(fields=("partner_id", "created_at", "id"), name="association_change_by_age"),
            Index(fields=("customer_id", "created_at", "id"), name="association_change_of"),
            Index(fields=("created_at", "id"), name="association_change_all_by_age"),
        )
        constraints = (
            UniqueConstraint(
                fields=("customer_id",),
                name="association_change_one_open",
                condition="status in ('PRE_REVIEW', 'PENDING', 'APPROVED')",
            ),
            CheckConstraint(
                name="association_change_status_known",
                check="status in ('PRE_REVIEW', 'PENDING', 'APPROVED', 'DONE', 'REJECTED',"
                " 'CANCELLED', 'PRE_REVIEW_FAILED', 'TIMED_OUT')",
            ),
            CheckConstraint(
                name="association_change_switch_has_type",
                check="(kind = 'SWITCH') = (to_type is not null)",
            ),
        )

    def is_overdue(self, now: datetime) -> bool:
        """Whether nobody decided in time, though nothing may have said so yet."""
        return (
            self.status is ChangeStatus.PENDING
            and self.expires_at is not None
            and self.expires_at <= now
        )


class AuthorizationStatus(Status):
    """Life of an authorization to act on behalf (代客授权, domain.md 5.6)."""

    DISTRIBUTOR_PENDING = "DISTRIBUTOR_PENDING"
    REQUESTED = "REQUESTED"
    GRANTED = "GRANTED"
    REJECTED = "REJECTED"
    REVOKED = "REVOKED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """A reseller's distributor first, then the customer, who may revoke at any time."""
        return {
            cls.DISTRIBUTOR_PENDING: {cls.REQUESTED, cls.REJECTED, cls.REVOKED},
            cls.REQUESTED: {cls.GRANTED, cls.REJECTED, cls.REVOKED},
            cls.GRANTED: {cls.REVOKED},
        }


class OnBehalfScope(StrEnum):
    """What a partner may do for a customer (C-10, C-11)."""

    ORDER = "ORDER"
    OM = "OM"


class AuthorizationEnd(StrEnum):
    """Why an authorization was revoked."""

    WITHDRAWN = "WITHDRAWN"
    REVOKED_BY_CUSTOMER = "REVOKED_BY_CUSTOMER"
    ASSOCIATION_ENDED = "ASSOCIATION_ENDED"
    SWITCHED_TO_REFERRAL = "SWITCHED_TO_REFERRAL"
    CUSTOMER_FROZEN = "CUSTOMER_FROZEN"


class OnBehalfAuthorization(Versioned):
    """That a partner may order (ORDER) or operate (OM) for an agency customer."""

    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.RESTRICT, related_name="authorizations"
    )
    customer_id: UUID
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="authorizations"
    )
    partner_id: UUID
    association_id = fields.UUIDField()
    scopes: list[str] = fields.JSONField(default=list)
    status = fields.CharEnumField(AuthorizationStatus, max_length=24)
    requested_by = fields.UUIDField()
    refusal = fields.CharField(500, null=True)
    granted_at: datetime | None = fields.DatetimeField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)
    end_reason = fields.CharEnumField(AuthorizationEnd, max_length=32, null=True)

    class Meta:
        table = "on_behalf_authorization"
        indexes = (
            Index(fields=("partner_id", "created_at", "id"), name="authorization_by_age"),
            Index(fields=("customer_id", "created_at", "id"), name="authorization_of_customer"),
            Index(fields=("created_at", "id"), name="authorization_all_by_age"),
        )
        constraints = (
            UniqueConstraint(
                fields=("customer_id", "partner_id"),
                name="authorization_one_live",
                condition="status in ('DISTRIBUTOR_PENDING', 'REQUESTED', 'GRANTED')",
            ),
            CheckConstraint(
                name="authorization_status_known",
                check="status in ('DISTRIBUTOR_PENDING', 'REQUESTED', 'GRANTED', 'REJECTED',"
                " 'REVOKED')",
            ),
            CheckConstraint(
                name="authorization_revoked_has_reason",
                check="(status = 'REVOKED') = (end_reason is not null)",
            ),
        )


class CommitmentLetter(Record):
    """That a partner has accepted the commitment letter for acting on behalf, once (C-23)."""

    partner_id: UUID = fields.UUIDField(unique=True)
    version = fields.CharField(32)
    accepted_by = fields.UUIDField()

    class Meta:
        table = "commitment_letter"
