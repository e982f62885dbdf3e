"""Spans by OpenTelemetry, sent by OTLP over HTTP: imported only where an endpoint is set.

One span for each operation, batch of deadlines, run of periodic work, export and attempt at a
webhook: never one a field. The SDK's own variables (`OTEL_SERVICE_NAME`, `OTEL_TRACES_SAMPLER`,
`OTEL_EXPORTER_OTLP_HEADERS`, …) hold as everywhere.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from kit import request, tracing
from kit.tracing import Facts
from partner_center import __version__

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

FLUSH_MS = 3_000  # for what hasn't been sent when the process leaves


@asynccontextmanager
async def recording(endpoint: str | None, *, service: str) -> AsyncIterator[None]:
    """Record spans as long as this is open; nothing at all without an endpoint."""
    if endpoint is None:
        yield
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    with recording_to(
        OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces"), service=service
    ):
        yield


@contextmanager
def recording_to(
    exporter: "SpanExporter", *, service: str, at_once: bool = False
) -> Iterator[None]:
    """Record spans by this exporter as long as this is open; then send what is left.

    Unless `at_once`, they are sent in batches, by a thread of their own.
    """
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

    told = {"service.version": __version__}
    provider = TracerProvider(resource=Resource.create({"service.name": service} | told))
    processing = SimpleSpanProcessor if at_once else BatchSpanProcessor
    provider.add_span_processor(processing(exporter))
    tracing.connect(_Spans(provider.get_tracer("partner_center", __version__)))
    try:
        yield
    finally:
        tracing.connect(None)
        provider.force_flush(FLUSH_MS)
        provider.shutdown()


class _Spans:
    """`kit.tracing.Recorder` on an OpenTelemetry tracer."""

    def __init__(self, tracer: Any) -> None:
        self._tracer = tracer

    @contextmanager
    def __call__(
        self, name: str, *, kind: str, parent: str | None, links: Sequence[str], facts: Facts
    ) -> Iterator[str]:
        from opentelemetry.context import Context
        from opentelemetry.trace import Link, SpanKind, use_span

        whole = Context()
        if parent is not None:
            whole = _in_context(parent)
        request_id = request.request_id()
        span = self._tracer.start_span(
            name,
            context=whole,
            kind=SpanKind[kind],
            attributes={**facts, **({"request.id": request_id} if request_id else {})},
            links=[Link(_told(link)) for link in links],
        )
        with use_span(span, end_on_exit=True):
            yield _text(span.get_span_context())


def _in_context(traceparent: str) -> Any:
    from opentelemetry.trace import NonRecordingSpan, set_span_in_context

    return set_span_in_context(NonRecordingSpan(_told(traceparent)))


def _told(traceparent: str) -> Any:
    from opentelemetry.trace import SpanContext, TraceFlags

    _, trace_id, span_id, flags = traceparent.split("-")
    return SpanContext(
        trace_id=int(trace_id, 16),
        span_id=int(span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(int(flags, 16)),
    )


def _text(context: Any) -> str:
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
