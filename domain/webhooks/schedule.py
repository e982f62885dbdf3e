"""When a delivery is tried again: ten attempts in three days and a bit, as the standard shows."""

from datetime import datetime, timedelta
from random import uniform

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
ATTEMPTS = len(WAITS) + 1
SPREAD = 0.2
LONGEST_WISH = timedelta(hours=24)  # of what a receiver's Retry-After may ask for


def next_attempt(
    made: int, *, first: datetime, wall: datetime, wish: timedelta | None = None
) -> datetime | None:
    """When to try again after so many attempts, in wall time; None when that was the last.

    Each wait is longer or shorter by up to a fifth, counted from the first attempt, so that
    shorter waits don't add up: the last attempt is never earlier than 75 h 35 min after the first.
    Whoever comes late waits the shortened wait nevertheless, so that a worker's outage doesn't
    spend all attempts at once. `wish` is what the receiver asked for.
    """
    if made >= ATTEMPTS:
        return None
    wait = WAITS[made - 1]
    is_last = made == len(WAITS)
    planned = (
        first + sum(WAITS[:made], timedelta()) + wait * uniform(0 if is_last else -SPREAD, SPREAD)
    )
    asked = wall + min(wish, LONGEST_WISH) if wish is not None else wall
    return max(planned, wall + wait * (1 - SPREAD), asked)
