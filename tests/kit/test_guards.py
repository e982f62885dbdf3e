"""Guards and constraints: one refusal, told ahead, raised in time, and kept by the database."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from tortoise.exceptions import IntegrityError

from kit.guards import Guard, actions, refuse
from kit.problems import Problem
from kit.transaction import transactional
from kit.violations import answering
from models.customers import Customer

NOW = datetime(2030, 1, 1, tzinfo=UTC)


class TooEarly(Problem):
    en = "Too early."
    zh = "太早。"


class NameTaken(Problem):
    en = "Taken."
    zh = "已占用。"


@dataclass
class Row:
    opens_at: datetime


def open_(row: Row, viewer: object, now: datetime) -> Problem | None:
    return TooEarly() if now < row.opens_at else None


GUARDS: dict[str, Guard] = {"open": open_}


def test_an_action_is_allowed_when_nothing_stands_in_the_way() -> None:
    [early] = actions(GUARDS, Row(opens_at=NOW.replace(year=2031)), None, NOW)
    [late] = actions(GUARDS, Row(opens_at=NOW), None, NOW)

    assert (early.name, early.allowed, type(early.blocked_by)) == ("open", False, TooEarly)
    assert (late.name, late.allowed, late.blocked_by) == ("open", True, None)


def test_what_a_guard_found_is_raised() -> None:
    refuse(None)
    with pytest.raises(TooEarly):
        refuse(TooEarly())


@transactional
async def _register(name: str) -> None:
    with answering(customer_account_name_key=NameTaken):
        await Customer.create(created_at=NOW, name=name, account_name="same")


@pytest.mark.usefixtures("database")
async def test_a_violated_constraint_is_the_problem_that_it_stands_for() -> None:
    await _register("First")

    with pytest.raises(NameTaken) as refusal:
        await _register("Second")

    assert isinstance(refusal.value.__cause__, IntegrityError)
    assert [customer.name for customer in await Customer.all()] == ["First"]


@pytest.mark.usefixtures("database")
async def test_any_other_violation_stays_a_bug() -> None:
    await _register("First")

    with pytest.raises(IntegrityError), answering(another_constraint=NameTaken):
        await Customer.create(created_at=NOW, name="Second", account_name="same")
