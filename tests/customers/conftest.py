"""Questions to the API in somebody's name, without HTTP around them."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import orjson
import pytest

from domain.identity.viewer import Viewer
from kit import clock
from partner_center import graphql
from schema.context import Context
from tests.conftest import Clock

Ask = Callable[..., Awaitable[Any]]


class Refused(Exception):
    """An answer with errors at the top; `codes` are theirs."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


async def answered(
    query: str, *, by: Viewer, now: datetime, locale: str = "en", **variables: Any
) -> dict[str, Any]:
    """The data that the API answers with. Raises Refused for errors at the top."""
    answer = await graphql.schema().execute(
        query,
        variable_values=variables,
        context_value=Context(viewer=by, now=now, locale=locale, request_id="test"),
    )
    if answer.errors:
        codes = [(error.extensions or {}).get("code", str(error)) for error in answer.errors]
        raise Refused(codes)
    data: dict[str, Any] = orjson.loads(orjson.dumps(answer.data))
    return data


@pytest.fixture
def ask(time: Clock) -> Ask:
    """Put a question to the API; give back the value of its only field, or raise Refused."""

    async def ask(query: str, *, by: Viewer, **more: Any) -> Any:
        [value] = (await answered(query, by=by, now=time.now, **more)).values()
        return value

    return ask


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Freeze the wall clock, by which codes live."""
    frozen = Clock()
    monkeypatch.setattr(clock, "wall", lambda: frozen.now)
    return frozen
