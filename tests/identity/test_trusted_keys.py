"""API keys that are bound to registered documents."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tortoise.context import TortoiseContext

from domain.identity.presets import Preset
from kit.graphql.registry import Registry, id_of
from models.audit import Event
from models.identity import ApiKey, Role
from partner_center.authentication import Authentication
from partner_center.graphql import schema
from partner_center.logs import Requests
from partner_center.view import View
from partner_center.viewer_cache import ViewerCache
from tests.conftest import Clock, Servers
from tests.identity.conftest import Api
from tests.identity.people import a_partner, a_person, an_operator, token

WHO = "query Who { viewer { displayName } }"
CREATE = """
mutation ($documents: DocumentMode) {
  apiKeyCreate(input: {name: "ERP", items: [], documents: $documents}) {
    apiKey { id documents version } secret errors { code } } }
"""
UPDATE = """
mutation ($id: ID!, $version: Int!, $name: String, $documents: DocumentMode) {
  apiKeyUpdate(input: {id: $id, expectedVersion: $version, name: $name, documents: $documents}) {
    apiKey { name documents version } errors { code } } }
"""
REVOKE = "mutation ($id: ID!) { apiKeyRevoke(input: {id: $id}) { errors { code } } }"


@pytest.fixture
async def http(
    database: TortoiseContext, servers: Servers, time: Clock, wall: Clock
) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to an API that knows one document, and takes others, too."""
    authentication = Authentication(cache=ViewerCache(servers.database_url))
    await authentication.start()
    view = View(
        schema(),
        authenticate=authentication.viewer,
        max_body_bytes=262_144,
        registry=Registry([WHO]),
    )
    transport = httpx.ASGITransport(Requests(view), client=("192.0.2.1", 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://api.example") as client:
        yield client
    await authentication.stop()


@pytest.fixture
async def api(http: httpx.AsyncClient) -> Api:
    """The same, more at ease."""
    return Api(http)


@pytest.fixture
async def administrator(api: Api, roles: dict[Preset, Role]) -> str:
    """The token of one."""
    await an_operator(await a_person(), roles[Preset.ADMINISTRATOR], at=await a_partner())
    return await token(api)


async def by_id(http: httpx.AsyncClient, *, by: str, document: str = WHO) -> Any:
    headers = {"authorization": f"Bearer {by}"}
    body = {"documentId": id_of(document)}
    return (await http.post("/graphql", json=body, headers=headers)).json()


async def test_a_trusted_key_asks_for_registered_documents_and_nothing_else(
    http: httpx.AsyncClient, api: Api, administrator: str
) -> None:
    key = await api(CREATE, by=administrator, documents="TRUSTED_ONLY")
    secret = key["secret"]

    refused = await api.raw("{ viewer { displayName } }", by=secret)
    chinese = await api.raw("{ viewer { displayName } }", by=secret, language="zh")
    changing = await api.raw(CREATE, by=secret)
    unknown = await by_id(http, by=secret, document="{ __typename }")

    assert key["apiKey"]["documents"] == "TRUSTED_ONLY"
    assert await by_id(http, by=secret) == {
        "data": {"viewer": {"displayName": "ERP"}},
        "extensions": {"cost": {"requested": 10, "limit": 5000}},
    }
    assert await api(WHO, by=secret) == {"displayName": "ERP"}, "the very text is the document"
    for answer in (refused, chinese, changing):
        assert answer.status_code == 403
        assert "data" not in answer.json()
        [error] = answer.json()["errors"]
        assert error["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
    assert chinese.json()["errors"][0]["message"].startswith("仅执行已登记的文档")
    assert unknown["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_FOUND"
    assert await ApiKey.all().count() == 1
    assert await api("{ viewer { displayName } }", by=administrator) == {"displayName": "Li Lei"}


async def test_other_keys_ask_for_what_they_like(api: Api, administrator: str) -> None:
    for documents in (None, "ALLOW_ANY"):
        key = await api(CREATE, by=administrator, documents=documents)

        assert key["apiKey"]["documents"] == "ALLOW_ANY"
        assert await api("{ viewer { kind } }", by=key["secret"]) == {"kind": "OPERATOR"}


async def test_a_key_is_bound_and_let_loose_at_once(api: Api, administrator: str) -> None:
    key = await api(CREATE, by=administrator)
    id, secret = key["apiKey"]["id"], key["secret"]
    ask = "{ viewer { kind } }"
    assert await api(ask, by=secret) == {"kind": "OPERATOR"}

    bound = await api(UPDATE, by=administrator, id=id, version=1, documents="TRUSTED_ONLY")
    assert bound == {
        "apiKey": {"name": "ERP", "documents": "TRUSTED_ONLY", "version": 2},
        "errors": [],
    }
    assert await api.refused(ask, by=secret) == "DOCUMENT_NOT_TRUSTED"

    renamed = await api(UPDATE, by=administrator, id=id, version=2, name="CRM")
    assert renamed["apiKey"] == {"name": "CRM", "documents": "TRUSTED_ONLY", "version": 3}
    same = await api(UPDATE, by=administrator, id=id, version=3, documents="TRUSTED_ONLY")
    assert same["apiKey"]["version"] == 3
    await api(UPDATE, by=administrator, id=id, version=3, documents="ALLOW_ANY")
    assert await api(ask, by=secret) == {"kind": "OPERATOR"}

    events = [
        (event.before, event.after)
        for event in await Event.filter(name="api_key.updated").order_by("id")
    ]
    assert events == [
        (
            {"name": "ERP", "documents": "ALLOW_ANY"},
            {"name": "ERP", "documents": "TRUSTED_ONLY"},
        ),
        (
            {"name": "ERP", "documents": "TRUSTED_ONLY"},
            {"name": "CRM", "documents": "TRUSTED_ONLY"},
        ),
        (
            {"name": "CRM", "documents": "TRUSTED_ONLY"},
            {"name": "CRM", "documents": "ALLOW_ANY"},
        ),
    ]


async def test_a_change_that_is_refused_changes_nothing(
    api: Api, administrator: str, wall: Clock, roles: dict[Preset, Role]
) -> None:
    key = await api(CREATE, by=administrator, documents="TRUSTED_ONLY")
    id = key["apiKey"]["id"]
    await an_operator(
        await a_person("Han Meimei"), roles[Preset.ADMINISTRATOR], at=await a_partner("B")
    )
    foreign = await token(api, "han-meimei@example.com")

    async def codes(**more: Any) -> list[str]:
        asked = {"by": administrator, "id": id, "version": 1, "documents": "ALLOW_ANY"} | more
        return [error["code"] for error in (await api(UPDATE, **asked))["errors"]]

    assert await codes(version=7) == ["VERSION_CONFLICT"]
    assert await codes(name="") == ["INVALID_INPUT"]
    assert await codes(by=foreign) == ["NOT_FOUND"]
    assert await api.refused(UPDATE, by=key["secret"], id=id, version=1) == "DOCUMENT_NOT_TRUSTED"
    loose = await api(CREATE, by=administrator)
    assert await api.refused(UPDATE, by=loose["secret"], id=id, version=1) == "FORBIDDEN"
    assert await api.refused(UPDATE, id=id, version=1) == "UNAUTHENTICATED"
    await api(REVOKE, by=administrator, id=id)
    assert await codes(version=2) == ["API_KEY_NOT_LIVE"]
    wall.forward(days=91)
    fresh = await token(api)
    assert await codes(by=fresh, id=loose["apiKey"]["id"]) == ["API_KEY_NOT_LIVE"]

    stored = {str(each.documents) for each in await ApiKey.filter(name="ERP", version__lte=2)}
    assert stored == {"TRUSTED_ONLY", "ALLOW_ANY"}
    assert not await Event.filter(name="api_key.updated").exists()
