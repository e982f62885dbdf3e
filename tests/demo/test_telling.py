"""The demo shows what the API has: nearly each field of the schema says something to somebody."""

import pytest

from tests.conftest import Clock
from tests.demo.given import arguments
from tests.demo.silent import SILENT, UNSEEN
from tests.reading.asking import Reading

TOLD_AT_LEAST = 0.95


@pytest.mark.usefixtures("lived_in")
async def test_nearly_every_field_says_something_to_somebody(time: Clock) -> None:
    """What stays silent is known, with a reason; and so is what an enum has that nothing is."""
    known = {name for names in SILENT.values() for name in names}
    rare = {f"{enum}.{value}" for enum, values in UNSEEN.items() for value in values}
    reading = await Reading.begin(time.now)
    telling = await reading.tell(await arguments(last_month="2030-01"), expects_not=known)

    assert telling.silent() - known == set(), "says nothing: tell a story of it"
    assert known & telling.fields == set(), "says something by now: take it off the list"
    assert known <= telling.all_fields, "there is no such field any more"
    assert len(known) <= (1 - TOLD_AT_LEAST) * len(telling.all_fields)
    assert telling.unseen() - rare == set(), "nothing is that any more"
    assert rare <= telling.all_values, "there is no such value any more"
