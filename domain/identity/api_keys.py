"""API keys: what a partner's systems sign in with. Shown once, kept as a digest (design §7).

Their times are wall time; `now`, business time, is only what the events say.
"""

import re
import secrets as random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.audit import events
from domain.identity import announcements, tenants
from domain.identity.items import ADMINISTRATOR_ONLY, Item
from domain.identity.names import checked_name
from domain.identity.permissions import require
from domain.identity.policy import API_KEYS
from domain.identity.tokens import digest
from domain.identity.viewer import Viewer
from kit import clock, database
from kit.ids import new_id
from kit.problems import InvalidInput, NotFound, Problem, VersionConflict
from kit.transaction import lock, transactional
from models.identity import ApiKey, DocumentMode

MOST_LIVE_KEYS = 20
USUAL_LIFE = timedelta(days=90)
LONGEST_LIFE = timedelta(days=365)
USUAL_OVERLAP_HOURS = 24
LONGEST_OVERLAP_HOURS = 72

# How exact `last_used_at` is: a key in constant use is written down once a minute.
USE_NOTED_EVERY = timedelta(minutes=1)

_KEY = re.compile(r"pc_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")


class TooManyApiKeys(Problem):
    """The partner has all the living keys that it may have."""

    en = "A partner has at most {maximum} living API keys; revoke one first."
    zh = "每个伙伴最多可有 {maximum} 个有效的 API 密钥,请先吊销一个。"
    about = {"maximum": "How many it may have."}
    maximum: int


class ItemsBeyondKey(Problem):
    """A key holds no item that its maker lacks, and none of the administrator's own."""

    en = "An API key of yours can't hold: {listed}."
    zh = "您的 API 密钥不能包含以下权限项:{listed}。"
    about = {"items": "The items that the key can't hold."}
    untold = ("listed",)
    items: tuple[str, ...]
    listed: str


class ApiKeyNotLive(Problem):
    """The key has expired or was revoked."""

    en = "This API key has expired or was revoked; make a new one."
    zh = "该 API 密钥已过期或已吊销,请新建密钥。"


@dataclass(frozen=True, slots=True)
class Made:
    """A key and its secret, which nobody can be told again."""

    key: ApiKey
    secret: str


@transactional
async def create(
    *,
    viewer: Viewer,
    name: str,
    items: Iterable[Item],
    documents: DocumentMode = DocumentMode.ALLOW_ANY,
    expires_at: datetime | None = None,
    partner_id: UUID | None = None,
    now: datetime,
) -> Made:
    """A new key of the viewer's partner, good for 90 days or until `expires_at` (≤ 365 days).

    `items` may be empty: the key then may do what every operator may. TRUSTED_ONLY takes from it
    every document that isn't registered.
    """
    require(viewer, "apiKeyCreate")
    name = checked_name(name)
    granted = _grantable(viewer, items)
    wall = clock.wall()
    ends = _checked_end(expires_at, wall) if expires_at else wall + USUAL_LIFE
    partner = await tenants.locked(viewer, partner_id)
    living = ApiKey.filter(partner_id=partner.id, revoked_at=None, expires_at__gt=wall)
    if await living.count() >= MOST_LIVE_KEYS:
        raise TooManyApiKeys(maximum=MOST_LIVE_KEYS)

    public, secret = random.token_hex(4), random.token_urlsafe(32)
    key = await ApiKey.create(
        id=new_id(),
        created_at=wall,
        partner_id=partner.id,
        name=name,
        public=public,
        secret_hash=digest(secret),
        items=granted,
        documents=documents,
        created_by=viewer.actor_id or partner.id,
        expires_at=ends,
    )
    after: dict[str, object] = {"items": granted, "expires_at": ends.isoformat(), **_facts(key)}
    await _record("api_key.created", key, viewer=viewer, after=after, now=now)
    return Made(key, _whole(key, secret))


@transactional
async def update(
    *,
    viewer: Viewer,
    api_key_id: UUID,
    name: str | None = None,
    documents: DocumentMode | None = None,
    expected_version: int,
    now: datetime,
) -> ApiKey:
    """Another name, other documents, or both; what is None stays. Takes effect at once.

    Raises ApiKeyNotLive, VersionConflict.
    """
    require(viewer, "apiKeyUpdate")
    key = await _locked(viewer, api_key_id, now)
    if key.expires_at <= clock.wall():
        raise ApiKeyNotLive()
    if key.version != expected_version:
        raise VersionConflict(current=key.version)
    before = _facts(key)
    if name is not None:
        key.name = checked_name(name)
    if documents is not None:
        key.documents = documents
    if _facts(key) == before:
        return key

    key.version += 1
    await key.save(update_fields=["name", "documents", "version"])
    after = _facts(key)
    await _record("api_key.updated", key, viewer=viewer, before=before, after=after, now=now)
    await announcements.announce(key.id)
    return key


@transactional
async def rotate(
    *,
    viewer: Viewer,
    api_key_id: UUID,
    overlap_hours: int | None = None,
    expires_at: datetime | None = None,
    now: datetime,
) -> Made:
    """A new secret for a living key; the old one works on for `overlap_hours` (0…72, usually 24).

    The one before the old one dies at once. The key's end stays, or becomes `expires_at`.
    """
    require(viewer, "apiKeyRotate")
    hours = USUAL_OVERLAP_HOURS if overlap_hours is None else overlap_hours
    if not 0 <= hours <= LONGEST_OVERLAP_HOURS:
        raise InvalidInput(
            reason=f"The overlap is 0 to {LONGEST_OVERLAP_HOURS} hours.",
            reason_zh=f"重叠时间须为 0 至 {LONGEST_OVERLAP_HOURS} 小时。",
            path=("input", "overlapHours"),
        )
    key = await _locked(viewer, api_key_id, now)
    wall = clock.wall()
    if key.expires_at <= wall:
        raise ApiKeyNotLive()

    secret = random.token_urlsafe(32)
    key.previous_hash = key.secret_hash if hours else None
    key.previous_until = wall + timedelta(hours=hours) if hours else None
    key.secret_hash = digest(secret)
    key.expires_at = _checked_end(expires_at, wall) if expires_at else key.expires_at
    key.version += 1
    await key.save(
        update_fields=["previous_hash", "previous_until", "secret_hash", "expires_at", "version"]
    )
    after: dict[str, object] = {"overlap_hours": hours, "expires_at": key.expires_at.isoformat()}
    await _record("api_key.rotated", key, viewer=viewer, after=after, now=now)
    await announcements.announce(key.id)
    return Made(key, _whole(key, secret))


@transactional
async def revoke(*, viewer: Viewer, api_key_id: UUID, now: datetime) -> ApiKey:
    """End a key at once. Raises ApiKeyNotLive when that was done before."""
    require(viewer, "apiKeyRevoke")
    key = await _locked(viewer, api_key_id, now)
    key.revoked_at = clock.wall()
    key.version += 1
    await key.save(update_fields=["revoked_at", "version"])
    await _record("api_key.revoked", key, viewer=viewer, now=now)
    await announcements.announce(key.id)
    return key


async def note_use(*, api_key_id: UUID, wall: datetime) -> None:
    """Write down that the key was used, at most once a minute whoever else does so too."""
    await database.execute(
        "update api_key set last_used_at = $2 "
        "where id = $1 and (last_used_at is null or last_used_at <= $3)",
        api_key_id,
        wall,
        wall - USE_NOTED_EVERY,
    )


def parts(text: str) -> tuple[str, str] | None:
    """`pc_<public>_<secret>` -> (public, secret); None for what can't be a key."""
    match = _KEY.fullmatch(text)
    return (match[1], match[2]) if match else None


async def _locked(viewer: Viewer, api_key_id: UUID, now: datetime) -> ApiKey:
    await API_KEYS.require(ApiKey, api_key_id, viewer=viewer, now=now, thing="API key")
    await tenants.locked(viewer, (await ApiKey.get(id=api_key_id)).partner_id)
    key = await lock(ApiKey, id=api_key_id)
    if key is None:
        raise NotFound(thing="API key")
    if key.revoked_at is not None:
        raise ApiKeyNotLive()
    return key


def _grantable(viewer: Viewer, items: Iterable[Item]) -> list[str]:
    wanted = frozenset(items)
    lacking = {item for item in wanted if not viewer.may(item)}
    refused = tuple(sorted(lacking | wanted & ADMINISTRATOR_ONLY))
    if refused:
        raise ItemsBeyondKey(items=refused, listed=", ".join(refused), path=("input", "items"))
    return sorted(wanted)


def _checked_end(expires_at: datetime, wall: datetime) -> datetime:
    if not wall < expires_at <= wall + LONGEST_LIFE:
        raise InvalidInput(
            reason=f"A key ends in the future, within {LONGEST_LIFE.days} days of real time.",
            reason_zh=f"密钥的到期时间须在未来 {LONGEST_LIFE.days} 天以内(真实时间)。",
            path=("input", "expiresAt"),
        )
    return expires_at


def _facts(key: ApiKey) -> dict[str, object]:
    return {"name": key.name, "documents": key.documents.value}


def _whole(key: ApiKey, secret: str) -> str:
    return f"pc_{key.public}_{secret}"


async def _record(
    name: str,
    key: ApiKey,
    *,
    viewer: Viewer,
    now: datetime,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    await events.record(
        name,
        actor=viewer,
        subject_type="api_key",
        subject_id=key.id,
        tenant_id=key.partner_id,
        before=before,
        after=after,
        at=now,
    )
