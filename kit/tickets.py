"""Tickets: a piece of an address that opens one thing for a while, whoever holds it.

For what a browser fetches by itself, where no Authorization header can be sent. Nothing is stored:
a ticket is an id, its end, and an HMAC over both under a key of its purpose.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from uuid import UUID

from kit import secrets

_TICKET = re.compile(r"([0-9a-f]{32})\.([0-9]{1,11})\.([A-Za-z0-9_-]{43})")


def issue(purpose: str, *, id: UUID, until: datetime) -> str:
    """A ticket for the thing with this id, good until a wall time (to the second, rounded up)."""
    end = -int(-until.timestamp() // 1)
    return f"{id.hex}.{end}.{_proof(purpose, id, end)}"


def read(purpose: str, ticket: str, *, wall: datetime) -> UUID | None:
    """Whose ticket it is; None for what we never issued for this purpose, and for what is over."""
    match = _TICKET.fullmatch(ticket)
    if match is None:
        return None
    id, end = UUID(match[1]), int(match[2])
    if not hmac.compare_digest(match[3], _proof(purpose, id, end)):
        return None
    return id if wall < datetime.fromtimestamp(end, UTC) else None


def _proof(purpose: str, id: UUID, end: int) -> str:
    key = secrets.derive(f"ticket:{purpose}")
    proof = hmac.digest(key, f"{id.hex}.{end}".encode(), "sha256")
    return urlsafe_b64encode(proof).rstrip(b"=").decode()
