"""Questions to the API in somebody's name, and a deployment where there is a time to decide."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from domain.associations import change_deadlines
from tests.customers.conftest import ask


@pytest.fixture
def thirty_days() -> Iterator[timedelta]:
    """The other side has to decide within thirty days (A-10)."""
    span = timedelta(days=30)
    with change_deadlines.answering_within(span):
        yield span


__all__ = ["ask"]
