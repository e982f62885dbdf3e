"""Who may ask for a list at all; which rows it has is the scopes' business."""

from collections.abc import Callable

from domain.identity import permissions
from domain.identity.viewer import Viewer, ViewerKind


def may_list(operation: str) -> Callable[[Viewer], None]:
    """The guard of a list: operators and staff need its right, others find what is their own.

    Whoever lacks the right is told so, and isn't shown an empty list.
    """

    def guard(viewer: Viewer) -> None:
        viewer.require_sign_in()
        if viewer.kind in (ViewerKind.OPERATOR, ViewerKind.STAFF):
            permissions.require(viewer, operation)

    return guard
