"""Managing a partner's API keys."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.identity import api_keys
from domain.identity.items import Item
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from kit import ids
from resolvers.mutation import Outcome, mutation
from schema.api_keys import (
    ApiKeyCreateInput,
    ApiKeyCreatePayload,
    ApiKeyRevokeInput,
    ApiKeyRevokePayload,
    ApiKeyRotateInput,
    ApiKeyRotatePayload,
    ApiKeyUpdateInput,
    ApiKeyUpdatePayload,
)
from schema.document_mode import DocumentMode


@strawberry.type
class ApiKeyMutation:
    @mutation(
        "Make an API key; there may be twenty living ones. The secret is shown once.",
        ApiKeyCreatePayload,
        requires=describe("apiKeyCreate"),
    )
    async def api_key_create(
        self, viewer: Viewer, input: ApiKeyCreateInput, now: datetime
    ) -> Outcome:
        made = await api_keys.create(
            viewer=viewer,
            name=input.name,
            items=[Item[item.name] for item in input.items],
            documents=input.documents or DocumentMode.ALLOW_ANY,
            expires_at=input.expires_at,
            now=now,
        )
        return Outcome(api_key=made.key.id, secret=made.secret)

    @mutation(
        "Change what an API key is called, or which documents it may ask for. At once.",
        ApiKeyUpdatePayload,
        requires=describe("apiKeyUpdate"),
    )
    async def api_key_update(
        self, viewer: Viewer, input: ApiKeyUpdateInput, now: datetime
    ) -> Outcome:
        key = await api_keys.update(
            viewer=viewer,
            api_key_id=_id(input.id),
            name=input.name,
            documents=input.documents,
            expected_version=input.expected_version,
            now=now,
        )
        return Outcome(api_key=key.id)

    @mutation(
        "Give an API key a new secret; the old one works on for a while. Shown once.",
        ApiKeyRotatePayload,
        requires=describe("apiKeyRotate"),
    )
    async def api_key_rotate(
        self, viewer: Viewer, input: ApiKeyRotateInput, now: datetime
    ) -> Outcome:
        made = await api_keys.rotate(
            viewer=viewer,
            api_key_id=_id(input.id),
            overlap_hours=input.overlap_hours,
            expires_at=input.expires_at,
            now=now,
        )
        return Outcome(api_key=made.key.id, secret=made.secret)

    @mutation("End an API key at once.", ApiKeyRevokePayload, requires=describe("apiKeyRevoke"))
    async def api_key_revoke(
        self, viewer: Viewer, input: ApiKeyRevokeInput, now: datetime
    ) -> Outcome:
        key = await api_keys.revoke(viewer=viewer, api_key_id=_id(input.id), now=now)
        return Outcome(api_key=key.id)


def _id(text: str) -> UUID:
    return ids.decode("key", text, path=("input", "id"))
