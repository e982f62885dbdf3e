"""The demo shows what the API has: nearly each field of the schema says something to somebody."""

from pathlib import Path

import pytest

from tests.conftest import Clock
from tests.demo.given import arguments
from tests.reading.asking import Reading


@pytest.mark.usefixtures("lived_in")
async def test_nearly_every_field_says_something_to_somebody(time: Clock) -> None:
    reading = await Reading.begin(time.now)
    telling = await reading.tell(await arguments(last_month="2030-01"))
    silent = telling.silent()
    print(
        "TOTAL",
        len(telling.all_fields),
        len(silent),
        len(telling.all_values),
        len(telling.unseen()),
    )
    Path("/tmp/d16/silent.txt").write_text("\n".join(sorted(silent)))
    Path("/tmp/d16/unseen.txt").write_text("\n".join(sorted(telling.unseen())))
