"""The worker process: connections, then work until told to stop."""

from partner_center import metrics_port, startup, tracing
from partner_center.settings import Settings
from workers import main


async def run(settings: Settings) -> None:
    """Work until cancelled; what is under way then is brought to its end."""
    await startup.open_database(settings)
    try:
        endpoint = settings.otel_exporter_otlp_endpoint
        async with (
            metrics_port.serving(settings.host, settings.metrics_port),
            tracing.recording(endpoint, service="partner-center-worker"),
        ):
            await main.run(settings)
    finally:
        await startup.close()
