"""What the tests of webhooks do again and again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from domain.audit import events, relay
from domain.identity.viewer import SYSTEM, Viewer
from domain.webhooks import endpoints
from domain.webhooks.sending import Wire
from kit import database, ids
from models.webhooks import WebhookDelivery, WebhookEndpoint
from tests.conftest import Clock
from tests.receiver import Receiver
from workers.webhooks import Courier


@dataclass
class House:
    """A partner, whose endpoint is told of things, and the courier who tells it."""

    viewer: Viewer
    receiver: Receiver
    wire: Wire
    courier: Courier
    time: Clock
    endpoint_ids: list[UUID] = field(default_factory=list)

    @property
    def endpoint_id(self) -> UUID:
        """The first endpoint."""
        return self.endpoint_ids[0]

    async def endpoint(
        self, *, types: Sequence[str] = ("thing.*",), path: str = "/hook"
    ) -> endpoints.Made:
        """One more endpoint, whose secret the receiver knows."""
        made = await endpoints.create(
            viewer=self.viewer,
            url=self.receiver.url(path),
            types=types,
            description="ours",
            now=self.time.now,
        )
        self.receiver.secrets.append(made.secret)
        self.endpoint_ids.append(made.endpoint.id)
        await relay.place_all(now=self.time.now)
        return made

    async def happens(self, name: str = "thing.made", **more: Any) -> str:
        """An event of the partner's, with its position; its id as the API says it."""
        assert self.viewer.partner_id is not None
        about: dict[str, Any] = {"subject_type": "thing", "subject_id": uuid4(), "actor": SYSTEM}
        id = await events.record(
            name, tenant_id=self.viewer.partner_id, at=self.time.now, **about | more
        )
        await relay.place_all(now=self.time.now)
        return ids.encode("evt", id)

    async def round(self) -> int:
        """Send what is due; how many attempts that were."""
        return await self.courier.round(self.wire)

    async def delivery(self, **which: Any) -> WebhookDelivery:
        """The only one."""
        return await WebhookDelivery.get(**which)

    async def first(self) -> WebhookEndpoint:
        """The first endpoint as it stands."""
        return await WebhookEndpoint.get(id=self.endpoint_id)

    async def log(self) -> list[dict[str, Any]]:
        """Every attempt, in order."""
        return await database.rows(
            "select number, status_code, answer, error from webhook_attempt order by id"
        )
