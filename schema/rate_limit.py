"""What a client may still spend, in the words of `extensions.cost`."""

import strawberry

from kit import clock
from schema.context import Allowance
from schema.scalars import DateTime


@strawberry.type(
    description="The points that the client has: each operation costs some, and they come back"
    " with time. Every answer has the same in `extensions.cost`, under the same names."
)
class RateLimit:
    requested: int = strawberry.field(description="How many this operation costs.")
    capacity: int = strawberry.field(description="How many the client has at most.")
    available: int = strawberry.field(
        description="How many are left after this operation. Less than its own, if all clients of"
        " the same partner or customer together have fewer left."
    )
    used: int = strawberry.field(description="How many are missing: `capacity` less `available`.")
    restore_per_second: int = strawberry.field(description="How many come back each second.")
    reset_at: DateTime = strawberry.field(
        description="When all will be there again if none are spent before. Real time, also in a"
        " sandbox."
    )

    @staticmethod
    def of(left: Allowance) -> "RateLimit":
        """The allowance as the API tells it."""
        return RateLimit(
            requested=left.requested,
            capacity=left.capacity,
            available=left.available,
            used=left.capacity - left.available,
            restore_per_second=left.restore_per_second,
            reset_at=clock.wall() + left.full_in,  # type: ignore[arg-type]
        )
