"""Managing a partner's roles and operators."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.customers import departures
from domain.identity import operators, roles
from domain.identity.items import Item
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from kit import ids
from resolvers.mutation import Outcome, mutation
from schema.permissions import PermissionItem
from schema.roles import (
    OperatorAddInput,
    OperatorAddPayload,
    OperatorRemoveInput,
    OperatorRemovePayload,
    OperatorRolesSetInput,
    OperatorRolesSetPayload,
    RoleCreateInput,
    RoleCreatePayload,
    RoleDeleteInput,
    RoleDeletePayload,
    RoleUpdateInput,
    RoleUpdatePayload,
)


@strawberry.type
class RoleMutation:
    @mutation(
        "Make a role of the partner's own; there may be ten.",
        RoleCreatePayload,
        requires=describe("roleCreate"),
    )
    async def role_create(self, viewer: Viewer, input: RoleCreateInput, now: datetime) -> Outcome:
        role = await roles.create(
            viewer=viewer,
            name=input.name,
            items=_items(input.items),
            partner_id=_partner(input.partner_id),
            now=now,
        )
        return Outcome(role=role.id)

    @mutation(
        "Change a role of the partner's own. It takes effect at once, for open sessions too.",
        RoleUpdatePayload,
        requires=describe("roleUpdate"),
    )
    async def role_update(self, viewer: Viewer, input: RoleUpdateInput, now: datetime) -> Outcome:
        role = await roles.update(
            viewer=viewer,
            role_id=_id("rol", input.id),
            name=input.name,
            items=None if input.items is None else _items(input.items),
            expected_version=input.expected_version,
            now=now,
        )
        return Outcome(role=role.id)

    @mutation(
        "Take away a role of the partner's own that nobody has.",
        RoleDeletePayload,
        requires=describe("roleDelete"),
    )
    async def role_delete(self, viewer: Viewer, input: RoleDeleteInput, now: datetime) -> Outcome:
        await roles.delete(viewer=viewer, role_id=_id("rol", input.id), now=now)
        return Outcome(deleted_id=input.id)

    @mutation(
        "Give a person a seat at the partner.",
        OperatorAddPayload,
        requires=describe("operatorAdd"),
    )
    async def operator_add(self, viewer: Viewer, input: OperatorAddInput, now: datetime) -> Outcome:
        operator = await operators.add(
            viewer=viewer,
            email=input.email,
            person_id=ids.optional("psn", input.person_id, path=("input", "personId")),
            role_ids=_role_ids(input.role_ids),
            partner_id=_partner(input.partner_id),
            now=now,
        )
        return Outcome(operator=operator.id)

    @mutation(
        "Replace an operator's roles. It takes effect at once, for open sessions too.",
        OperatorRolesSetPayload,
        requires=describe("operatorRolesSet"),
    )
    async def operator_roles_set(
        self, viewer: Viewer, input: OperatorRolesSetInput, now: datetime
    ) -> Outcome:
        operator = await operators.set_roles(
            viewer=viewer,
            operator_id=_id("opr", input.id),
            role_ids=_role_ids(input.role_ids),
            expected_version=input.expected_version,
            now=now,
        )
        return Outcome(operator=operator.id)

    @mutation(
        "Take an operator's seat away. It takes effect at once, for open sessions too.",
        OperatorRemovePayload,
        requires=describe("operatorRemove"),
    )
    async def operator_remove(
        self, viewer: Viewer, input: OperatorRemoveInput, now: datetime
    ) -> Outcome:
        operator = await departures.remove_operator(
            viewer=viewer, operator_id=_id("opr", input.id), now=now
        )
        return Outcome(operator=operator.id)


def _id(prefix: str, text: str, field: str = "id") -> UUID:
    return ids.decode(prefix, text, path=("input", field))


def _partner(text: str | None) -> UUID | None:
    return ids.optional("ptn", text, path=("input", "partnerId"))


def _items(items: list[PermissionItem]) -> list[Item]:
    return [Item[item.name] for item in items]


def _role_ids(texts: list[strawberry.ID]) -> list[UUID]:
    return [_id("rol", text, "roleIds") for text in texts]
