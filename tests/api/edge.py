"""A small API behind the real view: what the edge does, whatever the domain is."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig

from domain.identity.viewer import ANONYMOUS, Unauthenticated, Viewer, ViewerKind
from kit import tracing
from kit.graphql import costs
from kit.graphql.registry import Registry
from kit.graphql.schema import Schema
from kit.problems import InvalidInput, NotFound
from kit.reads import ReadsExecutor, ReadTooSlow
from partner_center import graphql
from partner_center.logs import Requests
from partner_center.view import View
from schema.scalars import SCALARS, CurrencyCode, Date, DateTime, Decimal, YearMonth

ROOT = Path(__file__).parents[2]
GOOD = "Bearer good"
TRUSTED = "Bearer trusted"
GRAPHQL_JSON = "application/graphql-response+json"

touched: list[str] = []
let_go = asyncio.Event()


@strawberry.type
class Child:
    """Nests for ever."""

    name: str = "child"

    @strawberry.field
    def child(self) -> "Child":
        return Child()


@strawberry.type
class Query:
    """One field for each thing that can happen."""

    @strawberry.field
    async def hello(self, name: str = "you") -> str:
        return f"hello {name}"

    @strawberry.field
    def child(self) -> Child:
        return Child()

    @strawberry.field
    def me(self, info: strawberry.Info) -> str:
        return f"{info.context.viewer.kind} {info.context.locale} {info.context.request_id}"

    @strawberry.field
    def touched(self) -> list[str]:
        return touched

    @strawberry.field
    def finished(self) -> Child:
        return orjson.Fragment('{"name":"from\\nthe database",\n"more":[1, \n2]}')  # type: ignore[return-value]

    @strawberry.field
    def missing(self) -> str | None:
        raise NotFound(thing="partner")

    @strawberry.field
    def invalid(self) -> str | None:
        raise InvalidInput(reason="No such order.", reason_zh="无此排序。", path=("order", "by"))

    @strawberry.field
    def private(self) -> str | None:
        raise Unauthenticated()

    @strawberry.field
    async def broken(self) -> str | None:
        raise RuntimeError("select secret from vault")

    @strawberry.field
    async def away(self) -> str | None:
        raise ConnectionRefusedError("postgres.internal:5432")

    @strawberry.field
    def misfit(self) -> int | None:
        return 3_000_000_000

    @strawberry.field
    def unspeakable(self) -> Child:
        return orjson.Fragment("\ud800")  # type: ignore[return-value]

    @strawberry.field
    def slow(self) -> int | None:
        raise ReadTooSlow(seconds=10)

    @strawberry.field
    def trace(self) -> str | None:
        return tracing.current()

    @strawberry.field
    def dear(self) -> int:
        return 1

    @strawberry.field
    def wrong(self) -> str:
        raise GraphQLError("select secret from vault")

    @strawberry.field
    def scalars(
        self,
        time: DateTime | None = None,
        day: Date | None = None,
        month: YearMonth | None = None,
        number: Decimal | None = None,
        currency: CurrencyCode | None = None,
    ) -> "Scalars":
        return Scalars(time=time, day=day, month=month, number=number, currency=currency)


@strawberry.type
class Scalars:
    """What was read, written again."""

    time: DateTime | None
    day: Date | None
    month: YearMonth | None
    number: Decimal | None
    currency: CurrencyCode | None


@strawberry.type
class Mutation:
    """Leaves a trace."""

    @strawberry.mutation
    async def touch(self, name: str) -> str:
        touched.append(name)
        return name

    @strawberry.mutation
    async def hold(self) -> bool:
        touched.append("holding")
        await let_go.wait()
        touched.append("held")
        return True

    @strawberry.mutation
    async def let_go(self) -> bool:
        let_go.set()
        return True


@strawberry.type
class Subscription:
    """Counts, and may fail or go on for ever."""

    @strawberry.subscription
    async def count(self, to: int) -> AsyncGenerator[int, None]:
        for number in range(to):
            yield number + 1

    @strawberry.subscription
    async def pieces(self) -> AsyncGenerator[Child, None]:
        yield orjson.Fragment('{"name":"a",\n"n":1}')  # type: ignore[misc]

    @strawberry.subscription
    async def failing(self) -> AsyncGenerator[int, None]:
        yield 1
        raise RuntimeError("select secret from vault")

    @strawberry.subscription
    async def endless(self) -> AsyncGenerator[int, None]:
        touched.append("begun")
        try:
            yield 0
            await asyncio.Event().wait()
        finally:
            touched.append("ended")


async def authenticate(authorization: str | None) -> Viewer:
    """`good` is a person, `trusted` a key for registered documents, nothing is nobody."""
    if authorization is None:
        return ANONYMOUS
    if authorization == GOOD:
        return Viewer(kind=ViewerKind.PERSON, display_name="Ann")
    if authorization == TRUSTED:
        return Viewer(kind=ViewerKind.OPERATOR, display_name="ERP", trusted_only=True)
    if authorization == "Bearer away":
        raise ConnectionRefusedError("postgres.internal:5432")
    if authorization == "Bearer bug":
        raise RuntimeError("select secret from vault")
    raise Unauthenticated(reason="the token is not valid.", reason_zh="令牌无效。")


def small_schema() -> Schema:
    """With no documents read yet."""
    schema = Schema(
        Query,
        Mutation,
        Subscription,
        config=StrawberryConfig(scalar_map=SCALARS),
        execution_context_class=ReadsExecutor,
    )
    query: Any = schema._schema.query_type
    costs.weigh(query.fields["dear"], schema.limits.cost + 1)
    return schema


app = Requests(
    View(
        small_schema(),
        authenticate=authenticate,
        max_body_bytes=262_144,
        origins=("https://console.example",),
        registry=Registry(["subscription Three { count(to: 1) }"]),
    )
)


class Client(httpx.AsyncClient):
    """Speaks GraphQL to an ASGI application."""

    def __init__(self, to: Any = app) -> None:
        super().__init__(transport=httpx.ASGITransport(to), base_url="http://api.example")

    async def ask(
        self, query: str, *, accept: str = GRAPHQL_JSON, language: str = "en", **variables: Any
    ) -> httpx.Response:
        """Post an operation."""
        return await self.post(
            "/graphql",
            json={"query": query, "variables": variables},
            headers={"accept": accept, "accept-language": language},
        )


def codes(response: httpx.Response) -> list[str]:
    """The code of each error."""
    return [error["extensions"]["code"] for error in response.json()["errors"]]


def answer(response: httpx.Response) -> Any:
    """What came, but for what it has cost."""
    return {name: value for name, value in response.json().items() if name != "extensions"}


@asynccontextmanager
async def served(port: int) -> AsyncIterator[str]:
    """The small API in a process of its own, as uvicorn serves it; gives its address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "uvicorn", "tests.api.edge:app"),
        *("--port", str(port), "--no-access-log", "--log-level", "warning"),
        cwd=ROOT,
        env=os.environ,
    )
    try:
        async with httpx.AsyncClient() as client:
            while True:
                try:
                    await client.get(f"http://127.0.0.1:{port}/", timeout=5)
                    break
                except httpx.TransportError:
                    assert process.returncode is None, "the server ended"
                    await asyncio.sleep(0.05)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


class Desk:
    """The API, with viewers that sign in by a name."""

    def __init__(self) -> None:
        self.viewers: dict[str, Viewer] = {}
        self.app = Requests(
            View(graphql.schema(), authenticate=self._authenticate, max_body_bytes=10_000)
        )

    async def _authenticate(self, authorization: str | None) -> Viewer:
        return self.viewers[authorization] if authorization else ANONYMOUS

    def seat(self, viewer: Viewer) -> str:
        """Something to show as a credential."""
        name = f"viewer {len(self.viewers)}"
        self.viewers[name] = viewer
        return name

    async def ask(self, viewer: Viewer, query: str, **variables: Any) -> Any:
        """What the API answers."""
        async with Client(self.app) as client:
            client.headers["authorization"] = self.seat(viewer)
            return await client.ask(query, **variables)
