"""A shop that sells through a customer service provider, and questions to the API."""

import pytest

from tests.conftest import Clock
from tests.customers.conftest import ask
from tests.orders.factories import Shop
from tests.settlement.factories import a_csp_shop

__all__ = ["ask"]


@pytest.fixture
async def shop(time: Clock) -> Shop:
    """Everything that a sale needs which earns 20 % of a half; within five days it comes back."""
    return await a_csp_shop(five_day_refund=True)
