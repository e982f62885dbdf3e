"""The sweep: subjects against timers, for the day when something went past both."""

import logging
from datetime import datetime

from kit import timers
from workers.effects import WAITS

log = logging.getLogger(__name__)


async def compare(*, scheduled_for: datetime, now: datetime) -> None:
    """Give every waiting subject its timer and take back those of decided ones.

    There should be nothing to do, ever: each difference is a bug somewhere, so it is told loudly.
    """
    for kind, waits in WAITS.items():
        mended = await timers.mend(waits, now=now)
        if mended.created or mended.cancelled:
            log.error(
                "sweep of %s: %d subjects had no timer, %d timers had outlived their subject",
                kind,
                mended.created,
                mended.cancelled,
            )
