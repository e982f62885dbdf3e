"""`/graphql`: one request in, one answer out, or a stream of them."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import orjson
from starlette.responses import RedirectResponse, StreamingResponse
from starlette.types import Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.http.streaming import SSETransport, merge_stream_with_heartbeat
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult

from domain.identity.viewer import Viewer
from kit import clock, request
from kit.graphql import http, refusals
from kit.graphql.documents import as_error
from kit.graphql.errors import instead_of
from kit.graphql.limits import TooExpensive
from kit.graphql.registry import Registry
from kit.graphql.schema import Operation, Schema, alone
from kit.problems import Problem
from partner_center import answers, logs
from partner_center.admission import Admission
from partner_center.departure import unless_gone
from partner_center.sockets import Adapter, Connection, Operations
from partner_center.throttle import Throttle
from schema.context import Context

Authenticate = Callable[[str | None], Awaitable[Viewer]]
Headers = Mapping[bytes, bytes]

GRAPHIQL = "/graphiql"
SUBSCRIPTIONS_MOST = 10
INIT_WITHIN = timedelta(seconds=10)


class View(GraphQL[Any, None]):
    """Strawberry's view for WebSockets, and a straight line from bytes to bytes for HTTP.

    Statuses: what isn't a request at all 400, 405, 406, 413 or 415; no valid sign-in 401; an
    operation that can't be executed 400 as `application/graphql-response+json` and 200 as
    `application/json`, whose readers expect that; everything that was executed 200.
    """

    graphql_transport_ws_handler_class = Operations
    websocket_adapter_class = Adapter

    schema: Schema

    def __init__(
        self,
        schema: Schema,
        *,
        authenticate: Authenticate,
        max_body_bytes: int,
        origins: Sequence[str] = (),
        registry: Registry | None = None,
        throttle: Throttle | None = None,
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=INIT_WITHIN,
            max_subscriptions_per_connection=SUBSCRIPTIONS_MOST,
            allowed_origins=origins,
        )
        self._authenticate = authenticate
        self._max_body_bytes = max_body_bytes
        self._admission = Admission(schema, registry, throttle)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request, or serve one WebSocket until it closes."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        headers: Headers = dict(scope["headers"])
        if _is_a_person_looking(scope, headers):
            await RedirectResponse(GRAPHIQL)(scope, receive, send)
            return
        form = http.JSON
        try:
            forms = http.accepted(headers.get(b"accept", b""))
            form = forms.answer or http.JSON
            asked = await self._asked(scope, headers, receive)
            context = await self.context(headers, scope.get("client"))
            result = await self._result(asked, forms, context, scope, receive)
            body = b""
            if isinstance(result, ExecutionResult):
                body = self.encode_json(answers.payload(result))
        except http.Disconnected:
            logs.note(scope, left=True)
            return
        except Problem as problem:
            await answers.refuse(send, problem, form, _locale(headers))
        except Exception as error:
            await answers.refuse(send, instead_of(error, at="the request"), form, _locale(headers))
        else:
            if isinstance(result, ExecutionResult):
                await answers.send_json(send, answers.status_of(result, form), form, body)
            else:
                await self._stream(result)(scope, receive, send)

    def encode_json(self, data: object) -> bytes:
        """Finished JSON (`orjson.Fragment`) becomes part of the answer as it is."""
        return orjson.dumps(data)

    def decode_json(self, data: str | bytes) -> object:
        """What came in a frame: JSON of at most a thousand levels, without U+0000."""
        if http.has_nul(data.encode() if isinstance(data, str) else data):
            raise orjson.JSONDecodeError("U+0000 is not allowed", "", 0)
        return orjson.loads(data)

    async def context(self, headers: Headers, client: tuple[str, int] | None) -> Context:
        """What resolvers are told of a request. Raises Unauthenticated."""
        return Context(
            viewer=await self._authenticate(_text(headers, b"authorization")),
            now=await clock.now(),
            locale=_locale(headers),
            request_id=request.request_id() or request.begin(),
            address=client[0] if client else "",
            client=_text(headers, b"user-agent"),
        )

    async def get_context(self, request: Any, response: Any) -> Any:
        """A WebSocket's; each operation on it gets a context of its own."""
        return Connection(self.context, self._admission, request.scope)

    async def on_ws_connect(self, context: Any) -> Any:
        """Let a WebSocket in when its credential is good, or when it has none."""
        return await context.admit()

    async def _asked(self, scope: Scope, headers: Headers, receive: Receive) -> http.Asked:
        method = scope["method"]
        if method == "GET":
            return http.from_query_string(scope["query_string"])
        if method != "POST":
            raise refusals.MethodNotAllowed(
                reason="Send GET or POST.", reason_zh="仅支持 GET 与 POST。", allow="GET, POST"
            )
        if not http.is_plain_json(
            headers.get(b"content-type", b""), headers.get(b"content-encoding", b"")
        ):
            raise refusals.UnsupportedMediaType(
                reason="Content-Type must be application/json, in UTF-8 and not compressed.",
                reason_zh="Content-Type 必须为 application/json,使用 UTF-8 编码且不压缩。",
            )
        length = headers.get(b"content-length", b"")
        declared = int(length) if length.isdigit() else None
        body = await http.read_body(receive, declared=declared, most=self._max_body_bytes)
        return http.from_json(body)

    async def _result(
        self,
        asked: http.Asked,
        forms: http.Accepted,
        context: Context,
        scope: Scope,
        receive: Receive,
    ) -> ExecutionResult | AsyncGenerator[Any, None]:
        text = self._admission.text(asked.query, asked.document_id, context)
        operation = self.schema.read(text, asked.operation_name)
        if isinstance(operation, list):
            logs.note(scope, viewer=context.viewer.kind)
            await self._admission.spend_for_nothing(context)
            return self.schema.refused(operation, context)
        logs.note(scope, viewer=context.viewer.kind, operation=operation.name, kind=operation.kind)
        _admit(operation, scope["method"], forms)
        try:
            cost = await self._admission.spend(operation, asked.variables, context)
        except TooExpensive as problem:
            result: ExecutionResult = self.schema.refused([as_error(problem)], context)
            result.extensions = {"cost": {"requested": problem.cost, "limit": problem.most}}
            return result
        if operation.kind == "subscription":
            return await self.schema.stream(
                text, asked.variables, context, operation_name=asked.operation_name
            )
        running = self._admission.run(operation, asked.variables, context, cost)
        result = await (unless_gone(running, receive) if operation.kind == "query" else running)
        return result if forms.answer is not None else alone(result)

    def _stream(self, results: AsyncGenerator[Any, None]) -> StreamingResponse:
        transport = SSETransport()

        async def events() -> AsyncGenerator[str, None]:
            async for result in results:
                yield transport.encode_next(answers.payload(result), self._one_line)  # type: ignore[arg-type]
            yield transport.encode_complete()

        body = merge_stream_with_heartbeat(
            events,
            lambda: transport.heartbeat_message(self._one_line),
            interval=transport.heartbeat_interval,
            send_initial_heartbeat=True,  # tells the client, and proxies, that it has begun
        )
        return StreamingResponse(body(), headers=transport.headers)

    def _one_line(self, data: object) -> str:
        # Between values, JSON written by PostgreSQL may have line ends; within them it can't.
        return self.encode_json(data).decode().replace("\n", " ")


def _locale(headers: Headers) -> str:
    return http.locale_of(headers.get(b"accept-language", b""))


def _text(headers: Headers, name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")


def _is_a_person_looking(scope: Scope, headers: Headers) -> bool:
    return (
        scope["method"] == "GET"
        and b"text/html" in headers.get(b"accept", b"")
        and b"query=" not in scope["query_string"]
        and b"documentId=" not in scope["query_string"]
    )


def _admit(operation: Operation, method: str, forms: http.Accepted) -> None:
    if operation.kind == "mutation" and method != "POST":
        raise refusals.MethodNotAllowed(
            reason="Mutations are sent by POST.", reason_zh="变更操作仅支持 POST。", allow="POST"
        )
    if operation.kind == "subscription" and not forms.stream:
        raise refusals.NotAcceptable(
            reason="A subscription answers as text/event-stream, or over a WebSocket.",
            reason_zh="订阅仅支持以 text/event-stream 或 WebSocket 方式返回。",
        )
