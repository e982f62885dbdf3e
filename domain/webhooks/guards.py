"""What can be done with an endpoint and a delivery, by how they stand."""

from datetime import datetime
from typing import Protocol

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from kit.status import WrongStatus
from models.webhooks import DeliveryState, EndpointState


class Row(Protocol):
    """The column that guards read."""

    @property
    def state(self) -> str: ...


def is_in(row: Row, state: str) -> bool:
    """Whether it stands there."""
    return row.state == state


def can_manage(row: Row, viewer: Viewer, now: datetime) -> Problem | None:
    """Whoever has the right, at any time."""
    if not viewer.may(Item.WEBHOOK_MANAGE):
        return Forbidden(needs=Item.WEBHOOK_MANAGE)
    return None


def can_pause(row: Row, viewer: Viewer, now: datetime) -> Problem | None:
    """While it is sent to."""
    return can_manage(row, viewer, now) or _to(row, EndpointState.PAUSED)


def can_resume(row: Row, viewer: Viewer, now: datetime) -> Problem | None:
    """While it rests, for whatever reason."""
    return can_manage(row, viewer, now) or _to(row, EndpointState.ACTIVE)


def can_retry(row: Row, viewer: Viewer, now: datetime) -> Problem | None:
    """Whatever became of it, unless its endpoint is gone."""
    refused = can_manage(row, viewer, now)
    if refused is None and row.state == DeliveryState.CANCELLED:
        return WrongStatus(status=str(row.state), wanted=DeliveryState.WAITING.value)
    return refused


def _to(row: Row, wanted: EndpointState) -> Problem | None:
    state = EndpointState(row.state)
    if wanted in state.arrows().get(state, frozenset()):
        return None
    return WrongStatus(status=state.value, wanted=wanted.value)


COLUMNS = ("state",)
ENDPOINT_ACTIONS: dict[str, Guard] = {
    "webhookEndpointEdit": can_manage,
    "webhookEndpointPause": can_pause,
    "webhookEndpointResume": can_resume,
    "webhookSecretRotate": can_manage,
    "webhookEndpointTest": can_manage,
    "webhookReplay": can_manage,
    "webhookEndpointDelete": can_manage,
}
DELIVERY_ACTIONS: dict[str, Guard] = {"webhookDeliveryRetry": can_retry}
