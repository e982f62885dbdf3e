"""Who may ask for a list at all; which rows it has is the scopes' business."""

from collections.abc import Callable

from domain.identity import permissions
from domain.identity.viewer import Viewer, ViewerKind


def may_list(operation: str, *, persons: bool = False) -> Callable[[Viewer], None]:
    """The guard of a list: operators and staff need its right, a customer finds itself.

    With `persons`, whoever sits in no seat finds what is his own, too. Whoever lacks the right is
    told so, and isn't shown an empty list.
    """
    freely = {ViewerKind.CUSTOMER, ViewerKind.PERSON} if persons else {ViewerKind.CUSTOMER}

    def guard(viewer: Viewer) -> None:
        viewer.require_sign_in()
        if viewer.kind not in freely:
            permissions.require(viewer, operation)

    return guard
