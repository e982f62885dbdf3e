"""The list of what can happen: as the docs have it, and with all that the code writes down."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from domain.audit.names import HAPPENS
from domain.audit.subjects import PREFIXES
from domain.notifications.rules import RULES
from partner_center import event_names

ROOT = Path(__file__).parents[2]
NAMES = {f"{thing}.{word}" for thing, words in HAPPENS.items() for word in words}
WORDS = {word for words in HAPPENS.values() for word in words}

# In SQL an event's name stands before the thing: `'order.cancelled', 'order'`.
_IN_SQL = re.compile(r"'(([a-z_]+)\.[a-z_]+)',\s+'\2'")


def _trees() -> Iterator[tuple[Path, str, ast.Module]]:
    for path in sorted((ROOT / "domain").rglob("*.py")):
        if path.name == "letters.py":  # where `_tell` writes mails
            continue
        text = path.read_text()
        yield path, text, ast.parse(text)


def test_the_page_in_docs_is_the_table() -> None:
    assert (ROOT / "docs" / "events.md").read_text() == event_names.page()


def test_whoever_is_told_of_an_event_finds_it_in_the_list() -> None:
    assert {name for name, _ in RULES} <= NAMES
    assert [thing for thing in HAPPENS if len(set(HAPPENS[thing])) < len(HAPPENS[thing])] == []


def test_each_thing_that_has_ids_is_one_to_which_something_happens() -> None:
    assert set(PREFIXES) - set(HAPPENS) == {"ledger_audit"}  # which is told of by `ledger.alarm`


def test_what_is_written_down_in_sql_is_in_the_list() -> None:
    found = {name for _, text, _ in _trees() for name, _ in _IN_SQL.findall(text)}
    assert len(found) > 10
    assert found <= NAMES


def test_what_is_written_down_by_its_word_is_in_the_list() -> None:
    """A function that records takes the word as `happened`; here is all that is given for it."""
    trees = list(_trees())
    place = {}
    for _, _, tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                names = [arg.arg for arg in node.args.args]
                if "happened" in names and node.name not in ("rest_after", "of", "_record"):
                    place[node.name] = names.index("happened")
    given = {
        argument.value
        for _, _, tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for argument in node.args[place.get(_called(node), 99) :][:1]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    assert len(given) > 60
    assert {word for word in given if "." not in word} <= WORDS
    assert {name for name in given if "." in name} <= NAMES


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
