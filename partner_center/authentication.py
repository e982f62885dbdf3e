"""From an Authorization header to a Viewer: the same for HTTP and for WebSockets.

`Bearer` and one of: an access token of ours, an API key `pc_…`, a token of the OpenID Connect
issuer of this deployment. Nothing at all is ANONYMOUS; anything that isn't good is refused, so
that an expired sign-in never turns into a stranger's view of the world.
"""

import asyncio
import json
import logging
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from datetime import datetime
from uuid import UUID

from domain.identity import announcements, api_keys, external, recognition, tokens
from domain.identity.recognition import Recognised
from domain.identity.viewer import ANONYMOUS, Unauthenticated, Viewer
from kit import clock
from kit.database import UNREACHABLE
from partner_center.oidc import ALGORITHMS, OidcIssuer
from partner_center.viewer_cache import ViewerCache

# Longer than any token we know of; a header is kept as it came, so blanks count too.
LONGEST = 8192

log = logging.getLogger(__name__)


class Authentication:
    """Recognises who asks. Start and stop it with the server, in its loop."""

    def __init__(self, *, cache: ViewerCache, oidc: OidcIssuer | None = None) -> None:
        self._cache = cache
        self._oidc = oidc
        self._noting: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen for changes of rights, in this process and elsewhere."""
        announcements.listen(self._cache.forget)
        await self._cache.start()

    async def stop(self) -> None:
        """Finish what is under way and let go of all connections."""
        announcements.unlisten(self._cache.forget)
        await self._cache.stop()
        await asyncio.gather(*self._noting)
        if self._oidc is not None:
            await self._oidc.close()

    async def viewer(self, authorization: str | None) -> Viewer:
        """Who asks. None is ANONYMOUS; raises Unauthenticated for what isn't a good credential."""
        if authorization is None:
            return ANONYMOUS
        known = self._cache.get(authorization, wall=clock.wall())
        if known is not None:
            return known
        generation = self._cache.generation
        found = await self._recognise(_credential(authorization), clock.wall())
        self._cache.put(authorization, found, generation=generation)
        return found.viewer

    async def _recognise(self, credential: str, wall: datetime) -> Recognised:
        if credential.startswith("pc_"):
            return await self._by_api_key(credential, wall)
        algorithm, kid = _header(credential)
        if algorithm == tokens.ALGORITHM:
            return await self._by_access_token(credential, wall)
        if algorithm in ALGORITHMS and self._oidc is not None:
            return await self._by_other_issuer(self._oidc, credential, algorithm, kid, wall)
        raise tokens.bad_token()

    async def _by_access_token(self, token: str, wall: datetime) -> Recognised:
        access = tokens.read(token, wall=wall)
        found = await recognition.by_access_token(access, wall=wall)
        if found is None:
            raise tokens.ended_token()
        return found

    async def _by_api_key(self, credential: str, wall: datetime) -> Recognised:
        parts = api_keys.parts(credential)
        found = await recognition.by_api_key(*parts, wall=wall) if parts else None
        if found is None:
            raise Unauthenticated(
                reason="the API key is unknown, revoked or expired.",
                reason_zh="API 密钥不存在、已吊销或已过期。",
            )
        last = found.last_used_at
        if found.viewer.api_key_id and (last is None or last <= wall - api_keys.USE_NOTED_EVERY):
            self._note_use(found.viewer.api_key_id, wall)
        return found

    async def _by_other_issuer(
        self, oidc: OidcIssuer, token: str, algorithm: str, kid: str | None, wall: datetime
    ) -> Recognised:
        claims = await oidc.read(token, algorithm=algorithm, kid=kid, wall=wall)
        person_id = await external.known(issuer=oidc.issuer, subject=claims.subject)
        if person_id is None and claims.email is not None:
            person_id = await external.link(
                issuer=oidc.issuer,
                subject=claims.subject,
                email=claims.email,
                now=await clock.now(),
            )
        until = claims.expires_at
        found = await recognition.by_person(person_id, until=until) if person_id else None
        if found is None:
            raise Unauthenticated(
                reason="nobody here is known by this sign-in.",
                reason_zh="该登录身份未关联任何账号。",
            )
        return found

    def _note_use(self, api_key_id: UUID, wall: datetime) -> None:
        # Not in the request's way, and no reason for it to fail.
        async def note() -> None:
            try:
                await api_keys.note_use(api_key_id=api_key_id, wall=wall)
            except UNREACHABLE:
                log.warning("could not note the use of an API key", exc_info=True)

        task = asyncio.create_task(note())
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)


def _credential(authorization: str) -> str:
    if len(authorization) > LONGEST:
        raise tokens.bad_token()
    scheme, _, credential = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not credential.strip():
        raise Unauthenticated(
            reason="the Authorization header must be `Bearer` and a token or an API key.",
            reason_zh="Authorization 头须为 Bearer 加令牌或 API 密钥。",
        )
    return credential.strip()


def _header(token: str) -> tuple[str, str | None]:
    """What an unverified token says about how to verify it: algorithm and key id."""
    encoded = token.partition(".")[0]
    try:
        header = json.loads(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        algorithm, kid = header["alg"], header.get("kid")
    except (Base64Error, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise tokens.bad_token() from error
    if not isinstance(algorithm, str) or not isinstance(kid, str | None):
        raise tokens.bad_token()
    return algorithm, kid
