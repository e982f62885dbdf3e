"""What was measured, as Markdown, and the pages that show it."""

import re
from collections.abc import Iterator
from pathlib import Path

from bench.measuring import Bench, Measured
from bench.operations import Operation
from bench.servers import Server

ROOT = Path(__file__).parent.parent


def tables(bench: Bench) -> str:
    """Requests a second beside the limit and the peers, and what a request costs."""
    return "\n".join([*_rates(bench), "", *_costs(bench)])


def short(bench: Bench) -> str:
    """What the README shows: our rates, and the ratios."""
    return "\n".join(_ratios(bench))


def times(ratio: float) -> str:
    """A ratio, as exact as it matters."""
    return f"{ratio:.2f}" if ratio < 2 else f"{ratio:.1f}"


def write(page: Path, name: str, text: str) -> None:
    """Put the text between `<!-- name -->` and `<!-- end of name -->` of a page."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    found = re.subn(
        f"{re.escape(begin)}.*{re.escape(end)}",
        lambda _: f"{begin}\n{text}\n{end}",
        page.read_text(),
        flags=re.DOTALL,
    )
    if found[1] != 1:
        raise SystemExit(f"{page.name} has no one place for {name}")
    page.write_text(found[0])


def _rates(bench: Bench) -> Iterator[str]:
    peers = _peers(bench)
    yield (
        "| operation | limit, req/s | Partner Center, req/s | **of the limit** | target |"
        + "".join(f" {peer.name}, req/s | **× {peer.name}** |" for peer in peers)
    )
    yield f"|---|{'---:|' * (4 + 2 * len(peers))}"
    for operation in bench.operations:
        limit, ours, *others = _measured(bench, operation)
        yield (
            f"| {operation.name}: {operation.about} | {limit.rate:,.0f} | {ours.rate:,.0f}"
            f" | **{ours.ratio(limit):.2f}** | {operation.target} |"
            + "".join(f" {other.rate:,.0f} | **{times(ours.ratio(other))}** |" for other in others)
        )


def _costs(bench: Bench) -> Iterator[str]:
    names = [server.name for server in bench.servers]
    yield f"| CPU µs a request: server + PostgreSQL | {' | '.join(names)} |"
    yield f"|---|{'---:|' * len(names)}"
    for operation in bench.operations:
        costs = (_cost(one) for one in _measured(bench, operation))
        yield f"| {operation.name} | {' | '.join(costs)} |"
    peaks = (f"{server.peak:,.0f}" for server in bench.servers)
    yield f"| the server's memory at most, MiB | {' | '.join(peaks)} |"


def _ratios(bench: Bench) -> Iterator[str]:
    peers = _peers(bench)
    names = "".join(f" × {peer.name} |" for peer in peers)
    yield f"| operation | Partner Center, req/s | of the limit |{names}"
    yield f"|---|{'---:|' * (2 + len(peers))}"
    for operation in bench.operations:
        limit, ours, *others = _measured(bench, operation)
        ratios = "".join(f" {times(ours.ratio(other))} |" for other in others)
        yield f"| {operation.about} | {ours.rate:,.0f} | {ours.ratio(limit):.2f} |{ratios}"


def _cost(one: Measured) -> str:
    return " + ".join(f"{microseconds:,.0f}" for microseconds in one.cost)


def _peers(bench: Bench) -> list[Server]:
    return list(bench.servers[2:])  # behind the limit and us


def _measured(bench: Bench, operation: Operation) -> list[Measured]:
    return [bench.measured[server.name, operation.name] for server in bench.servers]
