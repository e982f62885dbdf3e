"""A trace goes on from a request through whatever it causes, with spans and without."""

from collections.abc import Iterator, MutableMapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.testing import capture_logs

from domain.audit import events
from domain.identity.viewer import SYSTEM
from domain.webhooks import targets
from domain.webhooks.sending import Wire
from kit import database, timers, tracing
from kit.timers import TIMERS
from kit.transaction import transaction
from models.exports import Export
from partner_center.tracing import recording_to
from tests.api.edge import Client
from tests.conftest import Clock
from tests.customers.conftest import Ask, ask
from tests.exports.factories import requested
from tests.factories import a_partner, an_administrator
from tests.receiver import receiving
from tests.timers.subjects import EXPIRE, KIND, pending
from tests.webhooks.house import House
from workers import dispatcher, firing, ticks
from workers.effects import EFFECTS
from workers.exports import Exporter
from workers.webhooks import Courier

DUE = datetime(2030, 1, 31, 23, 30, tzinfo=UTC)
ONE = f"00-{'1' * 32}-{'a' * 16}-01"
TWO = f"00-{'2' * 32}-{'b' * 16}-01"


@pytest.fixture(autouse=True)
def _effect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EFFECTS, KIND, EXPIRE)


@pytest.fixture
def recorded() -> Iterator[InMemorySpanExporter]:
    """Spans, in memory; `spans` ends the recording and tells them."""
    exporter = InMemorySpanExporter()
    with recording_to(exporter, service="test", at_once=True):
        yield exporter


def the_span(recorded: InMemorySpanExporter, name: str) -> ReadableSpan:
    [span] = [each for each in recorded.get_finished_spans() if each.name == name]
    return span


def traceparent_of(span: ReadableSpan) -> str:
    context = span.get_span_context()
    assert context is not None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


async def fired() -> None:
    """All that is due, as the dispatcher hands it out."""
    claim = await TIMERS.claim(lease=timedelta(seconds=60), limit=100, now=DUE)
    ids = [row["id"] for row in claim.rows]
    [hint] = dispatcher._hints_to_fire(claim)
    traces = hint.arguments.get("traces", ())
    assert await firing.fire(KIND, ids, token=claim.token, now=DUE, traces=traces) == len(ids)


async def traces(table: str) -> list[str | None]:
    rows = await database.rows(f"select traceparent from {table} order by id")
    return [row["traceparent"] for row in rows]


@pytest.mark.usefixtures("database")
async def test_without_a_trace_nothing_is_written_down() -> None:
    await pending(2, due_at=DUE)
    await fired()

    assert await traces("timer") == [None, None]
    assert await traces("event") == [None, None]


@pytest.mark.usefixtures("database")
async def test_a_deadline_and_its_event_belong_to_the_trace_that_set_it() -> None:
    with tracing.span("a request", of=[ONE]):
        await pending(1, due_at=DUE)
    assert tracing.current() is None
    await fired()

    assert await traces("timer") == [ONE]
    assert await traces("event") == [ONE]


@pytest.mark.usefixtures("database")
async def test_a_transaction_leaves_no_trace_to_the_next_on_its_connection() -> None:
    with tracing.span("a request", of=[ONE]):
        await pending(1, due_at=DUE)
    for _ in range(3):
        await pending(1, due_at=DUE)

    assert await traces("timer") == [ONE, None, None, None]


@pytest.mark.usefixtures("database")
async def test_a_deadline_that_is_moved_belongs_to_who_moved_it() -> None:
    with tracing.span("a request", of=[ONE]):
        [subject] = await pending(1, due_at=DUE)
    with tracing.span("another", of=[TWO]):
        async with transaction():
            await timers.schedule(
                KIND, tenant_id=subject, subject_id=subject, due_at=DUE, on_timeout="X", now=DUE
            )

    assert await traces("timer") == [TWO]


@pytest.mark.usefixtures("database")
async def test_deadlines_of_several_traces_that_fall_due_together_belong_to_none_of_them() -> None:
    for trace in (ONE, TWO):
        with tracing.span("a request", of=[trace]):
            await pending(1, due_at=DUE)
    await fired()

    assert await traces("event") == [None, None]


@pytest.mark.usefixtures("database", "things")
async def test_a_webhook_carries_the_trace_of_its_event(time: Clock) -> None:
    targets.configure(to_loopback=True)
    async with receiving() as receiver, Wire() as wire:
        house = House(await an_administrator(await a_partner()), receiver, wire, Courier(), time)
        await house.endpoint()
        with tracing.span("a request", of=[ONE]):
            async with transaction():
                await house.happens()
        await house.happens()
        await house.round()
    targets.configure(to_loopback=False)

    assert [each.headers.get("traceparent") for each in receiver.received] == [ONE, None]


@pytest.mark.usefixtures("database")
async def test_an_export_goes_on_with_the_trace_of_who_asked(time: Clock, ask: Ask) -> None:
    administrator = await an_administrator(await a_partner())
    orders = {"list": {"orders": {}}, "columns": ["number"]}
    with tracing.span("a request", of=[ONE]):
        export = await requested(ask, by=administrator, **orders)  # type: ignore[arg-type]
    exporter = Exporter(1)
    assert await exporter._begin_next()
    await exporter.rest(within=60)

    assert (await Export.get(id=export.id)).traceparent == ONE
    told = await database.rows("select name, traceparent from event order by id")
    assert [(row["name"], row["traceparent"]) for row in told] == [
        ("export.requested", ONE),
        ("export.started", None),  # by then nobody knows whose turn it will be
        ("export.finished", ONE),
    ]


async def test_a_request_goes_on_with_the_trace_of_its_client() -> None:
    async with Client() as client:
        with capture_logs(processors=[_keep_trace]) as lines:
            for given in (ONE, "00-nonsense", None):
                headers = {"traceparent": given} if given else {}
                await client.post("/graphql", json={"query": "{ hello }"}, headers=headers)

    assert [line["trace"] for line in lines] == [ONE, None, None]


async def test_an_operation_is_one_span_in_the_trace_of_its_client(
    recorded: InMemorySpanExporter,
) -> None:
    async with Client() as client:
        answer = await client.post(
            "/graphql",
            json={"query": "query Mine { child { child { name } } }"},
            headers={"traceparent": ONE, "x-request-id": "order-17"},
        )

    assert answer.json()["data"] == {"child": {"child": {"name": "child"}}}
    [span] = recorded.get_finished_spans()
    assert (span.name, span.kind.name) == ("query child", "SERVER")
    assert traceparent_of(span)[:36] == ONE[:36]
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == "a" * 16
    assert dict(span.attributes or {}) == {
        "graphql.operation.type": "query",
        "graphql.operation.name": "Mine",
        "request.id": "order-17",
    }


@pytest.mark.usefixtures("database")
async def test_a_batch_is_one_span_that_is_linked_to_the_traces_that_set_its_deadlines(
    recorded: InMemorySpanExporter,
) -> None:
    for trace in (ONE, TWO, ONE):
        with tracing.span("a request", of=[trace]):
            await pending(1, due_at=DUE)
    set_in = await traces("timer")
    await fired()

    span = the_span(recorded, f"timer {KIND}")
    assert span.kind.name == "CONSUMER"
    assert span.parent is None
    links = {f"{link.context.trace_id:032x}" for link in span.links}
    assert links == {"1" * 32, "2" * 32}
    assert len(span.links) == len(set(set_in)) == 3
    assert await traces("event") == [traceparent_of(span)] * 3


@pytest.mark.usefixtures("database")
async def test_what_periodic_work_writes_belongs_to_its_span(
    recorded: InMemorySpanExporter, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(*, scheduled_for: datetime, now: datetime) -> None:
        about: dict[str, Any] = {"subject_type": "thing", "subject_id": uuid4(), "actor": SYSTEM}
        await events.record("thing.made", tenant_id=uuid4(), at=now, **about)

    hourly = ticks.every(timedelta(hours=1))
    entry = ticks.Periodic(name="work", moments=hourly, catch_up=ticks.CatchUp.LAST, run=work)
    monkeypatch.setattr(ticks, "TIMETABLE", [entry])
    await ticks.plan(now=time.now)
    claim = await ticks.TICKS.claim(lease=timedelta(seconds=60), limit=1, now=time.now)
    await ticks.run(claim.rows[0]["id"], token=claim.token, now=time.now)

    assert await traces("event") == [traceparent_of(the_span(recorded, "tick work"))]


async def test_a_bug_ends_its_span_as_an_error_and_is_raised(
    recorded: InMemorySpanExporter,
) -> None:
    with pytest.raises(RuntimeError), tracing.span("work"):
        raise RuntimeError("why")

    span = the_span(recorded, "work")
    assert span.status.status_code.name == "ERROR"
    assert tracing.current() is None


@pytest.mark.parametrize(
    ("text", "known"),
    [
        (ONE, ONE),
        (f"cc{ONE[2:]}-more", ONE),
        (None, None),
        ("", None),
        (ONE.upper(), None),
        (f"{ONE}-more", None),
        (f"ff{ONE[2:]}", None),
        (f"00-{'0' * 32}-{'a' * 16}-01", None),
        (f"00-{'1' * 32}-{'0' * 16}-01", None),
        (f"{ONE}'; drop table event; --", None),
        ("0" * 1_000, None),
    ],
)
def test_only_what_the_standard_allows_is_a_trace(text: str | None, known: str | None) -> None:
    assert tracing.read(text) == known


def _keep_trace(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["trace"] = tracing.current()
    return event


__all__ = ["ask"]
