"""How PostgreSQL answers the lists of the API."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from domain.identity.viewer import Viewer
from kit.database import rows as asked
from kit.reads import plans
from tests.customers.conftest import Ask


@pytest.fixture
def plan_of(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """How PostgreSQL answers a list."""

    async def plan_of(query: str, by: Viewer, **filter: Any) -> str:
        sent: list[tuple[str, Any]] = []
        real = plans._run

        async def listen(statement: Any, request: Any) -> Any:
            sent.append((statement.sql, statement.binds.values(request)))
            return await real(statement, request)

        monkeypatch.setattr(plans, "_run", listen)
        await ask(query, by=by, filter=filter)
        monkeypatch.setattr(plans, "_run", real)
        sql, values = sent[-1]
        rows = await asked(f"explain (analyze, costs off) {sql}", *values)
        return "\n".join(row["QUERY PLAN"] for row in rows)

    return plan_of


def rows_read(plan: str, index: str) -> float:
    """How many rows came out of an index, and how many were thrown away after it."""
    found = re.search(rf"using {index} .*?rows=(\d+)", plan)
    assert found, plan
    rest = plan[found.end() :].split("->")[0]
    removed = re.search(r"Rows Removed by Filter: (\d+)", rest)
    return float(found[1]) + float(removed[1] if removed else 0)
