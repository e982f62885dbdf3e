"""Logs: one line a fact, for people or for machines, each with the id of its request.

Never in a log: tokens, mail addresses, variables of requests, texts of queries.
"""

import logging
import sys
from time import perf_counter
from typing import Any

import orjson
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import EventDict, Processor, WrappedLogger

from kit import request, tracing

FACTS = "partner_center.facts"

log = structlog.get_logger()


def configure(*, level: str, json: bool) -> None:
    """Send everything that is logged, by structlog or by the standard library, to stderr."""
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_ids,
    ]
    last: list[Processor]
    if json:
        logger_factory: Any = structlog.BytesLoggerFactory(sys.stderr.buffer)
        last = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_json),
        ]
    else:
        logger_factory = structlog.WriteLoggerFactory(sys.stderr)
        last = [_console()]
    # Straight to the stream: a detour through the standard library would cost as much as the rest.
    structlog.configure(
        processors=[*shared, *last],
        logger_factory=logger_factory,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    if json:
        last[-1] = structlog.processors.JSONRenderer(serializer=_json_text)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    # One line a statement or a connection is for whoever debugs them, not for us.
    for name in ("tortoise", "asyncio", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


class Requests:
    """Outermost: names each request, answers with the name, and logs one line when it is done.

    What only the handler knows (the operation, the kind of viewer) it adds by `note`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        id = request.begin(_header(scope, b"x-request-id"))
        tracing.begin(_header(scope, b"traceparent"))
        facts = scope[FACTS] = {}
        status = 500
        header = (b"x-request-id", id.encode())

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], header]
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            duration = round((perf_counter() - began) * 1000, 1)
            _logger().info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                ms=duration,
                **facts,
            )


_bound: tuple[object, Any] = (None, log)


def _logger() -> Any:
    """`log` as it is configured now. By itself it makes a logger anew for each line."""
    global _bound
    processors = structlog.get_config()["processors"]
    if _bound[0] is not processors:
        _bound = (processors, log.bind())
    return _bound[1]


def note(scope: Scope, **facts: object) -> None:
    """Add to the line that the request in hand will be logged with."""
    scope.get(FACTS, {}).update(facts)


def _header(scope: Scope, wanted: bytes) -> str | None:
    for name, value in scope["headers"]:
        if name == wanted:
            return str(value.decode("latin-1"))
    return None


def _add_ids(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    id = request.request_id()
    if id is not None:
        event.setdefault("request_id", id)
    trace_id = tracing.trace_id()
    if trace_id is not None:
        event.setdefault("trace_id", trace_id)
    return event


def _json(event: EventDict, **_: Any) -> bytes:
    return orjson.dumps(event, default=str)


def _json_text(event: EventDict, **_: Any) -> str:
    return _json(event).decode()


def _console() -> structlog.dev.ConsoleRenderer:
    # The prettier traceback shows local variables: tokens, mail addresses, whole requests.
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        sort_keys=False,
        exception_formatter=structlog.dev.plain_traceback,
    )
