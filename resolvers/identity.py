"""The viewer, and who works for a partner with which rights."""

import strawberry

from domain.identity.permissions import describe, require
from kit.reads import Connection, root_connection
from resolvers.api_keys import ApiKeyMutation
from resolvers.roles import RoleMutation
from resolvers.sessions import SessionMutation
from schema.context import Context
from schema.identity import ApiKey, Operator, Role, ViewerInfo
from schema.identity_lists import (
    ApiKeyFilter,
    ApiKeyOrder,
    OperatorFilter,
    OperatorOrder,
    RoleOrder,
)


@strawberry.type
class IdentityQuery:
    roles: Connection[Role] = root_connection(
        f"The preset roles and the partner's own. {describe('roles')}",
        order=RoleOrder,
        guard=lambda viewer: require(viewer, "roles"),
    )
    operators: Connection[Operator] = root_connection(
        f"Who works for the partner, the newest first. {describe('operators')}",
        filter=OperatorFilter,
        order=OperatorOrder,
        where="{t}.removed_at is null",
        guard=lambda viewer: require(viewer, "operators"),
    )
    api_keys: Connection[ApiKey] = root_connection(
        f"The partner's API keys, the newest first. {describe('apiKeys')}",
        filter=ApiKeyFilter,
        order=ApiKeyOrder,
        guard=lambda viewer: require(viewer, "apiKeys"),
    )

    @strawberry.field(description="Who asks, and what they may do. Needs no sign-in.")
    def viewer(self, info: strawberry.Info[Context, None]) -> ViewerInfo:
        return ViewerInfo.about(info.context.viewer)


@strawberry.type
class IdentityMutation(SessionMutation, RoleMutation, ApiKeyMutation):
    """All that changes who may do what."""
