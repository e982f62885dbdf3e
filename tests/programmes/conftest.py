"""A deployment with its presets, a folder for files, and questions in somebody's name."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from tortoise.context import TortoiseContext

from domain.identity.viewer import Viewer
from domain.programmes import catalogue
from kit import store
from partner_center import graphql
from schema.context import Context
from tests.conftest import Clock
from tests.factories import LONG_AGO

Ask = Callable[..., Awaitable[Any]]


class Refused(Exception):
    """An answer with errors at the top; `codes` are theirs."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


@pytest.fixture
async def presets(database: TortoiseContext, tmp_path: Path) -> None:
    """Programmes, agreements and requirements as a new deployment has them; an empty store."""
    store.configure(folder=tmp_path / "objects")
    await catalogue.ensure_presets(now=LONG_AGO)


@pytest.fixture
def ask(time: Clock) -> Ask:
    """Put a question to the API; give back the data, or raise Refused."""

    async def ask(query: str, *, by: Viewer, locale: str = "en", **variables: Any) -> Any:
        answer = await graphql.schema().execute(
            query,
            variable_values=variables,
            context_value=Context(viewer=by, now=time.now, locale=locale, request_id="test"),
        )
        if answer.errors:
            codes = [(e.extensions or {}).get("code") or e.message for e in answer.errors]
            raise Refused(codes)
        return orjson.loads(orjson.dumps(answer.data))

    return ask
