"""What a process counts and times of its own work, for Prometheus; one registry a process.

Every name is here, or in `partner_center/gauges.py` what is asked of the database. A label takes
only values that the code knows: a client can't make series. An observation takes about a
microsecond, so it is made whether anybody asks or not.
"""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import NamedTuple

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

PREFIX = "partner_center_"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_SLOW = (0.01, 0.1, 0.5, 1, 5, 15, 60, 300)
_POINTS = (1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000)
_LATE = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3600, 21600, 86400)


def _counter(name: str, about: str, *labels: str, outcomes: tuple[str, ...] = ()) -> Counter:
    counter = Counter(PREFIX + name, about, labels, registry=REGISTRY)
    for outcome in outcomes:
        counter.labels(outcome)  # from nothing, so that the first one is an increase
    return counter


def _histogram(name: str, about: str, *labels: str, buckets: tuple[float, ...]) -> Histogram:
    return Histogram(PREFIX + name, about, labels, registry=REGISTRY, buckets=buckets)


def gauge(name: str, about: str, *labels: str) -> Gauge:
    """A gauge under our prefix."""
    return Gauge(PREFIX + name, about, labels, registry=REGISTRY)


OPERATIONS = _counter(
    "operations_total",
    "GraphQL operations by root field (`other`: several) and outcome: ok, errors, refused.",
    *("operation", "kind", "outcome"),
)
OPERATION_SECONDS = _histogram(
    "operation_seconds",
    "Seconds from a document that was read to its result, by root field.",
    *("operation", "kind"),
    buckets=_QUICK,
)
OPERATION_POINTS = _histogram(
    "operation_points",
    "Cost points of the operations that were let in, by root field.",
    *("operation", "kind"),
    buckets=_POINTS,
)
THROTTLE = _counter(
    "throttle_total",
    "Times that points were asked for: passed, refused (THROTTLED), failed_open (let through"
    " unmeasured, since Valkey was away).",
    "outcome",
    outcomes=("passed", "refused", "failed_open"),
)
INTERNAL_ERRORS = _counter("internal_errors_total", "Bugs that a client was told INTERNAL of.")
SUBSCRIPTIONS = gauge("subscriptions", "GraphQL subscriptions that are open.")

STATEMENT_SECONDS = _histogram(
    "statement_seconds",
    "Seconds that a statement took, by pool: reads, and writes (statements of transactions).",
    "pool",
    buckets=_QUICK,
)
CONNECTION_WAIT_SECONDS = _histogram(
    "connection_wait_seconds",
    "Seconds that somebody waited because all of a pool's connections were in use.",
    "pool",
    buckets=_QUICK,
)

TIMER_LATENESS_SECONDS = _histogram(
    "timer_lateness_seconds",
    "Seconds from when a deadline was due to when its effect ran, in business time.",
    "kind",
    buckets=_LATE,
)
TIMER_FAILURES = _counter(
    "timer_failures_total", "Deadlines whose effect failed: put_off, or dead.", "kind", "outcome"
)
TICK_SECONDS = _histogram(
    "tick_seconds", "Seconds that a run of periodic work took.", "name", buckets=_SLOW
)
TICK_FAILURES = _counter(
    "tick_failures_total",
    "Runs of periodic work that failed: put_off, or dead.",
    "outcome",
    outcomes=("put_off", "dead"),
)

MAILS = _counter(
    "mails_total",
    "Attempts to send a mail: sent, put_off, refused.",
    "outcome",
    outcomes=("sent", "put_off", "refused"),
)
DELIVERIES = _counter(
    "deliveries_total",
    "Attempts to deliver a webhook: delivered, answered (anything but 2xx), unreachable.",
    "outcome",
    outcomes=("delivered", "answered", "unreachable"),
)
DELIVERY_SECONDS = _histogram(
    "delivery_seconds", "Seconds that a webhook's receiver took to answer.", buckets=_SLOW
)
EXPORTS = _counter(
    "exports_total",
    "Exports that came to an end: done, failed.",
    "outcome",
    outcomes=("done", "failed"),
)
EXPORT_READS = _counter(
    "export_reads_total",
    "Times that an export was to be read on a standby: standby (it was), lagging, away, broken_off"
    " (by what it replayed, or by its end). What the standby can't do, the primary does.",
    "outcome",
    outcomes=("standby", "lagging", "away", "broken_off"),
)
UPSTREAM = _counter(
    "upstream_total", "Requests to other systems: sent, put_off.", "system", "outcome"
)
QUEUE_AWAY = gauge("queue_away", "1 while this process does without Valkey.")


class Measures(NamedTuple):
    """The series of one operation."""

    seconds: Histogram
    points: Histogram
    ok: Counter
    errors: Counter


@cache
def of_operation(root: str, kind: str) -> Measures:
    """Looked up once: to find a series by its labels takes longer than to add to it."""
    return Measures(
        seconds=OPERATION_SECONDS.labels(root, kind),
        points=OPERATION_POINTS.labels(root, kind),
        ok=OPERATIONS.labels(root, kind, "ok"),
        errors=OPERATIONS.labels(root, kind, "errors"),
    )


def counted(counter: Counter, *labels: str) -> Callable[[], Awaitable[None]]:
    """A hook that counts one more: for `after_commit`, so that what is undone isn't counted."""

    async def count() -> None:
        counter.labels(*labels).inc()

    return count


def exposition() -> bytes:
    """All of it as Prometheus reads it."""
    return generate_latest(REGISTRY)
