"""Cheap passwords, a key of our own, a wall clock that stands still, and the API of identity."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tortoise.context import TortoiseContext

from domain.identity import passwords, presets
from domain.identity.presets import Preset
from kit import clock, secrets
from models.identity import Role
from partner_center.authentication import Authentication
from partner_center.graphql import schema
from partner_center.logs import Requests
from partner_center.view import View
from partner_center.viewer_cache import ViewerCache
from tests.conftest import Clock, Servers


@pytest.fixture(autouse=True, scope="session")
def cheap_passwords() -> None:
    passwords.use_cost(time_cost=1, memory_cost=8, parallelism=1)
    secrets.configure("a key for tests, thirty-two characters or more")


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Freeze the wall clock, by which tokens live, at 2030-01-31T23:30:00Z."""
    frozen = Clock()
    monkeypatch.setattr(clock, "wall", lambda: frozen.now)
    return frozen


@pytest.fixture
async def roles(database: TortoiseContext, time: Clock) -> dict[Preset, Role]:
    """The preset roles."""
    await presets.ensure_presets(now=time.now)
    return {Preset(role.code): role for role in await Role.all()}


class Api:
    """Speaks to the API over HTTP, as whoever the token says."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def raw(
        self, query: str, *, by: str | None = None, language: str = "en", **variables: Any
    ) -> httpx.Response:
        """The whole answer."""
        headers = {"accept-language": language, "user-agent": "tests"}
        if by is not None:
            headers["authorization"] = f"Bearer {by}"
        body = {"query": query, "variables": variables}
        return await self._client.post("/graphql", json=body, headers=headers)

    async def __call__(self, query: str, *, by: str | None = None, **variables: Any) -> Any:
        """The data of an answer without errors; of a single root field, its value."""
        answer = (await self.raw(query, by=by, **variables)).json()
        assert "errors" not in answer, answer["errors"]
        values = list(answer["data"].values())
        return values[0] if len(values) == 1 else answer["data"]

    async def refused(self, query: str, *, by: str | None = None, **variables: Any) -> str:
        """The code of the only error of a refused request."""
        answer = (await self.raw(query, by=by, **variables)).json()
        [error] = answer["errors"]
        return str(error["extensions"]["code"])


@pytest.fixture
async def api(
    database: TortoiseContext, servers: Servers, time: Clock, wall: Clock
) -> AsyncIterator[Api]:
    """The API of identity alone, behind the real view and the real authentication."""
    authentication = Authentication(cache=ViewerCache(servers.database_url))
    await authentication.start()
    view = View(schema(), authenticate=authentication.viewer, max_body_bytes=262_144)
    transport = httpx.ASGITransport(Requests(view), client=("192.0.2.1", 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://api.example") as client:
        yield Api(client)
    await authentication.stop()
