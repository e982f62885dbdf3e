"""Who signs in, in which seat, with which rights."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Record, Versioned
from models.customers import Customer
from models.partners import Partner, Site


class AccountKind(StrEnum):
    """Of what kind a person's cloud account is; only personal accounts become members (M-05)."""

    PERSONAL = "PERSONAL"
    ENTERPRISE = "ENTERPRISE"
    IAM_CHILD = "IAM_CHILD"


class RealName(StrEnum):
    """Real-name verification (实名认证) of an account."""

    NONE = "NONE"
    INDIVIDUAL = "INDIVIDUAL"
    ENTERPRISE = "ENTERPRISE"


class DocumentMode(StrEnum):
    """What a client may ask for: any document, or those alone that were registered beforehand."""

    ALLOW_ANY = "ALLOW_ANY"
    TRUSTED_ONLY = "TRUSTED_ONLY"


class Person(Versioned):
    """A sign-in. What it may do follows from its seats: operator, staff, customer user, or none."""

    email = fields.CharField(320, unique=True)
    account_name = fields.CharField(64, unique=True)
    name = fields.CharField(160)
    phone = fields.CharField(32, null=True)
    locale = fields.CharField(8, default="zh")
    site = fields.CharEnumField(Site, max_length=16, default=Site.CHINA)
    account_kind = fields.CharEnumField(AccountKind, max_length=16, default=AccountKind.PERSONAL)
    real_name = fields.CharEnumField(RealName, max_length=16, default=RealName.NONE)
    password_hash = fields.CharField(256, null=True)
    disabled_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "person"
        constraints = (CheckConstraint(name="person_email_lower", check="email = lower(email)"),)


class ExternalIdentity(Record):
    """A person's name at an OpenID Connect issuer."""

    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", on_delete=fields.CASCADE, db_index=True
    )
    person_id: UUID
    issuer = fields.CharField(320)
    subject = fields.CharField(320)

    class Meta:
        table = "external_identity"
        constraints = (
            UniqueConstraint(fields=("issuer", "subject"), name="external_identity_once"),
        )


class Role(Versioned):
    """A named set of permission items; preset ones belong to no partner and serve all."""

    partner: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, db_index=True
    )
    partner_id: UUID | None
    code = fields.CharField(64)
    name = fields.CharField(80)
    items: list[str] = fields.JSONField(default=list)

    class Meta:
        table = "role"
        constraints = (
            UniqueConstraint(fields=("partner_id", "code"), name="role_code_once"),
            UniqueConstraint(
                fields=("code",), name="role_preset_once", condition="partner_id is null"
            ),
        )


class Operator(Versioned):
    """A person's seat at a partner (操作员), with one to three roles."""

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, db_index=True
    )
    partner_id: UUID
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", on_delete=fields.RESTRICT, db_index=True
    )
    person_id: UUID
    removed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "operator"
        indexes = (Index(fields=("created_at", "id"), name="operator_by_age"),)
        constraints = (
            UniqueConstraint(
                fields=("partner_id", "person_id"),
                name="operator_one_seat",
                condition="removed_at is null",
            ),
        )


class OperatorRole(Record):
    """One role of one operator."""

    operator: fields.ForeignKeyRelation[Operator] = fields.ForeignKeyField(
        "models.Operator", on_delete=fields.CASCADE, db_index=True
    )
    operator_id: UUID
    role: fields.ForeignKeyRelation[Role] = fields.ForeignKeyField(
        "models.Role", on_delete=fields.RESTRICT, db_index=True
    )
    role_id: UUID

    class Meta:
        table = "operator_role"
        constraints = (
            UniqueConstraint(fields=("operator_id", "role_id"), name="operator_role_once"),
        )


class StaffMember(Versioned):
    """A person's seat on the platform's side; sees every tenant."""

    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", on_delete=fields.RESTRICT, db_index=True
    )
    person_id: UUID
    items: list[str] = fields.JSONField(default=list)
    removed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "staff_member"
        constraints = (
            UniqueConstraint(
                fields=("person_id",), name="staff_member_once", condition="removed_at is null"
            ),
        )


class CustomerUser(Versioned):
    """A person's seat at a customer."""

    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.RESTRICT, db_index=True
    )
    customer_id: UUID
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", on_delete=fields.RESTRICT, db_index=True
    )
    person_id: UUID
    removed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "customer_user"
        constraints = (
            UniqueConstraint(
                fields=("customer_id", "person_id"),
                name="customer_user_once",
                condition="removed_at is null",
            ),
        )


class Session(Record):
    """A sign-in that lasts: the refresh token is stored hashed and changes at every use.

    `refreshed_at` is when it last changed. All its times are wall time: a sandbox that jumps a
    week ahead must not sign anybody out.
    """

    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", on_delete=fields.CASCADE, db_index=True
    )
    person_id: UUID
    seat_kind = fields.CharField(16)
    seat_id = fields.UUIDField()
    refresh_hash = fields.CharField(64)
    refreshed_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    revoked_at: datetime | None = fields.DatetimeField(null=True)
    client = fields.CharField(256, null=True)

    class Meta:
        table = "session"


class ApiKey(Versioned):
    """A system's credential at a partner: hashed, scoped to items, expiring, shown once.

    Its times are wall time, as those of a session.
    """

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", on_delete=fields.RESTRICT, db_index=True
    )
    partner_id: UUID
    name = fields.CharField(80)
    public = fields.CharField(16, unique=True)
    secret_hash = fields.CharField(64)
    previous_hash = fields.CharField(64, null=True)
    previous_until: datetime | None = fields.DatetimeField(null=True)
    items: list[str] = fields.JSONField(default=list)
    documents = fields.CharEnumField(DocumentMode, max_length=16, default=DocumentMode.ALLOW_ANY)
    created_by: UUID = fields.UUIDField()
    expires_at = fields.DatetimeField()
    revoked_at: datetime | None = fields.DatetimeField(null=True)
    last_used_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "api_key"
        indexes = (
            Index(fields=("created_at", "id"), name="api_key_by_age"),
            Index(fields=("expires_at", "id"), name="api_key_by_expiry"),
            Index(fields=("name", "id"), name="api_key_by_name"),
        )


class SignInFailure(Record):
    """One wrong password, remembered for as long as the throttle looks back (wall time)."""

    email_hash = fields.CharField(64)
    address = fields.CharField(64)

    class Meta:
        table = "sign_in_failure"
        indexes = (
            Index(fields=("email_hash", "created_at"), name="sign_in_failure_by_email"),
            Index(fields=("address", "created_at"), name="sign_in_failure_by_address"),
        )
