"""Questions to the API in somebody's name, without HTTP around them."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from domain.identity.viewer import Viewer
from partner_center.graphql import schema
from schema.context import Context
from tests.conftest import Clock

Ask = Callable[..., Awaitable[Any]]


class Refused(Exception):
    """An answer with errors at the top; `codes` are theirs."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


@pytest.fixture
def ask(time: Clock) -> Ask:
    """Put a question to the API; give back the data, or raise Refused."""

    async def ask(query: str, *, by: Viewer, locale: str = "en", **variables: Any) -> Any:
        answer = await schema().execute(
            query,
            variable_values=variables,
            context_value=Context(viewer=by, now=time.now, locale=locale, request_id="test"),
        )
        if answer.errors:
            raise Refused([(error.extensions or {}).get("code", "") for error in answer.errors])
        return orjson.loads(orjson.dumps(answer.data))

    return ask
