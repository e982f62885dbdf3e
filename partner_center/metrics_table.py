"""The table of metrics in docs/operating.md, as the code has them."""

from prometheus_client.metrics_core import Metric

from kit.metrics import PREFIX, REGISTRY
from partner_center import gauges

_BEGIN = "<!-- metrics: written by `make schema` -->\n"
_END = "<!-- end of metrics -->"
_ENDINGS = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}


def with_metrics(text: str) -> str:
    """The page with the table of metrics as it should be."""
    head, _, rest = text.partition(_BEGIN)
    _, _, tail = rest.partition(_END)
    rows = [_row(metric) for metric in ours()]
    table = "\n".join(["| metric | labels | what it says |", "|---|---|---|", *rows])
    return f"{head}{_BEGIN}{table}\n{_END}{tail}"


def ours() -> list[Metric]:
    """Every metric that is declared, by name."""
    assert gauges.GAUGES  # what is asked of the database is declared there
    found = [metric for metric in REGISTRY.collect() if metric.name.startswith(PREFIX)]
    return sorted(found, key=lambda metric: metric.name)


def series() -> set[str]:
    """The name of every series that a process may tell."""
    return {
        f"{metric.name}{ending}"
        for metric in REGISTRY.collect()
        for ending in _ENDINGS.get(metric.type, ("",))
    }


def _row(metric: Metric) -> str:
    is_counter = metric.type == "counter"
    name = f"`{metric.name.removeprefix(PREFIX)}{'_total' if is_counter else ''}`"
    kind = "" if is_counter else f" ({metric.type})"
    told = ", ".join(f"`{label}`" for label in labels(metric))
    return f"| {name}{kind} | {told} | {metric.documentation} |"


def labels(metric: Metric) -> tuple[str, ...]:
    """The labels that its series have."""
    found = REGISTRY._names_to_collectors.get(metric.name, metric)
    return tuple(getattr(found, "_labelnames", ()))
