"""The list of what can happen: as the docs have it, and with nothing that never does.

That nothing happens that isn't in it is asked after every test, by the fixture `database`.
"""

import re
from pathlib import Path

from domain.audit.names import HAPPENS
from domain.audit.subjects import PREFIXES
from domain.notifications.rules import RULES
from partner_center import event_names
from tests.conftest import EVENTS

ROOT = Path(__file__).parents[2]


def test_the_page_in_docs_is_the_table() -> None:
    assert (ROOT / "docs" / "events.md").read_text() == event_names.page()


def test_whoever_is_told_of_an_event_finds_it_in_the_list() -> None:
    assert {name for name, _ in RULES} <= EVENTS
    assert [thing for thing in HAPPENS if len(set(HAPPENS[thing])) < len(HAPPENS[thing])] == []


def test_each_thing_that_has_ids_is_one_to_which_something_happens() -> None:
    assert set(PREFIXES) - set(HAPPENS) == {"ledger_audit"}  # which is told of by `ledger.alarm`


def test_what_can_happen_is_written_down_somewhere() -> None:
    """By its word, or with its thing; so whoever looks for a word of the list finds the place."""
    paths = set((ROOT / "domain").rglob("*.py")) - {ROOT / "domain/audit/names.py"}
    literals = set().union(*(re.findall(r"[\"']([a-z_.]+)[\"']", p.read_text()) for p in paths))
    missing = [
        f"{thing}.{word}"
        for thing, words in HAPPENS.items()
        for word in words
        if not {word, f"{thing}.{word}"} & literals
    ]

    assert missing == []
