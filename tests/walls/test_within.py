"""Within a tenant: who has one customer finds nothing of another, nor of what hangs on it.

An account manager without the customer and his supervisor, another customer's user; and a
distributor, as to a reseller of another. As in `test_foreign_tenant`, every question is asked with
the things there and without them, and must be answered alike, to the byte.
"""

import re

import pytest

from domain.exports.lists import LISTS
from tests.walls import snapshot
from tests.walls.conftest import Insiders
from tests.walls.neighbourhood import Neighbourhood
from tests.walls.snapshot import NOT_BUSINESS
from tests.walls.walking import Walk, told

INSIDERS = ("manager", "supervisor", "customer", "distributor")

# What isn't in the cart needn't be taken out of it.
NEVER_REFUSED = "cartLineRemove.ids"


AN_ID = re.compile(r"[0-9a-f]{32}")


def walk_of(insiders: Insiders, who: str) -> Walk:
    walks = {"customer": insiders.customer, "distributor": insiders.distributor}
    return walks.get(who, insiders.managers)


def test_what_is_hidden_is_all_that_a_customer_can_have(insiders: Insiders) -> None:
    """Else the walk would prove nothing."""
    for table in (
        *("customer", "association", "customer_report", "customer_invitation"),
        *("exclusive_offer", "customer_requirement", "private_offer", "sales_order", "order_line"),
        *("cart_line", "subscription", "refund", "coupon", "service_supervision"),
        *("recharge", "ledger_account", "ledger_entry", "event", "customer_assignment"),
    ):
        assert insiders.hidden[table], table
    found = "\n".join(insiders.owner.values())
    for name in ("Birch payer", "Birch buyer", "Birch client", "Birch is in a hurry"):
        assert name in found, name


@pytest.mark.parametrize("who", INSIDERS)
def test_it_is_as_if_the_rest_were_not_there(insiders: Insiders, who: str) -> None:
    walk = walk_of(insiders, who)

    assert len(walk.alone[who]) == len(walk.asked_of(who))
    assert walk.differing(who) == {}


@pytest.mark.parametrize("who", INSIDERS)
def test_no_file_has_anything_of_the_rest(insiders: Insiders, who: str) -> None:
    walk = walk_of(insiders, who)

    assert len(walk.files_beside[who]) >= len(LISTS)
    assert walk.files_beside[who] == walk.files_alone[who]


@pytest.mark.parametrize("who", INSIDERS)
def test_no_id_and_no_text_of_the_rest_is_told(
    neighbourhood: Neighbourhood, insiders: Insiders, who: str
) -> None:
    walk = walk_of(insiders, who)
    kept = snapshot.minus(neighbourhood.own, walk.hidden)
    # Of the words, those that are marked: others are words of the trade.
    secrets = {
        each
        for each in snapshot.secrets(walk.hidden, kept)
        if "birch" in each or AN_ID.fullmatch(each.replace("-", ""))
    }

    assert len(secrets) > 100
    assert told(walk, who, secrets) == {}


@pytest.mark.parametrize("who", INSIDERS)
def test_every_mutation_of_something_of_the_rest_is_refused(insiders: Insiders, who: str) -> None:
    walk = walk_of(insiders, who)
    for question in walk.writings:
        answer = walk.beside[who][question.name]
        if not question.name.startswith(NEVER_REFUSED):
            assert '"errors":[{' in answer or '"done":false' in answer, (question.name, answer)


@pytest.mark.parametrize("who", INSIDERS)
def test_nothing_was_changed_by_all_that(insiders: Insiders, who: str) -> None:
    walk = walk_of(insiders, who)
    for table, rows in walk.before.items():
        if table not in NOT_BUSINESS:
            assert walk.after[table] == rows, table


@pytest.mark.parametrize("who", INSIDERS)
def test_nobody_is_answered_by_a_failure(insiders: Insiders, who: str) -> None:
    answers = walk_of(insiders, who).beside[who]

    assert {name for name, answer in answers.items() if "INTERNAL" in answer} == set()


@pytest.mark.parametrize("who", ["manager", "supervisor", "customer"])
def test_each_finds_what_is_his(insiders: Insiders, who: str) -> None:
    found = "\n".join(walk_of(insiders, who).beside[who].values())

    assert "Birch ward" in found
    assert '"UNPAID"' in found
    assert "Birch payer" not in found
