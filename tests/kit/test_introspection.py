"""What is asked of the schema itself: its price, and answers that are kept."""

import orjson
import pytest
from graphql import (
    OperationDefinitionNode,
    build_schema,
    get_introspection_query,
    parse,
)

from kit.graphql.introspection import KEPT, LONGEST_KEPT, VALUES_A_POINT, Answers
from kit.graphql.limits import Limits
from kit.graphql.prices import price
from partner_center import graphql

ALL = get_introspection_query(
    specified_by_url=True,
    directive_is_repeatable=True,
    schema_description=True,
    input_value_deprecation=True,
)
# Twenty types with a hundred fields each, and what every schema has.
WIDE = build_schema(
    "type Query { "
    + " ".join(f"t{n}(at: Int): T{n}" for n in range(20))
    + " }"
    + "".join(
        f" type T{n} {{ " + " ".join(f"f{m}: Int" for m in range(100)) + " }" for n in range(20)
    )
)


def points(query: str, schema: object = WIDE) -> int:
    tree = parse(query)
    [operation] = [each for each in tree.definitions if isinstance(each, OperationDefinitionNode)]
    return price(schema, tree, operation).of(None)  # type: ignore[arg-type]


def test_all_of_the_schema_as_tools_ask_for_it_is_dear_and_allowed_once() -> None:
    schema = graphql.schema()._schema
    most = Limits().cost

    assert most / 2 < points(ALL, schema) < most * 0.9


def test_a_little_of_it_is_cheap() -> None:
    assert points('{ __type(name: "T1") { name } }') == 1
    assert points("{ __schema { queryType { name } } }") == 1


def test_what_is_in_lists_counts_for_each_of_their_items() -> None:
    of_the_largest = points('{ __type(name: "T1") { fields { name } } }')

    assert of_the_largest == (1 + 100) // VALUES_A_POINT + 1
    assert points("{ __schema { types { fields { name } } } }") > 2000 / VALUES_A_POINT


@pytest.mark.parametrize(
    "query",
    [
        '{ __type(name: "T1") { a: fields { name } b: fields { name } } }',
        '{ a: __type(name: "T1") { fields { name } } b: __type(name: "T1") { fields { name } } }',
        '{ __type(name: "T1") { ...F a: fields { name } } }'
        " fragment F on __Type { fields { name } }",
        '{ __type(name: "T1") { ... { fields { name } } a: fields { name } } }',
    ],
)
def test_what_is_asked_twice_costs_twice(query: str) -> None:
    once = points('{ __type(name: "T1") { fields { name } } }')

    assert 2 * once - 1 <= points(query) <= 2 * once


def test_lists_within_lists_multiply() -> None:
    deeper = '{ __type(name: "Query") { fields { type { fields { name } } } } }'

    assert points(deeper) > 20 * points('{ __type(name: "Query") { fields { name } } }')


def test_few_answers_are_kept_and_none_that_is_very_long() -> None:
    answers = Answers()
    for number in range(KEPT + 1):
        answers.put(f"text {number}", None, {"__schema": {"number": number}})
    answers.put("long", None, {"__schema": "x" * LONGEST_KEPT})

    assert answers.get("text 0", None) is None
    assert answers.get("text 1", "Other") is None
    assert answers.get("long", None) is None
    assert orjson.dumps(answers.get("text 1", None)) == b'{"__schema":{"number":1}}'
