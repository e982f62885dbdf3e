"""The houses in one database, and the credentials of everybody who might look over the wall."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from tortoise.context import TortoiseContext

from domain.customers import register as customers
from domain.identity import api_keys, passwords, people, throttle, tokens
from domain.identity.seats import Seat
from domain.identity.viewer import Viewer, ViewerKind
from kit import clock, database, secrets, store
from kit.graphql import documents as texts
from kit.graphql.limits import Limits
from kit.ids import new_id
from models.identity import Person, Session
from models.partners import PartnerKind
from partner_center import graphql
from partner_center.authentication import Authentication
from partner_center.logs import Requests
from partner_center.view import View
from partner_center.viewer_cache import ViewerCache
from tests.conftest import KEPT, Servers
from tests.walls import snapshot, world
from tests.walls.documents import Question
from tests.walls.snapshot import Rows
from tests.walls.world import House

NOW = datetime(2030, 1, 31, 23, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status_code: int
    text: str

    def json(self) -> Any:
        """The text, read."""
        return orjson.loads(self.text)


async def asked(
    app: Requests, headers: dict[str, str], body: bytes, *, query_string: bytes = b""
) -> Answer:
    """Post to the app as its server would; an HTTP client takes longer than most answers do.

    With a query string, GET.
    """
    requests = [{"type": "http.request", "body": body, "more_body": False}]
    status, parts = 0, []
    is_over = asyncio.Event()

    async def receive() -> Any:
        if requests:
            return requests.pop()
        await is_over.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                is_over.set()

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET" if query_string else "POST",
        "scheme": "http",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "root_path": "",
        "query_string": query_string,
        "server": ("api.example", 80),
        "client": ("192.0.2.1", 1234),
        "headers": [
            *((name.encode(), value.encode()) for name, value in headers.items()),
            (b"content-length", str(len(body)).encode()),
        ],
    }
    await app(scope, receive, send)
    return Answer(status, b"".join(parts).decode())


@dataclass
class Neighbourhood:
    """`own` is the database without Amber, `foreign` all that is Amber's."""

    app: Requests
    credentials: dict[str, str | None]
    houses: dict[str, House]
    authentication: Authentication
    insiders: dict[str, str | None] = field(default_factory=dict)
    dead: dict[str, str] = field(default_factory=dict)
    own: Rows = field(default_factory=dict)
    foreign: Rows = field(default_factory=dict)

    async def ask(self, by: str | None, question: Question) -> Answer:
        """The answer to one question; `by` is a credential."""
        streams = question.document.startswith("subscription")
        accept = "text/event-stream" if streams else "application/graphql-response+json"
        headers = {
            "host": "api.example",
            "content-type": "application/json",
            "x-request-id": "walls",
            "accept": accept,
        }
        if by is not None:
            headers["authorization"] = f"Bearer {by}"
        body = {"query": question.document, "variables": question.variables}
        return await asked(self.app, headers, orjson.dumps(body))

    async def get(
        self,
        by: str | None,
        document: str,
        *,
        accept: str = "application/graphql-response+json",
    ) -> Answer:
        """The answer to a question in an address."""
        headers = {"host": "api.example", "x-request-id": "walls", "accept": accept}
        if by is not None:
            headers["authorization"] = f"Bearer {by}"
        query_string = urlencode({"query": document}).encode()
        return await asked(self.app, headers, b"", query_string=query_string)

    async def viewer(self, by: str | None) -> Viewer:
        """Whom a credential makes of somebody."""
        return await self.authentication.viewer(None if by is None else f"Bearer {by}")

    async def data(self, by: str | None, document: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = (await self.ask(by, Question("", document, variables))).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def sign_in(self, email: str) -> str:
        """An access token of a person of these houses."""
        data = await self.data(
            None,
            "mutation ($input: SignInInput!) { signIn(input: $input)"
            " { session { accessToken } errors { code } } }",
            input={"email": email, "password": world.PASSWORD},
        )
        return str(data["signIn"]["session"]["accessToken"])


@asynccontextmanager
async def built(migrated: TortoiseContext, servers: Servers) -> AsyncIterator[Neighbourhood]:
    """Everything of it, in a database that was emptied; business time stands still."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", _now)
        # Keys would tell when they were used last, which is another time in each walk.
        patch.setattr(api_keys, "USE_NOTED_EVERY", timedelta(days=1))
        # A right password with somebody else's seat counts as a failure.
        patch.setattr(throttle, "TRIES_PER_MAIL", 1_000)
        patch.setattr(throttle, "TRIES_PER_ADDRESS", 1_000)
        # Everybody asks the same, by texts that are longer than anybody's: each is judged once.
        for most in ("MOST_DOCUMENTS", "MOST_CHARACTERS", "LONGEST_KEPT"):
            patch.setattr(texts, most, 10_000_000)
        # And asks for more at once than anybody may pay for.
        patch.setattr(graphql.schema(), "limits", Limits(cost=1_000_000_000))
        passwords.use_cost(time_cost=1, memory_cost=8, parallelism=1)
        secrets.configure("a key for tests, thirty-two characters or more")
        store.configure(folder=servers.data_dir / "objects")
        await _empty(migrated)

        build = await world.begin(NOW)
        common = await snapshot.taken()
        amber = await build.a_partner("Amber", kind=PartnerKind.DISTRIBUTOR)
        company = snapshot.minus(await snapshot.taken(), common)
        birch = await build.a_partner("Birch", kind=PartnerKind.RESELLER, under=amber)
        dogwood = await build.a_partner("Dogwood", kind=PartnerKind.DISTRIBUTOR)
        elder = await build.a_partner("Elder", kind=PartnerKind.RESELLER, under=dogwood)
        houses = {
            name: await build.a_house(name, partner)
            for name, partner in (("Birch", birch), ("Dogwood", dogwood), ("Elder", elder))
        }
        await build.rivals(houses["Birch"])
        buyer = await build.a_person("Birch", "buyer")
        customer = await customers.register(name="Customer", account_name="customer", now=NOW)
        await people.seat_at_customer(person_id=buyer.id, customer_id=customer.id, now=NOW)

        authentication = Authentication(cache=ViewerCache(servers.database_url))
        await authentication.start()
        view = View(graphql.schema(), authenticate=authentication.viewer, max_body_bytes=262_144)
        neighbourhood = Neighbourhood(Requests(view), {}, houses, authentication)
        await _hand_out_credentials(neighbourhood)
        await world.settle(NOW)
        everything = await snapshot.taken()
        neighbourhood.own = snapshot.minus(everything, company)
        houses["Amber"] = await build.a_house("Amber", amber)
        await neighbourhood.sign_in(houses["Amber"].emails["administrator"])
        await world.settle(NOW)
        neighbourhood.foreign = snapshot.minus(await snapshot.taken(), neighbourhood.own)
        yield neighbourhood
        await authentication.stop()


async def _now() -> datetime:
    return NOW


async def _empty(migrated: TortoiseContext) -> None:
    emptied = [f'delete from "{table}"{KEPT.get(table, "")};' for table in await snapshot.tables()]
    await migrated.db().execute_script(
        "set session_replication_role = replica;"  # no foreign keys, so in any order
        + "".join(emptied)
        + "set session_replication_role = default"
    )


async def _hand_out_credentials(neighbourhood: Neighbourhood) -> None:
    birch, dogwood = neighbourhood.houses["Birch"], neighbourhood.houses["Dogwood"]
    credentials = neighbourhood.credentials
    credentials["nobody"] = None
    for who in (*("administrator", "guest", "leaver", "plain", "invited"),):
        credentials[who] = await neighbourhood.sign_in(birch.emails[who])
    credentials["customer's user"] = await neighbourhood.sign_in("buyer@birch.example")
    credentials["distributor"] = await neighbourhood.sign_in(dogwood.emails["administrator"])
    neighbourhood.insiders = {
        "manager": await neighbourhood.sign_in("account_manager@rival.example"),
        "supervisor": await neighbourhood.sign_in("supervisor@rival.example"),
        "customer": await neighbourhood.sign_in("ward@rival.example"),
    }
    credentials["key without items"] = birch.keys["empty"]
    credentials["key with items"] = birch.keys["full"]
    for key in await database.rows("select id from api_key where revoked_at is null"):
        await api_keys.note_use(api_key_id=key["id"], wall=clock.wall())

    person = await Person.get(email=birch.emails["administrator"])
    neighbourhood.dead = {
        "a revoked key": birch.keys["revoked"],
        "an expired key": birch.keys["expired"],
        "an unknown key": "pc_00000000_" + "x" * 43,
        "an expired token": await _dead_token(person, expired=True),
        "a session that is over": await _dead_token(person, over=True),
        "a session that was ended": await _dead_token(person, ended=True),
        "no token at all": "e30.e30.e30",
    }


async def _dead_token(
    person: Person, *, expired: bool = False, over: bool = False, ended: bool = False
) -> str:
    wall = clock.wall()
    session = await Session.create(
        id=new_id(),
        created_at=wall - timedelta(days=40),
        person_id=person.id,
        seat_kind=ViewerKind.PERSON,
        seat_id=person.id,
        refresh_hash=f"{person.id.hex}",
        refreshed_at=wall - timedelta(days=1),
        expires_at=wall + timedelta(days=-1 if over else 1),
        revoked_at=wall if ended else None,
    )
    token, _ = tokens.issue(
        person_id=person.id,
        session_id=session.id,
        seat=Seat(ViewerKind.PERSON, person.id),
        wall=wall - timedelta(days=1 if expired else 0),
    )
    return token
