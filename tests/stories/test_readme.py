"""The README's tour and its minute with the API, done word for word against the real thing."""

from tests.stories.conftest import ROOT
from tests.stories.reader import Reader
from tests.stories.script import steps

README = ROOT / "README.md"


def test_the_five_minute_tour_is_true(reader: Reader) -> None:
    tour = steps(README, between=("## Five minutes", "## The API in a minute"))
    for step in tour:
        reader.take(step)

    assert len(reader.done) == len(tour) >= 9


def test_the_minute_with_the_api_is_true(reader: Reader) -> None:
    minute = steps(README, between=("## The API in a minute", "## What is where"))
    for step in minute:
        reader.take(step)

    assert len(reader.done) == len(minute) >= 5


def test_the_page_begins_with_what_it_is_and_the_two_commands() -> None:
    first_screen = README.read_text().splitlines()[:40]

    assert first_screen[0] == "# Partner Center"
    assert any("make run" in line for line in first_screen)
    assert any("make test" in line for line in first_screen)
