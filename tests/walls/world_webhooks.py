"""Where a house has its events sent, marked by its name, and what came of a trial."""

from datetime import datetime

from domain.identity.viewer import Viewer
from domain.webhooks import claims, delivering, endpoints, repeating
from domain.webhooks.sending import Answer
from kit import clock


async def furnish(house: str, *, by: Viewer, now: datetime) -> None:
    """An endpoint that was tried and refused."""
    made = await endpoints.create(
        viewer=by,
        url=f"https://hooks.{house.lower()}.example/in",
        types=["customer.*"],
        description=f"{house} has hooks",
        now=now,
    )
    await repeating.trial(viewer=by, endpoint_id=made.endpoint.id, now=now)
    token, rows = await claims.claim(limit=1)
    for row in rows:
        await delivering.write_down(
            row["id"],
            endpoint_id=row["endpoint_id"],
            token=token,
            answer=Answer(
                status_code=500, milliseconds=7, text=f"{house} is out", error="HTTP 500"
            ),
            begun=clock.wall(),
            now=now,
        )
