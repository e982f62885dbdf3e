"""The demo's webhook: 青云数智 has a system that is told of everything."""

from datetime import datetime

from domain.audit import relay
from domain.webhooks import endpoints
from partner_center.demo.people import Cast


async def load_webhooks(cast: Cast, *, receiver: str, now: datetime) -> None:
    """An endpoint at the sandbox's own receiver; it begins behind the demo's past."""
    await relay.place_all(now=now)
    await endpoints.create(
        viewer=cast.houses[0].administrator,
        url=receiver,
        types=[],
        description="The sandbox's receiver: see /sandbox/webhooks",
        now=now,
    )
