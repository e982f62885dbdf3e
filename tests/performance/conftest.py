"""A shop whose customer buys, and questions to the API."""

import pytest

from tests.conftest import Clock
from tests.customers.conftest import ask
from tests.orders.factories import Shop, a_shop

__all__ = ["ask"]


@pytest.fixture
async def shop(time: Clock) -> Shop:
    """Everything that an order needs; what is bought comes back whole for five days."""
    return await a_shop(five_day_refund=True)
