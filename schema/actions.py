"""What can be done with an object right now, and what stands in the way of the rest."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import strawberry

from kit.guards import Guard, actions
from kit.reads import computed


@strawberry.type(description="Why an action is refused at this moment.")
class Blocker:
    """The refusal that the mutation would answer with."""

    code: str = strawberry.field(description="The `code` of the error, stable.")
    message: str = strawberry.field(
        description="A sentence for a person, in the language of `Accept-Language`."
    )


@strawberry.type(
    description="A mutation that could be called for this object. It is judged by the same guards"
    " as the mutation itself, but only by what the object knows: a mutation may still be refused"
    " for what others have done."
)
class AvailableAction:
    """One action and whether it is open."""

    name: str = strawberry.field(description="The name of the mutation.")
    allowed: bool = strawberry.field(description="Whether nothing stands in the way.")
    blocked_by: Blocker | None = strawberry.field(
        description="What stands in the way; null when nothing does."
    )


def available(
    guards: Mapping[str, Guard],
    columns: Sequence[str],
    description: str = "What you could do with it now.",
    **more: Any,
) -> Any:
    """The field `availableActions` of what these guards judge by these columns of it."""
    return computed(_judged_by(guards), columns, description, **more)


def _judged_by(guards: Mapping[str, Guard]) -> Callable[[Any, Any], list[AvailableAction]]:
    """What makes the list out of a row."""

    def judge(row: Any, request: Any) -> list[AvailableAction]:
        return [
            AvailableAction(
                name=action.name,
                allowed=action.allowed,
                blocked_by=Blocker(
                    code=action.blocked_by.code,
                    message=action.blocked_by.in_words(request.locale),
                )
                if action.blocked_by
                else None,
            )
            for action in actions(guards, row, request.viewer, request.now)
        ]

    return judge
