"""Questions to the API in somebody's name."""

from tests.customers.conftest import ask

__all__ = ["ask"]
