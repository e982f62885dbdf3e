"""Managing roles and operators: inputs and payloads."""

import strawberry

from domain.identity.operators import (
    AdministratorStandsAlone,
    AlreadyOperator,
    LastAdministrator,
    ManagerOrSupervisor,
    WrongNumberOfRoles,
)
from domain.identity.roles import (
    ItemsNotGrantable,
    PresetRoleFixed,
    RoleInUse,
    RoleNameTaken,
    TooManyRoles,
)
from schema.identity import Operator, Role
from schema.inputs import expected_version, idempotency_key
from schema.payloads import made, payload, told
from schema.permissions import PermissionItem

_PARTNER = "For the platform's staff, who have no partner of their own; else leave it out."
_COMBINATION = (
    "One to three; the administrator's stands alone, and account manager and supervisor exclude"
    " each other."
)


@strawberry.input(description="Make a role of the partner's own.")
class RoleCreateInput:
    name: str = strawberry.field(description="1 to 80 characters, not taken yet.")
    items: list[PermissionItem] = strawberry.field(
        description="What it allows; none of the administrator's or the platform's items."
    )
    partner_id: strawberry.ID | None = strawberry.field(default=None, description=_PARTNER)
    idempotency_key: str | None = idempotency_key()


@payload(errors=(TooManyRoles, RoleNameTaken, ItemsNotGrantable))
class RoleCreatePayload:
    role: Role | None = made("The new role.")


@strawberry.input(description="Change a role of the partner's own.")
class RoleUpdateInput:
    id: strawberry.ID = strawberry.field(description="Of the role.")
    name: str | None = strawberry.field(default=None, description="A new name; unsaid: as it is.")
    items: list[PermissionItem] | None = strawberry.field(
        default=None, description="All it shall allow; unsaid: as it is."
    )
    expected_version: int = expected_version()
    idempotency_key: str | None = idempotency_key()


@payload(errors=(RoleNameTaken, ItemsNotGrantable, PresetRoleFixed), versioned=True)
class RoleUpdatePayload:
    role: Role | None = made("The role as it is now.")


@strawberry.input(description="Take a role away that nobody has.")
class RoleDeleteInput:
    id: strawberry.ID = strawberry.field(description="Of the role.")
    idempotency_key: str | None = idempotency_key()


@payload(errors=(RoleInUse, PresetRoleFixed))
class RoleDeletePayload:
    deleted_id: strawberry.ID | None = told("The id that the role had.")


@strawberry.input(description="Give a person a seat at the partner. Say `email` or `personId`.")
class OperatorAddInput:
    email: str | None = strawberry.field(default=None, description="Whose account this is.")
    person_id: strawberry.ID | None = strawberry.field(default=None, description="The person.")
    role_ids: list[strawberry.ID] = strawberry.field(description=_COMBINATION)
    partner_id: strawberry.ID | None = strawberry.field(default=None, description=_PARTNER)
    idempotency_key: str | None = idempotency_key()


_COMBINATION_ERRORS = (WrongNumberOfRoles, AdministratorStandsAlone, ManagerOrSupervisor)


@payload(errors=(AlreadyOperator, *_COMBINATION_ERRORS))
class OperatorAddPayload:
    operator: Operator | None = made("The new seat.")


@strawberry.input(description="Replace an operator's roles; it takes effect at once.")
class OperatorRolesSetInput:
    id: strawberry.ID = strawberry.field(description="Of the operator.")
    role_ids: list[strawberry.ID] = strawberry.field(description=_COMBINATION)
    expected_version: int | None = strawberry.field(
        default=None, description="The version that you have read."
    )
    idempotency_key: str | None = idempotency_key()


@payload(errors=(LastAdministrator, *_COMBINATION_ERRORS), versioned=True)
class OperatorRolesSetPayload:
    operator: Operator | None = made("The operator as it is now.")


@strawberry.input(description="Take an operator's seat away; it takes effect at once.")
class OperatorRemoveInput:
    id: strawberry.ID = strawberry.field(description="Of the operator.")
    idempotency_key: str | None = idempotency_key()


@payload(errors=(LastAdministrator,))
class OperatorRemovePayload:
    operator: Operator | None = made("The seat, removed.")
