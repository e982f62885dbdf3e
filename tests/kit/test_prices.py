"""What operations cost: counted by hand, and compared."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, build_schema, parse, validate

from kit.graphql import costs
from kit.graphql.costs import ListSize
from kit.graphql.prices import price

SCHEMA = build_schema("""
    type Query { shelf: Shelf  books(first: Int, last: Int): Books  things: [Thing!]!
                 nodes(ids: [ID!]!): [Thing]!  count: Int }
    type Shelf { name: String  books(first: Int, last: Int): Books  top: [Book!]!  size: Size }
    type Size { width: Int }
    type Books { nodes: [Book!]!  edges: [BookEdge!]!  total: Total }
    type BookEdge { cursor: String  node: Book }
    type Total { value: Int }
    interface Thing { name: String }
    type Book implements Thing { name: String  shelf: Shelf }
    type Film implements Thing { name: String  shelf: Shelf  books: [Book!]! }
    type Mutation { burn: Book }
""")
BOOKS = ListSize(20, ("first", "last"), sized_fields=("nodes", "edges"))


def type_(name: str) -> Any:
    return SCHEMA.type_map[name]


for owner in ("Query", "Shelf"):
    costs.size(type_(owner).fields["books"], BOOKS)
costs.size(type_("Shelf").fields["top"], ListSize(3))
costs.size(type_("Query").fields["nodes"], ListSize(100, ("ids",)))
costs.size(type_("Film").fields["books"], ListSize(5))
costs.weigh(type_("Size"), 0)
costs.weigh(type_("BookEdge"), 0)
costs.weigh(type_("Total"), 0)
costs.weigh(type_("Books").fields["total"], 10)
costs.weigh(type_("Mutation").fields["burn"], 10)


def points(query: str, **variables: Any) -> int:
    tree = parse(query)
    assert validate(SCHEMA, tree) == []
    [operation] = [each for each in tree.definitions if isinstance(each, OperationDefinitionNode)]
    return price(SCHEMA, tree, operation).of(variables)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ count }", 0),
        ("{ shelf { name } }", 1),
        ("{ shelf { name size { width } } }", 1),
        ("{ a: shelf { name } b: shelf { name } }", 2),
        ("{ shelf { name } shelf { name } }", 1),
        ("{ shelf { top { name } } }", 1 + 3),
        ("{ shelf { top { shelf { name } } } }", 1 + 3 * 2),
        ("{ books { nodes { name } } }", 1 + 20),
        ("{ books(first: 5) { nodes { name } } }", 1 + 5),
        ("{ books(last: 7) { edges { cursor node { name } } } }", 1 + 7),
        ("{ books(first: 5, last: 7) { nodes { name } } }", 1 + 7),
        ("{ books(first: 5) { total { value } } }", 1 + 10),
        ("{ books(first: 5) { nodes { shelf { books { nodes { name } } } } } }", 1 + 5 * (2 + 21)),
        ("{ books(first: 1000000) { nodes { name } } }", 1 + 100),
        ("{ books(first: -5) { nodes { name } } }", 1),
        ('{ nodes(ids: ["a", "b"]) { name } }', 2),
        ("{ things { ... on Book { shelf { name } } } }", 2),
        (
            "{ things { name ... on Book { shelf { name } } ... on Film { books { name } } } }",
            1 + 5,
        ),
        ("{ things { ...B } } fragment B on Thing { ... on Film { shelf { name } } }", 2),
        ("{ ... { shelf { ...S } } } fragment S on Shelf { top { name } }", 4),
        ("{ shelf @skip(if: true) { name } }", 0),
        ("{ shelf @include(if: false) { name } }", 0),
        ("{ __typename }", 0),
        ("mutation { burn { name } }", 10),
    ],
)
def test_it_is_what_one_counts_by_hand(query: str, expected: int) -> None:
    assert points(query) == expected


def test_variables_decide_as_literals_do() -> None:
    query = "query ($n: Int = 3, $m: Int) { books(first: $n, last: $m) { nodes { name } } }"

    assert points(query) == 1 + 20  # `last` is null, which says nothing
    assert points(query, n=50, m=None) == 1 + 50
    assert points(query, n=5, m=9) == 1 + 9
    assert points(query, n="many") == 1 + 20
    assert points(query, n=50.0) == 1 + 50  # as JSON may have it
    assert points(query, n=50.5) == 1 + 20  # which is refused


def test_a_default_counts_where_the_variable_is_left_out() -> None:
    query = "query ($n: Int = 3) { books(first: $n) { nodes { name } } }"

    assert points(query) == 1 + 3
    assert points(query, n=None) == 1 + 20


def test_the_length_of_a_list_counts() -> None:
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { name } }"

    assert points(query, ids=["a", "b", "c"]) == 3
    assert points(query, ids=[]) == 0


def test_flags_leave_fields_out() -> None:
    query = "query ($on: Boolean!) { shelf { name top @include(if: $on) { name } } }"

    assert points(query, on=True) == 4
    assert points(query, on=False) == 1


def test_a_page_of_pages_multiplies() -> None:
    query = """query ($n: Int!, $m: Int!) {
        books(first: $n) { nodes { shelf { books(first: $m) { nodes { name } } } } }
    }"""

    assert points(query, n=100, m=100) == 1 + 100 * (1 + 1 + 1 + 100)


def test_the_schema_tells_what_the_price_is_made_of() -> None:
    sdl = """type Shelf {
  books(first: Int, last: Int): Books
  top: [Book!]!
}

type Size {
  width: Int
}
"""
    assert (
        costs.in_text(SCHEMA, sdl)
        == """type Shelf {
  books(first: Int, last: Int): Books @listSize(assumedSize: 20, \
slicingArguments: ["first", "last"], sizedFields: ["nodes", "edges"], \
requireOneSlicingArgument: false)
  top: [Book!]! @listSize(assumedSize: 3)
}

type Size @cost(weight: "0") {
  width: Int
}
"""
    )
