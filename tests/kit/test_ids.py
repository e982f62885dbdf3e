"""Ids as clients give them: what may be left out is null then, and never an empty text."""

import ast
from pathlib import Path

import pytest

from domain.identity.viewer import ANONYMOUS
from kit import ids
from kit.problems import InvalidInput
from tests.customers.conftest import Ask, ask
from tests.factories import a_partner, an_administrator

ROOT = Path(__file__).parents[2]
EDIT = """mutation ($id: ID) { partnerProfileEdit(input: {partnerId: $id, expectedVersion: 1,
    city: "Wuhan"}) { partner { city } errors { code } } }"""
SIGN_IN = """mutation ($seat: ID) { signIn(input: {
    email: "a@b.example", password: "no", seat: $seat}) { errors { code path } } }"""


def test_nothing_is_none_and_an_empty_text_is_refused() -> None:
    assert ids.optional("ord", None) is None
    with pytest.raises(InvalidInput) as refused:
        ids.optional("ord", "", path=("input", "orderId"))
    assert refused.value.path == ("input", "orderId")


@pytest.mark.usefixtures("database")
async def test_an_empty_id_is_not_taken_for_one_that_was_left_out(ask: Ask) -> None:
    viewer = await an_administrator(await a_partner("Acme"))

    empty = await ask(EDIT, by=viewer, id="")
    left_out = await ask(EDIT, by=viewer)
    seat = await ask(SIGN_IN, by=ANONYMOUS, seat="")

    assert empty == {"partner": None, "errors": [{"code": "INVALID_INPUT"}]}
    assert left_out == {"partner": {"city": "Wuhan"}, "errors": []}
    assert seat["errors"] == [{"code": "INVALID_INPUT", "path": ["input", "seat"]}]


def test_no_resolver_takes_an_empty_id_for_none() -> None:
    """`ids.decode(…) if text else None` would; `ids.optional(…)` doesn't."""
    lenient = [
        f"{path.name}:{node.lineno}"
        for room in ("resolvers", "schema")
        for path in sorted((ROOT / room).glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.IfExp)
        and isinstance(node.test, ast.Name | ast.Attribute)
        and any(
            isinstance(call, ast.Call) and ast.unparse(call.func) == "ids.decode"
            for call in ast.walk(node.body)
        )
    ]

    assert lenient == []


__all__ = ["ask"]
