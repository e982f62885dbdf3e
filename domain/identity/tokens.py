"""What a signed-in person carries: a signed access token, and a refresh token to get the next.

The access token says who acts in which seat and is good for a quarter of an hour. The refresh
token is random, is kept as a digest only, and changes at each use. Its successor is derived from
it with the deployment's key: a client whose answer was lost asks again and is told the same, and
so are two tabs that ask at once, while somebody who has read the database can derive nothing.
"""

import hashlib
import hmac
import re
import secrets as random
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from domain.identity import seats
from domain.identity.seats import Seat
from domain.identity.viewer import Unauthenticated
from kit import ids, secrets
from kit.problems import InvalidInput

if TYPE_CHECKING:
    from joserfc.jwk import OctKey

# What signs is imported where it is used: eight megabytes that a worker does without.

ISSUER = "partner-center"
ALGORITHM = "HS256"
LIFETIME = timedelta(minutes=15)

_REFRESH = re.compile(r"([0-9a-f]{32})[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token says."""

    person_id: UUID
    session_id: UUID
    seat: Seat
    expires_at: datetime


def issue(*, person_id: UUID, session_id: UUID, seat: Seat, wall: datetime) -> tuple[str, datetime]:
    """An access token, and the (wall) time until which it is good."""
    from joserfc import jwt

    issued_at = int(wall.timestamp())
    expires_at = issued_at + int(LIFETIME.total_seconds())
    claims = {
        "iss": ISSUER,
        "sub": ids.encode("psn", person_id),
        "sid": ids.encode("ses", session_id),
        "seat": seat.global_id,
        "iat": issued_at,
        "exp": expires_at,
    }
    token = jwt.encode({"alg": ALGORITHM}, claims, _key(), algorithms=[ALGORITHM])
    return token, datetime.fromtimestamp(expires_at, UTC)


def read(token: str, *, wall: datetime) -> Access:
    """What a token of ours says. Raises Unauthenticated when it isn't ours or is over."""
    from joserfc import jwt
    from joserfc.errors import JoseError

    try:
        claims = jwt.decode(token, _key(), algorithms=[ALGORITHM]).claims
        if claims["iss"] != ISSUER:
            raise bad_token()
        access = Access(
            person_id=ids.decode("psn", claims["sub"]),
            session_id=ids.decode("ses", claims["sid"]),
            seat=seats.named(claims["seat"]),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        )
    except (JoseError, InvalidInput, ValueError, TypeError, KeyError, OverflowError) as error:
        raise bad_token() from error
    if access.expires_at <= wall:
        raise expired_token()
    return access


def first_refresh(session_id: UUID) -> str:
    """A new session's refresh token; it names the session, so that an old one is known again."""
    return session_id.hex + random.token_urlsafe(32)


def next_refresh(token: str) -> str:
    """The token that follows this one, the same however often one asks."""
    key = secrets.derive("identity: refresh token")
    proof = hmac.digest(key, token.encode(), hashlib.sha256)
    return token[:32] + urlsafe_b64encode(proof).rstrip(b"=").decode()


def session_of(refresh_token: str) -> UUID | None:
    """The session that a refresh token names; None for what can't be one."""
    match = _REFRESH.fullmatch(refresh_token)
    return UUID(match[1]) if match else None


def digest(secret: str) -> str:
    """What a table keeps of a random secret: enough to know it again, not enough to show it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def is_secret(secret: str, kept: str | None) -> bool:
    """Whether this is the secret whose digest was kept."""
    return kept is not None and hmac.compare_digest(digest(secret), kept)


def bad_token() -> Unauthenticated:
    """For what isn't a token, isn't ours, or was changed on the way."""
    return Unauthenticated(reason="the token is not valid.", reason_zh="令牌无效。")


def expired_token() -> Unauthenticated:
    """For a token that was good once: the client should ask for a new one."""
    return Unauthenticated(reason="the token has expired.", reason_zh="令牌已过期。")


def ended_token() -> Unauthenticated:
    """For a token whose session, seat, person or key is no longer."""
    return Unauthenticated(reason="the sign-in has ended.", reason_zh="登录已失效。")


def _key() -> "OctKey":
    from joserfc.jwk import OctKey

    return OctKey.import_key(secrets.derive("identity: access token"))
