"""What Prometheus is told: of this process's own work, and of what waits in the database."""

import re
import socket
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from domain.audit import events
from domain.identity.viewer import SYSTEM
from domain.ledger import audit
from kit import database as sql
from kit import metrics
from kit.ids import new_id
from kit.timers import TIMERS, TimerState
from kit.transaction import transaction
from models.notifications import Mail, MailStatus
from models.timers import Tick, Timer
from partner_center import gauges, metrics_port
from partner_center.metrics_table import labels, ours, series, with_metrics
from tests.api.edge import Client
from tests.conftest import Clock
from tests.timers.subjects import EXPIRE, KIND, pending
from workers import firing
from workers.effects import EFFECTS

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "partner-center.json"
OPERATING = ROOT / "docs" / "operating.md"

Told = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
async def scraper() -> AsyncIterator[httpx.AsyncClient]:
    """Asks this process, as Prometheus would."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with (
        metrics_port.serving("127.0.0.1", port),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
    ):
        yield client


async def told(scraper: httpx.AsyncClient) -> Told:
    response = await scraper.get("/metrics")
    assert response.status_code == 200
    return {
        (sample.name.removeprefix(metrics.PREFIX), frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def of(told: Told, name: str, /, **by: str) -> float | None:
    return told.get((name, frozenset(by.items())))


async def a_timer(time: Clock, *, due: timedelta, **more: Any) -> None:
    await Timer.create(
        created_at=time.now,
        tenant_id=uuid4(),
        kind="thing.lapse",
        subject_id=uuid4(),
        due_at=time.now + due,
        next_attempt_at=time.now + due,
        on_timeout="EXPIRE",
        **more,
    )


async def a_mail(time: Clock, *, due: timedelta, status: MailStatus = MailStatus.QUEUED) -> None:
    await Mail.create(
        created_at=time.now,
        tenant_id=uuid4(),
        recipient="ann@example.com",
        locale="en",
        template="x",
        dedupe_key=new_id().hex,
        next_attempt_at=time.now + due,
        status=status,
    )


@pytest.mark.usefixtures("database")
async def test_nothing_is_due(scraper: httpx.AsyncClient, time: Clock) -> None:
    await a_timer(time, due=timedelta(seconds=1))
    await a_timer(time, due=timedelta(days=-1), state=TimerState.FIRED)
    await a_mail(time, due=timedelta(hours=1))

    now = await told(scraper)

    assert of(now, "database_up") == 1
    for queue in (
        *("timers", "ticks", "mails", "texts"),
        *("exports", "deliveries", "upstream", "events"),
    ):
        assert (of(now, "queue_due", queue=queue), of(now, "queue_age_seconds", queue=queue)) == (
            0,
            0,
        )
    assert [name for name, _ in now if name == "timer_age_seconds"] == []
    assert of(now, "dead", queue="timers") == 0
    assert of(now, "ledger_sound") is None, "it was never recounted"
    assert of(now, "settlement_run_age_seconds") == 0


@pytest.mark.usefixtures("database")
async def test_how_many_are_due_and_for_how_long(scraper: httpx.AsyncClient, time: Clock) -> None:
    await a_timer(time, due=timedelta(seconds=-5))
    await a_timer(time, due=timedelta(seconds=-90))
    await a_timer(time, due=timedelta(days=-1), state=TimerState.DEAD)
    await a_mail(time, due=timedelta(minutes=-10))
    await a_mail(time, due=timedelta(), status=MailStatus.DEAD)
    await Tick.create(
        id=new_id(),
        name="sweep",
        scheduled_for=time.now - timedelta(seconds=300),
        next_attempt_at=time.now,
        state="DONE",
        finished_at=time.now,
    )
    async with transaction():
        about: dict[str, Any] = {"subject_type": "thing", "subject_id": uuid4(), "actor": SYSTEM}
        at = time.now - timedelta(seconds=7)
        await events.record("thing.made", tenant_id=uuid4(), at=at, **about)

    now = await told(scraper)

    assert of(now, "queue_due", queue="timers") == 2
    assert of(now, "queue_age_seconds", queue="timers") == 90
    assert of(now, "timer_age_seconds", kind="thing.lapse") == 90
    assert of(now, "queue_age_seconds", queue="mails") == 600
    assert of(now, "queue_age_seconds", queue="events") == 7
    assert of(now, "tick_done_age_seconds", name="sweep") == 300
    assert (of(now, "dead", queue="timers"), of(now, "dead", queue="mails")) == (1, 1)

    await sql.execute("delete from timer")
    now = await told(scraper)
    assert of(now, "queue_age_seconds", queue="timers") == 0
    assert of(now, "timer_age_seconds", kind="thing.lapse") is None


@pytest.mark.usefixtures("database")
async def test_a_ledger_that_does_not_add_up_is_told(
    scraper: httpx.AsyncClient, time: Clock
) -> None:
    await audit.audit(scheduled_for=time.now, now=time.now)
    assert of(await told(scraper), "ledger_sound") == 1

    time.forward(days=1)
    await sql.execute(
        "insert into ledger_audit (id, created_at, scheduled_for, accounts, entries, is_sound,"
        " differences) values (uuidv7(), $1, $1, 0, 0, false, '[{}]')",
        time.now,
    )
    time.forward(hours=1)
    now = await told(scraper)
    assert (of(now, "ledger_sound"), of(now, "ledger_audit_age_seconds")) == (0, 3600)


@pytest.mark.usefixtures("database")
async def test_a_database_that_does_not_answer_is_told_and_nothing_that_is_unknown(
    scraper: httpx.AsyncClient, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_timer(time, due=timedelta(seconds=-5))
    assert of(await told(scraper), "queue_due", queue="timers") == 1

    async def away() -> list[dict[str, Any]]:
        raise ConnectionRefusedError

    monkeypatch.setattr(gauges, "_ask", away)
    now = await told(scraper)

    assert of(now, "database_up") == 0
    assert of(now, "queue_due", queue="timers") is None


@pytest.mark.usefixtures("database")
async def test_how_late_deadlines_were_is_counted_once_and_only_after_the_commit(
    scraper: httpx.AsyncClient, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(EFFECTS, KIND, EXPIRE)
    before = await told(scraper)
    await pending(3, due_at=time.now)
    claim = await TIMERS.claim(lease=timedelta(seconds=60), limit=100, now=time.now)
    ids = [row["id"] for row in claim.rows]
    time.forward(seconds=3)
    for _ in range(2):
        await firing.fire(KIND, ids, token=claim.token, now=time.now)
    after = await told(scraper)

    def more(name: str, /, **by: str) -> float:
        return (of(after, name, **by) or 0) - (of(before, name, **by) or 0)

    assert more("timer_lateness_seconds_count", kind=KIND) == 3
    assert more("timer_lateness_seconds_sum", kind=KIND) == 9
    assert more("timer_lateness_seconds_bucket", kind=KIND, le="2.0") == 0
    assert more("timer_lateness_seconds_bucket", kind=KIND, le="5.0") == 3
    assert more("statement_seconds_count", pool="writes") > 0


async def test_operations_are_counted_by_what_the_schema_knows(scraper: httpx.AsyncClient) -> None:
    before = await told(scraper)
    async with Client() as client:
        for query in (
            "query MadeUpByAClient { hello }",
            "{ a: hello }",
            "{ hello touched }",
            "{ missing }",
            "{ nothing }",
            "{ broken }",
            'mutation { touch(name: "x") }',
        ):
            await client.ask(query)
    after = await told(scraper)

    def more(name: str, /, **by: str) -> float:
        return (of(after, name, **by) or 0) - (of(before, name, **by) or 0)

    def operations(operation: str, kind: str, outcome: str) -> float:
        return more("operations_total", operation=operation, kind=kind, outcome=outcome)

    assert operations("hello", "query", "ok") == 2
    assert operations("other", "query", "ok") == 1
    assert operations("missing", "query", "errors") == 1
    assert operations("broken", "query", "errors") == 1
    assert operations("other", "unknown", "refused") == 1
    assert operations("touch", "mutation", "ok") == 1
    assert more("operation_seconds_count", operation="hello", kind="query") == 2
    assert more("internal_errors_total") == 1
    assert "MadeUpByAClient" not in str(after)


async def test_only_metrics_are_told_there(scraper: httpx.AsyncClient) -> None:
    elsewhere = await scraper.get("/graphql")
    posted = await scraper.post("/metrics")
    head = await scraper.head("/metrics?x=1")

    assert (elsewhere.status_code, posted.status_code) == (404, 405)
    assert (head.status_code, head.text) == (200, "")


async def test_without_a_port_nothing_listens_and_a_taken_one_is_an_error() -> None:
    async with metrics_port.serving("127.0.0.1", None):
        pass
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OSError, match="in use"),
    ):
        async with metrics_port.serving("127.0.0.1", taken.getsockname()[1]):
            pass


def alerts() -> list[dict[str, Any]]:
    [group] = yaml.safe_load(ALERTS.read_text())["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def test_every_metric_of_the_alerts_and_the_dashboard_exists() -> None:
    asked = set(re.findall(r"\b(?:partner_center|process)_\w+", ALERTS.read_text()))
    shown = set(re.findall(r"\b(?:partner_center|process)_\w+", DASHBOARD.read_text()))

    assert asked - series() == set()
    assert shown - series() == set()
    assert len(asked) > 15


def test_every_metric_is_shown() -> None:
    text = DASHBOARD.read_text()

    unseen = {metric.name for metric in ours() if metric.name not in text}
    assert unseen == set()


def test_every_label_that_is_asked_for_exists() -> None:
    known = {"job", "le", "instance"}.union(*(labels(metric) for metric in ours()))
    for text in (ALERTS.read_text(), DASHBOARD.read_text().replace('\\"', '"')):
        asked = set(re.findall(r"[{,]\s*(\w+)\s*(?:=~|!~|!=|=)\s*\"", text))
        by = {
            label.strip()
            for group in re.findall(r"by \(([^)]+)\)", text)
            for label in group.split(",")
        }
        assert (asked | by) - known == set()


def test_every_alert_has_its_line_in_the_runbook_and_every_line_its_alert() -> None:
    text = OPERATING.read_text()
    section = text[text.index("### Alarms") : text.index("### Traces")]

    names = [rule["alert"] for rule in alerts()]
    assert re.findall(r"^\| `(\w+)` \| .{40}", section, re.MULTILINE) == names
    for rule in alerts():
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]


def test_the_table_of_metrics_is_current() -> None:
    text = OPERATING.read_text()

    assert text == with_metrics(text), "write it: make schema"
    for metric in ours():
        assert metric.name.removeprefix(metrics.PREFIX) in text
