"""Invitations of customers (邀请): by mail to the reported one, by link to whoever gets it."""

from collections.abc import Mapping, Set
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Versioned
from models.customers import AssociationType
from models.partners import Partner


class InvitationChannel(StrEnum):
    """How an invitation reaches the customer (C-17)."""

    EMAIL = "EMAIL"
    LINK = "LINK"


class CustomerInvitationStatus(Status):
    """Life of a customer invitation (客户邀请); a LINK stays SENT while it is good."""

    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """What lapsed, failed or was cancelled may be sent again."""
        return {
            cls.SENT: {cls.ACCEPTED, cls.EXPIRED, cls.FAILED, cls.CANCELLED},
            cls.FAILED: {cls.ACCEPTED, cls.SENT, cls.EXPIRED, cls.CANCELLED},
            cls.EXPIRED: {cls.SENT},
            cls.CANCELLED: {cls.SENT},
        }


class CustomerInvitation(Versioned):
    """An offer to a customer to be associated with the partner; the token is stored hashed.

    EMAIL: for the one reported customer, seven times 24 hours, and no longer than its report lasts
    (`report_ends_at`). LINK (also shown as a QR code): for whoever holds it, without an end; `tag`
    carries the inviting operator's account name. `manager_id` is the seat whose invitation it is;
    `customer_id` the account that it was sent to, as far as that is known.
    """

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="customer_invitations"
    )
    partner_id: UUID
    report_id: UUID | None = fields.UUIDField(null=True, db_index=True)
    customer_id: UUID | None = fields.UUIDField(null=True)
    channel = fields.CharEnumField(InvitationChannel, max_length=8)
    type = fields.CharEnumField(AssociationType, max_length=16)
    email = fields.CharField(320, null=True)
    tag = fields.CharField(64, null=True)
    status = fields.CharEnumField(CustomerInvitationStatus, max_length=16)
    failed_checks: list[str] = fields.JSONField(default=list)
    token_hash = fields.CharField(64, unique=True)
    generation = fields.IntField(default=1)
    invited_by = fields.UUIDField()
    manager_id: UUID | None = fields.UUIDField(null=True)
    sent_at = fields.DatetimeField()
    expires_at: datetime | None = fields.DatetimeField(null=True)
    report_ends_at: datetime | None = fields.DatetimeField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)
    accepted_count = fields.IntField(default=0)

    class Meta:
        table = "customer_invitation"
        indexes = (
            Index(fields=("partner_id", "created_at", "id"), name="customer_invitation_by_age"),
            Index(fields=("created_at", "id"), name="customer_invitation_all_by_age"),
            Index(fields=("manager_id", "created_at", "id"), name="customer_invitation_of_manager"),
            Index(fields=("customer_id", "created_at", "id"), name="customer_invitation_of"),
        )
        constraints = (
            UniqueConstraint(
                fields=("report_id", "type"),
                name="customer_invitation_one_open",
                condition="status in ('SENT', 'FAILED')",
            ),
            CheckConstraint(
                name="customer_invitation_status_known",
                check="status in ('SENT', 'ACCEPTED', 'EXPIRED', 'FAILED', 'CANCELLED')",
            ),
            CheckConstraint(
                name="customer_invitation_mail_ends",
                check="(channel = 'EMAIL') = (expires_at is not null)",
            ),
            CheckConstraint(
                name="customer_invitation_mail_has_report",
                check="(channel = 'EMAIL') = (report_id is not null)"
                " and (channel = 'EMAIL') = (report_ends_at is not null)",
            ),
        )

    @property
    def ends_at(self) -> datetime | None:
        """From when on it can't be accepted: its seven days, or the report's fifteen, are over."""
        if self.expires_at is None or self.report_ends_at is None:
            return None
        return min(self.expires_at, self.report_ends_at)

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer, whatever the time."""
        return self.status in (CustomerInvitationStatus.SENT, CustomerInvitationStatus.FAILED)

    def is_overdue(self, now: datetime) -> bool:
        """Whether its time is over, though nothing may have said so yet."""
        return self.is_open and self.ends_at is not None and self.ends_at <= now
