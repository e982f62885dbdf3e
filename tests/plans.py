"""How PostgreSQL answers what the API is asked, and how much it reads for that."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from domain.identity.viewer import Viewer
from kit.pool import readers
from kit.reads import plans
from tests.customers.conftest import Ask

# A page of fifty, each row's few neighbours with it: tables of three rows may well be read whole
# for each. What walks past rows that nobody asked for, in a crowd of thousands, is far above.
FEW = 300


async def plan_of(ask: Ask, question: str, *, by: Viewer, **variables: Any) -> str:
    """The plan of the last statement that the answer needs, as it was run."""
    with _listening() as sent:
        await ask(question, by=by, **variables)
    sql, values = sent[-1]
    rows = await readers().fetch(f"explain (analyze, costs off) {sql}", *values)
    return "\n".join(row["QUERY PLAN"] for row in rows)


def most_rows(plan: str) -> float:
    """The greatest number of rows that any step has read, thrown away, or was repeated for.

    What a step keeps at hand for the next row (Materialize) was read once, by the step below it.
    """
    read = [
        float(rows) * float(loops)
        for line in plan.splitlines()
        if "Materialize" not in line
        for rows, loops in re.findall(r"rows=([\d.]+) loops=(\d+)", line)
    ]
    removed = [float(count) for count in re.findall(r"Rows Removed by Filter: (\d+)", plan)]
    return max(read + removed)


@contextmanager
def _listening() -> Iterator[list[tuple[str, list[Any]]]]:
    sent: list[tuple[str, list[Any]]] = []
    real = plans._run

    async def listen(statement: Any, request: Any) -> Any:
        sent.append((statement.sql, statement.binds.values(request)))
        return await real(statement, request)

    plans._run = listen
    try:
        yield sent
    finally:
        plans._run = real
