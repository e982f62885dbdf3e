"""Customers: companies and persons that buy, and what a partner keeps about them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Record, Versioned
from models.partners import Partner, Site


class CustomerKind(StrEnum):
    """What kind of account buys (wire: customer_type -1, 0, 1)."""

    UNKNOWN = "UNKNOWN"
    INDIVIDUAL = "INDIVIDUAL"
    ENTERPRISE = "ENTERPRISE"


class Verification(StrEnum):
    """Real-name verification of a customer (wire: verified_status -1, 0, 1, 2)."""

    NOT_VERIFIED = "NOT_VERIFIED"
    UNDER_REVIEW = "UNDER_REVIEW"
    REJECTED = "REJECTED"
    VERIFIED = "VERIFIED"


class EnterpriseRole(StrEnum):
    """Where an account stands in an enterprise (企业主 / 企业子)."""

    NONE = "NONE"
    MASTER = "MASTER"
    MANAGED_MEMBER = "MANAGED_MEMBER"
    INDEPENDENT_MEMBER = "INDEPENDENT_MEMBER"


class Freeze(StrEnum):
    """What of a customer is frozen (冻结)."""

    NONE = "NONE"
    ACCOUNT = "ACCOUNT"
    ACCOUNT_AND_RESOURCES = "ACCOUNT_AND_RESOURCES"


class CustomerLevel(StrEnum):
    """The platform's level of a customer, lowest first."""

    V0 = "V0"
    V1 = "V1"
    V2 = "V2"
    V3 = "V3"
    V4 = "V4"
    V5 = "V5"


class CustomerSegment(StrEnum):
    """How the platform serves a customer: by name, or among many (客户分层)."""

    UNCLASSIFIED = "UNCLASSIFIED"
    NAMED = "NAMED"
    MID_LONG_TAIL = "MID_LONG_TAIL"


class AssociationType(StrEnum):
    """How a customer belongs to a partner (关联类型; wire 1 and 2)."""

    REFERRAL = "REFERRAL"
    AGENCY = "AGENCY"


class Customer(Versioned):
    """A cloud account that buys. The facts below decide what it may be associated as (C-03…C-19).

    The columns from `partner_id` to `listed_at` repeat the active association, so that a partner's
    list is one index range; the workflows of associations write both, and a test compares them.
    `listed_at` is when it came to its present partner, or was made known when it has none.
    """

    name = fields.CharField(160)
    account_name = fields.CharField(64, unique=True)
    kind = fields.CharEnumField(CustomerKind, max_length=16, default=CustomerKind.UNKNOWN)
    verification = fields.CharEnumField(
        Verification, max_length=16, default=Verification.NOT_VERIFIED
    )
    site = fields.CharEnumField(Site, max_length=16, default=Site.CHINA)
    email = fields.CharField(320, null=True)
    phone = fields.CharField(32, null=True)
    registered_at: datetime = fields.DatetimeField()
    level = fields.CharEnumField(CustomerLevel, max_length=4, default=CustomerLevel.V0)
    segment = fields.CharEnumField(
        CustomerSegment, max_length=16, default=CustomerSegment.UNCLASSIFIED
    )
    freeze = fields.CharEnumField(Freeze, max_length=24, default=Freeze.NONE)
    freeze_reason = fields.CharField(500, null=True)
    frozen_by_platform = fields.BooleanField(default=False)
    enterprise_role = fields.CharEnumField(
        EnterpriseRole, max_length=24, default=EnterpriseRole.NONE
    )
    has_independent_members = fields.BooleanField(default=False)
    has_credit_account = fields.BooleanField(default=False)
    has_special_contract = fields.BooleanField(default=False)
    has_reserved_instance = fields.BooleanField(default=False)
    has_support_plan = fields.BooleanField(default=False)
    has_stored_value_card = fields.BooleanField(default=False)
    has_debt = fields.BooleanField(default=False)
    owes_invoices = fields.BooleanField(default=False)
    has_cash_consumption = fields.BooleanField(default=False)
    is_partner = fields.BooleanField(default=False)
    owned_by_direct_sales = fields.BooleanField(default=False)
    owned_by_online_sales = fields.BooleanField(default=False)
    owned_by_support_centre = fields.BooleanField(default=False)
    reported_by_platform = fields.BooleanField(default=False)

    partner: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="customers"
    )
    partner_id: UUID | None
    association_id: UUID | None = fields.UUIDField(null=True)
    association_type = fields.CharEnumField(AssociationType, max_length=16, null=True)
    manager_id: UUID | None = fields.UUIDField(null=True)
    listed_at = fields.DatetimeField()

    def __init__(self, **values: Any) -> None:
        # An account that isn't told otherwise is as old as our knowledge of it.
        if "created_at" in values:
            values = {
                "registered_at": values["created_at"],
                "listed_at": values["created_at"],
            } | values
        super().__init__(**values)

    class Meta:
        table = "customer"
        constraints = (
            CheckConstraint(
                name="customer_associated_wholly",
                check="(partner_id is null) = (association_id is null)"
                " and (partner_id is null) = (association_type is null)"
                " and (manager_id is null or partner_id is not null)",
            ),
        )
        indexes = (
            Index(fields=("listed_at", "id"), name="customer_by_age"),
            Index(fields=("name", "id"), name="customer_by_name"),
            Index(fields=("partner_id", "listed_at", "id"), name="customer_of_partner"),
            Index(fields=("partner_id", "name", "id"), name="customer_of_partner_by_name"),
            Index(fields=("manager_id", "listed_at", "id"), name="customer_of_manager"),
            Index(fields=("email",), name="customer_by_email"),
            Index(fields=("phone",), name="customer_by_phone"),
        )


class AssociationState(StrEnum):
    """Whether an association lasts."""

    ACTIVE = "ACTIVE"
    ENDED = "ENDED"


class Association(Versioned):
    """That a customer belongs to a partner, from and until when; history stays (C-01, C-12).

    Before `incentives_from` what the partner sells the customer earns it no incentive (I-13).
    """

    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.RESTRICT, related_name="associations"
    )
    customer_id: UUID
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, related_name="associations"
    )
    partner_id: UUID
    type = fields.CharEnumField(AssociationType, max_length=16)
    state = fields.CharEnumField(AssociationState, max_length=16, default=AssociationState.ACTIVE)
    started_at = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)
    end_reason = fields.CharField(64, null=True)
    tag = fields.CharField(64, null=True)
    incentives_from: datetime | None = fields.DatetimeField(null=True)
    invitation_id: UUID | None = fields.UUIDField(null=True, db_index=True)

    class Meta:
        table = "association"
        indexes = (
            Index(fields=("partner_id", "started_at", "id"), name="association_by_age"),
            Index(fields=("started_at", "id"), name="association_all_by_age"),
            Index(fields=("customer_id", "started_at", "id"), name="association_of_customer"),
        )
        constraints = (
            UniqueConstraint(
                fields=("customer_id",),
                name="association_one_active",
                condition="state = 'ACTIVE'",
            ),
            CheckConstraint(
                name="association_ended_has_end",
                check="(state = 'ENDED') = (ended_at is not null)",
            ),
        )


class CustomerAssignment(Record):
    """Who of a partner looked after a customer, from when until when (O-06, O-07)."""

    partner_id = fields.UUIDField()
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.RESTRICT, related_name="assignments"
    )
    customer_id: UUID
    manager_id = fields.UUIDField()
    from_at = fields.DatetimeField()
    to_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "customer_assignment"
        indexes = (
            Index(fields=("customer_id", "from_at"), name="customer_assignment_of_customer"),
            Index(fields=("manager_id", "from_at"), name="customer_assignment_of_manager"),
        )
        constraints = (
            UniqueConstraint(
                fields=("partner_id", "customer_id"),
                name="customer_assignment_one_open",
                condition="to_at is null",
            ),
            CheckConstraint(
                name="customer_assignment_forward", check="to_at is null or to_at >= from_at"
            ),
        )


class SupervisorLink(Record):
    """Which account managers a supervisor supervises, from when until when."""

    partner_id = fields.UUIDField()
    supervisor_id = fields.UUIDField()
    manager_id = fields.UUIDField()
    from_at = fields.DatetimeField()
    to_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "supervisor_link"
        indexes = (Index(fields=("supervisor_id", "from_at"), name="supervisor_link_of"),)
        constraints = (
            UniqueConstraint(
                fields=("manager_id",), name="supervisor_link_one_open", condition="to_at is null"
            ),
        )


class CustomerTag(Record):
    """A word that a partner's people put on a customer (标签)."""

    partner_id = fields.UUIDField()
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.RESTRICT, related_name="tags"
    )
    customer_id: UUID
    tag = fields.CharField(64)

    class Meta:
        table = "customer_tag"
        indexes = (Index(fields=("tag", "customer_id"), name="customer_tag_by_tag"),)
        constraints = (
            UniqueConstraint(fields=("partner_id", "customer_id", "tag"), name="customer_tag_once"),
        )
