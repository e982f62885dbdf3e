"""Files that nobody has attached: swept every ten minutes."""

from datetime import datetime

from domain.files import sweep as files


async def sweep(*, scheduled_for: datetime, now: datetime) -> None:
    """Remove those whose 24 hours are over, five hundred at a time."""
    await files.sweep(now=now)
