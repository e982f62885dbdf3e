"""A shop whose customer has bought, and questions to the API."""

from tests.customers.conftest import ask
from tests.orders.conftest import shop

__all__ = ["ask", "shop"]
