"""A partner, those of the platform who pay it, and questions to the API."""

import pytest

from tests.conftest import Clock
from tests.customers.conftest import ask
from tests.statements.factories import House, a_house

__all__ = ["ask"]


@pytest.fixture
async def house(time: Clock) -> House:
    """Everybody whom a statement needs."""
    return await a_house()
