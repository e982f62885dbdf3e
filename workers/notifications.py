"""Sending mails, a few batches at each beat of the worker."""

from datetime import datetime

from domain.notifications import mail

# A beat has a minute; what is left then waits for the next.
BATCHES = 10


async def deliver(*, now: datetime) -> int:
    """Send what is due, at most ten batches; how many mails were claimed."""
    total = 0
    for _ in range(BATCHES):
        claimed = await mail.deliver_due(now=now)
        total += claimed
        if claimed == 0:
            break
    return total
