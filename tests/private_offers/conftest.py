"""A joint sale to be made, and questions to the API about it."""

from tests.customers.conftest import ask
from tests.requirements.conftest import sale

__all__ = ["ask", "sale"]
