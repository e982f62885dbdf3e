"""An argument that a field takes makes a difference: whoever ignores it answers something else.

Both ways to read rest on what a type declares, so that a mistake in it is made by both; and what
doesn't change with its argument looks right in each answer.
"""

import pytest

from tests.conftest import Clock
from tests.reading.asking import Reading
from tests.reading.atlas import Place

# Two values for each argument, between which something happened in the demo.
BETWEEN = {
    "at": ('"2027-01-01T00:00:00Z"', '"2030-01-31T00:00:00Z"'),
    "since": ('"2020-01-01T00:00:00Z"', '"2030-01-28T00:00:00Z"'),
    "month": ('"2027-01"', '"2030-01"'),
}


@pytest.mark.usefixtures("loaded")
async def test_every_argument_of_a_field_changes_what_is_told(time: Clock) -> None:
    reading = await Reading.begin(time.now)

    own = reading.own_arguments()

    assert {
        Place("Goods", "policy", "at"),
        Place("Sku", "price", "at"),
        Place("Account", "entries", "since"),
        Place("Query", "incentiveStrategies", "month"),
    } <= set(own)
    for place in own:
        assert place.argument in BETWEEN, f"{place}: which values make a difference?"
        then, now = [await reading.told_with(place, value) for value in BETWEEN[place.argument]]
        assert then != now, f"{place} is ignored"
