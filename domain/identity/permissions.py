"""Whether a viewer may call an operation, and the words that say who may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.identity.operations import OPERATIONS, Open

if TYPE_CHECKING:
    from domain.identity.viewer import Viewer


def require(viewer: Viewer, operation: str) -> None:
    """Let those pass who may call the operation at all; which rows is the scopes' business.

    Raises Unauthenticated for nobody in particular, Forbidden for somebody without the right.
    """
    rule = OPERATIONS.get(operation, Open.OPERATORS)
    if rule is Open.ANYBODY:
        return
    viewer.require_sign_in()
    if rule is Open.OPERATORS:
        viewer.require_operator()
    elif not isinstance(rule, Open):
        viewer.require(*rule)


def describe(operation: str) -> str:
    """The sentence for the operation's description in the API: `Requires any of: ROLE_MANAGE.`"""
    rule = OPERATIONS.get(operation, Open.OPERATORS)
    return rule.value if isinstance(rule, Open) else f"Requires any of: {', '.join(rule)}."
