"""Endpoints: made, edited, given a new secret, taken away."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.audit import events, reading
from domain.audit.types import checked_types
from domain.identity import tenants
from domain.identity.permissions import require
from domain.identity.viewer import Viewer
from domain.webhooks import signing, targets
from domain.webhooks.policy import ENDPOINTS
from kit import clock, database, texts
from kit.ids import new_id
from kit.problems import Problem, VersionConflict
from kit.transaction import transactional
from models.webhooks import EndpointState, WebhookEndpoint

MOST = 10
LONGEST_DESCRIPTION = 200
OVERLAP = timedelta(hours=24)

_DESCRIPTION = ("input", "description")
_URL = ("input", "url")
_TYPES = ("input", "types")


class TooManyWebhookEndpoints(Problem):
    """The partner has all the endpoints that it may have."""

    en = "A partner has at most {maximum} webhook endpoints; delete one first."
    zh = "每个伙伴最多可有 {maximum} 个 Webhook 端点,请先删除一个。"
    about = {"maximum": "How many it may have."}
    maximum: int


@dataclass(frozen=True, slots=True)
class Made:
    """An endpoint and its secret, which is told this once."""

    endpoint: WebhookEndpoint
    secret: str


@transactional
async def create(
    *,
    viewer: Viewer,
    url: str,
    types: Iterable[str],
    description: str | None = None,
    now: datetime,
) -> Made:
    """A new endpoint of the viewer's partner, told of what happens from now on.

    `types` empty: of everything. Raises InvalidInput, TooManyWebhookEndpoints.
    """
    require(viewer, "webhookEndpointCreate")
    url = targets.checked_url(url, path=_URL)
    wanted = checked_types(types, path=_TYPES)
    about = _about(description)
    partner = await tenants.locked(viewer, None)
    living = WebhookEndpoint.filter(partner_id=partner.id, state__not=EndpointState.DELETED)
    if await living.count() >= MOST:
        raise TooManyWebhookEndpoints(maximum=MOST)

    endpoint = WebhookEndpoint(
        id=new_id(),
        created_at=now,
        partner_id=partner.id,
        url=url,
        description=about,
        types=wanted,
        salt=signing.new_salt(),
        position=await reading.end_as_written(tenant_id=partner.id),
    )
    await endpoint.insert()
    after = {"url": url, "types": wanted, "description": about}
    await record("created", endpoint, viewer=viewer, after=after, now=now)
    return Made(endpoint, signing.secret_of(endpoint.salt))


@transactional
async def edit(
    *,
    viewer: Viewer,
    endpoint_id: UUID,
    expected_version: int,
    url: str | None = None,
    types: Iterable[str] | None = None,
    description: str | None = None,
    now: datetime,
) -> WebhookEndpoint:
    """Change what is named; what waits goes to the new address, other types hold from now on.

    Raises VersionConflict, InvalidInput.
    """
    require(viewer, "webhookEndpointEdit")
    endpoint = await locked(viewer, endpoint_id, now)
    if endpoint.version != expected_version:
        raise VersionConflict(current=endpoint.version)
    wanted: dict[str, Any] = {}
    if url is not None:
        wanted["url"] = targets.checked_url(url, path=_URL)
    if types is not None:
        wanted["types"] = checked_types(types, path=_TYPES)
    if description is not None:
        wanted["description"] = _about(description)
    after = {name: value for name, value in wanted.items() if getattr(endpoint, name) != value}
    if not after:
        return endpoint

    before = {name: getattr(endpoint, name) for name in after}
    endpoint.update_from_dict(after)
    endpoint.version += 1
    await endpoint.save(update_fields=[*after, "version"])
    await record("edited", endpoint, viewer=viewer, before=before, after=after, now=now)
    return endpoint


@transactional
async def rotate(*, viewer: Viewer, endpoint_id: UUID, now: datetime) -> Made:
    """A new secret; for 24 hours of real time all is signed by the old one as well."""
    require(viewer, "webhookSecretRotate")
    endpoint = await locked(viewer, endpoint_id, now)
    endpoint.previous_salt = endpoint.salt
    endpoint.previous_until = clock.wall() + OVERLAP
    endpoint.salt = signing.new_salt()
    endpoint.version += 1
    await endpoint.save(update_fields=["salt", "previous_salt", "previous_until", "version"])
    after = {"previous_until_at": endpoint.previous_until.isoformat()}
    await record("secret_rotated", endpoint, viewer=viewer, after=after, now=now)
    return Made(endpoint, signing.secret_of(endpoint.salt))


@transactional
async def delete(*, viewer: Viewer, endpoint_id: UUID, now: datetime) -> WebhookEndpoint:
    """Send nothing there any more, whatever still waits; what is under way may yet arrive."""
    require(viewer, "webhookEndpointDelete")
    endpoint = await locked(viewer, endpoint_id, now)
    endpoint.state = endpoint.state.to(EndpointState.DELETED)
    endpoint.update_from_dict({"disabled_reason": None, "disabled_at": None})
    endpoint.deleted_at = now
    endpoint.version += 1
    await endpoint.save(
        update_fields=["state", "disabled_reason", "disabled_at", "deleted_at", "version"]
    )
    await database.execute(
        """
        update webhook_delivery
        set state = 'CANCELLED', lease_token = null, leased_until = null, leased_by = null
        where endpoint_id = $1 and state = 'WAITING'""",
        endpoint.id,
    )
    await record("deleted", endpoint, viewer=viewer, before={"url": endpoint.url}, now=now)
    return endpoint


async def locked(viewer: Viewer, endpoint_id: UUID, now: datetime) -> WebhookEndpoint:
    """The endpoint, held, if it exists for the viewer. Raises NotFound."""
    return await ENDPOINTS.lock(
        WebhookEndpoint, endpoint_id, viewer=viewer, now=now, thing="webhook endpoint"
    )


async def record(
    happened: str,
    endpoint: WebhookEndpoint,
    *,
    viewer: Viewer,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Write down what happened to an endpoint; it is told to the endpoints like all else."""
    await events.record(
        f"webhook_endpoint.{happened}",
        actor=viewer,
        subject_type="webhook_endpoint",
        subject_id=endpoint.id,
        tenant_id=endpoint.partner_id,
        reason=reason,
        before=dict(before or {}),
        after=dict(after or {}),
        at=now,
    )


def _about(description: str | None) -> str:
    return texts.optional(description, longest=LONGEST_DESCRIPTION, path=_DESCRIPTION) or ""
