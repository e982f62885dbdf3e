"""A deployment with its presets, a folder for files, and questions in somebody's name."""

from pathlib import Path
from typing import Any

import pytest
from tortoise.context import TortoiseContext

from domain.identity.viewer import Viewer
from domain.programmes import catalogue
from kit import store
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused, answered
from tests.factories import LONG_AGO

__all__ = ["Ask", "Refused"]


@pytest.fixture
async def presets(database: TortoiseContext, tmp_path: Path) -> None:
    """Programmes, agreements and requirements as a new deployment has them; an empty store."""
    store.configure(folder=tmp_path / "objects")
    await catalogue.ensure_presets(now=LONG_AGO)


@pytest.fixture
def ask(time: Clock) -> Ask:
    """Put a question to the API; give back the data, or raise Refused."""

    async def ask(query: str, *, by: Viewer, **more: Any) -> Any:
        return await answered(query, by=by, now=time.now, **more)

    return ask
