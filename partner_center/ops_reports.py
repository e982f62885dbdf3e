"""How late things were, as `partner-center ops` tells it."""

from partner_center.ops_app import HOW, How, app, asking, say, span_of, tell
from partner_center.ops_tables import Column, plain, span


def _spans(*names: str) -> list[Column]:
    return [(name[:-2], lambda row, name=name: span(row[name])) for name in names]  # type: ignore[misc]


@app.command
def lateness(*, since: str | None = None, until: str | None = None, how: How = HOW) -> None:
    """How late timers were, by kind, the worst first; of the last 24 hours if unsaid.

    Parameters
    ----------
    since
        Those that fired from this moment on: `2030-01-31T00:00:00Z`.
    until
        Those that fired before this moment.
    """
    document = """query($fired: DateTimeRange) { ops { lateness(fired: $fired) {
      kind firedCount lateCount p50Ms p99Ms maxMs } } }"""
    with asking(how) as client:
        rows = client.ask(document, fired=span_of(since, until))["ops"]["lateness"]
        tell(
            how,
            rows,
            [*plain("kind", "firedCount", "lateCount"), *_spans("p50Ms", "p99Ms", "maxMs")],
        )


@app.command(name="late-report")
def late_report(
    *,
    since: str | None = None,
    until: str | None = None,
    over: str | None = None,
    how: How = HOW,
) -> None:
    """What an outage or a pause has made late, and what is late now.

    Parameters
    ----------
    since
        What fired from this moment on; the last 24 hours if unsaid.
    until
        What fired before this moment.
    over
        Later than this: `PT10M`; two minutes if unsaid.
    """
    document = """query($fired: DateTimeRange, $over: Duration) {
      ops { lateReport(fired: $fired, over: $over) { lateCount waitingCount firstDueAt caughtUpAt
        kinds { kind lateCount waitingCount partnerCount firstDueAt lastDueAt caughtUpAt
          maxMs } } } }"""
    with asking(how) as client:
        found = client.ask(document, fired=span_of(since, until), over=over)["ops"]["lateReport"]
        if how.json:
            return tell(how, found, [])
        say(
            f"{found['lateCount']} came late, {found['waitingCount']} are late now;"
            f" due from {found['firstDueAt'] or '-'}, caught up at {found['caughtUpAt'] or '-'}"
        )
        names = (
            "kind",
            "lateCount",
            "waitingCount",
            "partnerCount",
            "firstDueAt",
            "lastDueAt",
            "caughtUpAt",
        )
        tell(how, found["kinds"], [*plain(*names), *_spans("maxMs")])
    return None
