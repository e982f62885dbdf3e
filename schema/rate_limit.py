"""What a client may still spend; the names are those that GitHub's API has made common."""

import strawberry

from kit import clock
from schema.context import Allowance
from schema.scalars import DateTime


@strawberry.type(
    description="The points that the client has: each operation costs some (`extensions.cost`),"
    " and they come back with time."
)
class RateLimit:
    limit: int = strawberry.field(description="How many it has at most.")
    cost: int = strawberry.field(description="How many this operation costs.")
    remaining: int = strawberry.field(
        description="How many are left after this operation. Less than its own, if all clients of"
        " the same partner or customer together have fewer left."
    )
    used: int = strawberry.field(description="How many are missing: `limit` less `remaining`.")
    restore_per_second: int = strawberry.field(description="How many come back each second.")
    reset_at: DateTime = strawberry.field(
        description="When all will be there again if none are spent before. Real time, also in a"
        " sandbox."
    )

    @staticmethod
    def of(left: Allowance) -> "RateLimit":
        """The allowance as the API tells it."""
        return RateLimit(
            limit=left.limit,
            cost=left.cost,
            remaining=left.remaining,
            used=left.limit - left.remaining,
            restore_per_second=left.restore_per_second,
            reset_at=clock.wall() + left.full_in,  # type: ignore[arg-type]
        )
