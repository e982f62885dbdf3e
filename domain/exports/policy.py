"""Who sees which exports: whoever made them, and the tenant's administrator all of the tenant."""

from typing import Protocol
from uuid import UUID

from domain.audit.events import PLATFORM_TENANT
from domain.identity.viewer import Viewer, ViewerKind
from kit.scope import Scope

_MINE = "{t}.created_by = {viewer.actor_id}"

EXPORTS = Scope(
    STAFF=f"({_MINE} and {{t}}.tenant_id = '{PLATFORM_TENANT}' or {{viewer.operates}}::boolean)",
    OPERATOR="({t}.tenant_id = {viewer.partner_id}"
    f" and ({_MINE} or {{viewer.is_administrator}}::boolean))",
    CUSTOMER=f"({{t}}.tenant_id = {{viewer.customer_id}} and {_MINE})",
    PERSON=f"({{t}}.tenant_id = {{viewer.person_id}} and {_MINE})",
)


def tenant_of(viewer: Viewer) -> UUID | None:
    """Who takes turns with others, and whose administrator sees it."""
    if viewer.kind is ViewerKind.STAFF:
        return PLATFORM_TENANT
    return viewer.partner_id or viewer.customer_id or viewer.person_id


class Owned(Protocol):
    """The columns of an export that say whose it is."""

    @property
    def tenant_id(self) -> UUID: ...
    @property
    def created_by(self) -> UUID: ...


def is_creator(row: Owned, viewer: Viewer) -> bool:
    """Whether it is the viewer's own, in the seat in which it was made."""
    return row.created_by == viewer.actor_id and row.tenant_id == tenant_of(viewer)


def is_administrator(row: Owned, viewer: Viewer) -> bool:
    """Whether the viewer administrates the tenant; of the platform's, whoever operates it."""
    if row.tenant_id != tenant_of(viewer):
        return False
    if viewer.kind is ViewerKind.STAFF:
        return viewer.operates
    return viewer.kind is ViewerKind.OPERATOR and viewer.is_administrator
