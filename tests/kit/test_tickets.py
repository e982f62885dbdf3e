"""Tickets: good for one thing, for one purpose, until one instant."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from kit import secrets, tickets

UNTIL = datetime(2030, 1, 31, 23, 30, tzinfo=UTC)
ID = UUID("01900000-0000-7000-8000-000000000001")


@pytest.fixture(autouse=True)
def key() -> None:
    secrets.configure("a key for tests, thirty-two characters or more")


def test_a_ticket_opens_its_thing_until_its_end_and_not_after() -> None:
    ticket = tickets.issue("file", id=ID, until=UNTIL)

    assert tickets.read("file", ticket, wall=UNTIL - timedelta(microseconds=1)) == ID
    assert tickets.read("file", ticket, wall=UNTIL) is None


def test_an_end_within_a_second_is_rounded_up() -> None:
    ticket = tickets.issue("file", id=ID, until=UNTIL - timedelta(microseconds=1))

    assert ticket == tickets.issue("file", id=ID, until=UNTIL)


def test_a_ticket_is_for_one_purpose() -> None:
    ticket = tickets.issue("file", id=ID, until=UNTIL)

    assert tickets.read("print", ticket, wall=UNTIL - timedelta(days=1)) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"),
        lambda t: "0" * 32 + t[32:],
        lambda t: t.replace(f".{int(UNTIL.timestamp())}.", f".{int(UNTIL.timestamp()) + 1}."),
        lambda t: t + "x",
        lambda t: t.upper(),
        lambda t: "",
        lambda t: "../../etc/passwd",
    ],
)
def test_a_ticket_that_was_changed_opens_nothing(change: object) -> None:
    assert callable(change)
    changed = change(tickets.issue("file", id=ID, until=UNTIL))

    assert tickets.read("file", changed, wall=UNTIL - timedelta(days=1)) is None


def test_another_deployment_knows_no_ticket_of_ours() -> None:
    ticket = tickets.issue("file", id=ID, until=UNTIL)
    secrets.configure("another key, of thirty-two characters or more")

    assert tickets.read("file", ticket, wall=UNTIL - timedelta(days=1)) is None
