"""Files that nobody has attached, or shows any more: swept every ten minutes."""

from datetime import datetime

from domain.exports import deadlines as exports
from domain.files import sweep as files
from kit.transaction import after_commit


async def sweep(*, scheduled_for: datetime, now: datetime) -> None:
    """Remove those whose 24 hours are over, and those of exports, five hundred at a time."""
    await files.sweep(now=now)
    after_commit(lambda: exports.sweep(now=now))
