"""Questions to the API in somebody's name, without HTTP around them."""

from typing import Any

import pytest

from domain.identity.viewer import Viewer
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused, answered

__all__ = ["Ask", "Refused"]


@pytest.fixture
def ask(time: Clock) -> Ask:
    """Put a question to the API; give back the data, or raise Refused."""

    async def ask(query: str, *, by: Viewer, **more: Any) -> Any:
        return await answered(query, by=by, now=time.now, **more)

    return ask
