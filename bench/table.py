"""What was measured, as Markdown."""

from collections.abc import Iterator

from bench.measuring import Bench, Measured
from bench.operations import Operation


def tables(bench: Bench) -> str:
    """Requests a second beside the limit and the plain server, and what a request costs."""
    return "\n".join([*_rates(bench), "", *_costs(bench)])


def _rates(bench: Bench) -> Iterator[str]:
    yield (
        "| operation | limit, req/s | Partner Center, req/s | **of the limit** | target"
        " | plain, req/s | **× plain** |"
    )
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for operation in bench.operations:
        limit, ours, plain = _measured(bench, operation)
        yield (
            f"| {operation.name}: {operation.about} | {limit.rate:,.0f} | {ours.rate:,.0f}"
            f" | **{ours.ratio(limit):.2f}** | {operation.target} | {plain.rate:,.0f}"
            f" | **{ours.ratio(plain):.1f}** |"
        )


def _costs(bench: Bench) -> Iterator[str]:
    yield "| CPU µs a request: server + PostgreSQL | limit | Partner Center | plain |"
    yield "|---|---:|---:|---:|"
    for operation in bench.operations:
        costs = (_cost(one) for one in _measured(bench, operation))
        yield f"| {operation.name} | {' | '.join(costs)} |"


def _cost(one: Measured) -> str:
    return " + ".join(f"{microseconds:,.0f}" for microseconds in one.cost)


def _measured(bench: Bench, operation: Operation) -> list[Measured]:
    return [bench.measured[server.name, operation.name] for server in bench.servers]
