"""Links that prove who opens them: the token inside is derived from a row, never stored.

A token is the row's id and an HMAC over the id and its generation, so a new generation makes all
earlier links dead, and a mail can be written again without a secret lying in a table.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from uuid import UUID

from kit import secrets

_TOKEN = re.compile(r"([0-9a-f]{32})[A-Za-z0-9_-]{43}")

_public_url = "http://127.0.0.1:8000"
_front_end_url: str | None = None


def configure(public_url: str, *, front_end_url: str | None = None) -> None:
    """Say where people reach this deployment from outside, and its front end if it has another."""
    global _public_url, _front_end_url
    _public_url = public_url.rstrip("/")
    _front_end_url = front_end_url.rstrip("/") if front_end_url else None


def token(purpose: str, *, id: UUID, generation: int) -> str:
    """The only token that opens this row in this generation."""
    key = secrets.derive(purpose)
    proof = hmac.digest(key, f"{id}:{generation}".encode(), "sha256")
    return id.hex + urlsafe_b64encode(proof).rstrip(b"=").decode()


def digest(token: str) -> str:
    """What the table keeps of a token: enough to know it again, not enough to make it."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_token(token: str, token_hash: str) -> bool:
    """Whether this is the token whose digest was kept."""
    return hmac.compare_digest(digest(token), token_hash)


def code(purpose: str, *, id: UUID) -> str:
    """The only six digits that go with this row, for a person to type."""
    proof = hmac.digest(secrets.derive(purpose), str(id).encode(), "sha256")
    return f"{int.from_bytes(proof[:8]) % 10**6:06}"


def subject_of(token: str) -> UUID | None:
    """The row that a token claims to open; None for what can't be a token."""
    match = _TOKEN.fullmatch(token)
    return UUID(match[1]) if match else None


def url(path: str, token: str) -> str:
    """The address to send. The token is in the fragment, which browsers send to no server."""
    return f"{_front_end_url or _public_url}/{path.strip('/')}#{token}"


def page(path: str) -> str:
    """The address of a page of ours, without anything secret in a fragment."""
    return f"{_public_url}/{path.lstrip('/')}"
