"""Another issuer's tokens: whom they let in, and what is refused."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from domain.identity.items import Item
from domain.identity.viewer import Unauthenticated, ViewerKind
from models.audit import Event
from models.identity import ExternalIdentity, Person
from partner_center.authentication import Authentication
from partner_center.oidc import OidcIssuer
from partner_center.viewer_cache import ViewerCache
from tests.conftest import Clock, Servers
from tests.identity.people import a_person, a_staff_member

pytestmark = pytest.mark.usefixtures("database", "wall", "time")

ISSUER = "https://login.example.com/"
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
NEW = RSAKey.generate_key(2048, {"kid": "new"})


class Issuer:
    """Stands in for the other house: what it publishes, and how often it was asked."""

    def __init__(self) -> None:
        self.keys: list[Any] = [RSA, EC]
        self.status = 200
        self.body: bytes | None = None
        self.asked = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.body is not None:
            return httpx.Response(self.status, content=self.body)
        keys = [key.as_dict(private=False) for key in self.keys]
        return httpx.Response(self.status, json={"keys": keys})


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def elapsed() -> list[float]:
    return [0.0]


@pytest.fixture
async def authentication(
    servers: Servers, issuer: Issuer, elapsed: list[float]
) -> AsyncIterator[Authentication]:
    oidc = OidcIssuer(
        issuer=ISSUER,
        audience="partner-center",
        jwks_url="https://login.example.com/keys",
        client=httpx.AsyncClient(transport=httpx.MockTransport(issuer.answer)),
        elapsed=lambda: elapsed[0],
    )
    made = Authentication(cache=ViewerCache(servers.database_url), oidc=oidc)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def token(wall: Clock) -> Callable[..., str]:
    """A header with a good token of the issuer, but for the claims that are told."""

    def make(key: Any = RSA, alg: str = "RS256", kid: str | None = "rsa", **claims: Any) -> str:
        whole = {
            "iss": ISSUER,
            "aud": "partner-center",
            "sub": "248289761001",
            "email": "Li-Lei@example.com",
            "email_verified": True,
            "exp": int((wall.now + timedelta(minutes=5)).timestamp()),
        } | claims
        told = {name: value for name, value in whole.items() if value is not ...}
        header = {"alg": alg} | ({"kid": kid} if kid else {})
        return "Bearer " + jwt.encode(header, told, key, algorithms=[alg])

    return make


async def refused(authentication: Authentication, header: str) -> str:
    with pytest.raises(Unauthenticated) as refusal:
        await authentication.viewer(header)
    return refusal.value.reason


async def test_a_person_is_linked_by_a_verified_address_and_known_by_name_ever_after(
    authentication: Authentication, token: Callable[..., str]
) -> None:
    person = await a_person()
    await a_staff_member(person, Item.OPERATE)

    first = await authentication.viewer(token())
    again = await authentication.viewer(token(EC, "ES256", "ec", email=..., email_verified=...))

    assert (first.kind, first.person_id, first.session_id) == (ViewerKind.STAFF, person.id, None)
    assert first.items == {Item.OPERATE}
    assert again == first
    identity = await ExternalIdentity.get()
    assert (identity.person_id, identity.issuer, identity.subject) == (
        person.id,
        ISSUER,
        "248289761001",
    )
    event = await Event.get()
    assert (event.name, event.person_id) == ("external_identity.linked", person.id)
    assert (event.actor_id, event.after) == (person.id, {"issuer": ISSUER})


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": 1},
        {"email_verified": ...},
        {"email": "nobody@example.com"},
        {"email": ...},
        {"email": ["li-lei@example.com"]},
        {"email": "li-lei@example.com\0"},
        {"email": "x" * 309 + "@example.com"},
    ],
)
async def test_an_address_that_is_not_verified_opens_nothing(
    authentication: Authentication, token: Callable[..., str], claims: dict[str, Any]
) -> None:
    await a_person()

    assert await refused(authentication, token(**claims)) == "nobody here is known by this sign-in."

    assert not await ExternalIdentity.exists()
    assert not await Event.exists()


async def test_the_next_owner_of_a_mailbox_does_not_inherit_the_account(
    authentication: Authentication, token: Callable[..., str]
) -> None:
    await a_person()
    await authentication.viewer(token())

    await refused(authentication, token(sub="somebody new"))

    assert await ExternalIdentity.all().count() == 1


async def test_a_disabled_person_is_refused_and_not_linked(
    authentication: Authentication, token: Callable[..., str], time: Clock
) -> None:
    person = await a_person()
    await authentication.viewer(token())
    await Person.all().update(disabled_at=time.now)
    await refused(authentication, token(iat=1))
    await ExternalIdentity.filter(person_id=person.id).delete()
    await refused(authentication, token(iat=2))

    assert not await ExternalIdentity.exists()


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://login.example.com"},
        {"iss": ...},
        {"aud": "another application"},
        {"aud": ["a", "b"]},
        {"aud": ...},
        {"aud": {"partner-center": 1}},
        {"sub": ...},
        {"sub": ""},
        {"sub": 7},
        {"exp": ...},
        {"exp": "never"},
        {"exp": 10**40},
        {"nbf": "now"},
    ],
)
async def test_a_token_that_is_not_for_us_or_makes_no_sense_is_refused(
    authentication: Authentication, token: Callable[..., str], claims: dict[str, Any]
) -> None:
    await a_person()

    assert await refused(authentication, token(**claims)) == "the token is not valid."

    assert not await ExternalIdentity.exists()


async def test_a_token_is_good_from_its_beginning_to_its_end(
    authentication: Authentication, token: Callable[..., str], wall: Clock
) -> None:
    await a_person()
    now = int(wall.now.timestamp())

    await authentication.viewer(token(aud=["other", "partner-center"], nbf=now + 30, exp=now + 1))
    assert await refused(authentication, token(nbf=now + 31)) == "the token is not valid."
    assert await refused(authentication, token(exp=now)) == "the token has expired."


async def test_keys_and_algorithms_are_not_confused(
    authentication: Authentication, token: Callable[..., str]
) -> None:
    await a_person()
    public = OctKey.import_key(str(RSA.as_dict(private=False)["n"]))

    await refused(authentication, token(public, "HS256"))
    await refused(authentication, token(NEW))
    await refused(authentication, token(EC, "ES256", "rsa"))
    await refused(authentication, token(RSA, "RS256", "ec"))
    await refused(authentication, token(RSA, "RS512"))
    await refused(authentication, token(RSA, "PS256"))
    header, payload, _ = token().split(".")
    await refused(authentication, f"{header}.{payload}.")


async def test_without_the_setting_no_other_issuer_is_trusted(
    servers: Servers, token: Callable[..., str]
) -> None:
    await a_person()

    await refused(Authentication(cache=ViewerCache(servers.database_url)), token())


async def test_the_keys_are_fetched_once_and_again_for_an_unknown_one_every_thirty_seconds(
    authentication: Authentication,
    token: Callable[..., str],
    issuer: Issuer,
    elapsed: list[float],
) -> None:
    await a_person()
    for number in range(3):
        await authentication.viewer(token(iat=number))
    assert issuer.asked == 1

    issuer.keys = [NEW]
    elapsed[0] = 29.9
    await refused(authentication, token(NEW, kid="new"))
    assert issuer.asked == 1
    elapsed[0] = 30.0
    await authentication.viewer(token(NEW, kid="new"))
    await refused(authentication, token(RSA, kid="rsa"))
    for number in range(3):
        await refused(authentication, token(RSA, kid=f"made up {number}"))
    assert issuer.asked == 2


async def test_a_withdrawn_key_is_forgotten_within_the_hour(
    authentication: Authentication,
    token: Callable[..., str],
    issuer: Issuer,
    elapsed: list[float],
) -> None:
    await a_person()
    await authentication.viewer(token())
    issuer.keys = [EC]

    elapsed[0] = 3599.9
    await authentication.viewer(token(iat=1))
    elapsed[0] = 3600.0
    await refused(authentication, token(iat=2))


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b""), (200, b"not json"), (200, b"[]"), (200, b'{"keys": [{"kty": "none"}]}')],
)
async def test_an_issuer_out_of_order_lets_nobody_new_in_and_known_keys_stay(
    authentication: Authentication,
    token: Callable[..., str],
    issuer: Issuer,
    elapsed: list[float],
    status: int,
    body: bytes,
) -> None:
    await a_person()
    await authentication.viewer(token())
    issuer.status, issuer.body = status, body

    elapsed[0] = 60.0
    await refused(authentication, token(NEW, kid="new"))
    await authentication.viewer(token(iat=1))

    assert issuer.asked == 2


async def test_a_token_without_a_key_id_is_good_if_the_issuer_has_but_one_key(
    authentication: Authentication,
    token: Callable[..., str],
    issuer: Issuer,
) -> None:
    await a_person()
    issuer.keys = [RSA]

    await authentication.viewer(token(kid=None))
