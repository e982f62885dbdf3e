"""A shop whose customer has bought, and questions to the API."""

import pytest

from tests.conftest import Clock
from tests.customers.conftest import ask
from tests.orders.factories import Shop, a_shop

__all__ = ["ask"]


@pytest.fixture
async def shop(time: Clock) -> Shop:
    """Everything that an order needs."""
    return await a_shop()
