"""Another issuer's tokens (OpenID Connect): we are a resource server, they sign people in."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from domain.identity.tokens import bad_token, expired_token

ALGORITHMS = ("RS256", "ES256")

# A key that is unknown may be new at the issuer; but whoever sends us made-up key ids must not
# make us ask the issuer at their pace. And a key that the issuer has withdrawn is to be forgotten.
FETCH_AT_MOST_EVERY = 30.0
FETCH_AT_LEAST_EVERY = 3600.0

# By how much another house's clock may be ahead of ours.
SKEW = timedelta(seconds=30)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claims:
    """Whom the issuer vouches for. `email` is None unless the issuer has verified it."""

    subject: str
    email: str | None
    expires_at: datetime


class OidcIssuer:
    """One trusted issuer; its keys are fetched when they are needed and kept by key id."""

    def __init__(
        self,
        *,
        issuer: str,
        audience: str,
        jwks_url: str,
        client: httpx.AsyncClient | None = None,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self.issuer = issuer
        self._audience = audience
        self._jwks_url = jwks_url
        self._client = client or httpx.AsyncClient(timeout=5, follow_redirects=False)
        self._elapsed = elapsed
        self._keys = KeySet([])
        self._fetched_at: float | None = None
        self._fetching = asyncio.Lock()

    async def close(self) -> None:
        """Close the connections to the issuer."""
        await self._client.aclose()

    async def read(self, token: str, *, algorithm: str, kid: str | None, wall: datetime) -> Claims:
        """Whom the token is about. Raises Unauthenticated when anything about it is not right.

        `algorithm` and `kid` are what the token's own header says: good for finding the key, and
        held against the list of algorithms and the kind of the key before anything is believed.
        """
        if algorithm not in ALGORITHMS:
            raise bad_token()
        await self._need(kid)
        try:
            key = self._keys.get_by_kid(kid)
            claims = jwt.decode(token, key, algorithms=[algorithm]).claims
            return self._checked(claims, wall)
        except (JoseError, ValueError, TypeError, KeyError, OverflowError) as error:
            raise bad_token() from error

    def _checked(self, claims: dict[str, Any], wall: datetime) -> Claims:
        audience = claims["aud"]
        meant_for = audience if isinstance(audience, list) else [audience]
        if claims["iss"] != self.issuer or self._audience not in meant_for:
            raise bad_token()
        expires_at = datetime.fromtimestamp(claims["exp"], UTC)
        if expires_at <= wall:
            raise expired_token()
        begins_at = datetime.fromtimestamp(claims.get("nbf", 0), UTC)
        subject, email = claims["sub"], claims.get("email")
        if begins_at > wall + SKEW or not isinstance(subject, str) or not subject:
            raise bad_token()
        # Only the boolean counts: "false" is a true string.
        verified = claims.get("email_verified") is True and isinstance(email, str)
        return Claims(subject, email if verified else None, expires_at)

    async def _need(self, kid: str | None) -> None:
        if self._is_fresh(kid):
            return
        async with self._fetching:
            if not self._is_fresh(kid):
                self._fetched_at = self._elapsed()
                await self._fetch()

    def _is_fresh(self, kid: str | None) -> bool:
        if self._fetched_at is None:
            return False
        age = self._elapsed() - self._fetched_at
        known = kid is None or any(key.kid == kid for key in self._keys.keys)
        return age < (FETCH_AT_LEAST_EVERY if known else FETCH_AT_MOST_EVERY)

    async def _fetch(self) -> None:
        try:
            response = await self._client.get(self._jwks_url)
            response.raise_for_status()
            self._keys = KeySet.import_key_set(response.json())
        except (httpx.HTTPError, JoseError, ValueError, TypeError, KeyError) as error:
            # The keys that we have stay good; a token signed with another one is refused.
            log.warning("can't fetch the issuer's keys from %s: %s", self._jwks_url, error)
