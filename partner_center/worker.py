"""The worker process: connections, then work until told to stop."""

from partner_center import startup
from partner_center.settings import Settings
from workers import main


async def run(settings: Settings) -> None:
    """Work until cancelled; what is under way then is brought to its end."""
    await startup.open_database(settings)
    try:
        await main.run(settings)
    finally:
        await startup.close()
