"""`/graphql` over WebSocket (graphql-transport-ws): each operation is a request of its own."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, cast

import structlog
from starlette.types import Scope
from starlette.websockets import WebSocketDisconnect
from starlette.websockets import WebSocketDisconnected as ClosedBefore
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)
from strawberry.types.execution import PreExecutionError
from strawberry.types.unset import UNSET

from kit import database, request, tracing
from kit.graphql.errors import instead_of, problem_error
from kit.graphql.http import locale_of
from kit.graphql.limits import TooManyOperations
from kit.graphql.refusals import Unavailable
from kit.graphql.schema import Schema, alone
from kit.problems import Problem
from partner_center.admission import Admission
from partner_center.departure import to_the_end
from schema.context import Context

MakeContext = Callable[[Mapping[bytes, bytes], Any], Awaitable[Context]]

# What a page can't set as headers of a WebSocket it may send when it introduces itself.
_AS_HEADERS = ("authorization", "accept-language", "traceparent")

log = structlog.get_logger()


class Connection:
    """One WebSocket: the credential and language that its operations are done with."""

    def __init__(self, make_context: MakeContext, admission: Admission, scope: Scope) -> None:
        self._make_context = make_context
        self.admission = admission
        self._client = scope.get("client")
        self._headers = dict(scope["headers"])
        self.connection_params: dict[str, object] = {}

    @property
    def locale(self) -> str:
        """In which language to answer."""
        return locale_of(self._headers.get(b"accept-language", b""))

    async def admit(self) -> Any:
        """Take over what the client said of itself, and see that its credential is good."""
        for name, value in self.connection_params.items():
            if name.lower() in _AS_HEADERS and isinstance(value, str):
                self._headers[name.lower().encode()] = value.encode("latin-1", "replace")
        try:
            await self.context()
        except Problem as problem:
            raise ConnectionRejectionError from problem
        return UNSET

    async def context(self) -> Context:
        """The context of an operation that begins now. Raises Unauthenticated."""
        request.begin()
        tracing.begin(self._headers.get(b"traceparent", b"").decode("latin-1"))
        return await self._make_context(self._headers, self._client)


class Operations(BaseGraphQLTransportWSHandler[Any, None]):
    """Strawberry's protocol, with messages checked first and a context for each operation."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.schema = cast(Any, _PerOperation(cast(Schema, self.schema), self.context))

    async def handle_connection_init(self, message: Any) -> None:
        """Let the client in; who can't be recognised for the moment may come again."""
        try:
            await super().handle_connection_init(message)
        except WebSocketDisconnected:
            raise
        except Exception as error:
            told = instead_of(error, at="the introduction of a WebSocket")
            if isinstance(told, Unavailable):
                await self.websocket.close(code=1013, reason="Try again later")
            else:
                await self.websocket.close(code=1011, reason="Internal error")

    async def handle_subscribe(self, message: Any) -> None:
        """Begin an operation, unless the connection carries as many as it may."""
        most = self.max_subscriptions_per_connection
        is_new = self.connection_acknowledged and message["id"] not in self.operations
        if most is None or not is_new or len(self.operations) < most:
            await super().handle_subscribe(message)
            return
        refusal = problem_error(TooManyOperations(most=most), locale=self.context.locale)
        await self.send_message(
            {"id": message["id"], "type": "error", "payload": [refusal.formatted]}
        )

    async def handle_message(self, message: Any) -> None:
        """Close the connection on what isn't a message of the protocol."""
        payload = message.get("payload") if isinstance(message, dict) else None
        if isinstance(payload, dict) and "documentId" in payload and "query" not in payload:
            payload["query"] = payload["documentId"]  # `text_of` tells one from the other
        if _is_well_formed(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Failed to parse message")

    async def handle_task_exception(self, error: Exception) -> None:
        """Log it, unless all that happened is that the client left in the middle of an answer."""
        if not isinstance(error, WebSocketDisconnected):
            await super().handle_task_exception(error)


class Adapter(ASGIWebSocketAdapter):
    """Sends text frames, as the protocol wants them, of the JSON that the view makes as bytes."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send one message."""
        try:
            await self.ws.send_text(cast(bytes, self.view.encode_json(message)).decode())
        except (WebSocketDisconnect, ClosedBefore) as gone:
            raise WebSocketDisconnected from gone


class _PerOperation:
    """Stands where the handler expects the schema, to exchange its context for a fresh one."""

    def __init__(self, schema: Schema, connection: Connection) -> None:
        self._schema = schema
        self._connection = connection

    async def stream(
        self,
        query: str,
        *,
        variable_values: dict[str, Any] | None,
        context_value: Connection,
        root_value: None,
        operation_name: str | None,
    ) -> AsyncGenerator[Any, None]:
        """The results of one operation."""
        try:
            context = await self._connection.context()
        except Problem as problem:
            return _refused(problem, self._connection.locale)
        except database.PASSING as error:
            unavailable = instead_of(error, at="an operation on a WebSocket")
            return _refused(unavailable, self._connection.locale)
        log.info("operation", operation=operation_name, viewer=context.viewer.kind)
        admission = self._connection.admission
        try:
            text = admission.text_of(query, context)
            operation = self._schema.read(text, operation_name)
            if isinstance(operation, list):
                await admission.spend_for_nothing(context)
                return alone(self._schema.refused(operation, context))
            cost = await admission.spend(operation, variable_values, context)
        except Problem as problem:
            return _refused(problem, context.locale)
        if operation.kind == "subscription":
            return await self._schema.stream(
                text, variable_values, context, operation_name=operation_name
            )
        running = admission.run(operation, variable_values, context, cost)
        return alone(await (to_the_end(running) if operation.kind == "mutation" else running))


async def _refused(problem: Problem, locale: str) -> AsyncGenerator[Any, None]:
    yield PreExecutionError(None, [problem_error(problem, locale=locale)])


def _is_well_formed(message: Any) -> bool:
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    if message["type"] not in ("subscribe", "complete"):
        return True
    if not isinstance(message.get("id"), str):
        return False
    if message["type"] == "complete":
        return True
    payload = message.get("payload")
    return (
        isinstance(payload, dict)
        and isinstance(payload.get("query"), str)
        and isinstance(payload.get("operationName"), str | None)
        and isinstance(payload.get("variables"), dict | None)
    )
