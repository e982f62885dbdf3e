"""A joint sale to be made, and questions to the API about it."""

import pytest

from tests.customers.conftest import ask
from tests.requirements.factories import Sale, a_sale

__all__ = ["ask"]


@pytest.fixture
async def sale(database: object) -> Sale:
    """A partner with a customer, and a merchant with goods that allow a share of 30 %."""
    return await a_sale()
