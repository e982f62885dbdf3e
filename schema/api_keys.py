"""Managing API keys: inputs and payloads."""

import strawberry

from domain.identity.api_keys import ApiKeyNotLive, ItemsBeyondKey, TooManyApiKeys
from schema.document_mode import DocumentMode
from schema.identity import ApiKey
from schema.inputs import expected_version, idempotency_key
from schema.payloads import made, payload, told
from schema.permissions import PermissionItem
from schema.scalars import DateTime

_SECRET = "The whole key, for `Authorization: Bearer …`. It is shown once and never again."


@strawberry.input(description="Make an API key of the partner.")
class ApiKeyCreateInput:
    name: str = strawberry.field(description="What it is for: 1 to 80 characters.")
    items: list[PermissionItem] = strawberry.field(
        description="What it allows: of your own items, none of the administrator's alone."
    )
    documents: DocumentMode | None = strawberry.field(
        default=None, description="Which documents it may ask for; `ALLOW_ANY` if unsaid."
    )
    expires_at: DateTime | None = strawberry.field(
        default=None, description="In real time, within 365 days; in 90 days if unsaid."
    )
    idempotency_key: str | None = idempotency_key()


@payload(errors=(TooManyApiKeys, ItemsBeyondKey))
class ApiKeyCreatePayload:
    api_key: ApiKey | None = made("The new key.")
    secret: str | None = told(_SECRET)


@strawberry.input(description="Change what an API key is called, or what it may ask for.")
class ApiKeyUpdateInput:
    id: strawberry.ID = strawberry.field(description="Of the key.")
    name: str | None = strawberry.field(default=None, description="A new name; unsaid: as it is.")
    documents: DocumentMode | None = strawberry.field(
        default=None, description="Which documents it may ask for; unsaid: as it is."
    )
    expected_version: int = expected_version()
    idempotency_key: str | None = idempotency_key()


@payload(errors=(ApiKeyNotLive,), versioned=True)
class ApiKeyUpdatePayload:
    api_key: ApiKey | None = made("The key as it is now.")


@strawberry.input(description="Give an API key a new secret.")
class ApiKeyRotateInput:
    id: strawberry.ID = strawberry.field(description="Of the key.")
    overlap_hours: int | None = strawberry.field(
        default=None, description="How long the old secret works on, 0 to 72; 24 if unsaid."
    )
    expires_at: DateTime | None = strawberry.field(
        default=None, description="A new end, in real time, within 365 days; unsaid: as it is."
    )
    idempotency_key: str | None = idempotency_key()


@payload(errors=(ApiKeyNotLive,))
class ApiKeyRotatePayload:
    api_key: ApiKey | None = made("The key as it is now.")
    secret: str | None = told(_SECRET)


@strawberry.input(description="End an API key at once.")
class ApiKeyRevokeInput:
    id: strawberry.ID = strawberry.field(description="Of the key.")
    idempotency_key: str | None = idempotency_key()


@payload(errors=(ApiKeyNotLive,))
class ApiKeyRevokePayload:
    api_key: ApiKey | None = made("The key, revoked.")
